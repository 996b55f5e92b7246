//! What a folder holds, and which version of a file it is.

use std::ffi::OsString;
use std::fs::Metadata;

/// A name in a folder.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) name: OsString,
    pub(super) kind: Kind,
}

/// What has a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    File,
    Folder,
    Link,
    /// A pipe, a socket or a device.
    Other,
}

/// What tells one version of a file from the next, as far as that is known without reading it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Version {
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

impl Version {
    #[cfg(unix)]
    pub(super) fn of(metadata: &Metadata) -> Version {
        use std::os::unix::fs::MetadataExt;

        Version {
            size: metadata.len(),
            id: (metadata.dev(), metadata.ino()),
            times: [
                (metadata.mtime(), metadata.mtime_nsec()),
                (metadata.ctime(), metadata.ctime_nsec()),
            ],
        }
    }

    #[cfg(not(unix))]
    pub(super) fn of(metadata: &Metadata) -> Version {
        Version {
            size: metadata.len(),
            times: metadata.modified().ok(),
        }
    }
}
