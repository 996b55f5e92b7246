//! The files to judge: their texts, and the folders by whose handles they were and will be opened.
//!
//! A path of the command line is resolved once. Whatever lies below it is opened from the folder's
//! handle, by names that are no links, so that a repository cannot lead the program out of itself.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::ffi::OsStr;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Result;

use super::encoding::{Encoding, NoText};
use super::folder::Folder;
use super::input::JoinedInput;
use crate::report::text::count;
use crate::restore::Skipped;
use crate::tree::Link;
use crate::yaml::place::{LineColumn, places};

/// A file to judge.
#[derive(Debug)]
pub(super) struct InputFile {
    /// Its path in the tree, by which kustomizations refer to it.
    pub(super) in_tree: String,
    /// Its path as it is shown; filled in when all files are read.
    pub(super) shown: String,
    /// Its absolute path, links followed; `-` is standard input.
    pub(super) path: PathBuf,
    /// The folder from which it is opened; none for what lies in no folder.
    pub(super) root: Option<Arc<RootFolder>>,
    /// Why it is left out, if it is: it is neither judged nor edited, and no fault of it counts.
    pub(super) left_out: Option<Skipped>,
    pub(super) encoding: Encoding,
    /// Its text, or why it has none.
    pub(super) text: Result<Cow<'static, str>, UnreadableFile>,
    /// Other paths that lead to it, through links.
    pub(super) links: Vec<Link>,
    /// The files that it needs and that are not there, if it is a kustomization.
    pub(super) missing: Vec<String>,
}

impl InputFile {
    /// A file that was read from a folder.
    pub(super) fn new(
        in_tree: String,
        path: PathBuf,
        root: &Arc<RootFolder>,
        left_out: Option<Skipped>,
        (encoding, text): Contents,
    ) -> Self {
        InputFile {
            in_tree,
            shown: String::new(),
            path,
            root: Some(Arc::clone(root)),
            left_out,
            encoding,
            text,
            links: Vec::new(),
            missing: Vec::new(),
        }
    }

    /// Whether programs that apply patches take one of it: they read lines of UTF-8.
    pub(super) fn has_diff(&self) -> bool {
        self.encoding == Encoding::Utf8
    }

    /// Its text, empty where it has none.
    pub(super) fn text_or_empty(&self) -> &str {
        self.text.as_deref().unwrap_or_default()
    }
}

/// The place of each offset of a file, by the file's position and the offset; each file is gone
/// through once.
pub(super) fn places_in(
    files: &[InputFile],
    offsets: impl Iterator<Item = (usize, usize)>,
) -> HashMap<(usize, usize), LineColumn> {
    let mut by_file: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (file, at) in offsets {
        by_file.entry(file).or_default().push(at);
    }
    let of_file = |(file, offsets): (usize, Vec<usize>)| {
        let found = places(files[file].text_or_empty(), &offsets);
        let both = offsets.into_iter().zip(found);
        both.map(move |(at, place)| ((file, at), place))
    };
    by_file.into_iter().flat_map(of_file).collect()
}

/// A folder that stays open until the work is done.
#[derive(Debug)]
pub(super) struct RootFolder {
    /// Its absolute path, links followed.
    pub(super) path: PathBuf,
    pub(super) folder: Folder,
}

/// Why a file has no text.
#[derive(Debug)]
pub(super) struct UnreadableFile {
    /// The text up to the fault, where there is one.
    pub(super) before: Option<String>,
    pub(super) what: String,
    pub(super) help: Option<&'static str>,
}

impl UnreadableFile {
    pub(super) fn of(what: String) -> Self {
        UnreadableFile {
            before: None,
            what,
            help: None,
        }
    }
}

impl From<NoText> for UnreadableFile {
    fn from(no_text: NoText) -> Self {
        UnreadableFile {
            before: Some(no_text.before),
            what: no_text.what,
            help: Some(no_text.help),
        }
    }
}

/// The files below some paths.
#[derive(Debug, Default)]
pub(super) struct InputFiles {
    /// In the order of their paths.
    pub(super) files: Vec<InputFile>,
    /// What was not followed or was ignored, and why, a line each.
    pub(super) notes: Vec<String>,
    /// What `.gitignore` hides.
    pub(super) hidden: Hidden,
    /// Folders, and files that have a manifest's name, whose names begin with a dot.
    pub(super) dotted: Vec<String>,
    /// Whether a folder was among the paths, so that an agent found nowhere can be reported as
    /// missing.
    pub(super) has_folder: bool,
    /// The Git repositories that the paths are in.
    pub(super) repositories: Vec<PathBuf>,
}

/// What `.gitignore` hides: folders as a whole, and files that have a manifest's name.
#[derive(Debug, Default)]
pub(super) struct Hidden {
    pub(super) folders: Vec<String>,
    pub(super) files: Vec<String>,
}

impl Hidden {
    /// `2 folders and 1 file hidden by .gitignore`; nothing where nothing is hidden.
    pub(super) fn line(&self) -> Option<String> {
        let folders = count(self.folders.len(), "folder");
        let files = count(self.files.len(), "file");
        let what = match (self.folders.len(), self.files.len()) {
            (0, 0) => return None,
            (_, 0) => folders,
            (0, _) => files,
            _ => format!("{folders} and {files}"),
        };
        Some(format!("{what} hidden by .gitignore"))
    }
}

impl InputFile {
    /// The folder that holds the file, opened anew from the folder that was opened first, and the
    /// file's name in it.
    ///
    /// # Errors
    /// A folder on the path is gone, or a link is in its place.
    pub(super) fn open_folder(&self) -> io::Result<(Folder, &OsStr)> {
        let root = self.root.as_ref().ok_or(io::ErrorKind::NotFound)?;
        root.holding(&self.path)
    }
}

impl RootFolder {
    pub(super) fn open(path: PathBuf) -> io::Result<Arc<RootFolder>> {
        let folder = Folder::open(&path)?;
        Ok(Arc::new(RootFolder { path, folder }))
    }

    /// The folder that holds what has this absolute path, and the name there.
    pub(super) fn holding<'p>(&self, path: &'p Path) -> io::Result<(Folder, &'p OsStr)> {
        let below = path.strip_prefix(&self.path).map_err(io::Error::other)?;
        let name = below.file_name().ok_or(io::ErrorKind::IsADirectory)?;
        let folder = self
            .folder
            .folder(below.parent().unwrap_or(Path::new("")))?;
        Ok((folder, name))
    }
}

impl InputFiles {
    /// Standard input as the only file.
    pub(super) fn stdin() -> Result<Self> {
        let input = JoinedInput::stdin()?;
        Ok(InputFiles {
            files: vec![InputFile {
                in_tree: String::new(),
                shown: "stdin".to_owned(),
                path: PathBuf::from("-"),
                root: None,
                left_out: None,
                encoding: input.encoding,
                text: Ok(input.text),
                links: Vec::new(),
                missing: Vec::new(),
            }],
            ..InputFiles::default()
        })
    }
}

/// The text of a file, or why it has none, and its encoding.
pub(super) type Contents = (Encoding, Result<Cow<'static, str>, UnreadableFile>);

/// The contents of a regular file.
pub(super) fn contents(root: &RootFolder, path: &Path, shown: &str) -> Contents {
    decoded(bytes(root, path), shown)
}

/// The contents of a regular file of a folder that is open.
pub(super) fn contents_in(folder: &Folder, name: &OsStr, shown: &str) -> Contents {
    decoded(bytes_in(folder, name), shown)
}

fn decoded(bytes: io::Result<Vec<u8>>, shown: &str) -> Contents {
    let bytes = match bytes {
        Ok(bytes) => bytes,
        Err(error) => {
            let what = format!("{shown}: cannot read the file: {error}");
            return (Encoding::Utf8, Err(UnreadableFile::of(what)));
        }
    };
    let encoding = Encoding::of(&bytes);
    let may_be_manifest = memchr::memmem::find(&bytes, b"apiVersion").is_some();
    let text = match encoding.decode(bytes.into()) {
        Err(no_text) if may_be_manifest || no_text.is_utf_16 => Err(no_text.into()),
        // Nothing that could be a manifest.
        Err(_) => Ok("".into()),
        Ok(text) => Ok(text),
    };
    (encoding, text)
}

/// The bytes of a regular file.
pub(super) fn bytes(root: &RootFolder, path: &Path) -> io::Result<Vec<u8>> {
    let (folder, name) = root.holding(path)?;
    bytes_in(&folder, name)
}

fn bytes_in(folder: &Folder, name: &OsStr) -> io::Result<Vec<u8>> {
    let (mut file, size) = folder.sized_file(name)?;
    let size = usize::try_from(size).unwrap_or(0);
    let mut bytes = Vec::new();
    if size < SMALL {
        // One byte more than it has shows its end without being asked again.
        bytes.resize(size + 1, 0);
        let read = match file.read(&mut bytes) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => 0,
            read => read?,
        };
        bytes.truncate(read);
        if read == size && size > 0 {
            return Ok(bytes);
        }
    }
    bytes.try_reserve_exact(size.saturating_sub(bytes.len()))?;
    // A file by itself would be asked for its size once more.
    file.take(u64::MAX).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Files of fewer bytes are read into room that was filled before.
const SMALL: usize = 1 << 16;
