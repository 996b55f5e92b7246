//! The groups of rules, each of which is one page of the documentation.

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
