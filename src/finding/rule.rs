//! The rules: what kinds of things are found, how much each matters, and why.

use super::Severity;
use crate::config::{Aspect, Mode};

/// What kind of thing was found. The names read after "allow".
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Rule {
    /// Registry or path differs from the rules.
    WrongRegistry,
    /// The tag keeps the agent from upgrading itself.
    PinnedTag,
    /// The digest keeps the agent from upgrading itself.
    PinnedDigest,
    /// Tag or digest differ from the one that the profile pins.
    WrongVersion,
    /// The pull policy is missing or another.
    WrongPullPolicy,
    /// A mirror's pull secret is not listed.
    MissingPullSecret,
    /// The version is below the minimum.
    OutdatedVersion,
    /// The vendor tested another tag beside this one.
    UntestedVersion,
    /// The vendor's own controller writes the image; nothing is edited.
    VendorManaged,
    /// The tag's revision is not the one that the versions document gives.
    StaleRevision,
    /// A list that replaces images makes the wrong one; it is edited only if that is asked for.
    WrongImageOverride,
    /// An entry of such a list names an image that is nowhere in the items.
    UnmatchedImageOverride,
    /// The repository changed and a digest was kept.
    DigestMoved,
    /// Known to be an agent's, and cannot be settled.
    UnresolvedImage,
    /// Several agents claim the field and disagree.
    AmbiguousAgent,
    /// An agent named in the configuration is nowhere in the items.
    UnmatchedAgent,
    /// The edit is in a Job or bare Pod that cannot be updated in place.
    ImmutableWorkload,
    /// A Flux or kpt setter will write the field again.
    ManagedElsewhere,
    /// The image sits on a host that no rule names and was left there.
    UndeclaredMirror,
    /// A pod's first pull secret switches its ServiceAccount's off.
    ShadowsServiceAccountSecrets,
    /// An exception of the configuration allows the difference.
    AllowedByException,
    /// An exception's last day is near.
    ExpiringException,
    /// An exception's last day is past.
    ExpiredException,
    /// An annotation keeps the resource as it is.
    IgnoredResource,
    /// The annotation gives no reason, so it does not hold.
    IgnoreWithoutReason,
    /// A profile of the user's stands in the place of a built-in one.
    ReplacedProfile,
}

/// What is fixed about a rule.
struct Row {
    rule: Rule,
    id: &'static str,
    /// Severity when restoring.
    restore: Severity,
    /// Severity in check mode.
    check: Severity,
    /// What an exception has to allow.
    aspect: Option<Aspect>,
    why: &'static str,
}

const fn row(
    rule: Rule,
    id: &'static str,
    (restore, check): (Severity, Severity),
    aspect: Option<Aspect>,
    why: &'static str,
) -> Row {
    Row {
        rule,
        id,
        restore,
        check,
        aspect,
        why,
    }
}

/// Restored, or refused in check mode.
const RESTORED: (Severity, Severity) = (Severity::Info, Severity::Error);
/// Left as it is when restoring, and refused in check mode.
const LEFT: (Severity, Severity) = (Severity::Warning, Severity::Error);
/// For somebody to look at, whatever the mode.
const WARNED: (Severity, Severity) = (Severity::Warning, Severity::Warning);
/// For the record.
const NOTED: (Severity, Severity) = (Severity::Info, Severity::Info);

/// Every rule, in the order of the variants.
const RULES: &[Row] = &[
    row(
        Rule::WrongRegistry,
        "wrong-registry",
        RESTORED,
        Some(Aspect::Registry),
        "What is not pulled from where the rules say comes from a copy that nobody keeps current, or from a place that the cluster may not reach.",
    ),
    row(
        Rule::PinnedTag,
        "pinned-tag",
        RESTORED,
        Some(Aspect::Tag),
        "A version in the tag keeps the agent at that version however often it is pulled.",
    ),
    row(
        Rule::PinnedDigest,
        "pinned-digest",
        RESTORED,
        Some(Aspect::Digest),
        "A digest names one build for ever, so the agent never changes again.",
    ),
    row(
        Rule::WrongVersion,
        "wrong-version",
        RESTORED,
        Some(Aspect::Tag),
        "The configuration pins another version for this agent.",
    ),
    row(
        Rule::WrongPullPolicy,
        "wrong-pull-policy",
        RESTORED,
        Some(Aspect::ImagePullPolicy),
        "Without the vendor's pull policy a node goes on running the image that it already has.",
    ),
    row(
        Rule::MissingPullSecret,
        "missing-pull-secret",
        RESTORED,
        Some(Aspect::ImagePullSecrets),
        "Without the secret the mirror refuses the pull, and the pod does not start.",
    ),
    row(
        Rule::OutdatedVersion,
        "outdated-version",
        LEFT,
        Some(Aspect::Tag),
        "The vendor or your configuration asks for a newer version; it is never raised without a word.",
    ),
    row(
        Rule::UntestedVersion,
        "untested-version",
        WARNED,
        None,
        "The vendor tested these images in other combinations.",
    ),
    row(
        Rule::VendorManaged,
        "vendor-managed",
        WARNED,
        Some(Aspect::Registry),
        "The vendor's own controller writes this image, and would undo an edit.",
    ),
    row(
        Rule::StaleRevision,
        "stale-revision",
        RESTORED,
        Some(Aspect::Tag),
        "The revision in the tag decides whether a node pulls again.",
    ),
    row(
        Rule::WrongImageOverride,
        "wrong-image-override",
        LEFT,
        Some(Aspect::Registry),
        "A list of images replaces what the manifests say when they are rendered.",
    ),
    row(
        Rule::UnmatchedImageOverride,
        "unmatched-image-override",
        WARNED,
        None,
        "An entry that names no image does nothing, without a word (kustomize#2798).",
    ),
    row(
        Rule::DigestMoved,
        "digest-moved",
        WARNED,
        Some(Aspect::Registry),
        "A digest that the mirror does not hold cannot be pulled.",
    ),
    row(
        Rule::UnresolvedImage,
        "unresolved-image",
        LEFT,
        Some(Aspect::Registry),
        "What cannot be settled is left as it is, and may keep the agent from upgrading.",
    ),
    row(
        Rule::AmbiguousAgent,
        "ambiguous-agent",
        WARNED,
        None,
        "Several agents want different things of the same image.",
    ),
    row(
        Rule::UnmatchedAgent,
        "unmatched-agent",
        WARNED,
        None,
        "An agent that the configuration names and nothing runs is often a misspelt or moved one.",
    ),
    row(
        Rule::ImmutableWorkload,
        "immutable-workload",
        WARNED,
        None,
        "The API server refuses the change of an applied Job or Pod.",
    ),
    row(
        Rule::ManagedElsewhere,
        "managed-elsewhere",
        WARNED,
        None,
        "Two writers of one field undo each other's work.",
    ),
    row(
        Rule::UndeclaredMirror,
        "undeclared-mirror",
        WARNED,
        Some(Aspect::Registry),
        "Nobody said that this registry holds copies of the agent's images, so nobody keeps it current.",
    ),
    row(
        Rule::ShadowsServiceAccountSecrets,
        "shadows-serviceaccount-secrets",
        WARNED,
        Some(Aspect::ImagePullSecrets),
        "Kubernetes copies a ServiceAccount's pull secrets only into a pod that lists none.",
    ),
    row(
        Rule::AllowedByException,
        "allowed-by-exception",
        NOTED,
        None,
        "An exception of the configuration allows the difference.",
    ),
    row(
        Rule::ExpiringException,
        "expiring-exception",
        WARNED,
        None,
        "When the exception's last day is past, the difference is restored or refused again.",
    ),
    row(
        Rule::ExpiredException,
        "expired-exception",
        WARNED,
        None,
        "The exception's last day is past, so it allows nothing.",
    ),
    row(
        Rule::IgnoredResource,
        "ignored-resource",
        NOTED,
        None,
        "An annotation keeps the resource as it is.",
    ),
    row(
        Rule::IgnoreWithoutReason,
        "ignore-without-reason",
        WARNED,
        None,
        "An exception without a reason is one that nobody can take back.",
    ),
    row(
        Rule::ReplacedProfile,
        "replaced-profile",
        NOTED,
        None,
        "A profile of yours stands in the place of the built-in one.",
    ),
];

impl Rule {
    /// Every rule, in the order in which the documentation lists them.
    pub fn all() -> impl Iterator<Item = Rule> {
        RULES.iter().map(|row| row.rule)
    }

    /// The rule's id.
    pub fn id(self) -> &'static str {
        self.row().id
    }

    /// Why it matters, in one sentence.
    pub fn why(self) -> &'static str {
        self.row().why
    }

    /// What an exception has to allow to allow this; `None` where there is nothing to allow.
    pub fn aspect(self) -> Option<Aspect> {
        self.row().aspect
    }

    /// How much a finding of this rule matters in a mode.
    pub fn severity(self, mode: Mode) -> Severity {
        match mode {
            Mode::Restore => self.row().restore,
            Mode::Check => self.row().check,
        }
    }

    fn row(self) -> &'static Row {
        &RULES[self as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_has_one_row_and_a_name_of_its_own() {
        let mut ids: Vec<&str> = RULES.iter().map(|row| row.id).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), RULES.len());
        for (index, row) in RULES.iter().enumerate() {
            assert_eq!(row.rule as usize, index, "{}", row.id);
            assert!(row.why.ends_with('.'), "{}", row.id);
        }
        // The last variant's number is the count of rows, if none was forgotten.
        assert_eq!(Rule::ReplacedProfile as usize + 1, RULES.len());
    }
}
