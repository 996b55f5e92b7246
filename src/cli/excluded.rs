//! Which files are left out: what `files.exclude` of the configuration and `--exclude` say, in the words
//! of `.gitignore`.

use std::path::{Path, PathBuf};

use anyhow::{Result, anyhow, bail};
use ignore::Match;
use ignore::gitignore::{Gitignore, GitignoreBuilder};

use super::paths::working_folder;
use crate::config::pattern_fault;
use crate::glob;
use crate::quote::piece;
use crate::tree;

/// Patterns; later ones take precedence.
#[derive(Debug, Default)]
pub(super) struct Excluded {
    patterns: Vec<Gitignore>,
    /// Those of files that are read whatever their names end in, and the folder that they begin at.
    values: (Vec<String>, PathBuf),
}

/// The patterns of a configuration, and the folder that they begin at.
#[derive(Debug, Default)]
pub(super) struct ConfiguredPatterns {
    pub(super) patterns: Vec<String>,
    /// The patterns of files that are values.
    pub(super) values: Vec<String>,
    pub(super) folder: PathBuf,
}

impl Excluded {
    /// Combines the patterns of the configuration with those of the command line, which take
    /// precedence and are relative to the working folder.
    ///
    /// # Errors
    /// A word of the command line is no pattern.
    pub(super) fn of(configured: &ConfiguredPatterns, given: &[String]) -> Result<Self> {
        for pattern in given {
            if let Some(help) = pattern_fault(pattern) {
                bail!(
                    "--exclude `{}`: is not a pattern\nhelp: {help}",
                    piece(pattern)
                );
            }
        }
        let here = working_folder().unwrap_or_default();
        let both = [
            (&configured.patterns[..], &configured.folder),
            (given, &here),
        ];
        let both = both
            .into_iter()
            .filter(|(patterns, _)| !patterns.is_empty());
        let built = both.map(|(patterns, folder)| built(patterns, folder));
        Ok(Excluded {
            patterns: built.collect::<Result<_>>()?,
            values: (configured.values.clone(), configured.folder.clone()),
        })
    }

    /// Whether the configuration names the file at this absolute path as values.
    pub(super) fn is_values(&self, path: &Path) -> bool {
        let (patterns, folder) = &self.values;
        if patterns.is_empty() {
            return false;
        }
        let path = path.strip_prefix(folder).unwrap_or(path);
        let path = path.to_str().map(tree::normalised);
        path.flatten()
            .is_some_and(|path| patterns.iter().any(|pattern| glob::is_file(pattern, &path)))
    }

    /// Whether the entry at this absolute path is excluded by itself, whatever folder it is in.
    pub(super) fn names(&self, path: &Path, is_folder: bool) -> bool {
        for patterns in self.patterns.iter().rev() {
            match patterns.matched(path, is_folder) {
                Match::Ignore(_) => return true,
                Match::Whitelist(_) => return false,
                Match::None => {}
            }
        }
        false
    }

    /// Whether the entry at this absolute path is excluded, by itself or with a folder above it: as
    /// in Git, nothing in an excluded folder can be included again.
    pub(super) fn holds(&self, path: &Path, is_folder: bool) -> bool {
        let mut above = path.ancestors().skip(1);
        self.names(path, is_folder) || above.any(|folder| self.names(folder, true))
    }
}

fn built(patterns: &[String], folder: &Path) -> Result<Gitignore> {
    let mut builder = GitignoreBuilder::new(folder);
    for pattern in patterns {
        // Each pattern was checked when the configuration or the arguments were read.
        let _ = builder.add_line(None, pattern);
    }
    let too_many = |_| anyhow!("the patterns of what is left out are too many");
    builder.build().map_err(too_many)
}
