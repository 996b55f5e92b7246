//! What refers to the files that were given from elsewhere in their repository: kustomizations that
//! bring them, and objects of Flux and Argo CD that build their folders. An edit must be right for
//! these, too, although they are never edited themselves. So are the sources that releases name.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::TreeWalk;
use super::below::is_manifest_name;
use crate::cli::entry::{DirEntry, EntryKind};
use crate::cli::files::{InputFile, RootFolder, contents};
use crate::cli::ignored::Ignored;
use crate::cli::paths::working_folder;
use crate::restore::Skipped;
use crate::sort::sort_by;
use crate::tree;

/// A file elsewhere in the repository that may refer to files which were given.
struct PossibleReferrer {
    file: InputFile,
    /// Its path as it is shown, without `.` and `..`.
    shown: String,
    /// What it refers to, if it is a kustomization.
    refers: Vec<String>,
}

impl TreeWalk<'_> {
    /// Reads what refers to the files that were given, where these are a part of a repository.
    pub(super) fn refer_back(&mut self) {
        let Some(repository) = self.repository_around() else {
            return;
        };
        let Ok(root) = RootFolder::open(repository) else {
            return;
        };
        let mut candidates = self.candidates(&root);
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
            let Some(shown) = tree::normalised(&file.shown) else {
                continue;
            };
            let mut above = tree::folder_of(&shown);
            if tree::is_kustomization(&shown) {
                waiting.push(above.to_owned());
            }
            while !above.is_empty() && above != "/" && folders.insert(above.to_owned()) {
                above = tree::folder_of(above);
            }
            waiting.push(shown);
        }
        let mut reached = HashSet::new();
        loop {
            while let Some(path) = waiting.pop() {
                for &position in by_path.get(&*path).into_iter().flatten() {
                    if reached.insert(position) {
                        let folder = tree::folder_of(&candidates[position].shown).to_owned();
                        folders.insert(folder.clone());
                        waiting.push(folder);
                    }
                }
            }
            for (position, candidate) in candidates.iter().enumerate() {
                let text = candidate.file.text_or_empty();
                let is_object = !tree::is_kustomization(&candidate.shown);
                if is_object
                    && !reached.contains(&position)
                    && tree::builds_one_of(text, &candidate.shown, &folders)
                {
                    reached.insert(position);
                    waiting.push(candidate.shown.clone());
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

    /// The repository that holds the files which were given, unless all of it was.
    fn repository_around(&self) -> Option<PathBuf> {
        let here = working_folder()?;
        let mut above = here.ancestors();
        let repository = above.find(|above| above.join(".git").exists())?;
        let mut walked = self.walked.iter();
        let is_whole = walked.any(|(_, root)| repository.starts_with(&root.path));
        let is_part = self.files.keys().any(|path| path.starts_with(repository));
        (is_part && !is_whole).then(|| repository.to_owned())
    }

    /// The kustomizations of a repository that were not given, and the files with objects that build
    /// folders.
    fn candidates(&self, root: &Arc<RootFolder>) -> Vec<PossibleReferrer> {
        let mut found = Vec::new();
        let shown = Shown::of(self);
        let start = (PathBuf::new(), Ignored::default(), false);
        let mut waiting = vec![start];
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
                if name.as_encoded_bytes().starts_with(b".")
                    || is_given
                    || ignored.hides(&path, is_folder)
                {
                    continue;
                }
                let is_excluded = is_excluded || self.excluded.names(&path, is_folder);
                if is_folder {
                    waiting.push((below.join(&name), ignored.clone(), is_excluded));
                } else if kind == EntryKind::File && !self.files.contains_key(&path) {
                    found.extend(candidate(root, &path, &shown, is_excluded));
                }
            }
        }
        sort_by(&mut found, |one: &PossibleReferrer, other| {
            one.shown.cmp(&other.shown)
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
    shown: &Shown,
    is_excluded: bool,
) -> Option<PossibleReferrer> {
    if !is_manifest_name(path) {
        return None;
    }
    let shown = shown.path(path)?;
    let (encoding, text) = contents(root, path, &shown);
    let text = text.ok()?;
    let is_kustomization = tree::is_kustomization(&shown);
    let refers = if is_kustomization {
        let (mut refers, data) = tree::referred_by(&shown, &text);
        refers.extend(data);
        refers
    } else {
        Vec::new()
    };
    (is_kustomization || tree::may_build(&text) || is_source(&text)).then(|| PossibleReferrer {
        shown: shown.clone(),
        refers,
        file: InputFile {
            shown,
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

/// How paths out of the given ones are shown: from the working folder, or from the root where the given ones are.
pub(super) struct Shown {
    here: PathBuf,
    is_absolute: bool,
}

impl Shown {
    pub(super) fn of(found: &TreeWalk<'_>) -> Self {
        let mut files = found.files.values();
        Shown {
            here: working_folder().unwrap_or_default(),
            is_absolute: files.any(|file| file.shown.starts_with('/')),
        }
    }

    pub(super) fn path(&self, path: &Path) -> Option<String> {
        if self.is_absolute {
            return path.to_str().map(str::to_owned);
        }
        let mut above = self.here.ancestors().enumerate();
        let found = above.find_map(|(up, folder)| Some((up, path.strip_prefix(folder).ok()?)));
        let (up, below) = found?;
        Some("../".repeat(up) + below.to_str()?)
    }
}
