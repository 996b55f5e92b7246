//! The paths of a tree, counted from one folder above all that was given, so that whatever refers to a file
//! does so by the same path wherever the program is run; people are shown paths from where they are.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use super::referred::below;
use crate::cli::files::InputFile;
use crate::cli::paths::{common, repository_of, shown, tree_of, working_folder};
use crate::tree;

/// Where the paths of a tree begin, and how they are shown.
#[derive(Debug, Default)]
pub(super) struct TreePaths {
    /// The deepest folder that holds the repositories of all that was given, and what lies in none.
    top: PathBuf,
    /// The working folder.
    here: PathBuf,
    /// The folders that were given: their paths in the tree, and as they were given.
    folders: Vec<(String, String)>,
    /// The files that were given, by their paths in the tree, as they were given.
    files: HashMap<String, String>,
    /// Whether paths out of what was given are shown from the root of the file system.
    is_absolute: bool,
    /// The repositories of what was given.
    pub(super) repositories: Vec<PathBuf>,
    /// These, and the folders that count as trees where there is no repository.
    trees: Vec<PathBuf>,
}

impl TreePaths {
    pub(super) fn of(given: &[PathBuf]) -> Self {
        let mut paths = TreePaths {
            here: working_folder().unwrap_or_default(),
            is_absolute: given.iter().any(|path| path.is_absolute()),
            ..TreePaths::default()
        };
        let real = given.iter();
        let real = real.filter_map(|path| Some((path, fs::canonicalize(path).ok()?)));
        let real: Vec<(&PathBuf, PathBuf)> = real.collect();
        for (_, real) in &real {
            let folder = if real.is_dir() {
                real
            } else {
                real.parent().unwrap_or(real)
            };
            paths.repositories.extend(repository_of(folder));
            let tree = tree_of(folder).unwrap_or_else(|| folder.to_owned());
            paths.trees.push(tree);
        }
        for all in [&mut paths.repositories, &mut paths.trees] {
            crate::sort::sort(all);
            all.dedup();
        }
        let top = common(paths.trees.iter().cloned());
        paths.top = top.unwrap_or_else(|| paths.here.clone());
        paths.trees.extend(tree_of(&paths.here));
        for (given, real) in &real {
            let of = paths.in_tree(real).map(|of| (of, shown(given)));
            if real.is_dir() {
                paths.folders.extend(of);
            } else {
                paths.files.extend(of);
            }
        }
        paths
    }

    /// The path in the tree of what has this real path.
    pub(super) fn in_tree(&self, real: &Path) -> Option<String> {
        tree::normalised(&from(&self.top, real)?)
    }

    /// The absolute path of a path in the tree, and the repository, or what counts as one, that holds it.
    pub(super) fn holder_of(&self, path: &str) -> Option<(&Path, PathBuf)> {
        let path = tree::normalised(self.top.join(path).to_str()?)?;
        let path = PathBuf::from(path);
        let mut trees = self.trees.iter();
        Some((trees.find(|tree| path.starts_with(tree))?, path))
    }

    /// How a path in the tree is shown: below what was given as that was, and else from the working folder.
    pub(super) fn shown(&self, path: &str) -> String {
        if let Some(given) = self.files.get(path) {
            return given.clone();
        }
        let given = self.folders.iter().filter_map(|(of, given)| {
            let is_it = of == path;
            let rest = if is_it { Some("") } else { below(of, path) };
            Some((of.len(), given, rest?))
        });
        match given.max_by_key(|(length, ..)| *length) {
            Some((_, given, "")) => given.clone(),
            Some((_, given, rest)) if given == "." => rest.to_owned(),
            Some((_, given, rest)) => format!("{}/{rest}", given.trim_end_matches('/')),
            None => self
                .shown_from_here(path)
                .unwrap_or_else(|| path.to_owned()),
        }
    }

    fn shown_from_here(&self, path: &str) -> Option<String> {
        let real = tree::normalised(self.top.join(path).to_str()?)?;
        if self.is_absolute {
            return Some(real);
        }
        from(&self.here, Path::new(&real))
    }

    /// Fills in how a file is shown.
    pub(super) fn show(&self, file: &mut InputFile) {
        file.shown = self.shown(&file.in_tree);
        for link in &mut file.links {
            link.shown = self.shown(&link.path);
        }
        if let Err(unreadable) = &mut file.text
            && let Some(what) = unreadable.what.strip_prefix(&*file.in_tree)
        {
            unreadable.what = file.shown.clone() + what;
        }
    }
}

/// A path from a folder, which may lead out of it.
fn from(folder: &Path, path: &Path) -> Option<String> {
    let mut above = folder.ancestors().enumerate();
    let found = above.find_map(|(up, folder)| Some((up, path.strip_prefix(folder).ok()?)));
    let (up, below) = found?;
    Some("../".repeat(up) + below.to_str()?)
}
