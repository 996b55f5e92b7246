//! Files below the working folder, where somebody else filled it: no link is followed, nothing
//! outside is opened, and nothing large is read.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Component, Path, PathBuf};

use anyhow::{Context, Result, bail};

use super::entry::EntryKind;
use super::folder::Folder;
use crate::sort::sort;

/// A regular file's bytes, `most` at the most.
pub(super) fn read(path: &Path, most: u64) -> Result<Vec<u8>> {
    let name = path.display();
    let OpenedPath::File(file) = find(path)? else {
        bail!("{name}: not a regular file");
    };
    at_most(file, &name.to_string(), most)
}

/// Everything that there is to read, `most` bytes at the most.
pub(super) fn at_most(from: impl Read, name: &str, most: u64) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    from.take(most + 1)
        .read_to_end(&mut bytes)
        .with_context(|| format!("{name}: cannot read the file"))?;
    if bytes.len() as u64 > most {
        bail!("{name}: larger than {most} bytes, of which no more are read here");
    }
    Ok(bytes)
}

/// The file itself, or every file below a folder in the order of their paths.
pub(super) fn files(path: &Path) -> Result<Vec<PathBuf>> {
    let OpenedPath::Folder(folder) = find(path)? else {
        return Ok(vec![path.to_owned()]);
    };
    let mut found = Vec::new();
    let mut todo = vec![(path.to_owned(), folder)];
    while let Some((path, folder)) = todo.pop() {
        let cannot = || format!("{}: cannot read the folder", path.display());
        for entry in folder.entries().with_context(cannot)? {
            let below = path.join(&entry.name);
            match entry.kind {
                EntryKind::Folder => {
                    let folder = folder.folder(Path::new(&entry.name));
                    todo.push((below, folder.with_context(cannot)?));
                }
                EntryKind::Link => bail!(link(&below)),
                EntryKind::File | EntryKind::Other => found.push(below),
            }
        }
    }
    sort(&mut found);
    Ok(found)
}

/// What a path leads to.
enum OpenedPath {
    File(File),
    Folder(Folder),
    Link,
    Other,
}

/// Opens what is at a path that neither leaves the working folder nor passes through a link.
fn find(path: &Path) -> Result<OpenedPath> {
    let name = path.display();
    let cannot = || format!("{name}: cannot read the file");
    let mut folder = Folder::working().with_context(cannot)?;
    let mut found = None;
    for part in path.components() {
        let part = match part {
            Component::CurDir => continue,
            Component::Normal(part) => part,
            _ => bail!(
                "{name}: outside the application's folder\n\
                 help: name a file below it, without `..`"
            ),
        };
        // What was found so far is a folder only if another name follows.
        folder = match found.take() {
            Some(OpenedPath::Folder(next)) => next,
            Some(_) => {
                let error = io::Error::from(io::ErrorKind::NotADirectory);
                return Err(error).with_context(cannot);
            }
            None => folder,
        };
        let next = open(&folder, part).with_context(cannot)?;
        // Refuse links within the folder as well: accepting only those would reveal where the
        // others lead.
        if matches!(next, OpenedPath::Link) {
            bail!(link(path));
        }
        found = Some(next);
    }
    found.with_context(|| format!("{name}: names no file"))
}

fn open(folder: &Folder, name: &OsStr) -> io::Result<OpenedPath> {
    Ok(match folder.kind(name)? {
        EntryKind::Folder => OpenedPath::Folder(folder.folder(Path::new(name))?),
        EntryKind::File => OpenedPath::File(folder.file(name)?),
        EntryKind::Link => OpenedPath::Link,
        EntryKind::Other => OpenedPath::Other,
    })
}

fn link(path: &Path) -> String {
    let name = path.display();
    format!("{name}: a link, and none is followed here\nhelp: put the file itself there")
}
