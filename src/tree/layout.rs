//! Where the folders are that objects of Flux and Argo CD build.

use std::collections::{BTreeSet, HashSet};

use super::kustomization::is_kustomization;
use super::merged::{Merge, Repository};
use super::paths::{folder_of, join};
use crate::sort::sort;

/// The folders of a tree, and the manifests in them.
#[derive(Debug, Default)]
pub(super) struct FolderLayout {
    /// Those with a kustomization.
    folders: HashSet<String>,
    /// The paths of manifests and kustomizations, in their order.
    manifests: Vec<String>,
    /// The repository that they are of.
    repository: Repository,
}

/// What an object builds.
#[derive(Debug)]
pub(super) enum BuiltFolder {
    /// A folder with a kustomization.
    Kustomized(String),
    /// A folder without one: it, and what Flux takes together in it.
    Plain(String, Vec<String>),
}

impl BuiltFolder {
    /// Its path.
    pub(super) fn path(&self) -> &str {
        match self {
            BuiltFolder::Kustomized(path) | BuiltFolder::Plain(path, _) => path,
        }
    }
}

/// How many folders are built for objects with a variable or a template in their paths, each of which may
/// mean any: so many sets times so many folders would be too much work.
const FOLLOWED: usize = 20_000;

/// What objects with a variable or a template in their paths are followed to.
#[derive(Debug, Default)]
pub(super) struct Following {
    folders: usize,
}

impl Following {
    /// Whether an object is still followed to so many folders.
    pub(super) fn follows(&mut self, merge: &Merge<'_, '_>, folders: usize) -> bool {
        if merge.is_pattern() {
            self.folders += folders;
        }
        !merge.is_pattern() || self.folders <= FOLLOWED
    }
}

impl FolderLayout {
    /// The layout of files by their normalised paths.
    pub(super) fn of<'p>(paths: impl Iterator<Item = &'p str>, repository: Repository) -> Self {
        let (mut folders, mut manifests) = (HashSet::new(), Vec::new());
        for path in paths {
            if is_kustomization(path) {
                folders.insert(folder_of(path).to_owned());
            }
            if is_kustomization(path) || path.ends_with(".yaml") || path.ends_with(".yml") {
                manifests.push(path.to_owned());
            }
        }
        sort(&mut manifests);
        FolderLayout {
            folders,
            manifests,
            repository,
        }
    }

    /// Whether what an object builds is known to be in another repository.
    pub(super) fn is_other(&self, merge: &Merge<'_, '_>) -> bool {
        self.repository.is_other(merge.source)
    }

    /// What an object in the file at `from` builds, as far as it is in this tree: with a variable or a
    /// template in its path, every folder that may be meant.
    pub(super) fn built_by(&self, merge: &Merge<'_, '_>, from: &str) -> Vec<BuiltFolder> {
        if !merge.is_pattern() {
            return self.one_built_by(merge, from).into_iter().collect();
        }
        let meant = self.folders.iter();
        let mut meant: Vec<&String> = meant.filter(|folder| merge.may_be(from, folder)).collect();
        sort(&mut meant);
        let folders = meant.into_iter().cloned().map(BuiltFolder::Kustomized);
        folders.collect()
    }

    fn one_built_by(&self, merge: &Merge<'_, '_>, from: &str) -> Option<BuiltFolder> {
        if merge.is_of_all() && self.repository.is_own(merge.source) {
            return self.all_built_by(merge);
        }
        let folder = merge.folder(from, &|folder| self.folders.contains(folder));
        if let Some(folder) = folder {
            return Some(BuiltFolder::Kustomized(folder));
        }
        // All of a repository that may be another one is nothing here.
        if !merge.makes_kustomizations() || merge.is_of_all() {
            return None;
        }
        let folder = merge.folder(from, &|folder| !self.below(folder).is_empty())?;
        let resources = self.resources_in(&folder);
        Some(BuiltFolder::Plain(folder, resources))
    }

    /// What an object builds that builds all of this repository: a kustomization of a folder in it is none of
    /// the whole.
    fn all_built_by(&self, merge: &Merge<'_, '_>) -> Option<BuiltFolder> {
        let root = self.root();
        let mut folder = &*root;
        loop {
            if self.folders.contains(folder) {
                return Some(BuiltFolder::Kustomized(folder.to_owned()));
            }
            if matches!(folder, "" | "/") {
                break;
            }
            folder = folder_of(folder);
        }
        let makes = merge.makes_kustomizations();
        makes.then(|| BuiltFolder::Plain(root.clone(), self.resources_in(&root)))
    }

    /// The folder that all manifests are below.
    fn root(&self) -> String {
        let (Some(first), Some(last)) = (self.manifests.first(), self.manifests.last()) else {
            return String::new();
        };
        let same = first
            .bytes()
            .zip(last.bytes())
            .take_while(|(one, other)| one == other);
        let same = &first.as_bytes()[..same.count()];
        let end = same.iter().rposition(|byte| *byte == b'/');
        first[..end.unwrap_or_default()].to_owned()
    }

    /// The paths of all manifests below a folder.
    fn below(&self, folder: &str) -> &[String] {
        let prefix = match folder {
            "" => String::new(),
            folder => format!("{folder}/"),
        };
        let first = self.manifests.partition_point(|path| *path < prefix);
        let found = &self.manifests[first..];
        let end = found.partition_point(|path| path.starts_with(&prefix));
        &found[..end]
    }

    /// What Flux takes together in a folder: every manifest, and the folders that have a kustomization
    /// of their own in place of what is in them.
    fn resources_in(&self, folder: &str) -> Vec<String> {
        let mut found = BTreeSet::new();
        for path in self.below(folder) {
            let rest = path.strip_prefix(folder).unwrap_or(path);
            let rest = rest.strip_prefix('/').unwrap_or(rest);
            let ends = rest.match_indices('/').map(|(at, _)| at);
            let mut inner = ends.map(|at| &rest[..at]);
            let own = inner.find(|inner| {
                let below = join(folder, inner);
                below.is_some_and(|below| self.folders.contains(&below))
            });
            found.insert(own.unwrap_or(rest).to_owned());
        }
        found.into_iter().collect()
    }
}
