//! What refers to the files that were given from elsewhere in their repository: kustomizations that
//! bring them, and objects of Flux and Argo CD that build their folders. An edit must be right for
//! these, too, although they are never edited themselves. So are the sources that releases name.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::TreeWalk;
use super::below::is_manifest_name;
use super::tree_paths::TreePaths;
use crate::cli::entry::{DirEntry, EntryKind};
use crate::cli::files::{InputFile, RootFolder, contents};
use crate::restore::Skipped;
use crate::sort::sort_by;
use crate::tree;

/// A file elsewhere in the repository that may refer to files which were given.
struct PossibleReferrer {
    file: InputFile,
    /// What it refers to, if it is a kustomization.
    refers: Vec<String>,
}

impl TreeWalk<'_> {
    /// Reads what refers to the files that were given: where these are a part of a repository, and in folders
    /// that were passed over for their names.
    pub(super) fn refer_back(&mut self) {
        let mut roots = self.paths.repositories.clone();
        let walked = self.walked.iter().map(|(_, root)| &root.path);
        let alone = walked.filter(|path| !roots.iter().any(|root| path.starts_with(root)));
        let alone: Vec<PathBuf> = alone.cloned().collect();
        roots.extend(alone);
        for path in roots {
            let mut starts: Vec<PathBuf> = if self.has_part_of(&path) {
                vec![path.clone()]
            } else {
                Vec::new()
            };
            let dotted = self.dotted.iter();
            starts.extend(dotted.filter(|dotted| dotted.starts_with(&path)).cloned());
            if !starts.is_empty()
                && let Ok(root) = RootFolder::open(path)
            {
                self.refer_back_in(&root, starts);
            }
        }
    }

    fn refer_back_in(&mut self, root: &Arc<RootFolder>, starts: Vec<PathBuf>) {
        let mut candidates = self.candidates(root, starts);
        let mut by_path: HashMap<&str, Vec<usize>> = HashMap::new();
        for (position, candidate) in candidates.iter().enumerate() {
            for path in &candidate.refers {
                by_path.entry(path).or_default().push(position);
            }
        }
        // The files and folders that builds bring, and all folders around the files.
        let mut waiting = Vec::new();
        let mut folders = HashSet::new();
        for file in self.files.values() {
            let mut above = tree::folder_of(&file.in_tree);
            if tree::is_kustomization(&file.in_tree) {
                waiting.push(above.to_owned());
            }
            while !above.is_empty() && above != "/" && folders.insert(above.to_owned()) {
                above = tree::folder_of(above);
            }
            waiting.push(file.in_tree.clone());
        }
        let mut reached = HashSet::new();
        loop {
            while let Some(path) = waiting.pop() {
                for &position in by_path.get(&*path).into_iter().flatten() {
                    if reached.insert(position) {
                        let folder = tree::folder_of(&candidates[position].file.in_tree).to_owned();
                        folders.insert(folder.clone());
                        waiting.push(folder);
                    }
                }
            }
            for (position, candidate) in candidates.iter().enumerate() {
                let text = candidate.file.text_or_empty();
                let is_object = !tree::is_kustomization(&candidate.file.in_tree);
                if is_object
                    && !reached.contains(&position)
                    && tree::builds_one_of(text, &candidate.file.in_tree, &folders)
                {
                    reached.insert(position);
                    waiting.push(candidate.file.in_tree.clone());
                }
            }
            if waiting.is_empty() {
                break;
            }
        }
        // A release names the object that says the repository of its chart.
        let mut given = self.files.values();
        if given.any(|file| names_a_source(file.text_or_empty())) {
            let candidates = candidates.iter().enumerate();
            let sources = candidates.filter(|(_, one)| is_source(one.file.text_or_empty()));
            reached.extend(sources.map(|(position, _)| position));
        }
        let mut position = 0;
        candidates.retain(|_| {
            position += 1;
            reached.contains(&(position - 1))
        });
        for PossibleReferrer { file, .. } in candidates {
            self.files.insert(file.path.clone(), file);
        }
    }

    /// Whether a part of a repository was given, and not all of it.
    fn has_part_of(&self, repository: &Path) -> bool {
        let mut walked = self.walked.iter();
        let is_whole = walked.any(|(_, root)| repository.starts_with(&root.path));
        !is_whole && self.files.keys().any(|path| path.starts_with(repository))
    }

    /// The kustomizations of a repository that were not given, and the files with objects that build
    /// folders.
    fn candidates(
        &mut self,
        root: &Arc<RootFolder>,
        starts: Vec<PathBuf>,
    ) -> Vec<PossibleReferrer> {
        let mut found = Vec::new();
        let mut waiting = Vec::new();
        for start in starts {
            let (ignored, is_excluded) = (
                self.ignored_above(&start),
                self.excluded.holds(&start, true),
            );
            let below = start.strip_prefix(&root.path).unwrap_or(&start).to_owned();
            waiting.push((below, ignored, is_excluded));
        }
        while let Some((below, above, is_excluded)) = waiting.pop() {
            let at = root.path.join(&below);
            let Ok(folder) = root.folder.folder(&below) else {
                continue;
            };
            let Ok(entries) = folder.entries() else {
                continue;
            };
            let (ignored, _) = above.and_of(&folder, &at);
            for DirEntry { name, kind } in entries {
                let path = at.join(&name);
                let is_folder = kind == EntryKind::Folder;
                let is_given = self.walked.iter().any(|(_, root)| root.path == path);
                // What is passed over by its name may refer to what is not.
                if name == ".git" || is_given || ignored.hides(&path, is_folder) {
                    continue;
                }
                let is_excluded = is_excluded || self.excluded.names(&path, is_folder);
                if is_folder {
                    waiting.push((below.join(&name), ignored.clone(), is_excluded));
                } else if kind == EntryKind::File && !self.files.contains_key(&path) {
                    found.extend(candidate(root, &path, &self.paths, is_excluded));
                }
            }
        }
        sort_by(&mut found, |one: &PossibleReferrer, other| {
            one.file.in_tree.cmp(&other.file.in_tree)
        });
        found
    }
}

/// Whether a text may hold a release of Flux, whose chart is of a source.
fn names_a_source(text: &str) -> bool {
    text.contains("HelmRelease") && (text.contains("sourceRef") || text.contains("chartRef"))
}

/// Whether a text may hold a source of charts.
fn is_source(text: &str) -> bool {
    let kinds = ["HelmRepository", "OCIRepository", "HelmChart"];
    text.contains("source.toolkit.fluxcd.io") && kinds.iter().any(|kind| text.contains(kind))
}

/// A file, if it may refer to others.
fn candidate(
    root: &Arc<RootFolder>,
    path: &Path,
    paths: &TreePaths,
    is_excluded: bool,
) -> Option<PossibleReferrer> {
    if !is_manifest_name(path) {
        return None;
    }
    let in_tree = paths.in_tree(path)?;
    let (encoding, text) = contents(root, path, &in_tree);
    let text = text.ok()?;
    let is_kustomization = tree::is_kustomization(&in_tree);
    let refers = if is_kustomization {
        let (mut refers, data) = tree::referred_by(&in_tree, &text);
        refers.extend(data);
        refers
    } else {
        Vec::new()
    };
    (is_kustomization || tree::may_build(&text) || is_source(&text)).then(|| PossibleReferrer {
        refers,
        file: InputFile {
            in_tree,
            shown: String::new(),
            path: path.to_owned(),
            root: Some(Arc::clone(root)),
            left_out: Some(if is_excluded {
                Skipped::Excluded
            } else {
                Skipped::Referring
            }),
            encoding,
            text: Ok(text),
            links: Vec::new(),
            missing: Vec::new(),
        },
    })
}
