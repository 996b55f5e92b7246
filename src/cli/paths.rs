//! Paths of the command line: which tree each belongs to, and how it is written for people and Git.

use std::ffi::OsStr;
use std::fs;
use std::path::{Component, Path, PathBuf};

use super::folder::Folder;
use super::ignored;
use crate::report::{GitRepository, text};

/// A path as people write it: without `./`, and without what would steer their terminal.
pub(super) fn shown(path: &Path) -> String {
    let rest = path.strip_prefix(Component::CurDir).unwrap_or(path);
    if rest.as_os_str().is_empty() {
        ".".to_owned()
    } else {
        text::one_line(&rest.display().to_string())
    }
}

/// The real path, if a link on the given path leads out of the repository that holds the link, or
/// out of the working folder if the link is in no repository.
pub(super) fn leaves_its_tree(given: &Path, real: &Path, is_link_to_file: bool) -> Option<PathBuf> {
    let mut walked = PathBuf::new();
    for part in given.components() {
        walked.push(part);
        let is_link = fs::symlink_metadata(&walked).is_ok_and(|found| found.is_symlink());
        if !is_link {
            continue;
        }
        let holder = fs::canonicalize(parent(&walked)).ok()?;
        let target = fs::canonicalize(&walked).ok()?;
        let leaves = match tree_of(&holder) {
            Some(tree) => !target.starts_with(tree),
            // Outside of every tree the link is a user's own, and only a file is at stake.
            None => is_link_to_file && walked == given && !in_folder_or_here(&target, &holder),
        };
        if leaves {
            return Some(real.to_owned());
        }
    }
    None
}

fn in_folder_or_here(path: &Path, folder: &Path) -> bool {
    path.starts_with(folder) || working_folder().is_some_and(|here| path.starts_with(here))
}

/// The folder that a path is in.
pub(super) fn parent(path: &Path) -> &Path {
    let parent = path.parent();
    let parent = parent.filter(|parent| !parent.as_os_str().is_empty());
    parent.unwrap_or(Path::new("."))
}

/// The root of the Git repository that holds a folder, else the working folder if that does.
pub(super) fn tree_of(folder: &Path) -> Option<PathBuf> {
    let here = || working_folder().filter(|here| folder.starts_with(here));
    repository_of(folder).or_else(here)
}

/// The root of the Git repository that holds a folder.
pub(super) fn repository_of(folder: &Path) -> Option<PathBuf> {
    let mut above = folder.ancestors();
    let root = above.find(|above| above.join(".git").exists());
    root.map(Path::to_owned)
}

/// The deepest folder that holds all of some folders.
pub(super) fn common(mut folders: impl Iterator<Item = PathBuf>) -> Option<PathBuf> {
    let first = folders.next()?;
    Some(folders.fold(first, |common, next| {
        let both = common.components().zip(next.components());
        let same = both.take_while(|(a, b)| a == b);
        same.map(|(part, _)| part).collect()
    }))
}

/// The repository that holds the working folder, with the path in it, or else the folder, by its name.
#[cfg(feature = "pages")]
pub(super) fn place_name() -> String {
    let here = working_folder().unwrap_or_default();
    let root = repository_of(&here);
    let outside = root.as_ref().unwrap_or(&here).parent();
    let name = outside.and_then(|outside| here.strip_prefix(outside).ok());
    name.unwrap_or(&here).display().to_string()
}

/// The repository that holds the working folder.
pub(super) fn repository() -> Option<GitRepository> {
    let here = working_folder()?;
    let root = repository_of(&here)?;
    let folder = here.strip_prefix(&root).ok()?;
    let words = |path: &Path| path.to_str().map(str::to_owned);
    Some(GitRepository {
        root: words(&root)?,
        folder: words(folder)?.replace(std::path::MAIN_SEPARATOR, "/"),
    })
}

/// The URLs of some repositories; none where Git keeps them elsewhere.
pub(super) fn remotes(repositories: &[PathBuf]) -> Vec<String> {
    let configs = repositories.iter().filter_map(|root| {
        let git = Folder::open(root).ok()?.folder(Path::new(".git")).ok()?;
        ignored::read(git.file(OsStr::new("config")).ok()?).ok()
    });
    let mut urls = Vec::new();
    for config in configs {
        urls.extend(config.lines().filter_map(|line| {
            let (key, url) = line.split_once('=')?;
            (key.trim() == "url").then(|| url.trim().to_owned())
        }));
    }
    urls
}

/// The working folder, links followed.
pub(super) fn working_folder() -> Option<PathBuf> {
    std::env::current_dir().and_then(fs::canonicalize).ok()
}

/// A path from the working folder, if it lies below.
pub(super) fn relative(path: &Path) -> PathBuf {
    let below = working_folder().and_then(|here| path.strip_prefix(here).ok().map(Path::to_owned));
    below.unwrap_or_else(|| path.to_owned())
}

/// A path with slashes between its parts, as patterns and formats have it on every system.
pub(super) fn slashed(path: &Path) -> String {
    let path = path.display().to_string();
    path.replace(std::path::MAIN_SEPARATOR, "/")
}

/// A path as `git apply` reads it: from the working folder, or from the root of the repository where
/// the file lies outside of it.
pub(super) fn in_patch(file: &Path) -> PathBuf {
    if file.as_os_str() == "-" {
        return "stdin".into();
    }
    let here = working_folder().unwrap_or_default();
    let root = repository_of(&here);
    let mut below = [Some(&here), root.as_ref()].into_iter().flatten();
    let path = below.find_map(|folder| file.strip_prefix(folder).ok());
    let path = path.unwrap_or(file);
    path.to_owned()
}
