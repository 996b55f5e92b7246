//! Files that are read and judged together, for every command over files.

use std::path::Path;

use anyhow::{Result, anyhow, bail};

use crate::cli::args::{self, Format, Volume};
use crate::cli::excluded::Excluded;
use crate::cli::files::{InputFile, InputFiles, UnreadableFile};
use crate::cli::input::JoinedInput;
use crate::cli::paths::slashed;
use crate::cli::progress::Progress;
use crate::cli::terminal;
use crate::cli::write::Replacement;
use crate::cli::{found, paths, say, walk};
use crate::config::Trust;
use crate::edit;
use crate::error::{Error, Origin};
use crate::finding::{Mode, Severity};
use crate::judge::Wants;
use crate::quote::piece;
use crate::report::{self, Done, FileReport, Problem, Report};
use crate::restore::role::Roles;
use crate::restore::{self, Skipped, Together, restore_files};
use crate::yaml::{Node, parse};

use super::written::detail;
use super::{GlobalOptions, asides};

/// Files that were read and judged.
pub(super) struct JudgedFiles {
    pub(super) files: InputFiles,
    pub(super) together: Together,
    /// The configuration's path and text, where there is one.
    config: Option<(String, String)>,
}

/// Reads the files of a tree and judges them together.
///
/// # Errors
/// A path or the configuration cannot be read or followed.
pub(super) fn judge(
    given: &args::FileArgs,
    config: Option<&found::FoundConfig>,
    options: GlobalOptions,
    mode: Mode,
    wants: Wants,
    quiet: bool,
) -> Result<JudgedFiles> {
    let reading = Progress::new("reading", "files", quiet);
    let is_stdin = |path: &Path| path.as_os_str() == "-";
    let from_stdin = matches!(&given.paths[..], [path] if is_stdin(path));
    if from_stdin && given.config.as_deref().is_some_and(is_stdin) {
        bail!("standard input cannot be both the configuration and the manifests");
    }
    let configured = config.map(found::FoundConfig::excluded).unwrap_or_default();
    let excluded = Excluded::of(&configured, &given.exclude)?;
    let files = if from_stdin {
        InputFiles::stdin()
    } else {
        walk::read(given, &excluded, &|| reading.step())
    };
    reading.finish();
    let files = files?;
    let judging = Progress::new("judging", "files", quiet);
    let places = places(&files, config);
    let sources = files.files.iter().zip(&places);
    let sources = sources.map(|(file, place)| restore::SourceFile {
        path: &file.in_tree,
        shown: if from_stdin { "" } else { &file.shown },
        place: if from_stdin { "" } else { place },
        text: file.text_or_empty(),
        left_out: file.left_out,
        links: &file.links,
        missing: &file.missing,
    });
    let sources: Vec<restore::SourceFile<'_>> = sources.collect();
    let is_whole = config.is_none_or(|config| config.is_whole);
    let config = config.map(|config| &config.input);
    let together = restore_files(&restore::Files {
        files: &sources,
        config: config.map(|config| &*config.text),
        mode,
        today: options.today,
        complete: files.has_folder && is_whole && are_all_read(&files),
        wants,
        trust: Trust::beside_given(given.config.is_some()),
        remotes: &paths::remotes(&files.repositories),
        parser: options.parser,
        judged: &|| judging.step(),
    });
    judging.finish();
    let place = |position: usize, at| {
        let file = &files.files[position];
        format!(
            "{}:{}",
            file.shown,
            crate::yaml::place::place(file.text_or_empty(), at)
        )
    };
    let together = together.map_err(|error| refused(&error, config, &place))?;
    let first = together
        .files
        .first()
        .and_then(|outcome| outcome.as_ref().ok());
    let nothing = first.is_some_and(|outcome| outcome.skipped == Some(Skipped::NoManifest));
    if from_stdin
        && nothing
        && !files
            .files
            .iter()
            .any(|file| is_empty_list(file.text_or_empty()))
    {
        // A build that failed before the pipe is no clean check.
        bail!("standard input holds no manifest\nhelp: did the command before the pipe fail?");
    }
    Ok(JudgedFiles {
        files,
        together,
        config: config.map(|config| (config.name().to_owned(), config.text.to_string())),
    })
}

/// Whether every file that is judged has a text: what is missing may be in another.
fn are_all_read(files: &InputFiles) -> bool {
    let mut judged = files.files.iter().filter(|file| file.left_out.is_none());
    judged.all(|file| file.text.is_ok())
}

/// The path of each file from the folder at which paths of the configuration begin.
pub(super) fn places(files: &InputFiles, config: Option<&found::FoundConfig>) -> Vec<String> {
    let folder = config.map(|config| config.folder.as_path());
    let place = |file: &InputFile| {
        let below = folder.and_then(|folder| file.path.strip_prefix(folder).ok());
        below.map_or_else(|| file.shown.clone(), slashed)
    };
    files.files.iter().map(place).collect()
}

/// Whether a text is what kubectl prints where a cluster has nothing of what was asked for: a List
/// without items.
fn is_empty_list(text: &str) -> bool {
    let Ok(root) = parse::document(text) else {
        return false;
    };
    let of = |key| root.get(key).ok().flatten();
    let kind = of("kind").and_then(Node::text).unwrap_or_default();
    let items = of("items").and_then(Node::items);
    kind.ends_with("List") && items.is_some_and(<[Node<'_>]>::is_empty)
}

/// Why no file was judged: the configuration, or a profile among the files, cannot be followed.
///
/// `of_file` says where a byte of a file is, by the file's position.
pub(super) fn refused(
    error: &Error,
    config: Option<&JoinedInput>,
    of_file: &dyn Fn(usize, usize) -> String,
) -> anyhow::Error {
    let fault = error.fault();
    let place = |at| match (&fault.origin, config) {
        (Origin::Builtin(name), _) => format!("built-in profile {name}, byte {at}"),
        (Origin::File(position), _) => of_file(*position, at),
        (_, Some(config)) => config.place(at),
        (_, None) => "the configuration".to_owned(),
    };
    anyhow!(report::text::faults(fault, place))
}

/// As [`judge_as_configured`], for a report in this format.
pub(super) fn for_report(
    given: &args::FileArgs,
    format: Format,
    options: GlobalOptions,
    mode: Mode,
    quiet: bool,
) -> Result<JudgedFiles> {
    let wants = Wants {
        leave_managed: true,
        fixes: format.carries_fixes(),
        images: false,
    };
    judge_as_configured(given, options, mode, wants, quiet)
}

/// As [`judge`], by the configuration that is given, or found beside or above the paths.
pub(super) fn judge_as_configured(
    given: &args::FileArgs,
    options: GlobalOptions,
    mode: Mode,
    wants: Wants,
    quiet: bool,
) -> Result<JudgedFiles> {
    let config = found::config(given.config.as_deref(), &given.paths)?;
    judge(given, config.as_ref(), options, mode, wants, quiet)
}

impl JudgedFiles {
    pub(super) fn is_stdin(&self) -> bool {
        matches!(&self.files.files[..], [file] if file.path == Path::new("-"))
    }

    pub(super) fn report(&self, done: Done) -> Report<'_> {
        let files = self.files.files.iter().zip(&self.together.files);
        let files = files.map(|(file, outcome)| FileReport {
            path: &file.shown,
            text: match &file.text {
                Ok(text) => text,
                Err(unreadable) => unreadable.before.as_deref().unwrap_or_default(),
            },
            result: match (&file.text, outcome) {
                (_, Ok(outcome)) if file.left_out.is_some() => Ok(outcome),
                (Err(why), _) => Err(unreadable(why)),
                (Ok(_), Ok(outcome)) => Ok(outcome),
                (Ok(_), Err(error)) => Err(Problem::of(error)),
            },
        });
        Report {
            done,
            files: files.collect(),
            findings: &self.together.findings,
            config: &self.together.config,
            config_path: self.config.as_ref().map(|(path, _)| path.as_str()),
            config_text: self.config.as_ref().map(|(_, text)| text.as_str()),
            roots: Some(&self.together.roots),
            roles: None,
            repository: paths::repository(),
            fails_from: Severity::Error,
        }
    }

    /// The files that edits change.
    pub(super) fn changed(&self) -> Vec<Replacement<'_>> {
        let files = self.files.files.iter().zip(&self.together.files);
        files
            .filter_map(|(file, outcome)| {
                let outcome = outcome.as_ref().ok()?;
                let old = file.text_or_empty();
                (!outcome.edits.is_empty()).then(|| Replacement {
                    file,
                    old,
                    new: edit::apply(old, &outcome.edits),
                })
            })
            .collect()
    }

    pub(super) fn print_stdin(&self) -> Result<()> {
        match self.changed().first() {
            Some(file) => terminal::hand_over(&file.new),
            None => terminal::hand_over(
                self.files
                    .files
                    .first()
                    .map_or("", InputFile::text_or_empty),
            ),
        }
    }

    /// What the files are for, in the format that says so of each.
    pub(super) fn roles(&self, format: Format) -> Option<Roles> {
        (format == Format::Json).then(|| asides::roles_of(&self.files, &self.together))
    }

    /// Says, where all is wanted, what was not judged and why.
    pub(super) fn say_asides(&self, volume: &Volume) {
        if volume.verbose {
            asides::say(&self.files, &self.together);
        }
    }

    /// The last lines of a report for people.
    pub(super) fn summary(&self, report: &Report<'_>, volume: &Volume) -> String {
        let (detail, hint) = detail(volume);
        let mut line = report::summary::configuration(report) + "\n";
        line += &report::summary::line(report, detail, hint);
        if let Some(hidden) = self.files.hidden.line() {
            line += ", ";
            line += &hidden;
        }
        line + "\n"
    }

    /// Says which files could not be judged, and why, where no report does.
    pub(super) fn say_problems(&self) {
        for file in &self.report(Done::Checked).files {
            if let Err(problem) = &file.result {
                let place = file.problem_region();
                let place = place.map_or(String::new(), |region| format!("{}:", region.start));
                let help = problem.help.as_deref().map(piece);
                let help = help.map_or(String::new(), |help| format!("\nhelp: {help}"));
                let path = piece(file.path);
                say(&format!("{path}:{place} {}{help}", piece(&problem.what)));
            }
        }
    }

    /// Says what was not looked at, but for what the summary says.
    pub(super) fn say_notes(&self, in_summary: bool) {
        self.files.notes.iter().for_each(|note| say(note));
        if !in_summary && let Some(hidden) = self.files.hidden.line() {
            say(&hidden);
        }
    }
}

/// A file whose bytes could not be read, or are no text.
pub(super) fn unreadable(why: &UnreadableFile) -> Problem {
    Problem {
        at: why.before.as_ref().map(String::len),
        what: why.what.clone(),
        help: why.help.map(str::to_owned),
    }
}
