//! Files that kustomizations need and that are not read: whether they are there.

use std::collections::{BTreeMap, HashSet};
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::TreeWalk;
use crate::cli::files::InputFile;
use crate::parallel;
use crate::tree;

impl TreeWalk<'_> {
    /// Notes what kustomizations need and is not there: resources, patches, what generators put into
    /// ConfigMaps and Secrets, and schemas.
    pub(super) fn find_missing(&mut self) {
        let read = ReadPaths::of(&self.files);
        let all = self.files.iter();
        let all = all.filter(|(_, file)| tree::is_kustomization(&file.in_tree));
        let all: Vec<(&PathBuf, &InputFile)> = all.collect();
        let bytes = all.iter().map(|(_, file)| file.text_or_empty().len()).sum();
        let missing = parallel::map(&all, bytes, |_, some| {
            let some = some.iter();
            let missing = some.map(|(path, file)| ((*path).clone(), missing_of(file, &read)));
            missing.collect::<Vec<(PathBuf, Vec<String>)>>()
        });
        for (path, missing) in missing.into_iter().flatten() {
            if let Some(file) = self.files.get_mut(&path) {
                file.missing = missing;
            }
        }
    }
}

/// What has been read is there, and needs no look at the disk: the real paths of files, and of the folders
/// that they are in.
#[derive(Default)]
struct ReadPaths<'f> {
    files: HashSet<&'f str>,
    folders: HashSet<&'f str>,
}

impl<'f> ReadPaths<'f> {
    fn of(files: &'f BTreeMap<PathBuf, InputFile>) -> Self {
        let mut read = ReadPaths::default();
        read.files.reserve(files.len());
        let files = files.iter().filter(|(_, file)| file.text.is_ok());
        let mut last = "";
        for path in files.filter_map(|(path, _)| path.to_str()) {
            read.files.insert(path);
            let mut folder = tree::folder_of(path);
            // Those of a folder follow each other.
            if folder == std::mem::replace(&mut last, folder) {
                continue;
            }
            while !folder.is_empty() && read.folders.insert(folder) {
                folder = tree::folder_of(folder);
            }
        }
        read
    }

    fn holds(&self, path: &str, may_be_folder: bool) -> bool {
        self.files.contains(path) || may_be_folder && self.folders.contains(path)
    }
}

/// What a kustomization needs and is not there, by paths from its folder.
fn missing_of(file: &InputFile, read: &ReadPaths<'_>) -> Vec<String> {
    let (Some(root), Ok(text)) = (&file.root, &file.text) else {
        return Vec::new();
    };
    let Some(folder) = file.path.parent().and_then(Path::to_str) else {
        return Vec::new();
    };
    let is_absent = |needed: &str, may_be_folder| {
        let path = tree::join(folder, needed);
        path.is_some_and(|path| {
            let is_read = read.holds(&path, may_be_folder);
            !is_read && is_missing(Path::new(&path), &root.path, may_be_folder)
        })
    };
    let (mut missing, mut named) = tree::needed_by(text);
    missing.retain(|needed| is_absent(needed, false));
    named.retain(|named| is_absent(named, true));
    missing.append(&mut named);
    missing
}

/// Whether no file is at a path, nor a folder where that would do; of what lies out of a folder, by its name or
/// through links, that is not said.
fn is_missing(path: &Path, within: &Path, may_be_folder: bool) -> bool {
    if !path.starts_with(within) {
        return false;
    }
    match fs::canonicalize(path) {
        Ok(real) => {
            let is_there = real.is_file() || may_be_folder && real.is_dir();
            real.starts_with(within) && !is_there
        }
        Err(error) => matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory),
    }
}
