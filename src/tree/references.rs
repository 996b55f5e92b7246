//! Who refers to the files of a tree, and as what: the part of a file's role that its own text does
//! not tell.

mod objects;

use std::collections::{BTreeSet, HashMap};

use crate::sort::sort;
use crate::yaml::Node;
use crate::yaml::parse;

use super::kustomization::{field, is_kustomization, list, text};
use super::paths::{by_path, folder_of, is_remote, join};
use super::sources::TreeFile;

pub(crate) use objects::FolderBuild;
use objects::folder_builds;

/// What a kustomization takes a file for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum ReferenceKind {
    /// Resources, or another kustomization that brings them.
    Resource,
    /// A patch that is merged.
    StrategicMerge,
    /// A patch of operations.
    Json6902,
    /// What configures kustomize: transformers, replacements, paths of fields.
    Configuration,
    /// Values of a chart.
    Values,
    /// The contents of a ConfigMap or Secret.
    Data,
}

/// A file's name in a kustomization.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct FileReference {
    /// Position of the kustomization's file.
    pub(crate) from: usize,
    /// Where in its text.
    pub(crate) at: usize,
    /// The key under which it is named: `resources`.
    pub(crate) key: &'static str,
    pub(crate) named: ReferenceKind,
    /// Position of the file that is named; for a folder, its kustomization.
    pub(crate) to: usize,
}

/// The references of a tree.
#[derive(Debug, Default)]
pub(crate) struct References {
    /// In the order of the files, and in each by its keys.
    pub(crate) all: Vec<FileReference>,
    /// By the position of the file that is named, positions in `all`.
    by_name: HashMap<usize, Vec<usize>>,
    /// The files that are kustomizations, and whether each is one that is built by itself.
    kustomizations: HashMap<usize, bool>,
    /// The folders that objects of Flux and Argo CD build.
    builds: Vec<FolderBuild>,
}

/// Keys whose items are paths.
const PATHS: &[(&str, ReferenceKind)] = &[
    ("resources", ReferenceKind::Resource),
    ("bases", ReferenceKind::Resource),
    ("components", ReferenceKind::Resource),
    ("patchesStrategicMerge", ReferenceKind::StrategicMerge),
    ("configurations", ReferenceKind::Configuration),
    ("crds", ReferenceKind::Configuration),
    ("generators", ReferenceKind::Configuration),
    ("transformers", ReferenceKind::Configuration),
    ("validators", ReferenceKind::Configuration),
];

/// Keys whose items have a path under a key, or a list of them.
const HOLDERS: &[(&str, &str, ReferenceKind)] = &[
    ("patches", "path", ReferenceKind::StrategicMerge),
    ("patchesJson6902", "path", ReferenceKind::Json6902),
    ("replacements", "path", ReferenceKind::Configuration),
    ("helmCharts", "valuesFile", ReferenceKind::Values),
    ("helmCharts", "additionalValuesFiles", ReferenceKind::Values),
    ("configMapGenerator", "files", ReferenceKind::Data),
    ("configMapGenerator", "envs", ReferenceKind::Data),
    ("secretGenerator", "files", ReferenceKind::Data),
    ("secretGenerator", "envs", ReferenceKind::Data),
];

/// Reads the kustomizations among the files for what they refer to.
pub(crate) fn references(files: &[TreeFile<'_>]) -> References {
    let by_path = by_path(files.iter().map(|file| file.path));
    let named = by_path.iter().filter(|(path, _)| is_kustomization(path));
    let named = named.map(|(path, position)| (*position, folder_of(path).to_owned()));
    let mut kustomizations: Vec<(usize, String)> = named.collect();
    sort(&mut kustomizations);
    let folders = kustomizations.iter().cloned();
    let folders: HashMap<String, usize> = folders.map(|(at, folder)| (folder, at)).collect();
    let mut found = References::default();
    for (from, folder) in kustomizations {
        let documents = parse::documents(files[from].text).unwrap_or_default();
        let Some(root) = documents.first() else {
            continue;
        };
        let is_root = text(root, "kind") != Some("Component") && files[from].left_out.is_none();
        found.kustomizations.insert(from, is_root);
        for (node, path, key, named) in paths(root) {
            let joined = join(&folder, path).filter(|_| !is_remote(path));
            let to = joined.and_then(|path| by_path.get(&*path).or(folders.get(&path)));
            let Some(&to) = to else { continue };
            let named = match named {
                ReferenceKind::StrategicMerge if is_operations(files[to].text) => {
                    ReferenceKind::Json6902
                }
                other => other,
            };
            let position = found.all.len();
            found.by_name.entry(to).or_default().push(position);
            found.all.push(FileReference {
                from,
                at: node.span.start,
                key,
                named,
                to,
            });
        }
    }
    found
}

/// Every path in a kustomization: its node, its text, and the key that it is under.
fn paths<'n, 's>(
    root: &'n Node<'s>,
) -> impl Iterator<Item = (&'n Node<'s>, &'n str, &'static str, ReferenceKind)> {
    let direct = PATHS.iter().flat_map(move |&(key, named)| {
        let items = list(root, key).iter();
        items.filter_map(move |item| Some((item, item.scalar()?, key, named)))
    });
    let held = HOLDERS.iter().flat_map(move |&(key, inner, named)| {
        let values = list(root, key)
            .iter()
            .filter_map(move |item| field(item, inner));
        let nodes = values.flat_map(|value| match value.items() {
            Some(items) => items.iter().collect(),
            None => vec![value],
        });
        nodes.filter_map(move |node| {
            let text = node.scalar()?;
            // `key=path` names the key of a ConfigMap.
            let path = match named {
                ReferenceKind::Data => text.rsplit('=').next().unwrap_or(text),
                _ => text,
            };
            Some((node, path, key, named))
        })
    });
    direct.chain(held)
}

/// Whether a patch is a list of operations.
fn is_operations(text: &str) -> bool {
    let documents = parse::documents(text).unwrap_or_default();
    documents.first().is_some_and(|root| root.items().is_some())
}

impl References {
    /// With the objects of Flux and Argo CD among the files, which build folders of the repository of which
    /// `remotes` are the URLs.
    pub(crate) fn with_builds(self, files: &[TreeFile<'_>], remotes: &[String]) -> Self {
        References {
            builds: folder_builds(files, remotes),
            ..self
        }
    }

    /// Whether a file is a kustomization.
    pub(crate) fn is_kustomization(&self, file: usize) -> bool {
        self.kustomizations.contains_key(&file)
    }

    /// Who refers to a file.
    pub(crate) fn to(&self, file: usize) -> impl Iterator<Item = &FileReference> {
        let positions = self.by_name.get(&file).into_iter().flatten();
        positions.map(|&position| &self.all[position])
    }

    /// The kustomizations that are built by themselves and bring a file.
    pub(crate) fn roots_of(&self, file: usize) -> BTreeSet<usize> {
        let known = self.above(file);
        let is_root = |one: &usize| self.kustomizations.get(one) == Some(&true);
        known.into_iter().filter(is_root).collect()
    }

    /// A file, and the kustomizations that bring it.
    fn above(&self, file: usize) -> BTreeSet<usize> {
        let (mut known, mut todo) = (BTreeSet::new(), vec![file]);
        while let Some(one) = todo.pop() {
            if known.insert(one) {
                todo.extend(self.to(one).map(|reference| reference.from));
            }
        }
        known
    }

    /// The folders that the objects in a file build.
    pub(crate) fn builds(&self, file: usize) -> impl Iterator<Item = &FolderBuild> {
        self.builds.iter().filter(move |build| build.from == file)
    }

    /// Who builds the folder of a kustomization that brings a file.
    pub(crate) fn built_by(&self, file: usize) -> impl Iterator<Item = &FolderBuild> {
        let above = self.above(file);
        let builds = self.builds.iter();
        builds.filter(move |build| build.brings.iter().any(|brought| above.contains(brought)))
    }
}
