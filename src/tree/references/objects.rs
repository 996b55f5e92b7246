//! Objects of Flux and Argo CD that build folders of a tree, for whoever asks what a file is for.

use std::collections::HashMap;

use crate::tree::kustomization::is_kustomization;
use crate::tree::layout::{BuiltFolder, FolderLayout};
use crate::tree::merged::{Repository, builds, may_build};
use crate::tree::paths::{by_path, folder_of, join};
use crate::tree::sources::TreeFile;
use crate::yaml::parse;

/// A folder that an object builds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FolderBuild {
    /// Position of the object's file.
    pub(crate) from: usize,
    /// Where the object begins in its text.
    pub(crate) at: usize,
    /// Its kind and name.
    pub(crate) object: String,
    /// The folder's path in the tree.
    pub(crate) folder: String,
    /// The keys of what it merges into the folder's kustomization, such as `images`.
    pub(crate) merged: Vec<&'static str>,
    /// Positions of the folder's kustomization, or of the files that are built without one.
    pub(super) brings: Vec<usize>,
}

/// The folders that objects in files build, unless they are known to be of another repository than that of which
/// `remotes` are the URLs.
pub(super) fn folder_builds(files: &[TreeFile<'_>], remotes: &[String]) -> Vec<FolderBuild> {
    let of_objects = files.iter().enumerate();
    let of_objects = of_objects.filter(|(_, one)| one.left_out.is_none() && may_build(one.text));
    let of_objects: Vec<(usize, &TreeFile<'_>)> = of_objects.collect();
    if of_objects.is_empty() {
        return Vec::new();
    }
    let by_path = by_path(files.iter().map(|file| file.path));
    let named = by_path.iter().filter(|(path, _)| is_kustomization(path));
    let mut folders = HashMap::new();
    folders.extend(named.map(|(path, position)| (folder_of(path).to_owned(), *position)));
    let repository = Repository::of(files.iter().map(|file| file.text), remotes);
    let layout = FolderLayout::of(by_path.keys().map(|path| &**path), repository);
    let mut found = Vec::new();
    for (from, file) in of_objects {
        for root in parse::documents(file.text).iter().flatten() {
            for merge in builds(0, root) {
                if layout.is_other(&merge) {
                    continue;
                }
                for built in layout.built_by(&merge, file.path) {
                    let brings = match &built {
                        BuiltFolder::Kustomized(folder) => {
                            folders.get(folder).copied().into_iter().collect()
                        }
                        BuiltFolder::Plain(folder, names) => {
                            let paths = names.iter().filter_map(|name| join(folder, name));
                            let files =
                                paths.filter_map(|path| by_path.get(&*path).or(folders.get(&path)));
                            files.copied().collect()
                        }
                    };
                    found.push(FolderBuild {
                        from,
                        at: merge.by.start,
                        object: format!("{} {}", merge.by.kind, merge.by.name),
                        folder: built.path().to_owned(),
                        merged: merge.keys(),
                        brings,
                    });
                }
            }
        }
    }
    found
}
