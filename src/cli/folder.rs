//! Folders held open, so that reads and writes stay in them, whatever happens to
//! their paths meanwhile.
//!
//! Every path is walked one name at a time from a handle, and no name may be a link.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;
use std::path::{Component, Path};

use rustix::fs::{AtFlags, Dir, FileType, Mode, OFlags};

use super::entry::{DirEntry, EntryKind, FileVersion};

/// A folder by its handle.
#[derive(Debug)]
pub(super) struct Folder(OwnedFd);

/// Flags for opening an intermediate folder: on Linux, `O_PATH` needs no permission to list it.
#[cfg(target_os = "linux")]
const PASSING: OFlags = OFlags::PATH;
#[cfg(not(target_os = "linux"))]
const PASSING: OFlags = OFlags::RDONLY;

/// Flags for every open: follow no link, and close the handle in child processes.
const HERE: OFlags = OFlags::NOFOLLOW.union(OFlags::CLOEXEC);

impl Folder {
    /// The folder at an absolute path in which no name is a link.
    ///
    /// # Errors
    /// It is not there, is no folder, or a name on the path is a link.
    pub(super) fn open(path: &Path) -> io::Result<Folder> {
        let flags = PASSING | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let root = Folder(rustix::fs::open("/", flags, Mode::empty())?);
        root.folder(path.strip_prefix("/").unwrap_or(path))
    }

    /// The working folder.
    ///
    /// # Errors
    /// It was removed, or may not be entered.
    pub(super) fn working() -> io::Result<Folder> {
        let flags = PASSING | OFlags::DIRECTORY | OFlags::CLOEXEC;
        Ok(Folder(rustix::fs::open(".", flags, Mode::empty())?))
    }

    /// The folder at a path below this one; the empty path is this one.
    ///
    /// # Errors
    /// As [`Folder::open`]; `..` and absolute paths are refused.
    pub(super) fn folder(&self, path: &Path) -> io::Result<Folder> {
        let flags = PASSING | OFlags::DIRECTORY | HERE;
        let mut folder = Folder(self.0.try_clone()?);
        for part in path.components() {
            match part {
                Component::CurDir => {}
                Component::Normal(name) => {
                    let next = rustix::fs::openat(&folder.0, name, flags, Mode::empty())?;
                    folder = Folder(next);
                }
                _ => return Err(io::Error::other("the path leaves the folder")),
            }
        }
        Ok(folder)
    }

    /// What the folder holds, in no order.
    ///
    /// # Errors
    /// The folder cannot be read.
    pub(super) fn entries(&self) -> io::Result<Vec<DirEntry>> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | HERE;
        let listed = rustix::fs::openat(&self.0, ".", flags, Mode::empty())?;
        let mut entries = Vec::new();
        for entry in Dir::new(listed)? {
            let entry = entry?;
            let name = OsStr::from_bytes(entry.file_name().to_bytes());
            if name == "." || name == ".." {
                continue;
            }
            let kind = match entry.file_type() {
                // Some file systems keep no kinds beside the names.
                FileType::Unknown => self.kind(name).unwrap_or(EntryKind::Other),
                kind => kind_of(kind),
            };
            entries.push(DirEntry {
                name: name.to_owned(),
                kind,
            });
        }
        Ok(entries)
    }

    /// The kind of the entry with this name; links are not followed.
    ///
    /// # Errors
    /// Nothing has this name, or the folder may not be searched.
    pub(super) fn kind(&self, name: &OsStr) -> io::Result<EntryKind> {
        let stat = rustix::fs::statat(&self.0, name, AtFlags::SYMLINK_NOFOLLOW)?;
        Ok(kind_of(FileType::from_raw_mode(stat.st_mode)))
    }

    /// A regular file of the folder, to be read.
    ///
    /// # Errors
    /// It is not there, is a link or no regular file, or may not be read.
    pub(super) fn file(&self, name: &OsStr) -> io::Result<File> {
        self.sized_file(name).map(|(file, _)| file)
    }

    /// A regular file of the folder, to be read, and how many bytes it has.
    ///
    /// # Errors
    /// As [`Folder::file`].
    pub(super) fn sized_file(&self, name: &OsStr) -> io::Result<(File, u64)> {
        // Nothing is waited for: opening a pipe with no writer would otherwise never return.
        let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY | HERE;
        let file = File::from(rustix::fs::openat(&self.0, name, flags, Mode::empty())?);
        let found = file.metadata()?;
        if found.is_file() {
            Ok((file, found.len()))
        } else {
            Err(io::Error::other("is not a regular file"))
        }
    }

    /// Which version of a file has the name now.
    ///
    /// # Errors
    /// As [`Folder::kind`].
    pub(super) fn version(&self, name: &OsStr) -> io::Result<FileVersion> {
        let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY | HERE;
        let file = File::from(rustix::fs::openat(&self.0, name, flags, Mode::empty())?);
        Ok(FileVersion::of(&file.metadata()?))
    }

    /// A new file that only its owner may read until its mode is set.
    ///
    /// # Errors
    /// Something has the name already, or the folder takes no file.
    pub(super) fn create(&self, name: &OsStr) -> io::Result<File> {
        let flags = OFlags::RDWR | OFlags::CREATE | OFlags::EXCL | HERE;
        let mode = Mode::RUSR | Mode::WUSR;
        Ok(File::from(rustix::fs::openat(&self.0, name, flags, mode)?))
    }

    /// Renames a file of the folder over another one, which it replaces.
    ///
    /// # Errors
    /// The folder cannot be changed.
    pub(super) fn rename(&self, from: &OsStr, to: &OsStr) -> io::Result<()> {
        Ok(rustix::fs::renameat(&self.0, from, &self.0, to)?)
    }

    /// Removes a file of the folder.
    ///
    /// # Errors
    /// As [`Folder::rename`].
    pub(super) fn remove(&self, name: &OsStr) -> io::Result<()> {
        Ok(rustix::fs::unlinkat(&self.0, name, AtFlags::empty())?)
    }

    /// Asks the disk to keep the names of the folder.
    ///
    /// # Errors
    /// The file system syncs no folder.
    pub(super) fn sync(&self) -> io::Result<()> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | HERE;
        let listed = rustix::fs::openat(&self.0, ".", flags, Mode::empty())?;
        fs::File::from(listed).sync_all()
    }
}

fn kind_of(kind: FileType) -> EntryKind {
    match kind {
        FileType::RegularFile => EntryKind::File,
        FileType::Directory => EntryKind::Folder,
        FileType::Symlink => EntryKind::Link,
        _ => EntryKind::Other,
    }
}
