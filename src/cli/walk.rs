//! Walks the given paths, and reads the files below them.

mod below;
mod needed;
mod referred;
mod referring;
mod tree_paths;
mod waiting;

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result, anyhow, bail};

use super::args;
use super::excluded::Excluded;
use super::files::{InputFile, InputFiles, RootFolder, contents};
use super::paths::{leaves_its_tree, shown, working_folder};
use crate::report::text;
use crate::restore::Skipped;
use tree_paths::TreePaths;

/// Finds and reads files; folders are walked, except for what `.gitignore` hides. Excluded files are
/// read too, since judged files may refer to them, and are marked as excluded.
///
/// # Errors
/// A path that was given is not there, or leaves its tree by a link.
pub(super) fn read(
    given: &args::FileArgs,
    excluded: &Excluded,
    read: &(dyn Fn() + Sync),
) -> Result<InputFiles> {
    let mut found = TreeWalk {
        paths: TreePaths::of(&given.paths),
        hidden_too: given.hidden,
        excluded,
        files: BTreeMap::new(),
        roots: BTreeMap::new(),
        walked: Vec::new(),
        dotted: Vec::new(),
        all: InputFiles::default(),
        read,
    };
    for path in &given.paths {
        if path.as_os_str() == "-" {
            bail!(
                "`-` is standard input, and stands beside other paths\n\
                 help: give it alone, or give files"
            );
        }
        found.add(path)?;
    }
    found.refer_back();
    found.follow();
    found.find_missing();
    let mut all = found.all;
    // Folders that cannot be looked into come last, as they have no texts to draw.
    let faults = std::mem::take(&mut all.files);
    let mut files: Vec<InputFile> = found.files.into_values().collect();
    files.iter_mut().for_each(|file| found.paths.show(file));
    all.files = files.into_iter().chain(faults).collect();
    all.repositories = found.paths.repositories;
    Ok(all)
}

/// What was found so far.
struct TreeWalk<'a> {
    /// The paths of the tree: all that follows is known by these, and shown only at the end.
    paths: TreePaths,
    /// Whether names that begin with a dot count.
    hidden_too: bool,
    excluded: &'a Excluded,
    /// By real path, so that a file which two paths lead to is read once.
    files: BTreeMap<PathBuf, InputFile>,
    /// The folders of files that were given by name; files in the same folder share one open
    /// handle.
    roots: BTreeMap<PathBuf, Arc<RootFolder>>,
    /// The folders that were walked, by their paths in the tree.
    walked: Vec<(String, Arc<RootFolder>)>,
    /// The folders that were passed over since their names begin with a dot.
    dotted: Vec<PathBuf>,
    /// What else there is to say; its files are the folders that cannot be looked into.
    all: InputFiles,
    read: &'a (dyn Fn() + Sync),
}

impl TreeWalk<'_> {
    fn add(&mut self, path: &Path) -> Result<()> {
        let shown = shown(path);
        let missing = || format!("{shown}: cannot read the path");
        let found = fs::symlink_metadata(path).map_err(|error| {
            anyhow!(
                "{}: {error}\nhelp: correct the path, which counts from this folder",
                missing()
            )
        })?;
        let is_link = found.is_symlink();
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
            let in_tree = self.paths.in_tree(&root.path);
            self.walk(in_tree.as_deref().map_or(path, Path::new), &root);
            self.walked.extend(in_tree.map(|in_tree| (in_tree, root)));
            return Ok(());
        }
        if !real.is_file() {
            bail!("{shown}: is not a regular file\nhelp: for a pipe, give `-` and redirect it");
        }
        if !self.files.contains_key(&real) {
            let root = self.root_of(&real).with_context(missing)?;
            let is_excluded = self.excluded.holds(&real, false);
            let in_tree = self.paths.in_tree(&real).unwrap_or(shown);
            self.keep(in_tree, real, &root, excluded(is_excluded));
        }
        Ok(())
    }

    /// The working folder for what lies below it, else the folder of the file.
    fn root_of(&mut self, real: &Path) -> io::Result<Arc<RootFolder>> {
        let of_file = || real.parent().unwrap_or(Path::new("/")).to_owned();
        let here = working_folder().filter(|here| real.starts_with(here));
        self.root_at(here.unwrap_or_else(of_file))
    }

    fn root_at(&mut self, path: PathBuf) -> io::Result<Arc<RootFolder>> {
        if let Some(root) = self.roots.get(&path) {
            return Ok(Arc::clone(root));
        }
        let root = RootFolder::open(path.clone())?;
        self.roots.insert(path, Arc::clone(&root));
        Ok(root)
    }

    /// Reads a file.
    fn keep(
        &mut self,
        in_tree: String,
        path: PathBuf,
        root: &Arc<RootFolder>,
        left_out: Option<Skipped>,
    ) {
        (self.read)();
        let contents = contents(root, &path, &in_tree);
        let file = InputFile::new(in_tree, path.clone(), root, left_out, contents);
        self.files.insert(path, file);
    }
}

fn excluded(is_excluded: bool) -> Option<Skipped> {
    is_excluded.then_some(Skipped::Excluded)
}
