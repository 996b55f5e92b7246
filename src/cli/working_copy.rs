//! Files below the current folder, where somebody else filled it: no link is followed, nothing
//! outside is opened, and nothing large is read.

use std::fs::{self, File, FileType};
use std::io::Read;
use std::path::{Component, Path, PathBuf};

use anyhow::{Context, Result, bail};

/// A regular file's bytes, `most` at the most.
pub(super) fn read(path: &Path, most: u64) -> Result<Vec<u8>> {
    let name = path.display();
    if !kind(path)?.is_file() {
        bail!("{name}: not a regular file");
    }
    let cannot = || format!("{name}: cannot read the file");
    let mut bytes = Vec::new();
    let file = File::open(path).with_context(cannot)?;
    file.take(most + 1)
        .read_to_end(&mut bytes)
        .with_context(cannot)?;
    if bytes.len() as u64 > most {
        bail!("{name}: larger than {most} bytes, of which no more are read here");
    }
    Ok(bytes)
}

/// The file itself, or every file below a folder in the order of their paths.
pub(super) fn files(path: &Path) -> Result<Vec<PathBuf>> {
    if !kind(path)?.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let mut found = Vec::new();
    let mut folders = vec![path.to_owned()];
    while let Some(folder) = folders.pop() {
        let cannot = || format!("{}: cannot read the folder", folder.display());
        for entry in fs::read_dir(&folder).with_context(cannot)? {
            let path = entry.with_context(cannot)?.path();
            match kind(&path)?.is_dir() {
                true => folders.push(path),
                false => found.push(path),
            }
        }
    }
    found.sort();
    Ok(found)
}

/// What stands at a path that neither leaves the current folder nor passes through a link.
fn kind(path: &Path) -> Result<FileType> {
    let name = path.display();
    let mut walked = PathBuf::from(".");
    let mut kind = None;
    for part in path.components() {
        match part {
            Component::CurDir => continue,
            Component::Normal(part) => walked.push(part),
            _ => bail!(
                "{name}: outside the application's folder\n\
                 help: name a file below it, without `..`"
            ),
        }
        let found = fs::symlink_metadata(&walked);
        let found = found.with_context(|| format!("{name}: cannot read the file"))?;
        if found.is_symlink() {
            // Links within the folder too: whether one leads out would say what is there.
            bail!("{name}: a link, and none is followed here\nhelp: put the file itself there");
        }
        kind = Some(found.file_type());
    }
    kind.with_context(|| format!("{name}: names no file"))
}
