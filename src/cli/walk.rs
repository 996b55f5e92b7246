//! Walks the given paths, and reads the files below them.

mod referred;
mod referring;

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use anyhow::{Context, Result, bail};

use super::args;
use super::encoding::Encoding;
use super::entry::{DirEntry, EntryKind};
use super::excluded::Excluded;
use super::files::{InputFile, InputFiles, RootFolder, Unreadable, contents};
use super::folder::Folder;
use super::ignored::Ignored;
use super::paths::{self, leaves_its_tree, relative, shown, tree_of, working_folder};
use crate::krm::KUSTOMIZATION_FILES;
use crate::report::text;
use crate::restore::Skipped;
use crate::tree;

/// What the names of manifests end in.
const EXTENSIONS: [&str; 3] = ["yaml", "yml", "json"];

/// Finds and reads files; folders are walked, except for what `.gitignore` hides. Excluded files are
/// read too, since judged files may refer to them, and are marked as excluded.
///
/// # Errors
/// A path that was given is not there, or leaves its tree by a link.
pub(super) fn read(
    tree: &args::FileArgs,
    excluded: &Excluded,
    read: &dyn Fn(),
) -> Result<InputFiles> {
    let mut found = TreeWalk {
        hidden_too: tree.hidden,
        excluded,
        files: BTreeMap::new(),
        roots: BTreeMap::new(),
        walked: Vec::new(),
        all: InputFiles::default(),
        read,
    };
    for path in &tree.paths {
        if path.as_os_str() == "-" {
            bail!("`-` is standard input: give it alone, or give files");
        }
        found.add(path)?;
    }
    found.refer_back();
    found.follow();
    let mut all = found.all;
    // Folders that cannot be looked into come last, as they have no texts to draw.
    let faults = std::mem::take(&mut all.files);
    all.files = found.files.into_values().chain(faults).collect();
    Ok(all)
}

/// What was found so far.
struct TreeWalk<'a> {
    /// Whether names that begin with a dot count.
    hidden_too: bool,
    excluded: &'a Excluded,
    /// By real path, so that a file which two paths lead to is read once.
    files: BTreeMap<PathBuf, InputFile>,
    /// The folders of files that were given by name; files in the same folder share one open
    /// handle.
    roots: BTreeMap<PathBuf, Rc<RootFolder>>,
    /// The folders that were walked, by the paths that were given, without `.` and `..`.
    walked: Vec<(String, Rc<RootFolder>)>,
    /// What else there is to say; its files are the folders that cannot be looked into.
    all: InputFiles,
    read: &'a dyn Fn(),
}

/// A folder on the way.
struct Walked {
    /// The open folder that holds it.
    above: Rc<Folder>,
    name: PathBuf,
    /// Its absolute path, and the one that is shown.
    path: PathBuf,
    shown: PathBuf,
    ignored: Ignored,
    is_excluded: bool,
}

impl TreeWalk<'_> {
    fn add(&mut self, path: &Path) -> Result<()> {
        let shown = shown(path);
        let missing = || format!("{shown}: cannot read the path");
        let is_link = fs::symlink_metadata(path)
            .with_context(missing)?
            .is_symlink();
        let real = fs::canonicalize(path).with_context(missing)?;
        let is_folder = real.is_dir();
        if let Some(out) = leaves_its_tree(path, &real, is_link && !is_folder) {
            let what = if is_folder { "folder" } else { "file" };
            bail!(
                "{shown}: the link leaves the tree, to {}\nhelp: give the {what} itself",
                text::one_line(&out.display().to_string())
            );
        }
        if is_folder {
            let root = RootFolder::open(real).with_context(missing)?;
            self.all.has_folder = true;
            self.walk(path, &root);
            let given = tree::normalised(&shown);
            self.walked.extend(given.map(|given| (given, root)));
            return Ok(());
        }
        if !real.is_file() {
            bail!("{shown}: is not a regular file\nhelp: for a pipe, give `-` and redirect it");
        }
        if !self.files.contains_key(&real) {
            let root = self.root_of(&real).with_context(missing)?;
            let is_excluded = self.excluded.holds(&real, false);
            self.keep(shown, real, &root, excluded(is_excluded));
        }
        Ok(())
    }

    /// The working folder for what lies below it, else the folder of the file.
    fn root_of(&mut self, real: &Path) -> io::Result<Rc<RootFolder>> {
        let of_file = || real.parent().unwrap_or(Path::new("/")).to_owned();
        let here = working_folder().filter(|here| real.starts_with(here));
        self.root_at(here.unwrap_or_else(of_file))
    }

    fn root_at(&mut self, path: PathBuf) -> io::Result<Rc<RootFolder>> {
        if let Some(root) = self.roots.get(&path) {
            return Ok(Rc::clone(root));
        }
        let root = RootFolder::open(path.clone())?;
        self.roots.insert(path, Rc::clone(&root));
        Ok(root)
    }

    /// Reads a file.
    fn keep(
        &mut self,
        shown: String,
        path: PathBuf,
        root: &Rc<RootFolder>,
        left_out: Option<Skipped>,
    ) {
        let (encoding, text) = contents(root, &path, &shown);
        (self.read)();
        let file = InputFile {
            shown,
            path: path.clone(),
            root: Some(Rc::clone(root)),
            left_out,
            encoding,
            text,
            links: Vec::new(),
        };
        self.files.insert(path, file);
    }

    /// Reads the manifests below a folder. A folder stays open while its subfolders are read, so
    /// the number of open folders is the depth of the tree.
    fn walk(&mut self, given: &Path, root: &Rc<RootFolder>) {
        let mut todo = Vec::new();
        match root.folder.folder(Path::new("")) {
            Ok(folder) => todo.push(Walked {
                above: Rc::new(folder),
                name: PathBuf::new(),
                path: root.path.clone(),
                shown: given.to_owned(),
                ignored: self.ignored_above(&root.path),
                is_excluded: self.excluded.holds(&root.path, true),
            }),
            Err(error) => self.fault(given, &error),
        }
        while let Some(walked) = todo.pop() {
            let opened = walked.above.folder(&walked.name);
            let listed = opened.and_then(|folder| Ok((folder.entries()?, folder)));
            let (entries, folder) = match listed {
                Ok(listed) => listed,
                Err(error) => {
                    if !walked.is_excluded {
                        self.fault(&walked.shown, &error);
                    }
                    continue;
                }
            };
            let (ignored, fault) = walked.ignored.and_of(&folder, &walked.path);
            if let Some(fault) = fault {
                self.not_heeded(&walked.shown, &fault);
            }
            let folder = Rc::new(folder);
            for DirEntry { name, kind } in entries {
                let is_dotted = name.as_encoded_bytes().starts_with(b".");
                if name == ".git" {
                    continue;
                }
                let (path, shown) = (walked.path.join(&name), walked.shown.join(&name));
                let is_folder = kind == EntryKind::Folder;
                if kind == EntryKind::Other || !(is_folder || is_manifest_name(&path)) {
                    continue;
                }
                if is_dotted && !self.hidden_too {
                    self.all.dotted.push(paths::shown(&shown));
                    continue;
                }
                let is_excluded = walked.is_excluded || self.excluded.names(&path, is_folder);
                if ignored.hides(&path, is_folder) {
                    self.hide(&shown, is_folder);
                } else if is_folder {
                    todo.push(Walked {
                        above: Rc::clone(&folder),
                        name: name.into(),
                        path,
                        shown,
                        ignored: ignored.clone(),
                        is_excluded,
                    });
                } else if kind == EntryKind::Link {
                    self.link(&path, &shown, root, is_excluded);
                } else {
                    self.found(paths::shown(&shown), path, root, is_excluded, true);
                }
            }
        }
    }

    /// Follows a link to a file of the same tree.
    fn link(&mut self, path: &Path, shown: &Path, root: &Rc<RootFolder>, is_excluded: bool) {
        let Ok(real) = fs::canonicalize(path) else {
            // A link to nothing.
            return;
        };
        let shown = paths::shown(shown);
        if !real.starts_with(&root.path) {
            if is_excluded {
                return;
            }
            let note = format!("{shown}: not followed: the link leaves the tree");
            self.all.notes.push(note);
        } else if real.is_file() {
            let is_excluded = is_excluded || self.excluded.holds(&real, false);
            self.found(shown.clone(), real.clone(), root, is_excluded, false);
            let links = self.files.get_mut(&real).map(|file| &mut file.links);
            links
                .into_iter()
                .for_each(|links| links.push(shown.clone()));
        }
    }

    /// Reads a file found during the walk; its real path is shown rather than that of a link.
    fn found(
        &mut self,
        shown: String,
        path: PathBuf,
        root: &Rc<RootFolder>,
        is_excluded: bool,
        is_own: bool,
    ) {
        match self.files.get_mut(&path) {
            Some(known) if is_own => {
                known.shown = shown;
                known.left_out = excluded(is_excluded);
            }
            Some(_) => {}
            None => self.keep(shown, path, root, excluded(is_excluded)),
        }
    }

    /// What the folders above a folder hide in it, from the root of its repository down.
    fn ignored_above(&mut self, path: &Path) -> Ignored {
        let mut ignored = Ignored::default();
        let Some(tree) = tree_of(path) else {
            return ignored;
        };
        let above = path.ancestors().skip(1);
        let mut above: Vec<&Path> = above.take_while(|at| at.starts_with(&tree)).collect();
        above.reverse();
        for path in above {
            let Ok(folder) = Folder::open(path) else {
                continue;
            };
            let (next, fault) = ignored.and_of(&folder, path);
            if let Some(fault) = fault {
                self.not_heeded(&relative(path), &fault);
            }
            ignored = next;
        }
        ignored
    }

    fn not_heeded(&mut self, folder: &Path, fault: &str) {
        let shown = shown(&folder.join(".gitignore"));
        let note = format!("{shown}: not heeded: {fault}");
        if !self.all.notes.contains(&note) {
            self.all.notes.push(note);
        }
    }

    fn hide(&mut self, path: &Path, is_folder: bool) {
        let shown = shown(path);
        if is_folder {
            self.all.hidden.folders.push(shown);
        } else {
            self.all.hidden.files.push(shown);
        }
    }

    fn fault(&mut self, folder: &Path, error: &io::Error) {
        let shown = shown(folder);
        let what = format!("{shown}: cannot look into the folder: {error}");
        self.all.files.push(InputFile {
            shown,
            path: PathBuf::new(),
            root: None,
            left_out: None,
            encoding: Encoding::Utf8,
            text: Err(Unreadable::of(what)),
            links: Vec::new(),
        });
    }
}

fn excluded(is_excluded: bool) -> Option<Skipped> {
    is_excluded.then_some(Skipped::Excluded)
}

/// Whether a file's name is one of a manifest: by its extension, or one that kustomize
/// or kpt reads without any.
fn is_manifest_name(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str());
    if name.is_some_and(|name| name == "Kptfile" || KUSTOMIZATION_FILES.contains(&name)) {
        return true;
    }
    let extension = path.extension().and_then(|extension| extension.to_str());
    extension.is_some_and(|extension| EXTENSIONS.contains(&extension))
}
