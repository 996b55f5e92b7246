//! Replaces files atomically: a reader sees either the old text or the new one.
//!
//! A new text is staged in a file beside the old one and then renamed, both by the handle of their
//! folder, so that a path that is changed meanwhile cannot redirect the write.

use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::fmt::Write as _;
use std::fs::{File, Metadata};
use std::hash::{BuildHasher, RandomState};
use std::io::{self, ErrorKind, Write as _};
use std::path::Path;
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context, Error, Result, anyhow, bail};

use super::entry::{EntryKind, FileVersion, holds};
use super::files::InputFile;
use super::folder::Folder;
use super::signals::Asked;
use crate::report::text::count;

/// What the names of temporary files begin and end with.
const PREFIX: &str = ".restore-images-";
const SUFFIX: &str = ".tmp";
/// How many letters and digits are between; so many that nobody else's file has such a name.
const RANDOM: usize = 16;
/// How many files are staged before they are put in place; each has an open file.
const STAGED: usize = 128;

/// Whether files were about to be replaced, for what is told where the program cannot go on.
static HAS_BEGUN: AtomicBool = AtomicBool::new(false);

/// What is written so far, in words.
pub(super) fn so_far() -> &'static str {
    if HAS_BEGUN.load(Ordering::Relaxed) {
        "files may be written already: look at what changed"
    } else {
        "nothing was written"
    }
}

/// A file to be replaced.
pub(super) struct Replacement<'a> {
    pub(super) file: &'a InputFile,
    /// The text that it has.
    pub(super) old: &'a str,
    /// The text that it gets.
    pub(super) new: String,
}

/// The folder of a file, and the file's name in it.
type FileInFolder<'a> = (Rc<Folder>, &'a OsStr);

/// Replaces files, each atomically. A fault before the first is in place leaves all as they were,
/// unless there are more than can be staged at once.
///
/// Gives the files that were left because they changed between the first look and the last.
///
/// # Errors
/// A file cannot be written, is read-only, or has changed since it was read; or somebody asked the
/// program to end. The error names the files that are replaced already.
pub(super) fn replace<'a>(files: &'a [Replacement<'_>]) -> Result<Vec<&'a Replacement<'a>>> {
    // Make every check that can be made before the first file is replaced.
    for file in files {
        let place = place(file)?;
        check(file, &place)?;
    }
    let mut done = WrittenSoFar::default();
    HAS_BEGUN.store(true, Ordering::Relaxed);
    let asked = Asked::listen().context("cannot listen for signals")?;
    match replace_all(files, &asked, &mut done) {
        Ok(()) => Ok(done.left),
        Err(error) if done.replaced.is_empty() => Err(error),
        Err(error) => Err(told(
            &error,
            "run the command again",
            done.replaced.into_iter(),
        )),
    }
}

/// An error with the files that were replaced before it.
pub(super) fn told<'n>(
    error: &Error,
    help: &str,
    replaced: impl ExactSizeIterator<Item = &'n str>,
) -> Error {
    let (files, are) = match replaced.len() {
        1 => ("1 file".to_owned(), "is"),
        several => (count(several, "file"), "are"),
    };
    let mut text = format!("{error:#}\nhelp: {help}; {files} {are} restored already:");
    for name in replaced {
        let _ = write!(text, "\n{name}");
    }
    anyhow!(text)
}

/// What was done before a fault.
#[derive(Default)]
struct WrittenSoFar<'a> {
    replaced: Vec<&'a str>,
    left: Vec<&'a Replacement<'a>>,
}

fn replace_all<'a>(
    files: &'a [Replacement<'a>],
    asked: &Asked,
    done: &mut WrittenSoFar<'a>,
) -> Result<()> {
    for batch in files.chunks(STAGED) {
        let mut staged = Vec::with_capacity(batch.len());
        for file in batch {
            asked.go_on()?;
            staged.push(stage(file)?);
        }
        let mut folders = Vec::new();
        for (file, staged) in batch.iter().zip(staged) {
            asked.go_on()?;
            let shown = &file.file.shown;
            let again = || format!("{shown}: cannot be read again");
            // The last check: nothing is done between it and the rename.
            if staged.is_unchanged().with_context(again)? {
                let cannot = || format!("{shown}: cannot put the new file in place");
                folders.push(staged.put_in_place().with_context(cannot)?);
                done.replaced.push(shown);
            } else {
                done.left.push(file);
            }
        }
        folders.dedup_by(|one, other| Rc::ptr_eq(one, other));
        for folder in folders {
            // If a crash undoes the rename, nothing is lost, so failing to sync the folder is not
            // an error.
            let _ = folder.sync();
        }
    }
    Ok(())
}

fn place<'a>(file: &Replacement<'a>) -> Result<FileInFolder<'a>> {
    let opened = file.file.open_folder();
    let (folder, name) = opened.with_context(|| format!("{}: cannot be read", file.file.shown))?;
    Ok((Rc::new(folder), name))
}

/// Checks that the file may be replaced; returns the attributes that its replacement must have.
fn check(file: &Replacement<'_>, (folder, name): &FileInFolder<'_>) -> Result<Metadata> {
    let shown = &file.file.shown;
    let opened = folder.file(name);
    let opened = opened.with_context(|| format!("{shown}: cannot be read"))?;
    let again = || format!("{shown}: cannot be read again");
    let metadata = opened.metadata().with_context(again)?;
    if metadata.permissions().readonly() {
        bail!(
            "{shown}: the file is read-only, and no file was written\nhelp: allow writing, or leave the file \
             out by --exclude"
        );
    }
    if !holds(opened, &file.file.encoding.encode(file.old)).with_context(again)? {
        bail!("{shown}: the file has changed since it was read\nhelp: run the command again");
    }
    Ok(metadata)
}

/// A new text in a file beside the old one; the file is removed unless it is put in place.
struct Staged<'a> {
    folder: Rc<Folder>,
    /// The name of the file to be replaced, and the version that was compared with its text.
    name: &'a OsStr,
    version: FileVersion,
    temporary: OsString,
    /// Locked while it is open, so that another run knows that it is still in use.
    file: File,
}

impl Drop for Staged<'_> {
    fn drop(&mut self) {
        // Nothing has this name any more once the file is in place.
        let _ = self.folder.remove(&self.temporary);
    }
}

impl Staged<'_> {
    /// Whether the file to be replaced is the one that was compared.
    fn is_unchanged(&self) -> io::Result<bool> {
        match self.folder.version(self.name) {
            Ok(now) => Ok(now == self.version),
            Err(_) if self.is_gone() => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Whether the file was removed, or a link is in its place.
    fn is_gone(&self) -> bool {
        match self.folder.kind(self.name) {
            Ok(kind) => kind != EntryKind::File,
            Err(error) => error.kind() == ErrorKind::NotFound,
        }
    }

    /// Gives the folder, so that it can be synced.
    fn put_in_place(self) -> io::Result<Rc<Folder>> {
        self.folder.rename(&self.temporary, self.name)?;
        Ok(Rc::clone(&self.folder))
    }
}

/// The new text in a file beside the old one, on the disk.
fn stage<'a>(file: &Replacement<'a>) -> Result<Staged<'a>> {
    let place = place(file)?;
    let metadata = check(file, &place)?;
    let (folder, name) = place;
    let shown = &file.file.shown;
    let cannot = || format!("{shown}: cannot write a new file beside it");
    let temporary = temporary_name();
    let created = folder.create(&temporary).with_context(cannot)?;
    let mut staged = Staged {
        folder,
        name,
        version: FileVersion::of(&metadata),
        temporary,
        file: created,
    };
    staged.file.try_lock().with_context(cannot)?;
    staged
        .file
        .write_all(&file.file.encoding.encode(&file.new))
        .with_context(cannot)?;
    keep_owner(&staged.file, &metadata)
        .with_context(|| format!("{shown}: cannot keep the file's owner"))?;
    staged
        .file
        .set_permissions(metadata.permissions())
        .with_context(cannot)?;
    staged.file.sync_all().with_context(cannot)?;
    Ok(staged)
}

/// A file name that is not in use; its letters come from the random seed of the standard library's
/// hash map.
fn temporary_name() -> OsString {
    let mut number = RandomState::new().hash_one(PREFIX);
    let random = (0..RANDOM).map(|_| {
        let letter = b'a' + (number % 16) as u8;
        number /= 16;
        char::from(letter)
    });
    let random: String = random.collect();
    format!("{PREFIX}{random}{SUFFIX}").into()
}

#[cfg(unix)]
fn keep_owner(staged: &File, wanted: &Metadata) -> io::Result<()> {
    use std::os::unix::fs::{MetadataExt, fchown};
    let has = staged.metadata()?;
    if (has.uid(), has.gid()) == (wanted.uid(), wanted.gid()) {
        return Ok(());
    }
    fchown(staged, Some(wanted.uid()), Some(wanted.gid()))
}

#[cfg(not(unix))]
fn keep_owner(_: &File, _: &Metadata) -> io::Result<()> {
    Ok(())
}

/// Removes what a run that was killed left in the folders of some files.
pub(super) fn clean<'a>(files: impl Iterator<Item = &'a InputFile>) {
    let mut seen: BTreeSet<&Path> = BTreeSet::new();
    for file in files {
        let is_new = file.path.parent().is_some_and(|folder| seen.insert(folder));
        if is_new && let Ok((folder, _)) = file.open_folder() {
            clean_folder(&folder);
        }
    }
}

fn clean_folder(folder: &Folder) {
    for entry in folder.entries().unwrap_or_default() {
        if entry.kind == EntryKind::File && is_ours(&entry.name.to_string_lossy()) {
            remove_if_left(folder, &entry.name);
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
fn remove_if_left(folder: &Folder, name: &OsStr) {
    let Ok(file) = folder.file(name) else { return };
    if file.try_lock().is_ok() {
        let _ = folder.remove(name);
    }
}
