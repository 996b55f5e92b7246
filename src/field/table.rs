//! Which custom resources keep images, and where.

use super::query::KeyPath;

/// The fields of custom resources, built in and of the configuration.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct FieldTable {
    /// One for each set of kinds that keep images alike.
    entries: Vec<FieldEntry>,
    /// Each entry's position with that of each of its kinds, sorted by group and kind, so that a
    /// resource does not look through all entries; those of one kind are in the order of the entries.
    by_kind: Vec<(usize, usize)>,
}

/// Where kinds keep images.
#[derive(Debug, Clone, PartialEq)]
pub struct FieldEntry {
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
}

/// The kinds that describe releases of Helm charts, and the paths of their values.
const HELM_VALUES: &[(&str, &str, &[&str])] = &[
    ("helm.toolkit.fluxcd.io", "HelmRelease", &["spec", "values"]),
    (
        "argoproj.io",
        "Application",
        &["spec", "source", "helm", "valuesObject"],
    ),
    (
        "argoproj.io",
        "Application",
        &["spec", "sources", "*", "helm", "valuesObject"],
    ),
];

impl ImagePaths {
    /// Whether one of its values is a value of the other, too.
    pub fn shares(&self, other: &ImagePaths) -> bool {
        self.values()
            .any(|path| other.values().any(|known| known == path))
    }

    fn values(&self) -> impl Iterator<Item = &KeyPath> {
        let split = self.split.iter();
        let split = split.flat_map(|split| [&split.registry, &split.tag, &split.digest]);
        let others = split.chain([&self.policy, &self.secrets]);
        std::iter::once(&self.main).chain(others.flatten())
    }

    fn below(&self, names: &[&str]) -> Self {
        let below = |path: &KeyPath| path.below(names);
        let optional = |path: &Option<KeyPath>| path.as_ref().map(below);
        ImagePaths {
            main: below(&self.main),
            split: self.split.as_ref().map(|split| SplitPaths {
                registry: optional(&split.registry),
                tag: optional(&split.tag),
                digest: optional(&split.digest),
            }),
            policy: optional(&self.policy),
            secrets: optional(&self.secrets),
            unless: optional(&self.unless),
        }
    }
}

impl FieldTable {
    /// Adds entries behind those that there are.
    pub fn add(&mut self, entries: impl IntoIterator<Item = FieldEntry>) {
        let first = self.entries.len();
        self.entries.extend(entries);
        let positions = (first..).zip(&self.entries[first..]);
        let by_kind =
            positions.flat_map(|(at, entry)| (0..entry.kinds.len()).map(move |kind| (at, kind)));
        self.by_kind.extend(by_kind);
        let entries = &self.entries;
        self.by_kind
            .sort_by_key(|&(at, kind)| (&entries[at].group, &entries[at].kinds[kind]));
    }

    /// Adds the images of charts' values, wherever a release of a chart carries values.
    pub fn add_helm_values<'i>(&mut self, charts: impl Iterator<Item = &'i [ImagePaths]>) {
        let with_images = charts.filter(|images| !images.is_empty());
        let entries = with_images.flat_map(|images| {
            HELM_VALUES.iter().map(|(group, kind, names)| FieldEntry {
                group: (*group).to_owned(),
                version: None,
                kinds: vec![(*kind).to_owned()],
                pods: Vec::new(),
                images: images.iter().map(|image| image.below(names)).collect(),
            })
        });
        self.add(entries);
    }

    /// The entries for a kind.
    pub fn of<'t>(
        &'t self,
        group: &'t str,
        version: &'t str,
        kind: &'t str,
    ) -> impl Iterator<Item = &'t FieldEntry> {
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
