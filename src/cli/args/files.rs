//! The arguments of the commands over files: `fix`, `check` and `images`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::finding::Severity;

use super::{Format, ListFormat};

/// Which files, and by which configuration.
#[derive(Debug, Args)]
pub(in crate::cli) struct FileArgs {
    /// Files and folders; `-` alone is standard input
    #[arg(value_name = "PATH", default_value = ".")]
    pub(in crate::cli) paths: Vec<PathBuf>,

    /// Configuration [default: restore-images.yaml, in the folder of the paths or above]
    #[arg(short, long, value_name = "FILE")]
    pub(in crate::cli) config: Option<PathBuf>,

    /// Look into hidden files and folders too
    #[arg(long)]
    pub(in crate::cli) hidden: bool,

    /// Leave files and folders out, with .gitignore syntax; may be given again
    #[arg(long, value_name = "GLOB", allow_hyphen_values = true)]
    pub(in crate::cli) exclude: Vec<String>,

    /// Exit with 3 if no manifests were found
    #[arg(long)]
    pub(in crate::cli) fail_empty: bool,
}

/// How much is said.
#[derive(Debug, Clone, Copy, Args)]
pub(in crate::cli) struct Volume {
    /// Print errors only: no warnings, no summary
    #[arg(short, long, conflicts_with = "verbose")]
    pub(in crate::cli) quiet: bool,

    /// Say which files were skipped and why, and show every finding in full
    #[arg(short, long)]
    pub(in crate::cli) verbose: bool,
}

/// How findings are told.
#[derive(Debug, Clone, Copy, Args)]
pub(in crate::cli) struct Reporting {
    /// How findings are written: text, short (a line each), json, sarif, github, gitlab, junit, markdown or html
    #[arg(
        long,
        value_name = "FORMAT",
        default_value = "text",
        hide_possible_values = true
    )]
    pub(in crate::cli) format: Format,

    #[command(flatten)]
    pub(in crate::cli) volume: Volume,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct Fix {
    #[command(flatten)]
    pub(in crate::cli) files: FileArgs,

    /// Print the changes and make none; exit 1 if there are any, or something is left for `check` to refuse
    #[arg(long)]
    pub(in crate::cli) diff: bool,

    /// Restore what can be read, even if a file cannot
    #[arg(long)]
    pub(in crate::cli) keep_going: bool,

    #[command(flatten)]
    pub(in crate::cli) reporting: Reporting,
}

/// The least severity that fails a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum FailOn {
    Error,
    Warning,
}

impl FailOn {
    pub(in crate::cli) fn severity(self) -> Severity {
        match self {
            FailOn::Error => Severity::Error,
            FailOn::Warning => Severity::Warning,
        }
    }
}

#[derive(Debug, Args)]
pub(in crate::cli) struct Check {
    #[command(flatten)]
    pub(in crate::cli) files: FileArgs,

    /// Build every kustomization and chart below the paths, and check what comes out of them instead
    #[cfg(feature = "pages")]
    #[arg(long)]
    pub(in crate::cli) rendered: bool,

    /// Lowest severity that makes the exit code 1: error or warning
    #[arg(
        long,
        value_name = "SEVERITY",
        default_value = "error",
        hide_possible_values = true
    )]
    pub(in crate::cli) fail_on: FailOn,

    /// Time limit for each build, in seconds
    #[cfg(feature = "pages")]
    #[arg(
        long,
        value_name = "SECONDS",
        default_value_t = 60,
        requires = "rendered",
        value_parser = clap::value_parser!(u64).range(1..=86_400)
    )]
    pub(in crate::cli) render_timeout: u64,

    #[command(flatten)]
    pub(in crate::cli) reporting: Reporting,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct Images {
    #[command(flatten)]
    pub(in crate::cli) files: FileArgs,

    /// How the list is written: text, json, csv, skopeo or html
    #[arg(
        long,
        value_name = "FORMAT",
        default_value = "text",
        hide_possible_values = true
    )]
    pub(in crate::cli) format: ListFormat,

    /// Which mirror to write the skopeo file for, if there are several
    #[arg(long, value_name = "PREFIX")]
    pub(in crate::cli) to: Option<String>,
}
