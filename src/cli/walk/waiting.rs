//! Files of open folders, read several at once.

use std::ffi::OsString;
use std::path::PathBuf;
use std::rc::Rc;

use crate::cli::files::{Contents, RootFolder, contents_in};
use crate::cli::folder::Folder;
use crate::parallel;
use crate::restore::Skipped;

use super::TreeWalk;

/// So many files are read together, of so many folders, which stay open until then.
const FILES: usize = 1024;
const FOLDERS: usize = 64;

/// Bytes of text that can be judged while a small file is opened and read.
const OPENING: usize = 1 << 12;

/// A file that was found and is still to be read.
pub(super) struct WaitingFile {
    /// The folder that holds it, and its name there.
    pub(super) folder: Rc<Folder>,
    pub(super) name: OsString,
    /// Its path as it is shown, and its real path.
    pub(super) shown: String,
    pub(super) path: PathBuf,
    pub(super) left_out: Option<Skipped>,
}

impl TreeWalk<'_> {
    /// Reads the files that wait, if they are as many as are read together.
    pub(super) fn read_enough(&mut self, root: &Rc<RootFolder>) {
        let mut folders = 0;
        let mut last: Option<&Rc<Folder>> = None;
        for file in &self.waiting {
            folders += usize::from(last.is_none_or(|last| !Rc::ptr_eq(last, &file.folder)));
            last = Some(&file.folder);
        }
        if self.waiting.len() >= FILES || folders >= FOLDERS {
            self.read_waiting(root);
        }
    }

    /// Reads the files that wait; the real path of one that is known already is shown rather than that of a
    /// link.
    pub(super) fn read_waiting(&mut self, root: &Rc<RootFolder>) {
        let waiting = std::mem::take(&mut self.waiting);
        let is_known =
            |file: &WaitingFile| self.may_be_known && self.files.contains_key(&file.path);
        let are_known: Vec<bool> = waiting.iter().map(is_known).collect();
        let unread = waiting
            .iter()
            .zip(&are_known)
            .filter(|(_, is_known)| !**is_known);
        let unread: Vec<_> = unread
            .map(|(file, _)| (&*file.folder, &file.name, &file.shown))
            .collect();
        let read = parallel::map(&unread, unread.len() * OPENING, |_, some| {
            let read = some.iter();
            let read = read.map(|(folder, name, shown)| contents_in(folder, name, shown));
            read.collect::<Vec<Contents>>()
        });
        let mut read = read.into_iter().flatten();
        for (file, is_known) in waiting.into_iter().zip(are_known) {
            // Taken for each file that was read, so that none gets the contents of another.
            let contents = if is_known { None } else { read.next() };
            let WaitingFile {
                shown,
                path,
                left_out,
                ..
            } = file;
            let known = self.may_be_known.then(|| self.files.get_mut(&path));
            if let Some(known) = known.flatten() {
                known.shown = shown;
                known.left_out = left_out;
            } else if let Some(contents) = contents {
                self.add_read(shown, path, root, left_out, contents);
            }
        }
    }
}
