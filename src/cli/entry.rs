//! Entries of a folder: their kinds, versions of files, and comparing a file with a text.

use std::ffi::OsString;
use std::fs::{File, Metadata};
use std::io::{self, ErrorKind, Read};

/// A name in a folder.
#[derive(Debug)]
pub(super) struct DirEntry {
    pub(super) name: OsString,
    pub(super) kind: EntryKind,
}

/// The kind of an entry of a folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum EntryKind {
    File,
    Folder,
    Link,
    /// A pipe, a socket or a device.
    Other,
}

/// Identifies one version of a file, as far as its metadata can.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct FileVersion {
    size: u64,
    /// Device and inode.
    #[cfg(unix)]
    id: (u64, u64),
    /// When the text changed last, and when anything did: a mode, an owner, a name.
    #[cfg(unix)]
    times: [(i64, i64); 2],
    #[cfg(not(unix))]
    times: Option<std::time::SystemTime>,
}

impl FileVersion {
    #[cfg(unix)]
    pub(super) fn of(metadata: &Metadata) -> FileVersion {
        use std::os::unix::fs::MetadataExt;

        FileVersion {
            size: metadata.len(),
            id: (metadata.dev(), metadata.ino()),
            times: [
                (metadata.mtime(), metadata.mtime_nsec()),
                (metadata.ctime(), metadata.ctime_nsec()),
            ],
        }
    }

    #[cfg(not(unix))]
    pub(super) fn of(metadata: &Metadata) -> FileVersion {
        FileVersion {
            size: metadata.len(),
            times: metadata.modified().ok(),
        }
    }
}

/// Whether a file holds these bytes, and no others.
///
/// They are compared piece by piece: if memory ran out, the process would end and leave what
/// it has staged by then.
pub(super) fn holds(mut file: File, bytes: &[u8]) -> io::Result<bool> {
    let mut piece = [0; 1 << 13];
    let mut rest = bytes;
    loop {
        let read = match file.read(&mut piece) {
            Ok(read) => read,
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        match rest.strip_prefix(&piece[..read]) {
            Some(behind) if read > 0 => rest = behind,
            Some(behind) => return Ok(behind.is_empty()),
            None => return Ok(false),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Seek, Write};

    use super::*;

    #[test]
    fn a_file_holds_all_bytes_and_no_others() {
        let mut file = tempfile::tempfile().expect("a file");
        let bytes: Vec<u8> = (0..20_000_u32).map(|number| (number % 251) as u8).collect();
        file.write_all(&bytes).expect("written");
        let mut is_held = |bytes: &[u8]| {
            file.rewind().expect("at the beginning");
            holds(file.try_clone().expect("a handle"), bytes).expect("read")
        };
        assert!(is_held(&bytes));
        assert!(!is_held(&bytes[..19_999]));
        assert!(!is_held(&[&bytes[..], b"x"].concat()));
        let mut other = bytes.clone();
        other[8192] ^= 1;
        assert!(!is_held(&other));
        assert!(!is_held(b""));
    }
}
