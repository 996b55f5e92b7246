//! The groups of rules, each of which is one page of the documentation.

use super::Rule;

/// What a rule is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Group {
    /// Where an image is pulled from, and whether the pod may pull it.
    Registries,
    /// Which build runs, and when a node looks for a newer one.
    Versions,
    /// Whose an image is.
    Agents,
    /// What decides an image where kustomize builds.
    Builds,
    /// Who else writes the field.
    Writers,
    /// What stays because somebody said so.
    Exceptions,
    /// Resources that a configuration generates.
    Generated,
}

impl Group {
    /// Every group, in the order in which the documentation lists them.
    pub const ALL: [Group; 7] = [
        Group::Registries,
        Group::Versions,
        Group::Agents,
        Group::Builds,
        Group::Writers,
        Group::Exceptions,
        Group::Generated,
    ];

    /// The name of the group's page, which is the file `docs/findings/NAME.md`.
    pub fn page(self) -> &'static str {
        match self {
            Group::Registries => "registries",
            Group::Versions => "versions",
            Group::Agents => "agents",
            Group::Builds => "builds",
            Group::Writers => "writers",
            Group::Exceptions => "exceptions",
            Group::Generated => "generated",
        }
    }
}

impl Rule {
    /// The group that the rule is in.
    pub fn group(self) -> Group {
        match self {
            Rule::WrongRegistry
            | Rule::MissingPullSecret
            | Rule::DigestMoved
            | Rule::UndeclaredMirror
            | Rule::ShadowsServiceAccountSecrets => Group::Registries,
            Rule::PinnedTag
            | Rule::PinnedDigest
            | Rule::WrongVersion
            | Rule::WrongPullPolicy
            | Rule::OutdatedVersion
            | Rule::UntestedVersion
            | Rule::StaleRevision => Group::Versions,
            Rule::UnresolvedImage
            | Rule::AmbiguousAgent
            | Rule::SharedImage
            | Rule::UnmatchedAgent
            | Rule::ReplacedProfile => Group::Agents,
            Rule::WrongImageOverride
            | Rule::UnmatchedImageOverride
            | Rule::ConflictingSources
            | Rule::UnfollowedBuild
            | Rule::UnreadSource => Group::Builds,
            Rule::VendorManaged | Rule::ImmutableWorkload | Rule::ManagedElsewhere => {
                Group::Writers
            }
            Rule::AllowedByException
            | Rule::ExpiringException
            | Rule::ExpiredException
            | Rule::IgnoredResource
            | Rule::IgnoreWithoutReason
            | Rule::UntrustedOverride => Group::Exceptions,
            Rule::GeneratedResource | Rule::StaleGeneratedResource | Rule::NotGenerated => {
                Group::Generated
            }
        }
    }
}
