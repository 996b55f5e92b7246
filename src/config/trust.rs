//! How far manifests may override the configuration that they are judged by.
//!
//! The author of the manifests is often not the owner of the configuration: a profile that replaces
//! a built-in one, or an annotation, would let a tenant pass the operator's check.

use schemars::JsonSchema;
use serde::Deserialize;

/// What an AgentProfile among the manifests may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename = "value", rename_all = "camelCase")]
pub enum TrustedProfiles {
    /// Describe an agent that has no built-in profile.
    Add,
    /// Stand in the place of a built-in profile, too.
    Replace,
}

/// Whether the annotation on a resource keeps it as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename = "permission", rename_all = "camelCase")]
pub enum IgnoreAnnotation {
    /// It does.
    Allow,
    /// It does not, and that is said.
    Deny,
}

/// How far manifests may override the configuration. Left out, each depends on the caller: `add`
/// and `deny` for a configuration that is given on the command line, and for Argo CD; `replace` and
/// `allow` for one that is found among the manifests or comes with them.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub(super) struct TrustEntry {
    /// What an AgentProfile among the manifests may do: `add` an agent, or also `replace` a built-in
    /// profile.
    pub(super) profiles: Option<TrustedProfiles>,
    /// Whether the annotation `restore-images.dev/ignore` keeps a resource as it is: `allow` or
    /// `deny`.
    pub(super) ignore_annotation: Option<IgnoreAnnotation>,
}

/// How far manifests are trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Trust {
    /// What profiles among them may do.
    pub profiles: TrustedProfiles,
    /// Whether they may keep themselves as they are.
    pub ignore_annotation: IgnoreAnnotation,
    /// Which of the two the configuration says itself.
    pub(super) written: ExplicitSettings,
}

/// Which settings the configuration says itself: the others are as the caller has them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ExplicitSettings {
    profiles: bool,
    ignore_annotation: bool,
}

impl Trust {
    /// For a configuration that comes from where the manifests come from.
    pub const ALL: Trust = Trust {
        profiles: TrustedProfiles::Replace,
        ignore_annotation: IgnoreAnnotation::Allow,
        written: ExplicitSettings::NONE,
    };

    /// For a configuration that somebody else answers for.
    pub const NONE: Trust = Trust {
        profiles: TrustedProfiles::Add,
        ignore_annotation: IgnoreAnnotation::Deny,
        written: ExplicitSettings::NONE,
    };

    /// The default for a configuration that does not set it: manifests may not override a
    /// configuration that was given by the person who runs the program.
    pub fn beside_given(is_given: bool) -> Trust {
        if is_given { Trust::NONE } else { Trust::ALL }
    }

    /// The settings of the configuration, with these as defaults.
    pub(super) fn or(self, entry: &TrustEntry) -> Trust {
        Trust {
            profiles: entry.profiles.unwrap_or(self.profiles),
            ignore_annotation: entry.ignore_annotation.unwrap_or(self.ignore_annotation),
            written: ExplicitSettings {
                profiles: entry.profiles.is_some(),
                ignore_annotation: entry.ignore_annotation.is_some(),
            },
        }
    }

    /// Whether the annotation on a resource keeps it as it is.
    pub fn holds_annotation(self) -> bool {
        self.ignore_annotation == IgnoreAnnotation::Allow
    }

    /// Why the annotation on a resource does not hold, as the end of a sentence.
    pub(crate) fn refuses_annotation(self) -> String {
        refused(
            self.written.ignore_annotation,
            "ignoreAnnotation",
            ["deny", "allow"],
        )
    }

    /// Why a profile among the manifests does not replace a built-in one, as the end
    /// of a sentence.
    pub(crate) fn refuses_profile(self) -> String {
        refused(self.written.profiles, "profiles", ["add", "replace"])
    }
}

/// Why a key of `trust` refuses something: by its own word, or by who gives the configuration.
fn refused(is_written: bool, key: &str, [refusing, allowing]: [&str; 2]) -> String {
    if is_written {
        format!(": the configuration says `trust: {{{key}: {refusing}}}`")
    } else {
        format!(
            " under a configuration that is given to the program (--config, Argo CD), unless its \
             `spec` has `trust: {{{key}: {allowing}}}`"
        )
    }
}

impl ExplicitSettings {
    const NONE: ExplicitSettings = ExplicitSettings {
        profiles: false,
        ignore_annotation: false,
    };
}
