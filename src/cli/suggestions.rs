//! Suggestions for words that are no command: those of other programs, and misspellings.

use std::path::Path;

use clap::CommandFactory;

use super::args::Cli;
use crate::report::text;
use crate::suggest;

/// Words of other programs, and what to type here.
const OTHERS: &[(&str, &str)] = &[
    ("apply", "fix"),
    ("audit", "check"),
    ("build", "check --rendered"),
    ("config", "init"),
    ("configure", "init"),
    ("create", "init"),
    ("describe", "explain"),
    ("diff", "fix --diff"),
    ("docs", "explain RULE"),
    ("format", "fix"),
    ("generate", "render -c GENERATE.yaml FILE"),
    ("join", "report"),
    ("lint", "check"),
    ("list", "images"),
    ("ls", "images"),
    ("merge", "report"),
    ("new", "init"),
    ("profiles", "agents"),
    ("repair", "fix"),
    ("restore", "fix"),
    ("rules", "explain RULE"),
    ("scan", "check"),
    ("setup", "init"),
    ("show", "explain"),
    ("status", "check"),
    ("test", "check"),
    ("update", "fix"),
    ("validate", "check"),
    ("verify", "check"),
    ("version", "--version"),
    ("why", "explain"),
    ("write", "fix"),
];

/// Flags of other programs, and what to do here.
const FLAGS: &[(&[&str], &str)] = &[
    (
        &["--dry-run", "--dryrun", "--preview"],
        "`restore-images fix --diff` shows what would change, and `check` says what is wrong",
    ),
    (
        &["--agent", "--agents", "--profile"],
        "agents are named in the configuration, under `agents:`; `restore-images init` proposes one",
    ),
    (
        &["--mirror", "--registry", "--registries"],
        "mirrors are declared in the configuration, under `registries:`",
    ),
    (
        &["--json", "--output", "-o"],
        "`--format json` writes for programs, and goes to standard output",
    ),
    (&["--check"], "`restore-images check` changes nothing"),
    (
        &["--fix", "--write"],
        "`restore-images fix` restores in place",
    ),
    (
        &["--diff"],
        "`restore-images fix --diff` shows what would change, and `check` says what is wrong",
    ),
    (
        &["--fail-on"],
        "`restore-images check --fail-on` says what fails a run; `fix` exits with 1 if something is left",
    ),
    (&["--in-place", "-i"], "`fix` writes in place anyway"),
    (
        &["--recursive", "-r", "-R", "-f", "--filename"],
        "give the paths alone: folders are looked into as they are",
    ),
    (&["--ignore", "--skip"], "`--exclude GLOB` leaves files out"),
];

/// What to say of a flag that another program has.
pub(super) fn of_others(flag: &str) -> Option<String> {
    let (_, help) = FLAGS.iter().find(|(flags, _)| flags.contains(&flag))?;
    Some(format!("unexpected argument '{flag}'\nhelp: {help}"))
}

/// What to say of a word that is neither a command nor a file, but means one or is nearly one.
pub(super) fn misspelt(word: &str) -> Option<String> {
    let known = Cli::command();
    let known = known.get_subcommands().map(clap::Command::get_name);
    let known: Vec<&str> = known.collect();
    if known.contains(&word) || Path::new(word).exists() {
        return None;
    }
    let other = OTHERS.iter().find(|(other, _)| *other == word);
    let command = match other {
        Some((_, command)) => command,
        None => suggest::nearest(word, known.iter().copied())?,
    };
    let word = text::one_line(word);
    Some(format!(
        "`{word}` is neither a command nor a file\nhelp: did you mean `restore-images {command}`?"
    ))
}
