//! `init`: what agents, registries and secrets a folder has, as a configuration to begin with.

use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use super::GlobalOptions;
use super::judged::judge;
use super::proposal::FolderSummary;
use crate::cli::args;
use crate::cli::found::{self, CONFIG_NAMES};
use crate::cli::paths::shown;
use crate::cli::{say, terminal};
use crate::finding::Mode;
use crate::judge::Wants;
use crate::quote::piece;
use crate::report::Done;

/// Proposes a configuration; the exit code is 2 if one is there already and was to be written.
pub(in crate::cli) fn run(args: &args::Init, options: GlobalOptions) -> Result<u8> {
    let given = args::FileArgs {
        paths: args.paths.clone(),
        // The answer is not to depend on a configuration that is there.
        config: None,
        hidden: args.hidden,
        exclude: args.exclude.clone(),
        fail_empty: false,
    };
    let wants = Wants {
        images: true,
        ..Wants::default()
    };
    let judged = judge(&given, None, options, Mode::Check, wants, false)?;
    let folder = folder(&args.paths);
    let real = fs::canonicalize(folder).with_context(|| shown(folder))?;
    let seen = FolderSummary::of(&judged, &real);
    let proposal = seen.proposal();
    for file in &judged.report(Done::Checked).files {
        if let Err(problem) = &file.result {
            say(&format!(
                "{}: not looked at: {}",
                piece(file.path),
                piece(&problem.what)
            ));
        }
    }
    judged.say_notes(false);
    if seen.is_empty() {
        say(&format!(
            "init: no manifest was looked at in {}: is it the right folder?",
            shown(folder)
        ));
    }
    if !args.write {
        terminal::print_document(&proposal)?;
        say("init: nothing was written: add --write to write restore-images.yaml");
        return Ok(0);
    }
    let path = write(folder, &proposal)?;
    let path = shown(&path);
    let first = if seen.asks() {
        "say in it which of the registries that were found are mirrors, then "
    } else if seen.has_no_agent() {
        "name your agents in it, then "
    } else {
        ""
    };
    let arguments = arguments(args, &path)?;
    let written = format!(
        "{path}: written\nnext: {first}restore-images check{arguments}, then restore-images fix --diff{arguments}\n"
    );
    terminal::print(&written, false)?;
    Ok(0)
}

/// What `check` has to be given to judge the same paths by the configuration that was written.
fn arguments(args: &args::Init, written: &str) -> Result<String> {
    let mut arguments = String::new();
    if found::config(None, &args.paths)?.is_none() {
        arguments += &format!(" --config {}", in_shell(written));
    }
    let here = [PathBuf::from(".")];
    for path in args.paths.iter().filter(|_| args.paths != here) {
        arguments += &format!(" {}", in_shell(&shown(path)));
    }
    if args.hidden {
        arguments += " --hidden";
    }
    for pattern in &args.exclude {
        arguments += &format!(" --exclude {}", in_shell(pattern));
    }
    Ok(arguments)
}

/// A word as a shell reads it.
fn in_shell(word: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "/._-+,:@%=".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

/// The folder that the configuration is for: that of the first path.
fn folder(paths: &[PathBuf]) -> &Path {
    let first = paths.first().map_or(Path::new("."), PathBuf::as_path);
    let above = first.parent().filter(|above| *above != Path::new(""));
    if first.is_dir() {
        first
    } else {
        above.unwrap_or(Path::new("."))
    }
}

/// Writes the configuration into a folder, where none is yet.
fn write(folder: &Path, proposal: &str) -> Result<PathBuf> {
    for name in CONFIG_NAMES {
        if folder.join(name).exists() {
            bail!(
                "{}: exists already\nhelp: leave --write out to compare",
                shown(&folder.join(name))
            );
        }
    }
    let path = folder.join(CONFIG_NAMES[0]);
    let cannot = || format!("{}: cannot be written", shown(&path));
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(&path)
        .with_context(cannot)?;
    file.write_all(proposal.as_bytes()).with_context(cannot)?;
    Ok(path)
}
