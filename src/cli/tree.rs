//! Which files: paths and folders to texts, and the configuration that is found above them.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Component, Path, PathBuf};

use anyhow::{Context, Result, bail};
use ignore::WalkBuilder;

use super::args;
use super::input::Input;
use crate::report::text;

/// A file to judge.
#[derive(Debug)]
pub(super) struct File {
    /// Its path as it is shown.
    pub(super) shown: String,
    /// Where it lies, links followed.
    pub(super) path: PathBuf,
    /// Its text, or why it has none.
    pub(super) text: Result<Cow<'static, str>, Unreadable>,
}

/// Why a file has no text.
#[derive(Debug)]
pub(super) struct Unreadable {
    /// The text up to the fault, where there is one.
    pub(super) before: Option<String>,
    pub(super) what: String,
    pub(super) help: Option<&'static str>,
}

impl Unreadable {
    fn of(what: String) -> Self {
        Unreadable {
            before: None,
            what,
            help: None,
        }
    }
}

/// The files below some paths.
#[derive(Debug, Default)]
pub(super) struct Files {
    /// In the order of their paths.
    pub(super) files: Vec<File>,
    /// Links that were not followed, since they leave the tree, by their path.
    pub(super) links_out: Vec<String>,
    /// Whether a folder was among the paths, so that what is nowhere is missing.
    pub(super) has_folder: bool,
}

/// The names under which a configuration is found.
pub(super) const CONFIG_NAMES: [&str; 2] = ["restore-images.yaml", ".restore-images.yaml"];
/// What the names of manifests end in.
const EXTENSIONS: [&str; 3] = ["yaml", "yml", "json"];

impl Files {
    /// Finds and reads files; folders are walked, what Git ignores aside.
    ///
    /// # Errors
    /// A path that was given is not there, or is a link that leaves the folder it stands in.
    pub(super) fn read(tree: &args::Tree, read: &dyn Fn()) -> Result<Self> {
        let mut found = Found::default();
        for path in &tree.paths {
            if path.as_os_str() == "-" {
                bail!("`-` is standard input: give it alone, or give files");
            }
            found.add(path, tree.hidden)?;
        }
        let files = found.files.into_iter().map(|(path, shown)| {
            let text = contents(&path, &shown).map(Cow::Owned);
            read();
            File { shown, path, text }
        });
        let mut files: Vec<File> = files.collect();
        // A folder that cannot be looked into is one that cannot be read.
        files.extend(found.faults.into_iter().map(|what| File {
            shown: what.clone(),
            path: PathBuf::new(),
            text: Err(Unreadable::of(what)),
        }));
        Ok(Files {
            files,
            links_out: found.links_out,
            has_folder: found.has_folder,
        })
    }

    /// Standard input as the only file.
    pub(super) fn stdin() -> Result<Self> {
        let input = Input::stdin()?;
        Ok(Files {
            files: vec![File {
                shown: "stdin".to_owned(),
                path: PathBuf::from("-"),
                text: Ok(input.text),
            }],
            links_out: Vec::new(),
            has_folder: false,
        })
    }
}

#[derive(Default)]
struct Found {
    /// Folders that could not be walked.
    faults: Vec<String>,
    /// By real path, so that a file which two paths lead to is read once.
    files: BTreeMap<PathBuf, String>,
    links_out: Vec<String>,
    has_folder: bool,
}

impl Found {
    fn add(&mut self, path: &Path, hidden: bool) -> Result<()> {
        let shown = shown(path);
        let missing = || format!("{shown}: cannot read the path");
        let is_link = fs::symlink_metadata(path)
            .with_context(missing)?
            .is_symlink();
        let real = fs::canonicalize(path).with_context(missing)?;
        if !real.is_dir() {
            let folder = path
                .parent()
                .filter(|folder| !folder.as_os_str().is_empty());
            let root = fs::canonicalize(folder.unwrap_or(Path::new("."))).with_context(missing)?;
            if is_link && !real.starts_with(&root) && !in_working_folder(&real) {
                bail!(
                    "{shown}: the link leaves the tree, to {}\nhelp: give the file itself",
                    real.display()
                );
            }
            if !real.is_file() {
                bail!("{shown}: is no regular file\nhelp: for a pipe, give `-` and redirect it");
            }
            self.files.entry(real).or_insert(shown);
            return Ok(());
        }
        self.has_folder = true;
        let mut walk = WalkBuilder::new(path);
        walk.hidden(!hidden)
            .require_git(false)
            .filter_entry(|entry| entry.file_name() != ".git");
        for entry in walk.build() {
            let entry = match entry {
                Ok(entry) => entry,
                Err(error) => {
                    self.faults.push(text::one_line(&error.to_string()));
                    continue;
                }
            };
            let is_file = entry.file_type().is_some_and(|kind| kind.is_file());
            let is_link = entry.path_is_symlink();
            if !(is_file || is_link) || !is_manifest_name(entry.path()) {
                continue;
            }
            self.walked(entry.path(), is_link, &real);
        }
        Ok(())
    }

    fn walked(&mut self, path: &Path, is_link: bool, root: &Path) {
        let name = shown(path);
        let Ok(real) = fs::canonicalize(path) else {
            // A link to nothing.
            return;
        };
        if is_link && !real.starts_with(root) {
            self.links_out.push(name);
            return;
        }
        if real.is_file() {
            // The file's own name is better than a link's.
            let entry = self.files.entry(real);
            match is_link {
                true => entry.or_insert(name),
                false => entry
                    .and_modify(|known| known.clone_from(&name))
                    .or_insert(name),
            };
        }
    }
}

fn in_working_folder(real: &Path) -> bool {
    let here = std::env::current_dir().and_then(fs::canonicalize);
    here.is_ok_and(|here| real.starts_with(here))
}

fn is_manifest_name(path: &Path) -> bool {
    let extension = path.extension().and_then(|extension| extension.to_str());
    extension.is_some_and(|extension| EXTENSIONS.contains(&extension))
}

/// A path as people write it: without `./`, and without what would steer their terminal.
pub(super) fn shown(path: &Path) -> String {
    let rest = path.strip_prefix(Component::CurDir).unwrap_or(path);
    match rest.as_os_str().is_empty() {
        true => ".".to_owned(),
        false => text::one_line(&rest.display().to_string()),
    }
}

fn contents(path: &Path, shown: &str) -> Result<String, Unreadable> {
    let cannot = |error| Unreadable::of(format!("{shown}: cannot read the file: {error}"));
    let bytes = fs::read(path).map_err(cannot)?;
    let is_manifest = memchr::memmem::find(&bytes, b"apiVersion").is_some();
    let wide = utf_16(&bytes);
    let wrong = |before: &[u8], what: String, help| Unreadable {
        before: Some(String::from_utf8_lossy(before).into_owned()),
        what,
        help: Some(help),
    };
    if wide {
        let what = "the text is UTF-16".to_owned();
        return Err(wrong(b"", what, "convert it to UTF-8"));
    }
    match String::from_utf8(bytes) {
        Ok(text) => Ok(text),
        Err(error) if is_manifest => {
            let valid = error.utf8_error().valid_up_to();
            let byte = error.as_bytes()[valid];
            let what = format!("the byte 0x{byte:02x} is not UTF-8");
            Err(wrong(
                &error.as_bytes()[..valid],
                what,
                "convert the text to UTF-8",
            ))
        }
        // Nothing that could be a manifest.
        Err(_) => Ok(String::new()),
    }
}

/// Whether bytes are UTF-16: by their mark, or as a manifest would look without one.
fn utf_16(bytes: &[u8]) -> bool {
    let wide: Vec<u8> = "apiVersion".bytes().flat_map(|byte| [byte, 0]).collect();
    let wide = &wide[..wide.len() - 1];
    bytes.starts_with(&[0xff, 0xfe])
        || bytes.starts_with(&[0xfe, 0xff])
        || (bytes.contains(&0) && memchr::memmem::find(bytes, wide).is_some())
}

/// The configuration: the one given, or the first that lies in the folder of the paths or above,
/// up to the root of their Git repository.
pub(super) fn config(given: Option<&Path>, paths: &[PathBuf]) -> Result<Option<Input>> {
    if let Some(path) = given {
        return Input::file(path).map(Some);
    }
    let Some(mut folder) = common_folder(paths) else {
        return Ok(None);
    };
    loop {
        for name in CONFIG_NAMES {
            let file = folder.join(name);
            if file.is_file() {
                return Input::file(&relative(&file)).map(Some);
            }
        }
        if folder.join(".git").exists() || !folder.pop() {
            return Ok(None);
        }
    }
}

/// The deepest folder that holds every path.
fn common_folder(paths: &[PathBuf]) -> Option<PathBuf> {
    let folder = |path: &PathBuf| -> Option<PathBuf> {
        let path = match path.as_os_str() == "-" {
            true => Path::new("."),
            false => path,
        };
        let real = fs::canonicalize(path).ok()?;
        match real.is_dir() {
            true => Some(real),
            false => real.parent().map(Path::to_owned),
        }
    };
    let mut folders = paths.iter().filter_map(folder);
    let first = folders.next()?;
    Some(folders.fold(first, |common, next| {
        let both = common.components().zip(next.components());
        let same = both.take_while(|(a, b)| a == b);
        same.map(|(part, _)| part).collect()
    }))
}

/// A path from the working folder, if it lies below.
fn relative(path: &Path) -> PathBuf {
    let here = std::env::current_dir().and_then(fs::canonicalize);
    let below = here
        .ok()
        .and_then(|here| path.strip_prefix(here).ok().map(Path::to_owned));
    below.unwrap_or_else(|| path.to_owned())
}

/// A path as `git apply` reads it: from the working folder, or from the root of the repository where
/// the file lies outside of it; quoted as Git does where it holds what would end a line.
pub(super) fn in_patch(path: &Path) -> PathBuf {
    if path.as_os_str() == "-" {
        return "stdin".into();
    }
    let here = std::env::current_dir()
        .and_then(fs::canonicalize)
        .unwrap_or_default();
    let root = here.ancestors().find(|folder| folder.join(".git").exists());
    let below = [Some(here.as_path()), root].into_iter().flatten();
    let path = below
        .filter_map(|folder| path.strip_prefix(folder).ok())
        .next()
        .unwrap_or(path);
    path.to_owned()
}
