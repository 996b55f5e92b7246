//! `fix` and `check`: files are read, judged together, reported and, if wanted, replaced.

use std::fmt::Write as _;
use std::path::Path;

use anyhow::{Context, Result, anyhow, bail};

use super::asides;
use crate::cli::args::{self, Color, Format, Volume};
use crate::cli::excluded::Excluded;
use crate::cli::input::Input;
use crate::cli::progress::Progress;
use crate::cli::terminal;
use crate::cli::tree::{self, Files, Unreadable};
use crate::cli::write::{self, Replacement};
use crate::cli::{found, paths, say, say_document, walk};
use crate::config::{Date, Trust};
use crate::edit;
use crate::error::{Error, Origin};
use crate::finding::{Mode, Severity};
use crate::judge::Wants;
use crate::quote::piece;
use crate::report::diagnostic::Drawing;
use crate::report::quota::{Quota, SAID};
use crate::report::summary::Detail;
use crate::report::text::count;
use crate::report::{self, Done, File, Problem, Report};
use crate::restore::role::Roles;
use crate::restore::{self, Skipped, Together, restore_files};
use crate::yaml::parse::Parser;

/// Settings that all file commands share, besides their own arguments.
#[derive(Clone, Copy)]
pub(in crate::cli) struct Setting {
    pub(in crate::cli) today: Date,
    pub(in crate::cli) color: Color,
    pub(in crate::cli) parser: Parser,
}

/// Files that were read and judged.
pub(super) struct JudgedFiles {
    pub(super) files: Files,
    pub(super) together: Together,
    /// The configuration's path, where there is one.
    config: Option<String>,
}

/// Reads the files of a tree and judges them together.
///
/// # Errors
/// A path or the configuration cannot be read or followed.
pub(super) fn judge(
    tree: &args::Tree,
    config: Option<&found::Config>,
    setting: Setting,
    mode: Mode,
    wants: Wants,
    quiet: bool,
) -> Result<JudgedFiles> {
    let reading = Progress::new("reading", "files", quiet);
    let is_stdin = |path: &Path| path.as_os_str() == "-";
    let from_stdin = matches!(&tree.paths[..], [path] if is_stdin(path));
    if from_stdin && tree.config.as_deref().is_some_and(is_stdin) {
        bail!("standard input cannot be both the configuration and the manifests");
    }
    let configured = config.map(found::Config::excluded).unwrap_or_default();
    let excluded = Excluded::of(&configured, &tree.exclude)?;
    let files = if from_stdin {
        Files::stdin()
    } else {
        walk::read(tree, &excluded, &|| reading.step())
    };
    reading.finish();
    let files = files?;
    let judging = Progress::new("judging", "files", quiet);
    let sources = files.files.iter().map(|file| restore::Source {
        path: if from_stdin { "" } else { &file.shown },
        text: file.text_or_empty(),
        left_out: file.left_out,
        links: &file.links,
    });
    let sources: Vec<restore::Source<'_>> = sources.collect();
    let is_whole = config.is_none_or(|config| config.is_whole);
    let config = config.map(|config| &config.input);
    let together = restore_files(&restore::Files {
        files: &sources,
        config: config.map(|config| &*config.text),
        mode,
        today: setting.today,
        complete: files.has_folder && is_whole,
        wants,
        trust: Trust::beside_given(tree.config.is_some()),
        remotes: &paths::remotes(),
        parser: setting.parser,
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
    if from_stdin && nothing {
        // A build that failed before the pipe is no clean check.
        bail!("standard input holds no manifest\nhelp: did the command before the pipe fail?");
    }
    Ok(JudgedFiles {
        files,
        together,
        config: config.map(|config| config.name().to_owned()),
    })
}

/// Why no file was judged: the configuration, or a profile among the files, cannot be followed.
///
/// `of_file` says where a byte of a file is, by the file's position.
pub(super) fn refused(
    error: &Error,
    config: Option<&Input>,
    of_file: &dyn Fn(usize, usize) -> String,
) -> anyhow::Error {
    let fault = error.fault();
    let place = |at| match (&fault.origin, config) {
        (Origin::Builtin(name), _) => format!("built-in profile {name}, byte {at}"),
        (Origin::File(position), _) => of_file(*position, at),
        (_, Some(config)) => config.place(at),
        (_, None) => "the configuration".to_owned(),
    };
    let first = fault.first.map(place);
    anyhow!(report::text::fault(
        fault,
        &place(fault.at),
        first.as_deref()
    ))
}

/// As [`judge`], by the configuration that is given or found, for a report in this format.
fn for_report(
    tree: &args::Tree,
    format: Format,
    setting: Setting,
    mode: Mode,
    quiet: bool,
) -> Result<JudgedFiles> {
    let wants = Wants {
        leave_managed: true,
        fixes: matches!(format, Format::Json | Format::Sarif),
        images: false,
    };
    let config = found::config(tree.config.as_deref(), &tree.paths)?;
    judge(tree, config.as_ref(), setting, mode, wants, quiet)
}

/// Checks files; the exit code is 1 if anything is wrong.
pub(in crate::cli) fn check(words: &args::Check, setting: Setting) -> Result<u8> {
    let quiet = words.volume.quiet;
    let judged = for_report(&words.tree, words.format, setting, Mode::Check, quiet)?;
    let mut report = judged.report(Done::Checked);
    report.roles = judged.roles(words.format);
    report.fails_from = words.fail_on.severity();
    let text = written(&report, words.format, &words.volume, setting)?;
    print(&text, words.format, setting.color)?;
    if words.format.is_for_people() {
        judged.say_asides(&words.volume);
        if !words.volume.quiet {
            terminal::print(&judged.summary(&report, &words.volume), false)?;
        }
    }
    judged.say_notes(words.format.is_for_people());
    Ok(code(&report, words))
}

/// Prints what a check of builds found, and for people the summary, which ends in `ending`.
pub(super) fn tell_checked(
    words: &args::Check,
    setting: Setting,
    report: &Report<'_>,
    ending: &str,
) -> Result<()> {
    let text = written(report, words.format, &words.volume, setting)?;
    print(&text, words.format, setting.color)?;
    if words.format.is_for_people() && !words.volume.quiet {
        let configuration = report::summary::configuration(report);
        let (detail, _) = detail(&words.volume);
        let line = report::summary::line(report, detail, "");
        terminal::print(&format!("{configuration}\n{line}, {ending}\n"), false)?;
    }
    Ok(())
}

/// How much the summary says, and how to see the rest of it.
fn detail(volume: &Volume) -> (Detail, &'static str) {
    match volume.verbose {
        true => (Detail::Full, ""),
        false => (Detail::Short, ": --verbose"),
    }
}

/// The exit code of a check.
pub(super) fn code(report: &Report<'_>, words: &args::Check) -> u8 {
    let severities = [Severity::Error, Severity::Warning];
    let mut failing = severities.into_iter().filter(|of| *of <= report.fails_from);
    let fails = failing.any(|severity| report.has(severity));
    match (report.has_problems(), fails) {
        (true, _) => 2,
        (false, true) => 1,
        (false, false) => empty(report, words.tree.fail_empty),
    }
}

/// The exit code of a run in which nothing is wrong.
pub(super) fn empty(report: &Report<'_>, fail_empty: bool) -> u8 {
    if fail_empty && report::summary::count_up(report).judged == 0 {
        EMPTY
    } else {
        0
    }
}

/// The exit code that `--fail-empty` asks for.
const EMPTY: u8 = 3;

/// Restores files; the exit code is 1 if something is left that `check` would refuse, or if only the
/// differences were wanted and there are any.
pub(in crate::cli) fn fix(words: &args::Fix, setting: Setting) -> Result<u8> {
    let quiet = words.volume.quiet;
    let judged = for_report(&words.tree, words.format, setting, Mode::Restore, quiet)?;
    let from_stdin = judged.is_stdin();
    let mut report = judged.report(if words.diff {
        Done::WouldRestore
    } else {
        Done::Restored
    });
    report.roles = judged.roles(words.format);
    let refused = report.has_problems() && !words.keep_going;
    let changed = judged.changed();
    let mut restored = Vec::new();
    if refused {
        report.done = Done::WouldRestore;
    } else if words.diff {
        let color = terminal::colors(setting.color);
        for file in changed.iter().filter(|changed| !changed.file.has_diff()) {
            let shown = piece(&file.file.shown);
            say(&format!(
                "warning: {shown}: a patch of a file in UTF-16 does not apply: let `fix` write it"
            ));
        }
        let diff = diff(&changed, color);
        // Colours are for people, and no `git apply` takes them.
        if color {
            terminal::print(&diff, true)?;
        } else {
            terminal::print_document(&diff)?;
        }
    } else if from_stdin {
        judged.print_stdin()?;
    } else {
        write::clean(judged.files.files.iter());
        let left = write::replace(&changed)?;
        let left: Vec<&str> = left.iter().map(|file| &*file.file.shown).collect();
        let names = changed.iter().map(|file| &*file.file.shown);
        restored.extend(names.filter(|name| !left.contains(name)));
        leave(&mut report, &left);
    }
    let told = tell(words, setting, &judged, &report, refused);
    // Name the restored files if the report cannot be written: the write error alone would suggest
    // that nothing was restored.
    told.map_err(|error| match restored[..] {
        [] => error,
        _ => write::told(&error, TO_SEE, restored.into_iter()),
    })?;
    let differs = words.diff && !changed.is_empty();
    Ok(if report.has_problems() {
        2
    } else if differs || report.has(Severity::Error) || report.left() > 0 {
        1
    } else {
        empty(&report, words.tree.fail_empty)
    })
}

const TO_SEE: &str = "`restore-images check` says what else there is";

/// Notes in a report that files were left, since somebody else wrote them meanwhile.
fn leave(report: &mut Report<'_>, left: &[&str]) {
    for file in &mut report.files {
        if left.contains(&file.path) {
            file.result = Err(Problem {
                at: None,
                what: "the file has changed since it was read, and is left as it is".to_owned(),
                help: Some("run the command again".to_owned()),
            });
        }
    }
}

/// Prints what `fix` did.
fn tell(
    words: &args::Fix,
    setting: Setting,
    judged: &JudgedFiles,
    report: &Report<'_>,
    refused: bool,
) -> Result<()> {
    // If the text itself is the output (a diff, or `fix -`), the report goes to standard error.
    let aside = words.diff || judged.is_stdin();
    let color = if aside { Color::Never } else { setting.color };
    // The diff says what would change, and is all that was asked for.
    let quiet = words.volume.quiet || (words.diff && !words.volume.verbose);
    let volume = Volume {
        quiet,
        ..words.volume
    };
    let on = Setting { color, ..setting };
    let mut text = written(report, words.format, &volume, on)?;
    if words.format.is_for_people() && !words.volume.quiet {
        if refused {
            text.push_str("nothing was written, since a file could not be read: fix it, leave it out with --exclude, or add --keep-going\n");
        }
        text.push_str(&judged.summary(report, &words.volume));
        let left = report.left();
        if left > 0 && !words.diff && !report.has_problems() {
            let findings = count(left, "finding");
            let _ = writeln!(
                text,
                "{findings} could not be restored, and `check` makes an error of each: exit code 1"
            );
        }
        if quiet && report::summary::count_up(report).warnings > 0 {
            text.push_str("the warnings are shown by --verbose, and by `restore-images check`\n");
        }
    }
    match (aside, words.format) {
        (true, format) if format.is_for_people() => text.lines().for_each(say),
        (true, _) => say_document(&text),
        (false, format) => print(&text, format, color)?,
    }
    if words.format.is_for_people() {
        judged.say_asides(&words.volume);
    }
    judged.say_notes(words.format.is_for_people());
    Ok(())
}

/// Prints a report that was written in a format.
fn print(text: &str, format: Format, color: Color) -> Result<()> {
    match format {
        Format::Text | Format::Short => terminal::print(text, terminal::colors(color)),
        _ => terminal::print_document(text),
    }
}

/// The report in a format; the summary is the caller's.
fn written(
    report: &Report<'_>,
    format: Format,
    volume: &Volume,
    setting: Setting,
) -> Result<String> {
    let drawing = Drawing {
        color: terminal::colors(setting.color),
        width: terminal::width(),
        all: volume.verbose,
        least: match (volume.quiet, volume.verbose) {
            (true, _) => Severity::Error,
            (false, false) => Severity::Warning,
            (false, true) => Severity::Info,
        },
    };
    match format {
        Format::Text => {
            Ok(restored_lines(report, volume) + &report::diagnostic::report(report, drawing))
        }
        Format::Short => {
            // What was restored is a line each in any case.
            let least = match (report.done, volume.quiet) {
                (Done::Checked, _) | (_, true) => drawing.least,
                _ => Severity::Info,
            };
            Ok(report::short::report(report, least))
        }
        Format::Json => report::json::report(report).context("cannot write the report"),
        Format::Sarif => report::sarif::report(report).context("cannot write the report"),
        Format::Github => Ok(report::github::report(report)),
        Format::Html => html(report, setting.today),
        Format::Gitlab => report::gitlab::report(report).context("cannot write the report"),
        Format::Markdown => Ok(report::markdown::report(report)),
        Format::Junit => report::junit::report(report).context("cannot write the report"),
    }
}

#[cfg(feature = "pages")]
fn html(report: &Report<'_>, day: Date) -> Result<String> {
    Ok(report::html::report(report, day))
}

#[cfg(not(feature = "pages"))]
fn html(_: &Report<'_>, _: Date) -> Result<String> {
    bail!("{NO_PAGES}")
}

/// The error of a build without the feature `pages`.
#[cfg(not(feature = "pages"))]
pub(super) const NO_PAGES: &str = "this build writes no pages\n\
    help: use the command-line program; the function's image leaves them out";

/// What was restored, a line each, and no more lines than anybody reads: there is nothing to do about
/// it.
fn restored_lines(report: &Report<'_>, volume: &Volume) -> String {
    if report.done == Done::Checked || volume.verbose || volume.quiet {
        return String::new();
    }
    let mut lines = String::new();
    let mut rules = Quota::new(SAID);
    for file in &report.files {
        for (finding, region) in file.placed() {
            if finding.severity == Severity::Info && rules.shows(finding.rule.id()) {
                let place = region.map(|region| format!("{}:{}", file.path, region.start));
                lines.push_str(&report::text::finding(finding, place.as_deref()));
                lines.push('\n');
            }
        }
    }
    for line in rules.lines("; --verbose draws them all") {
        lines.push_str(&line);
        lines.push('\n');
    }
    if !lines.is_empty() {
        lines.push('\n');
    }
    lines
}

/// The changes as a unified diff that `git apply` takes.
fn diff(changed: &[Replacement<'_>], color: bool) -> String {
    let files = changed.iter();
    files
        .map(|file| {
            let path = paths::in_patch(&file.file.path);
            report::diff::unified(&path, file.old, &file.new, color)
        })
        .collect()
}

impl JudgedFiles {
    fn is_stdin(&self) -> bool {
        matches!(&self.files.files[..], [file] if file.path == Path::new("-"))
    }

    pub(super) fn report(&self, done: Done) -> Report<'_> {
        let files = self.files.files.iter().zip(&self.together.files);
        let files = files.map(|(file, outcome)| File {
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
            config_path: self.config.as_deref(),
            roots: Some(&self.together.roots),
            roles: None,
            repository: paths::repository(),
            fails_from: Severity::Error,
        }
    }

    /// The files that edits change.
    fn changed(&self) -> Vec<Replacement<'_>> {
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

    fn print_stdin(&self) -> Result<()> {
        match self.changed().first() {
            Some(file) => terminal::hand_over(&file.new),
            None => terminal::hand_over(
                self.files
                    .files
                    .first()
                    .map_or("", tree::File::text_or_empty),
            ),
        }
    }

    /// What the files are for, in the format that says so of each.
    fn roles(&self, format: Format) -> Option<Roles> {
        (format == Format::Json).then(|| asides::roles_of(&self.files, &self.together))
    }

    /// Says, where all is wanted, what was not judged and why.
    fn say_asides(&self, volume: &Volume) {
        if volume.verbose {
            asides::say(&self.files, &self.together);
        }
    }

    /// The last lines of a report for people.
    fn summary(&self, report: &Report<'_>, volume: &Volume) -> String {
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
                say(&format!(
                    "{}:{place} {}",
                    piece(file.path),
                    piece(&problem.what)
                ));
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
pub(super) fn unreadable(why: &Unreadable) -> Problem {
    Problem {
        at: why.before.as_ref().map(String::len),
        what: why.what.clone(),
        help: why.help.map(str::to_owned),
    }
}
