//! The rules: the kinds of findings, how much each matters, and why.

use super::Aspect::{self, Digest, ImagePullPolicy, ImagePullSecrets, Registry, Tag};
use super::{Group, Mode, Severity};
use Allow::{Nothing, Only, WhatDiffers};

/// Makes the enum of the rules and the table of their properties, from one row a rule: its name, its
/// id, its group, its severities, what an exception has to allow, and why it matters.
macro_rules! rules {
    ($($(#[doc = $doc:literal])* $Rule:ident, $id:literal, $Group:ident, $severities:ident, $allow:expr, $why:literal;)*) => {
        /// What kind of thing was found. The names read after "allow".
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Rule {
            $($(#[doc = $doc])* $Rule,)*
        }

        /// Every rule, in the order of the variants.
        const RULES: &[RuleRow] = &[$(RuleRow {
            rule: Rule::$Rule,
            id: $id,
            group: Group::$Group,
            severities: $severities,
            allow: $allow,
            why: $why,
        }),*];
    };
}

rules! {
    /// Registry or path differs from the rules.
    WrongRegistry, "wrong-registry", Registries, RESTORED, Only(Registry),
        "An image that comes from elsewhere than the rules say may be an outdated copy, or on a registry \
         that the cluster cannot reach.";
    /// The tag keeps the agent from upgrading itself.
    PinnedTag, "pinned-tag", Versions, RESTORED, Only(Tag),
        "A version in the tag keeps the agent at that version however often it is pulled.";
    /// The digest keeps the agent from upgrading itself.
    PinnedDigest, "pinned-digest", Versions, RESTORED, Only(Digest),
        "A digest names one build for ever, so the agent never changes again.";
    /// Tag or digest differ from the one that the profile pins.
    WrongVersion, "wrong-version", Versions, RESTORED, WhatDiffers(Tag),
        "The configuration pins another version for this agent.";
    /// The pull policy is missing or wrong.
    WrongPullPolicy, "wrong-pull-policy", Versions, RESTORED, Only(ImagePullPolicy),
        "Without the vendor's pull policy a node goes on running the image that it already has.";
    /// A mirror's pull secret is not listed.
    MissingPullSecret, "missing-pull-secret", Registries, RESTORED, Only(ImagePullSecrets),
        "Without the secret the mirror refuses the pull, and the pod does not start.";
    /// An image that something else starts needs a pull secret, and nothing here says where from.
    UnseenPullSecret, "unseen-pull-secret", Registries, WARNED, Only(ImagePullSecrets),
        "Whether the mirror accepts the pull shows only when the pod starts.";
    /// The version is below the minimum.
    OutdatedVersion, "outdated-version", Versions, LEFT, Only(Tag),
        "The vendor or your configuration asks for a newer version, and a version is never raised automatically.";
    /// The vendor tested another tag beside this one.
    UntestedVersion, "untested-version", Versions, WARNED, Only(Tag),
        "A vendor tests the images of one release together, not those of different releases.";
    /// The vendor's own controller writes the image; nothing is edited.
    VendorManaged, "vendor-managed", Writers, WARNED, WhatDiffers(Registry),
        "The vendor's own controller writes this image, and would undo an edit.";
    /// The tag's revision is not the one that the versions document gives.
    StaleRevision, "stale-revision", Versions, RESTORED, WhatDiffers(Tag),
        "The revision in the tag decides whether a node pulls again.";
    /// There is no versions document, so the revision is the one that the vendor falls back to.
    AssumedRevision, "assumed-revision", Versions, WARNED, Only(Tag),
        "Without its versions document it is not known whether the revision is current.";
    /// A list that replaces images makes the wrong one; it is edited only if that is asked for.
    WrongImageOverride, "wrong-image-override", Builds, LEFT, WhatDiffers(Registry),
        "A list of images replaces what the manifests say when they are rendered.";
    /// An entry of such a list names an image that is nowhere in the items.
    UnmatchedImageOverride, "unmatched-image-override", Builds, WARNED, Nothing,
        "An entry that matches no image silently does nothing (kustomize#2798).";
    /// The repository changed and a digest was kept.
    DigestMoved, "digest-moved", Registries, WARNED, Only(Registry),
        "A digest that the mirror does not hold cannot be pulled.";
    /// Known to be an agent's, and cannot be settled.
    UnresolvedImage, "unresolved-image", Agents, LEFT, WhatDiffers(Registry),
        "What cannot be settled is left as it is, and may keep the agent from upgrading.";
    /// Builds of one tree want different things of one place.
    ConflictingSources, "conflicting-sources", Builds, LEFT, Only(Registry),
        "An edit that is right for one overlay would be wrong for another, so nothing is edited.";
    /// A build of a tree is not judged: kustomize would refuse it, or a file of it is not given.
    UnfollowedBuild, "unfollowed-build", Builds, WARNED, Nothing,
        "Files that cannot be followed may change the build, so it is not checked and may be wrong.";
    /// An entry of `files.values` names no file, or a chart that is misspelt.
    UnmatchedValuesFile, "unmatched-values-file", Builds, WARNED, Nothing,
        "An entry that matches no file has no effect; in values of an unknown chart, images are found by \
         their shape alone.";
    /// What a build takes from elsewhere is not read.
    UnreadSource, "unread-source", Builds, NOTED, Nothing,
        "The images of a remote base, a chart or a generator are in no file that is read here.";
    /// Several agents claim the field and disagree.
    AmbiguousAgent, "ambiguous-agent", Agents, WARNED, Nothing,
        "Several agents want different things of the same image.";
    /// A named agent's rule covers a shared image that nothing ties to the agent.
    SharedImage, "shared-image", Agents, WARNED, Only(Registry),
        "Others run this image too, so a rule for agents leaves it alone unless something ties it to one.";
    /// An agent named in the configuration is nowhere in the items.
    UnmatchedAgent, "unmatched-agent", Agents, WARNED, Nothing,
        "An agent that is named in the configuration and not found is often misspelt, or has moved.";
    /// The edit is in a Job or bare Pod that cannot be updated in place.
    ImmutableWorkload, "immutable-workload", Writers, WARNED, Nothing,
        "The API server refuses the change of an applied Job or Pod.";
    /// A Flux or kpt setter will write the field again.
    ManagedElsewhere, "managed-elsewhere", Writers, WARNED, Nothing,
        "Two writers of one field undo each other's work.";
    /// The image sits on a host that no rule names and was left there.
    UndeclaredMirror, "undeclared-mirror", Registries, WARNED, Only(Registry),
        "No rule declares this registry as a mirror, so its copies may be out of date.";
    /// A pod's first pull secret switches its ServiceAccount's off.
    ShadowsServiceAccountSecrets, "shadows-serviceaccount-secrets", Registries, WARNED, Only(ImagePullSecrets),
        "Kubernetes copies a ServiceAccount's pull secrets only into a pod that lists none.";
    /// A mapping rule's source is all but equal to one that an agent's images come from.
    UnmatchedRegistry, "unmatched-registry", Registries, WARNED, Nothing,
        "A rule whose source is misspelt maps nothing, and its mirror counts as undeclared.";
    /// The image comes from one of the vendor's registries that no rule maps, and a rule maps another.
    UnmappedRegistry, "unmapped-registry", Registries, WARNED, Only(Registry),
        "A rule maps only the registry that it names; images from the vendor's other registries stay as they are.";
    /// An exception of the configuration allows the difference.
    AllowedByException, "allowed-by-exception", Exceptions, NOTED, Nothing,
        "An exception of the configuration allows the difference.";
    /// An exception's last day is near.
    ExpiringException, "expiring-exception", Exceptions, WARNED, Nothing,
        "When the exception's last day is past, the difference is restored or refused again.";
    /// An exception's last day is past.
    ExpiredException, "expired-exception", Exceptions, WARNED, Nothing,
        "The exception's last day is past, so it allows nothing.";
    /// An exception fits no image.
    UnmatchedException, "unmatched-exception", Exceptions, WARNED, Nothing,
        "An exception that fits no image allows nothing, and is often a misspelt one.";
    /// An annotation keeps the resource as it is.
    IgnoredResource, "ignored-resource", Exceptions, NOTED, Nothing,
        "An annotation keeps the resource as it is.";
    /// The annotation gives no reason, so it does not hold.
    IgnoreWithoutReason, "ignore-without-reason", Exceptions, WARNED, Nothing,
        "Without a reason, nobody can tell when an exception may be removed.";
    /// An annotation is meant for this program, and does nothing.
    UnknownAnnotation, "unknown-annotation", Exceptions, WARNED, Nothing,
        "An unknown annotation has no effect, and is often misspelt.";
    /// A profile of the user's replaces a built-in one.
    ReplacedProfile, "replaced-profile", Agents, NOTED, Nothing,
        "Your own profile replaces the built-in one.";
    /// A profile or an annotation among the items is not trusted to override the configuration.
    UntrustedOverride, "untrusted-override", Exceptions, WARNED, Nothing,
        "The manifests ask to override the configuration, and the configuration does not let them.";
    /// A resource is generated: added, or put in the place of its older self.
    GeneratedResource, "generated-resource", Generated, NOTED, Nothing,
        "A configuration of kind GenerateImages asks for the resource.";
    /// A resource was generated by this configuration before, and no longer is.
    StaleGeneratedResource, "stale-generated-resource", Generated, WARNED, Nothing,
        "A resource that is no longer generated still runs until it is deleted.";
    /// An image is not copied to its mirror, or an agent not restarted: says why.
    NotGenerated, "not-generated", Generated, WARNED, Nothing,
        "No generated resource keeps it current.";
}

/// The constant properties of a rule.
struct RuleRow {
    rule: Rule,
    id: &'static str,
    group: Group,
    severities: Severities,
    allow: Allow,
    why: &'static str,
}

/// What an exception has to allow to allow a finding.
enum Allow {
    /// There is nothing to allow.
    Nothing,
    /// One aspect.
    Only(Aspect),
    /// The aspects that differ, which the finding says; where it does not, this one.
    WhatDiffers(Aspect),
}

/// How much a finding matters in each mode.
struct Severities {
    restore: Severity,
    check: Severity,
}

/// Restored, or refused in check mode.
const RESTORED: Severities = Severities {
    restore: Severity::Info,
    check: Severity::Error,
};
/// Left as it is when restoring, and refused in check mode.
const LEFT: Severities = Severities {
    restore: Severity::Warning,
    check: Severity::Error,
};
/// For somebody to look at, whatever the mode.
const WARNED: Severities = Severities {
    restore: Severity::Warning,
    check: Severity::Warning,
};
/// For the record.
const NOTED: Severities = Severities {
    restore: Severity::Info,
    check: Severity::Info,
};

impl Rule {
    /// Every rule, in the order in which the documentation lists them.
    pub fn all() -> impl Iterator<Item = Rule> {
        RULES.iter().map(|row| row.rule)
    }

    /// The rule's id.
    pub fn id(self) -> &'static str {
        self.row().id
    }

    /// The group that the rule is in.
    pub fn group(self) -> Group {
        self.row().group
    }

    /// Why it matters, in one sentence.
    pub fn why(self) -> &'static str {
        self.row().why
    }

    /// What an exception has to allow to allow this; `None` where there is nothing to allow.
    pub fn aspect(self) -> Option<Aspect> {
        match self.row().allow {
            Nothing => None,
            Only(aspect) | WhatDiffers(aspect) => Some(aspect),
        }
    }

    /// Whether each finding says by itself what an exception has to allow.
    pub fn aspect_varies(self) -> bool {
        matches!(self.row().allow, WhatDiffers(_))
    }

    /// Whether findings of this rule are restored: an error in check mode, for the record otherwise.
    pub fn is_restored(self) -> bool {
        self.severity(Mode::Restore) == Severity::Info
            && self.severity(Mode::Check) == Severity::Error
    }

    /// How much a finding of this rule matters in a mode.
    pub fn severity(self, mode: Mode) -> Severity {
        match mode {
            Mode::Restore => self.row().severities.restore,
            Mode::Check => self.row().severities.check,
        }
    }

    fn row(self) -> &'static RuleRow {
        &RULES[self as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_has_an_id_of_its_own_and_a_sentence() {
        let mut ids: Vec<&str> = RULES.iter().map(|row| row.id).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), RULES.len());
        for row in RULES {
            assert!(row.why.ends_with('.'), "{}", row.id);
        }
    }
}
