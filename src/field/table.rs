//! Which custom resources keep images, and where.

use super::query::KeyPath;
use super::{anywhere, image_list};
use crate::sort::sort_by_key;

/// The fields of custom resources, built in and of the configuration.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct FieldTable {
    /// One for each set of kinds that keep images alike.
    entries: Vec<KindFields>,
    /// Each entry's position with that of each of its kinds, sorted by group and kind, so that a
    /// resource does not look through all entries; those of one kind are in the order of the entries.
    by_kind: Vec<(usize, usize)>,
    /// Whether containers are looked for in every custom resource, as kustomize does: a rule with
    /// scope `all` exists.
    pub anywhere: bool,
}

/// Where kinds keep images.
#[derive(Debug, Clone, PartialEq)]
pub struct KindFields {
    /// The API group.
    pub group: String,
    /// The API version; `None` for any.
    pub version: Option<String>,
    /// The kinds.
    pub kinds: Vec<String>,
    /// Places shaped like a pod spec.
    pub pods: Vec<KeyPath>,
    /// Images with their policy and secrets.
    pub images: Vec<ImagePaths>,
    /// Whether a name without a host and a version is no image by itself, since it follows a registry
    /// that is written elsewhere.
    pub whole_only: bool,
    /// Settings that go before the names of images.
    pub registries: Vec<RegistryPath>,
    /// The names of the agents that the kinds run, built in.
    pub agents: Vec<String>,
}

/// Where a setting is that goes before the names of images: `gcr.io/datadoghq`.
#[derive(Debug, Clone, PartialEq)]
pub struct RegistryPath {
    /// The setting.
    pub main: KeyPath,
    /// The name of one of the images with its slash, by which they all are judged: `/agent`.
    pub name: String,
    /// Where the components that run these images list pull secrets, as it is read and as it is written.
    pub secrets: Option<(KeyPath, String)>,
}

/// Where one image is written.
#[derive(Debug, Clone, PartialEq)]
pub struct ImagePaths {
    /// The whole reference, or the repository of a split one.
    pub main: KeyPath,
    /// The other parts, where the image is split.
    pub split: Option<SplitPaths>,
    /// The pull policy.
    pub policy: Option<KeyPath>,
    /// The list of pull secrets.
    pub secrets: Option<KeyPath>,
    /// Whether that list holds names, and no mappings.
    pub secrets_are_names: bool,
    /// The name of the only pull secret, where there is no list: as it is read and as it is written.
    pub only_secret: Option<(KeyPath, String)>,
    /// A list that takes the place of that one unless it is empty.
    pub overriding_secrets: Option<KeyPath>,
    /// The image is read only where this finds nothing.
    pub unless: Option<KeyPath>,
}

/// The parts of a split image beside its repository.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SplitPaths {
    /// The registry's host.
    pub registry: Option<KeyPath>,
    /// The tag.
    pub tag: Option<KeyPath>,
    /// The digest, with its algorithm or without.
    pub digest: Option<KeyPath>,
    /// The registry that goes before the repository where none is written.
    pub default_registry: Option<String>,
    /// The repository that is meant where none is written beside another part.
    pub default_repository: Option<String>,
}

impl ImagePaths {
    /// The text that stands for a main value which is not there; none where nothing is meant then.
    pub fn default_text(&self) -> Option<&'static str> {
        let split = self.split.as_ref()?;
        split.default_repository.as_ref().map(|_| "")
    }
}

impl FieldTable {
    /// Appends entries.
    pub fn add(&mut self, entries: impl IntoIterator<Item = KindFields>) {
        let first = self.entries.len();
        self.entries.extend(entries);
        let positions = (first..).zip(&self.entries[first..]);
        let by_kind =
            positions.flat_map(|(at, entry)| (0..entry.kinds.len()).map(move |kind| (at, kind)));
        self.by_kind.extend(by_kind);
        let entries = &self.entries;
        sort_by_key(&mut self.by_kind, |&(at, kind)| {
            (&entries[at].group, &entries[at].kinds[kind])
        });
    }

    /// The kinds of custom resources that run an agent, in the order of their entries.
    pub fn kinds_of(&self, agent: &str) -> Vec<&str> {
        let entries = self.entries.iter();
        let its = entries.filter(|entry| entry.agents.iter().any(|name| name == agent));
        its.flat_map(|entry| entry.kinds.iter().map(String::as_str))
            .collect()
    }

    /// Whether containers are looked for anywhere in a resource of this kind, too.
    pub fn looks_anywhere(&self, group: &str, kind: &str) -> bool {
        self.anywhere && anywhere::is_custom(group) && !image_list::keeps_list(group, kind)
    }

    /// The entries for a kind.
    pub fn of<'t>(
        &'t self,
        group: &'t str,
        version: &'t str,
        kind: &'t str,
    ) -> impl Iterator<Item = &'t KindFields> {
        let of_kind = move |&(at, position): &(usize, usize)| {
            let entry = &self.entries[at];
            (entry.group.as_str(), entry.kinds[position].as_str())
        };
        let wanted = (group, kind);
        let first = self.by_kind.partition_point(|one| of_kind(one) < wanted);
        let those = self.by_kind[first..].iter();
        let entries = those
            .take_while(move |one| of_kind(one) == wanted)
            .map(|&(at, _)| &self.entries[at]);
        entries.filter(move |entry| {
            let known = entry.version.as_deref();
            known.is_none_or(|known| known == version)
        })
    }
}
