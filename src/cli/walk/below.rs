//! The files below a folder: what `.gitignore` hides, what begins with a dot and what is no manifest is
//! passed over.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::cli::encoding::Encoding;
use crate::cli::entry::{DirEntry, EntryKind};
use crate::cli::files::{InputFile, RootFolder, UnreadableFile};
use crate::cli::folder::Folder;
use crate::cli::ignored::Ignored;
use crate::cli::paths::{self, shown, tree_of};
use crate::krm::KUSTOMIZATION_FILES;
use crate::parallel::while_found;
use crate::sort::sort_by;
use crate::tree::{self, Link};

use super::waiting::{MOST_WAITING, WaitingFile, WaitingFiles};
use super::{TreeWalk, excluded};

/// What the names of manifests end in.
const EXTENSIONS: [&str; 3] = ["yaml", "yml", "json"];

/// A folder that is still to be walked.
struct Walked {
    /// The open folder that holds it.
    above: Arc<Folder>,
    name: PathBuf,
    /// Its absolute path, and the one in the tree.
    path: PathBuf,
    shown: PathBuf,
    ignored: Ignored,
    is_excluded: bool,
}

impl TreeWalk<'_> {
    /// Reads the manifests below a folder. A folder stays open while its subfolders are read, so
    /// there are as many open folders as the tree is deep, and those whose files wait besides.
    pub(super) fn walk(&mut self, given: &Path, root: &Arc<RootFolder>) {
        let step = self.read;
        let read = while_found(
            |files: &WaitingFiles| files.bytes(),
            MOST_WAITING,
            |hand_over| self.find(given, root, hand_over),
            |files| files.read(root, step),
        );
        self.add_read(read);
    }

    /// Finds the manifests below a folder, and hands them over to be read, those of each folder by themselves.
    fn find(
        &mut self,
        given: &Path,
        root: &Arc<RootFolder>,
        hand_over: &mut dyn FnMut(WaitingFiles),
    ) {
        let mut todo = Vec::new();
        match root.folder.folder(Path::new("")) {
            Ok(folder) => todo.push(Walked {
                above: Arc::new(folder),
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
                self.not_heeded(&walked.path, &fault);
            }
            let folder = Arc::new(folder);
            let mut waiting = Vec::new();
            for DirEntry { name, kind } in entries {
                let is_dotted = name.as_encoded_bytes().starts_with(b".");
                if name == ".git" {
                    continue;
                }
                let (path, shown) = (walked.path.join(&name), walked.shown.join(&name));
                let is_folder = kind == EntryKind::Folder;
                let is_read = || is_manifest_name(&path) || self.excluded.is_values(&path);
                if kind == EntryKind::Other || !(is_folder || is_read()) {
                    continue;
                }
                // Argo CD reads such a file with what is beside it.
                let is_of_source = !is_folder && name.to_str().is_some_and(tree::is_source_file);
                if is_dotted && !self.hidden_too && !is_of_source {
                    let told = self.told(&shown);
                    self.all.dotted.push(told);
                    if is_folder && !ignored.hides(&path, true) {
                        self.dotted.push(path);
                    }
                    continue;
                }
                let is_excluded = walked.is_excluded || self.excluded.names(&path, is_folder);
                if ignored.hides(&path, is_folder) {
                    self.hide(&shown, is_folder);
                } else if is_folder {
                    todo.push(Walked {
                        above: Arc::clone(&folder),
                        name: name.into(),
                        path,
                        shown,
                        ignored: ignored.clone(),
                        is_excluded,
                    });
                } else if kind == EntryKind::Link {
                    self.link(&path, &shown, root, is_excluded);
                } else {
                    let file = WaitingFile {
                        name,
                        in_tree: shown,
                        path,
                        left_out: excluded(is_excluded),
                    };
                    waiting.extend(self.unless_known(file));
                }
            }
            // In order, they are put in their places afterwards without a look at each other.
            sort_by(&mut waiting, |one: &WaitingFile, other| {
                one.name.cmp(&other.name)
            });
            WaitingFiles::in_batches(&folder, waiting).for_each(&mut *hand_over);
        }
    }

    /// Follows a link to a file of the same tree.
    fn link(&mut self, path: &Path, shown: &Path, root: &Arc<RootFolder>, is_excluded: bool) {
        let Ok(real) = fs::canonicalize(path) else {
            // A link to nothing.
            return;
        };
        let shown = paths::shown(shown);
        if !real.starts_with(&root.path) {
            if is_excluded {
                return;
            }
            let shown = self.paths.shown(&shown);
            let note = format!("{shown}: not followed: the link leaves the tree");
            self.all.notes.push(note);
        } else if real.is_file() {
            if !self.files.contains_key(&real) {
                let is_excluded = is_excluded || self.excluded.holds(&real, false);
                self.keep(shown.clone(), real.clone(), root, excluded(is_excluded));
            }
            let links = self.files.get_mut(&real).map(|file| &mut file.links);
            links
                .into_iter()
                .for_each(|links| links.push(Link::of_file(&shown)));
        }
    }

    /// What the folders above a folder hide in it, from the root of its repository down.
    pub(super) fn ignored_above(&mut self, path: &Path) -> Ignored {
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
                self.not_heeded(path, &fault);
            }
            ignored = next;
        }
        ignored
    }

    /// Notes that what a folder hides is not heeded; the folder is known by its absolute path.
    pub(super) fn not_heeded(&mut self, folder: &Path, fault: &str) {
        let file = folder.join(".gitignore");
        let in_tree = self.paths.in_tree(&file);
        let shown = in_tree.map_or_else(|| shown(&file), |path| self.paths.shown(&path));
        let note = format!("{shown}: not heeded: {fault}");
        if !self.all.notes.contains(&note) {
            self.all.notes.push(note);
        }
    }

    pub(super) fn hide(&mut self, path: &Path, is_folder: bool) {
        let shown = self.told(path);
        if is_folder {
            self.all.hidden.folders.push(shown);
        } else {
            self.all.hidden.files.push(shown);
        }
    }

    /// How a path in the tree is shown that was walked.
    fn told(&self, path: &Path) -> String {
        // The folder that paths begin at is the empty path, and is shown as `.`.
        let is_first = path.as_os_str().is_empty();
        let path = if is_first { String::new() } else { shown(path) };
        self.paths.shown(&path)
    }

    pub(super) fn fault(&mut self, folder: &Path, error: &io::Error) {
        let shown = self.told(folder);
        let what = format!("{shown}: cannot look into the folder: {error}");
        self.all.files.push(InputFile {
            in_tree: String::new(),
            shown,
            path: PathBuf::new(),
            root: None,
            left_out: None,
            encoding: Encoding::Utf8,
            text: Err(UnreadableFile::of(what)),
            links: Vec::new(),
            missing: Vec::new(),
        });
    }
}

/// Whether a file's name is one of a manifest: by its extension, or one that kustomize
/// or kpt reads without any.
pub(super) fn is_manifest_name(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str());
    if name.is_some_and(|name| name == "Kptfile" || KUSTOMIZATION_FILES.contains(&name)) {
        return true;
    }
    let extension = path.extension().and_then(|extension| extension.to_str());
    extension.is_some_and(|extension| EXTENSIONS.contains(&extension))
}
