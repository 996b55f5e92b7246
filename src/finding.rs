//! What was found: a difference from what is desired, or a reason why it could not be settled.

use crate::config::Mode;

/// How much a finding matters; a function with an error-severity result exits non-zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// The work is to be refused.
    Error,
    /// Somebody should look.
    Warning,
    /// For the record.
    Info,
}

impl Severity {
    /// The word of the KRM Functions Specification.
    pub fn as_str(self) -> &'static str {
        match self {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Info => "info",
        }
    }
}

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

use Severity::{Error, Info, Warning};

/// Every rule: its id, its severity when restoring, and in check mode.
const RULES: &[(Rule, &str, Severity, Severity)] = &[
    (Rule::WrongRegistry, "wrong-registry", Info, Error),
    (Rule::PinnedTag, "pinned-tag", Info, Error),
    (Rule::PinnedDigest, "pinned-digest", Info, Error),
    (Rule::WrongVersion, "wrong-version", Info, Error),
    (Rule::WrongPullPolicy, "wrong-pull-policy", Info, Error),
    (Rule::MissingPullSecret, "missing-pull-secret", Info, Error),
    (Rule::OutdatedVersion, "outdated-version", Warning, Error),
    (Rule::UntestedVersion, "untested-version", Warning, Warning),
    (Rule::VendorManaged, "vendor-managed", Warning, Warning),
    (Rule::StaleRevision, "stale-revision", Info, Error),
    (
        Rule::WrongImageOverride,
        "wrong-image-override",
        Warning,
        Error,
    ),
    (
        Rule::UnmatchedImageOverride,
        "unmatched-image-override",
        Warning,
        Warning,
    ),
    (Rule::DigestMoved, "digest-moved", Warning, Warning),
    (Rule::UnresolvedImage, "unresolved-image", Warning, Error),
    (Rule::AmbiguousAgent, "ambiguous-agent", Warning, Warning),
    (Rule::UnmatchedAgent, "unmatched-agent", Warning, Warning),
    (
        Rule::ImmutableWorkload,
        "immutable-workload",
        Warning,
        Warning,
    ),
    (
        Rule::ManagedElsewhere,
        "managed-elsewhere",
        Warning,
        Warning,
    ),
    (
        Rule::UndeclaredMirror,
        "undeclared-mirror",
        Warning,
        Warning,
    ),
    (
        Rule::ShadowsServiceAccountSecrets,
        "shadows-serviceaccount-secrets",
        Warning,
        Warning,
    ),
    (Rule::AllowedByException, "allowed-by-exception", Info, Info),
    (
        Rule::ExpiringException,
        "expiring-exception",
        Warning,
        Warning,
    ),
    (
        Rule::ExpiredException,
        "expired-exception",
        Warning,
        Warning,
    ),
    (Rule::IgnoredResource, "ignored-resource", Info, Info),
    (
        Rule::IgnoreWithoutReason,
        "ignore-without-reason",
        Warning,
        Warning,
    ),
    (Rule::ReplacedProfile, "replaced-profile", Info, Info),
];

impl Rule {
    /// The rule's id.
    pub fn id(self) -> &'static str {
        self.row().1
    }

    /// How much a finding of this rule matters in a mode.
    pub fn severity(self, mode: Mode) -> Severity {
        match mode {
            Mode::Restore => self.row().2,
            Mode::Check => self.row().3,
        }
    }

    fn row(self) -> &'static (Rule, &'static str, Severity, Severity) {
        RULES
            .iter()
            .find(|(rule, ..)| *rule == self)
            .expect("every rule has its row, as a test asserts")
    }
}

/// The resource that a finding is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResourceRef {
    /// `apps/v1`.
    pub api_version: String,
    /// `Deployment`.
    pub kind: String,
    /// `metadata.name`.
    pub name: String,
    /// `metadata.namespace`, empty where there is none.
    pub namespace: String,
}

/// The field that a finding is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldRef {
    /// Path in the resource: `spec.template.spec.containers[0].image`.
    pub path: String,
    /// What stands there; `None` where nothing does.
    pub current: Option<String>,
    /// What should stand there; `None` where nothing is proposed.
    pub proposed: Option<String>,
}

/// The file that a resource came from, by its annotations.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FileRef {
    /// Path from the package's root.
    pub path: String,
    /// Position in the file, from 0.
    pub index: Option<u64>,
}

/// One thing that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What kind of thing.
    pub rule: Rule,
    /// How much it matters.
    pub severity: Severity,
    /// One sentence, with old → new in it.
    pub message: String,
    /// The agent concerned.
    pub agent: Option<String>,
    /// The resource; `None` where the finding is about the configuration.
    pub resource: Option<ResourceRef>,
    /// The field.
    pub field: Option<FieldRef>,
    /// The file, where the resource's annotations name one.
    pub file: Option<FileRef>,
    /// Position of the unit among the items or documents.
    pub ordinal: usize,
    /// Byte offset in the input.
    pub at: Option<usize>,
}

/// Sorts findings by file, index, position in the input, path and rule.
pub fn sort(findings: &mut [Finding]) {
    findings.sort_by_cached_key(|finding| {
        let file = finding.file.clone().unwrap_or_default();
        let path = finding.field.as_ref().map_or("", |field| &field.path);
        let rule = finding.rule.id();
        (file.path, file.index, finding.ordinal, pieces(path), rule)
    });
}

/// A path cut at its indices, so that `containers[10]` comes after `containers[9]`.
fn pieces(path: &str) -> Vec<(usize, String)> {
    path.split(['[', ']'])
        .map(|piece| match piece.parse() {
            Ok(number) => (number, String::new()),
            Err(_) => (0, piece.to_owned()),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_has_one_row_and_a_name_of_its_own() {
        let mut ids: Vec<&str> = RULES.iter().map(|row| row.1).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), RULES.len());
        for (rule, id, ..) in RULES {
            assert_eq!(rule.id(), *id);
        }
        // The last variant's number is the count of rows, if none was forgotten.
        assert_eq!(Rule::ReplacedProfile as usize + 1, RULES.len());
    }

    #[test]
    fn indices_sort_as_numbers() {
        assert!(pieces("spec.containers[10].image") > pieces("spec.containers[9].image"));
    }
}
