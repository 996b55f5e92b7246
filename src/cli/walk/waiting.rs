//! Files of open folders, read while others are still found.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::cli::files::{InputFile, RootFolder, contents_in};
use crate::cli::folder::Folder;
use crate::cli::paths::shown;
use crate::restore::Skipped;
use crate::sort::sort_by;

use super::TreeWalk;

/// So many files of a folder are read together.
const FILES: usize = 64;

/// So many batches wait to be read; their folders stay open until then.
pub(super) const MOST_WAITING: usize = 32;

/// Bytes of text that can be judged while a small file is opened and read.
const OPENING: usize = 1 << 12;

/// A file that was found and is still to be read.
pub(super) struct WaitingFile {
    /// Its name in the folder that holds it.
    pub(super) name: OsString,
    /// Its path in the tree, and its real path.
    pub(super) in_tree: PathBuf,
    pub(super) path: PathBuf,
    pub(super) left_out: Option<Skipped>,
}

/// Files of a folder.
pub(super) struct WaitingFiles {
    folder: Arc<Folder>,
    files: Vec<WaitingFile>,
}

impl WaitingFiles {
    /// Some files of a folder, so many at a time as are read together.
    pub(super) fn in_batches(
        folder: &Arc<Folder>,
        files: Vec<WaitingFile>,
    ) -> impl Iterator<Item = WaitingFiles> {
        let mut rest = files.into_iter();
        std::iter::from_fn(move || {
            let files: Vec<WaitingFile> = rest.by_ref().take(FILES).collect();
            let folder = Arc::clone(folder);
            (!files.is_empty()).then_some(WaitingFiles { folder, files })
        })
    }

    /// How much text it takes as long to judge as to read these.
    pub(super) fn bytes(&self) -> usize {
        self.files.len() * OPENING
    }

    /// Reads them.
    pub(super) fn read(self, root: &Arc<RootFolder>, step: &dyn Fn()) -> Vec<InputFile> {
        let read = self.files.into_iter().map(|file| {
            step();
            let in_tree = shown(&file.in_tree);
            let contents = contents_in(&self.folder, &file.name, &in_tree);
            InputFile::new(in_tree, file.path, root, file.left_out, contents)
        });
        read.collect()
    }
}

impl TreeWalk<'_> {
    /// A file that was found, unless it has been read already: by another path, or through a link. Then its real
    /// path is shown rather than that of the link.
    pub(super) fn unless_known(&mut self, file: WaitingFile) -> Option<WaitingFile> {
        if self.files.is_empty() {
            return Some(file);
        }
        let Some(known) = self.files.get_mut(&file.path) else {
            return Some(file);
        };
        known.in_tree = shown(&file.in_tree);
        known.left_out = file.left_out;
        None
    }

    /// Adds files that were read. What a link led to meanwhile is known.
    pub(super) fn add_read(&mut self, mut batches: Vec<Vec<InputFile>>) {
        sort_by(&mut batches, |one: &Vec<InputFile>, other| {
            first_path(one).cmp(&first_path(other))
        });
        let files = batches.into_iter().flatten();
        let files = files.map(|file| (file.path.clone(), file));
        if self.files.is_empty() {
            self.files = files.collect();
            return;
        }
        for (path, file) in files {
            match self.files.get_mut(&path) {
                Some(known) => {
                    known.in_tree = file.in_tree;
                    known.left_out = file.left_out;
                }
                None => {
                    self.files.insert(path, file);
                }
            }
        }
    }
}

fn first_path(batch: &[InputFile]) -> Option<&Path> {
    batch.first().map(|file| &*file.path)
}
