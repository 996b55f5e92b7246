//! The configuration of a command over files: the one given, or the one found.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use super::excluded::ConfiguredPatterns;
use super::files::{RootFolder, bytes};
use super::input::JoinedInput;
use super::paths::{common, leaves_its_tree, parent, relative, shown, working_folder};
use crate::config::{self, FilePatterns};
use crate::report::text;

/// The names under which a configuration is found.
pub(super) const CONFIG_NAMES: [&str; 4] = [
    "restore-images.yaml",
    "restore-images.yml",
    ".restore-images.yaml",
    ".restore-images.yml",
];

/// A configuration, and where the paths in it begin.
#[derive(Debug)]
pub(super) struct FoundConfig {
    pub(super) input: JoinedInput,
    /// The folder of a configuration that was found; the working folder for one that was given.
    pub(super) folder: PathBuf,
    /// Whether the paths contain its folder, so that they are all the files that it applies to.
    pub(super) is_whole: bool,
}

impl FoundConfig {
    /// What it leaves out.
    pub(super) fn excluded(&self) -> ConfiguredPatterns {
        let FilePatterns { excluded, values } = config::file_patterns(&self.input.text);
        ConfiguredPatterns {
            patterns: excluded,
            values,
            folder: self.folder.clone(),
        }
    }
}

/// The configuration: the one given, or the first that lies in the folder of the paths or above,
/// up to the root of their Git repository.
pub(super) fn config(given: Option<&Path>, paths: &[PathBuf]) -> Result<Option<FoundConfig>> {
    if let Some(path) = given {
        let folder = working_folder().unwrap_or_default();
        // One that lies elsewhere is for what is given.
        let own = real_folder(path);
        let is_below = |path: &PathBuf| {
            let is_stdin = path.as_os_str() == "-";
            !is_stdin
                && own.as_ref().is_some_and(|own| {
                    let real = real_folder(path);
                    real.is_some_and(|real| real != *own && real.starts_with(own))
                })
        };
        let is_whole = !paths.iter().all(is_below);
        return JoinedInput::file(path).map(|input| {
            Some(FoundConfig {
                input,
                folder,
                is_whole,
            })
        });
    }
    let Some(common) = common_folder(paths) else {
        return Ok(None);
    };
    let mut folder = common.clone();
    loop {
        for name in CONFIG_NAMES {
            let file = folder.join(name);
            // Of a link to nothing, too, since whoever put it there means to give a configuration.
            if fs::symlink_metadata(&file).is_ok() {
                let input = found_config(&file)?;
                let holds_it =
                    |path: &PathBuf| real_folder(path).is_some_and(|real| folder.starts_with(real));
                let is_whole = paths.iter().any(holds_it);
                return Ok(Some(FoundConfig {
                    input,
                    folder,
                    is_whole,
                }));
            }
        }
        if folder.join(".git").exists() || !folder.pop() {
            return Ok(None);
        }
    }
}

/// Reads a configuration that was found: somebody who may write to the repository put it there.
fn found_config(file: &Path) -> Result<JoinedInput> {
    let path = relative(file);
    let shown = shown(&path);
    let cannot = || format!("{shown}: cannot read the file");
    if !file.is_file() {
        bail!(
            "{shown}: this name is read as the configuration, and this is not a file\nhelp: write one, \
             remove it, or give another by --config"
        );
    }
    let real = fs::canonicalize(file).with_context(cannot)?;
    if let Some(out) = leaves_its_tree(file, &real, true) {
        bail!(
            "{shown}: the link leaves the tree, to {}\nhelp: give that file by --config",
            text::one_line(&out.display().to_string())
        );
    }
    let root = RootFolder::open(parent(&real).to_owned()).with_context(cannot)?;
    let bytes = bytes(&root, &real).with_context(cannot)?;
    JoinedInput::of_one(&path.display().to_string(), bytes)
}

/// The deepest folder that holds every path.
fn common_folder(paths: &[PathBuf]) -> Option<PathBuf> {
    common(paths.iter().filter_map(|path| real_folder(path)))
}

/// The folder that a path is, or that it lies in; of standard input, the working folder.
fn real_folder(path: &Path) -> Option<PathBuf> {
    let is_stdin = path.as_os_str() == "-";
    let path = if is_stdin { Path::new(".") } else { path };
    let real = fs::canonicalize(path).ok()?;
    if real.is_dir() {
        Some(real)
    } else {
        real.parent().map(Path::to_owned)
    }
}
