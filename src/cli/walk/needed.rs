//! Files that kustomizations need and that are not read: whether they are there.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::TreeWalk;
use crate::tree;

impl TreeWalk<'_> {
    /// Notes what kustomizations need and is not there: resources, patches, what generators put into
    /// ConfigMaps and Secrets, and schemas.
    pub(super) fn find_missing(&mut self) {
        let files = self.files.values_mut();
        for file in files.filter(|file| tree::is_kustomization(&file.shown)) {
            let (Some(root), Ok(text)) = (&file.root, &file.text) else {
                continue;
            };
            let folder = file.path.parent().and_then(Path::to_str);
            let path = |needed: &str| Some(PathBuf::from(tree::join(folder?, needed)?));
            let is_absent = |path: Option<PathBuf>, may_be_folder| {
                path.is_some_and(|path| is_missing(&path, &root.path, may_be_folder))
            };
            let mut missing = tree::needed_by(text);
            missing.retain(|needed| is_absent(path(needed), false));
            let mut named = tree::named_by(text);
            named.retain(|named| is_absent(path(named), true));
            missing.append(&mut named);
            file.missing = missing;
        }
    }
}

/// Whether no file is at a path, nor a folder where that would do; of what lies out of a folder, by its name or through links, that is
/// not said.
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
