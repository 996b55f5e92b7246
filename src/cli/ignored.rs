//! What `.gitignore` hides: the files of that name from the root of the repository down, and nothing
//! else.
//!
//! The exclude files that are one user's own, `.git/info/exclude` and `.ignore` are not read: what is
//! checked here is to be checked alike on every machine.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::rc::Rc;

use ignore::Match;
use ignore::gitignore::{Gitignore, GitignoreBuilder};

use super::folder::Folder;

/// The name of the files.
const NAME: &str = ".gitignore";
/// Bytes beyond which such a file is not read: 256 KiB, many times what people write.
const MAX_BYTES: u64 = 256 << 10;

/// The patterns that count in a folder.
#[derive(Debug, Clone, Default)]
pub(super) struct Ignored(Option<Rc<FolderPatterns>>);

#[derive(Debug)]
struct FolderPatterns {
    /// What the folder's own file says.
    own: Gitignore,
    /// What the folders above say.
    above: Ignored,
}

impl Ignored {
    /// The patterns in force in a folder: these, and those of the folder's own file. A file that
    /// cannot be used hides nothing, and is returned with the reason.
    pub(super) fn and_of(&self, folder: &Folder, path: &Path) -> (Ignored, Option<String>) {
        if folder.kind(OsStr::new(".git")).is_ok() {
            // A nested repository: the patterns of the enclosing one do not apply.
            return Ignored::default().and_own(folder, path);
        }
        self.and_own(folder, path)
    }

    fn and_own(&self, folder: &Folder, path: &Path) -> (Ignored, Option<String>) {
        let text = match folder.file(OsStr::new(NAME)).and_then(read) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return (self.clone(), None),
            Err(error) => return (self.clone(), Some(error.to_string())),
        };
        let mut builder = GitignoreBuilder::new(path);
        for line in text.lines() {
            // As Git does, a pattern that is none hides nothing.
            let _ = builder.add_line(None, line);
        }
        match builder.build() {
            Ok(own) if own.is_empty() => (self.clone(), None),
            Ok(own) => {
                let above = self.clone();
                (Ignored(Some(Rc::new(FolderPatterns { own, above }))), None)
            }
            Err(_) => (self.clone(), Some("its patterns are too many".to_owned())),
        }
    }

    /// Whether what has this absolute path is hidden: the deepest file that says anything decides.
    pub(super) fn hides(&self, path: &Path, is_folder: bool) -> bool {
        let mut next = &self.0;
        while let Some(patterns) = next {
            match patterns.own.matched(path, is_folder) {
                Match::Ignore(_) => return true,
                Match::Whitelist(_) => return false,
                Match::None => next = &patterns.above.0,
            }
        }
        false
    }
}

/// The text of a file that Git reads, if it is of sane size.
pub(super) fn read(file: File) -> io::Result<String> {
    let mut bytes = Vec::new();
    file.take(MAX_BYTES + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(io::Error::other(format!("larger than {MAX_BYTES} bytes")));
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}
