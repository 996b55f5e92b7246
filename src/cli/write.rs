//! Files replaced whole: whoever looks, whenever, finds the old text or the new one.

use std::collections::BTreeSet;
use std::fs::{self, File, Metadata};
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use tempfile::NamedTempFile;

/// What the names of temporary files begin and end with.
const PREFIX: &str = ".restore-images-";
const SUFFIX: &str = ".tmp";
/// How many letters and digits stand between; so many that nobody else's file has such a name.
const RANDOM: usize = 16;
/// How many files are staged before they are put in place; each has an open file.
const STAGED: usize = 128;

/// A file to be replaced.
pub(super) struct Replacement<'a> {
    /// Its path, links followed.
    pub(super) path: &'a Path,
    /// Its path as it is shown.
    pub(super) shown: &'a str,
    /// The text that it has.
    pub(super) old: &'a str,
    /// The text that it gets.
    pub(super) new: String,
}

/// Replaces files, each atomically. A fault before the first is in place leaves all as they were,
/// unless there are more than can be staged at once.
///
/// # Errors
/// A file cannot be written, is read-only, or has changed since it was read.
pub(super) fn replace(files: &[Replacement<'_>]) -> Result<()> {
    let folders: BTreeSet<&Path> = files.iter().filter_map(|file| file.path.parent()).collect();
    // What can be known before is known before the first file is in place.
    files.iter().try_for_each(|file| check(file).map(drop))?;
    for batch in files.chunks(STAGED) {
        let staged: Result<Vec<NamedTempFile>> = batch.iter().map(stage).collect();
        for (file, staged) in batch.iter().zip(staged?) {
            staged
                .persist(file.path)
                .map_err(|error| error.error)
                .with_context(|| format!("{}: cannot put the new file in place", file.shown))?;
        }
    }
    for folder in folders {
        // A rename that a crash undoes would be no harm, so a folder that cannot be synced is none.
        let _ = File::open(folder).and_then(|folder| folder.sync_all());
    }
    Ok(())
}

/// Whether the file may be replaced, and by what its replacement is to be like it.
fn check(file: &Replacement<'_>) -> Result<Metadata> {
    let shown = file.shown;
    let metadata = fs::metadata(file.path).with_context(|| format!("{shown}: cannot be read"))?;
    if metadata.permissions().readonly() {
        bail!("{shown}: the file is read-only\nhelp: allow writing, or leave the file out");
    }
    let now = fs::read(file.path).with_context(|| format!("{shown}: cannot be read again"))?;
    if now != file.old.as_bytes() {
        bail!("{shown}: the file has changed since it was read\nhelp: run the command again");
    }
    Ok(metadata)
}

/// The new text in a file beside the old one, on the disk.
fn stage(file: &Replacement<'_>) -> Result<NamedTempFile> {
    let metadata = check(file)?;
    let shown = file.shown;
    let folder = file.path.parent().unwrap_or(Path::new("."));
    let cannot = || format!("{shown}: cannot write a new file beside it");
    let mut staged = tempfile::Builder::new()
        .prefix(PREFIX)
        .suffix(SUFFIX)
        .rand_bytes(RANDOM)
        .tempfile_in(folder)
        .with_context(cannot)?;
    // Whoever finds the file locked knows that it is still wanted.
    staged.as_file().try_lock().with_context(cannot)?;
    staged.write_all(file.new.as_bytes()).with_context(cannot)?;
    keep_owner(staged.as_file(), &metadata)
        .with_context(|| format!("{shown}: cannot keep the file's owner"))?;
    staged
        .as_file()
        .set_permissions(metadata.permissions())
        .with_context(cannot)?;
    staged.as_file().sync_all().with_context(cannot)?;
    Ok(staged)
}

#[cfg(unix)]
fn keep_owner(staged: &File, wanted: &Metadata) -> std::io::Result<()> {
    use std::os::unix::fs::{MetadataExt, fchown};
    let has = staged.metadata()?;
    if (has.uid(), has.gid()) == (wanted.uid(), wanted.gid()) {
        return Ok(());
    }
    fchown(staged, Some(wanted.uid()), Some(wanted.gid()))
}

#[cfg(not(unix))]
fn keep_owner(_: &File, _: &Metadata) -> std::io::Result<()> {
    Ok(())
}

/// Removes what a run that was killed left in the folders of some files.
pub(super) fn clean<'a>(files: impl Iterator<Item = &'a Path>) {
    let folders: BTreeSet<PathBuf> = files.filter_map(Path::parent).map(Path::to_owned).collect();
    for folder in folders {
        let Ok(entries) = fs::read_dir(&folder) else {
            continue;
        };
        for entry in entries.flatten() {
            let name = entry.file_name();
            let name = name.to_string_lossy();
            let is_file = entry.file_type().is_ok_and(|kind| kind.is_file());
            if is_file && is_ours(&name) {
                remove_if_left(&entry.path());
            }
        }
    }
}

fn is_ours(name: &str) -> bool {
    let random = name
        .strip_prefix(PREFIX)
        .and_then(|rest| rest.strip_suffix(SUFFIX));
    let is_random =
        |text: &str| text.len() == RANDOM && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
    random.is_some_and(is_random)
}

/// Another run may be about to put the file in place, and then it is locked.
fn remove_if_left(path: &Path) {
    let Ok(file) = File::open(path) else { return };
    if file.try_lock().is_ok() {
        let _ = fs::remove_file(path);
    }
}
