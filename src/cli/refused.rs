//! The message for arguments that cannot be followed: which command, what is wrong, and what to do.

use std::path::Path;

use clap::CommandFactory;
use clap::error::{ContextKind, ContextValue, ErrorKind};

use super::args::Cli;
use super::suggestions;
use crate::report::text::one_line;

/// Arguments that a command cannot do without, and what to write.
const MISSING: &[(&str, &str, &str)] = &[
    (
        "render",
        "<FILE>...",
        "name files of manifests; standard input is `-`: `restore-images render -c CONFIG -`",
    ),
    (
        "render",
        "--argocd",
        "`--run` goes with `--argocd`; elsewhere write `PROGRAM | restore-images render -c CONFIG -`",
    ),
    (
        "check",
        "--rendered",
        "`--render-timeout` is for builds: write `--rendered`, too, or leave it out",
    ),
    (
        "report",
        "<FILE>...",
        "name reports that `restore-images check --format json` wrote; standard input is `-`",
    ),
    (
        "import",
        "<FILE>...",
        "name files in which another program keeps its mirrors, such as registries.conf; \
         `restore-images import --help` lists them",
    ),
    (
        "export",
        "--to <FORMAT>",
        "name the format: `restore-images export --help` lists them",
    ),
    (
        "agents verify",
        "--against <DIR>",
        "name the folder in which repositories of vendors are checked out as OWNER/REPO",
    ),
    (
        "completions",
        "<SHELL>",
        "name the shell: bash, elvish, fish, powershell or zsh",
    ),
];

/// What to say of a fault of the arguments; `None` where clap says all of it.
pub(super) fn of_arguments(error: &clap::Error, arguments: &[String]) -> Option<String> {
    if !error.use_stderr() {
        return None;
    }
    let invalid = strings(error, ContextKind::InvalidArg);
    let first = invalid.first().map(String::as_str);
    if let (ErrorKind::UnknownArgument, Some(flag)) = (error.kind(), first)
        && let Some(said) = suggestions::of_others(flag)
    {
        return Some(said);
    }
    let words = || arguments.iter().filter(|word| !word.starts_with('-'));
    if let Some(said) = words().next().and_then(|word| suggestions::misspelt(word)) {
        return Some(said);
    }
    let command = command(arguments);
    let program = match &*command {
        "" => super::command_for_people().to_owned(),
        command => format!("{} {command}", super::command_for_people()),
    };
    match (error.kind(), first) {
        (ErrorKind::MissingRequiredArgument, Some(missing)) => {
            let mut known = MISSING.iter();
            let known = known.find(|(of, what, _)| (*of, *what) == (&*command, missing));
            let help = match known {
                Some((.., help)) => (*help).to_owned(),
                None => format!("`{program} --help` shows how it is called"),
            };
            let missing = missing.trim_end_matches("...");
            Some(format!("{program}: {missing} is missing\nhelp: {help}"))
        }
        (ErrorKind::ArgumentConflict, Some(one)) => {
            let others = strings(error, ContextKind::PriorArg);
            let what = match others.first() {
                Some(other) if other != one => format!("{one} and {other} exclude each other"),
                _ => format!("{one} is given twice"),
            };
            Some(format!("{program}: {what}\nhelp: keep one of them"))
        }
        (ErrorKind::UnknownArgument, Some(word))
            if !word.starts_with('-') && command.is_empty() =>
        {
            of_word_behind(arguments, word)
        }
        (ErrorKind::UnknownArgument, Some(flag)) => {
            let has_similar = error.get(ContextKind::SuggestedArg).is_some();
            let flag = one_line(flag);
            (!has_similar).then(|| {
                format!(
                    "{program}: unexpected argument '{flag}'\n\
                     help: `{program} --help` lists what it takes"
                )
            })
        }
        (ErrorKind::InvalidSubcommand, _) => {
            let word = strings(error, ContextKind::InvalidSubcommand);
            let word = word.first()?;
            let behind = of_word_behind(arguments, word).filter(|_| command.is_empty());
            behind.or_else(|| {
                let word = one_line(word);
                Some(format!(
                    "{program}: there is no command `{word}`\n\
                     help: `{program} --help` lists those there are"
                ))
            })
        }
        _ => None,
    }
}

/// What to say where a command follows the configuration of a stream.
pub(super) fn of_command_behind(config: &Path) -> String {
    let config = one_line(&config.display().to_string());
    format!(
        "{config}: the configuration of a stream stands before a command\n\
         help: write the command first, and `--config {config}` behind it"
    )
}

/// What to say of a word behind the configuration of a stream, which a word that is no command is taken
/// for.
fn of_word_behind(arguments: &[String], word: &str) -> Option<String> {
    let at = arguments.iter().position(|argument| argument == word)?;
    let config = arguments[..at].last()?;
    if config.starts_with('-') || config == "help" {
        return None;
    }
    let (config, word) = (one_line(config), one_line(word));
    Some(format!(
        "{word}: follows {config}, the configuration of a stream, which is read from standard input\n\
         help: for files, write `restore-images fix --config {config} {word}`, or `render` to get them as \
         a stream"
    ))
}

/// The names of the commands that the arguments call, as `agents verify`.
fn command(arguments: &[String]) -> String {
    let mut known = Cli::command();
    let mut names: Vec<&str> = Vec::new();
    for word in arguments {
        if let Some(inner) = known.find_subcommand(word) {
            known = inner.clone();
            names.push(word);
        }
    }
    names.join(" ")
}

fn strings(error: &clap::Error, kind: ContextKind) -> Vec<String> {
    match error.get(kind) {
        Some(ContextValue::String(text)) => vec![text.clone()],
        Some(ContextValue::Strings(texts)) => texts.clone(),
        _ => Vec::new(),
    }
}
