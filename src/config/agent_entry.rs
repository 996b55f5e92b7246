//! An entry of `agents`, and the spec of an AgentProfile, which may be written there.

use schemars::JsonSchema;
use serde::Deserialize;
use serde::de::IgnoredAny;

use super::UnmatchedAgents;
use super::chart_entry::ChartEntry;
use super::field_entry::ImageFieldEntry;
use super::profile_entry::{
    ArgEntry, DataEntry, EnvEntry, ExampleEntry, FactEntry, ImageEntry, PrefixEntry, RevisionEntry,
    TestedTable,
};
use super::shape::{self, OwnVersion};
use super::spanned::Spanned;
use super::tag_word::TagWord;
use crate::agent::{PullPolicy, UndeclaredMirrors};

/// An agent in play: a name, or a mapping told by the key that it has.
#[derive(Deserialize)]
pub(super) enum AgentEntry {
    /// The profile of this name.
    #[serde(rename = "$text")]
    Named(String),
    /// The profile of this name, adjusted.
    #[serde(rename = "profile")]
    Adjusted(Box<Adjusted>),
    /// A profile written out.
    #[serde(rename = "name")]
    Inline(Box<Inline>),
    /// A whole AgentProfile object.
    #[serde(rename = "kind")]
    Whole(Box<AgentProfile>),
}

/// The kind of a profile.
#[derive(JsonSchema)]
enum AgentProfileKind {
    #[serde(rename = "AgentProfile")]
    _AgentProfile,
}

/// An AgentProfile object.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct AgentProfile {
    /// `restore-images.dev/v1alpha1`.
    #[schemars(with = "OwnVersion")]
    pub(super) api_version: Spanned<String>,
    /// `AgentProfile`.
    #[schemars(with = "AgentProfileKind")]
    pub(super) kind: Spanned<String>,
    /// The object's metadata, of which the name is read.
    pub(super) metadata: Metadata,
    /// The agent.
    pub(super) spec: ProfileSpec,
}

/// An object's metadata, of which only the name is read.
#[derive(Deserialize, JsonSchema)]
pub(super) struct Metadata {
    /// The profile's name.
    #[schemars(regex(pattern = shape::NAME), length(max = 253))]
    pub(super) name: Spanned<String>,
}

/// Declares the mappings that describe an agent, from the keys that each has for itself and those
/// that two of them share.
///
/// serde's `flatten` would refuse no unknown key, and would lose the places of the values.
macro_rules! mappings {
    (
        profile: { $($(#[$of_profile:meta])* $profile:ident: $Profile:ty,)* }
        settings: { $($(#[$of_setting:meta])* $setting:ident: $Setting:ty,)* }
        adjusted: { $($(#[$of_adjusted:meta])* $adjusted:ident: $Adjusted:ty,)* }
    ) => {
        /// An agent as its profile describes it.
        #[derive(Deserialize, JsonSchema)]
        #[serde(rename_all = "camelCase", deny_unknown_fields)]
        pub(super) struct ProfileSpec {
            $($(#[$of_profile])* pub(super) $profile: $Profile,)*
        }

        /// The spec of an AgentProfile with its name.
        #[derive(Deserialize, JsonSchema)]
        #[serde(rename_all = "camelCase", deny_unknown_fields)]
        pub(super) struct Inline {
            /// The agent's name.
            #[schemars(regex(pattern = shape::NAME), length(max = 253))]
            pub(super) name: Spanned<String>,
            $($(#[$of_profile])* pub(super) $profile: $Profile,)*
            $($(#[$of_setting])* pub(super) $setting: $Setting,)*
        }

        /// A profile's name, and what is to be otherwise for each of its images.
        #[derive(Deserialize, JsonSchema)]
        #[serde(rename_all = "camelCase", deny_unknown_fields)]
        #[schemars(transform = shape::adjusted_tag_keys)]
        pub(super) struct Adjusted {
            $($(#[$of_adjusted])* pub(super) $adjusted: $Adjusted,)*
            $($(#[$of_setting])* pub(super) $setting: $Setting,)*
        }

        /// What an entry of `agents` may say of an agent besides its profile.
        pub(super) struct AgentSettings {
            $(pub(super) $setting: $Setting,)*
        }

        impl Inline {
            /// The agent's name, its profile, and the rest.
            pub(super) fn into_parts(self) -> (Spanned<String>, ProfileSpec, AgentSettings) {
                let spec = ProfileSpec { $($profile: self.$profile,)* };
                (self.name, spec, AgentSettings { $($setting: self.$setting,)* })
            }
        }

        impl Adjusted {
            /// What it says besides its images.
            pub(super) fn into_settings(self) -> AgentSettings {
                AgentSettings { $($setting: self.$setting,)* }
            }
        }
    };
}

mappings! {
    profile: {
        /// The agent's name for people.
        title: Option<String>,
        /// Where the vendor says how its images are to be kept.
        docs: Option<String>,
        /// Whether the agent restarts itself, so that no restart is to be generated for it.
        #[serde(default)]
        restarts_itself: bool,
        /// Its images, at least one.
        #[schemars(length(min = 1))]
        images: Spanned<Vec<ImageEntry>>,
        /// Environment variables that together name an image of its.
        #[serde(default)]
        env: Vec<EnvEntry>,
        /// Flags whose values name an image of its.
        #[serde(default)]
        args: Vec<ArgEntry>,
        /// Environment variables and flags that hold what comes before the names of its images.
        #[serde(default)]
        prefixes: Vec<PrefixEntry>,
        /// Keys of ConfigMaps' `data` that together name an image of its.
        #[serde(default)]
        data: Vec<DataEntry>,
        /// Keys of ConfigMaps' `data` whose text is a manifest, of which a program makes objects.
        #[serde(default)]
        #[schemars(inner(length(min = 1)))]
        manifests: Vec<Spanned<String>>,
        /// Its images in the values of its Helm chart; paths begin at the values.
        #[serde(default)]
        helm: Vec<Spanned<ImageFieldEntry>>,
        /// Its Helm charts, by their names.
        #[serde(default)]
        charts: Vec<ChartEntry>,
        /// Tags by repository by release: which versions the vendor tested together.
        #[serde(default)]
        tested: TestedTable,
        /// Proofs of the profile.
        #[serde(default)]
        examples: Vec<ExampleEntry>,
        /// Where vendors say what the profile says, for `agents verify`.
        #[serde(default, rename = "facts")]
        #[schemars(with = "Vec<FactEntry>")]
        _facts: IgnoredAny,
    }
    settings: {
        /// Namespaces in which its shared images are its own.
        #[serde(default)]
        #[schemars(inner(regex(pattern = shape::NAME), length(max = 253)))]
        namespaces: Vec<Spanned<String>>,
        /// What becomes of its images on hosts that no rule names.
        undeclared_mirrors: Option<UndeclaredMirrors>,
        /// Whether it is reported if nothing runs it, instead of what `unmatchedAgents` says for all.
        unmatched: Option<UnmatchedAgents>,
        /// What a revision in the tag depends on, for `tag: revision`.
        revision: Option<Spanned<RevisionEntry>>,
    }
    adjusted: {
        /// The profile's name.
        profile: Spanned<String>,
        /// The tag policy of each of its images, instead of its own.
        tag: Option<Spanned<TagWord>>,
        /// The version of `tag: pinned`: a tag, `@digest`, or both. Quote it.
        #[schemars(regex(pattern = shape::PIN), length(min = 1))]
        pin: Option<Spanned<String>>,
        /// The oldest version of `tag: minimum`. Quote it.
        #[schemars(regex(pattern = shape::VERSION))]
        minimum: Option<Spanned<String>>,
        /// The tags that `tag: floating` leaves as they are; "" is no tag.
        #[schemars(inner(regex(pattern = shape::TAG)))]
        floating_tags: Option<Spanned<Vec<Spanned<String>>>>,
        /// The pull policy of each of its images, instead of the profile's.
        image_pull_policy: Option<PullPolicy>,
        /// Pull secrets wanted wherever its images run, instead of the profile's.
        #[schemars(inner(regex(pattern = shape::NAME), length(max = 253)))]
        image_pull_secrets: Option<Vec<Spanned<String>>>,
    }
}
