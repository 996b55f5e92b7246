//! As folder.rs, for systems without handles of folders: by paths, each name looked at before it is
//! used, so that a link is not followed unless it is put there in between.

use std::ffi::OsStr;
use std::fs::{self, File, FileType};
use std::io;
use std::path::{Component, Path, PathBuf};

use super::entry::{DirEntry, EntryKind, FileVersion};

/// A folder by its path.
#[derive(Debug)]
pub(super) struct Folder(PathBuf);

impl Folder {
    /// The folder at an absolute path in which no name is a link.
    pub(super) fn open(path: &Path) -> io::Result<Folder> {
        is_folder(path)?;
        Ok(Folder(path.to_owned()))
    }

    /// The working folder.
    pub(super) fn working() -> io::Result<Folder> {
        Ok(Folder(PathBuf::from(".")))
    }

    /// The folder at a path below this one; the empty path is this one.
    pub(super) fn folder(&self, path: &Path) -> io::Result<Folder> {
        let mut folder = self.0.clone();
        for part in path.components() {
            match part {
                Component::CurDir => {}
                Component::Normal(name) => {
                    folder.push(name);
                    is_folder(&folder)?;
                }
                _ => return Err(io::Error::other("the path leaves the folder")),
            }
        }
        Ok(Folder(folder))
    }

    /// What the folder holds, in no order.
    pub(super) fn entries(&self) -> io::Result<Vec<DirEntry>> {
        let entries = fs::read_dir(&self.0)?.map(|entry| {
            let entry = entry?;
            Ok(DirEntry {
                name: entry.file_name(),
                kind: kind_of(entry.file_type()?),
            })
        });
        entries.collect()
    }

    /// The kind of the entry with this name; links are not followed.
    pub(super) fn kind(&self, name: &OsStr) -> io::Result<EntryKind> {
        let metadata = fs::symlink_metadata(self.0.join(name))?;
        Ok(kind_of(metadata.file_type()))
    }

    /// A regular file of the folder, to be read.
    pub(super) fn file(&self, name: &OsStr) -> io::Result<File> {
        match self.kind(name)? {
            EntryKind::File => File::open(self.0.join(name)),
            _ => Err(io::Error::other("is not a regular file")),
        }
    }

    /// A regular file of the folder, to be read, and how many bytes it has.
    pub(super) fn sized_file(&self, name: &OsStr) -> io::Result<(File, u64)> {
        let file = self.file(name)?;
        let size = file.metadata()?.len();
        Ok((file, size))
    }

    /// Which version of a file has the name now.
    pub(super) fn version(&self, name: &OsStr) -> io::Result<FileVersion> {
        Ok(FileVersion::of(&fs::symlink_metadata(self.0.join(name))?))
    }

    /// A new file.
    pub(super) fn create(&self, name: &OsStr) -> io::Result<File> {
        let mut options = File::options();
        let options = options.read(true).write(true).create_new(true);
        options.open(self.0.join(name))
    }

    /// Gives a file of the folder the name of another one, which is gone then.
    pub(super) fn rename(&self, from: &OsStr, to: &OsStr) -> io::Result<()> {
        fs::rename(self.0.join(from), self.0.join(to))
    }

    /// Removes a file of the folder.
    pub(super) fn remove(&self, name: &OsStr) -> io::Result<()> {
        fs::remove_file(self.0.join(name))
    }

    /// There is no handle to ask the disk with.
    pub(super) fn sync(&self) -> io::Result<()> {
        Ok(())
    }
}

fn is_folder(path: &Path) -> io::Result<()> {
    if fs::symlink_metadata(path)?.is_dir() {
        Ok(())
    } else {
        Err(io::ErrorKind::NotADirectory.into())
    }
}

fn kind_of(kind: FileType) -> EntryKind {
    if kind.is_file() {
        EntryKind::File
    } else if kind.is_dir() {
        EntryKind::Folder
    } else if kind.is_symlink() {
        EntryKind::Link
    } else {
        EntryKind::Other
    }
}
