//! `fix`: files are judged together, replaced or shown as a diff, and reported.

use std::fmt::Write as _;

use anyhow::{Result, bail};

use crate::cli::args::{self, Color, Reporting, Volume};
use crate::cli::write::{self, Replacement};
use crate::cli::{paths, say, say_document, terminal};
use crate::finding::{Mode, Severity};
use crate::quote::piece;
use crate::report::text::count;
use crate::report::{self, Done, Problem, Report};

use super::GlobalOptions;
use super::exit_code;
use super::judged::{JudgedFiles, for_report};
use super::written::{print, written};

/// Restores files; the exit code is 1 if something is left that `check` would refuse, or if only the
/// differences were wanted and there are any.
pub(in crate::cli) fn fix(args: &args::Fix, options: GlobalOptions) -> Result<u8> {
    let Reporting { format, volume } = args.reporting;
    let judged = for_report(&args.files, format, options, Mode::Restore, volume.quiet)?;
    if judged.together.configured == Mode::Check && !args.diff {
        bail!(
            "the configuration says `mode: check`, so nothing is written\n\
             help: set `mode: restore` to let `fix` write, or see what it would write by --diff"
        );
    }
    let from_stdin = judged.is_stdin();
    let mut report = judged.report(if args.diff {
        Done::WouldRestore
    } else {
        Done::Restored
    });
    report.roles = judged.roles(format);
    let refused = report.has_problems() && !args.keep_going;
    let changed = judged.changed();
    let mut restored = Vec::new();
    if refused {
        report.done = Done::WouldRestore;
    } else if args.diff {
        let color = terminal::colors(options.color);
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
    let told = tell(args, options, &judged, &report, refused);
    // Name the restored files if the report cannot be written: the write error alone would suggest
    // that nothing was restored.
    told.map_err(|error| match restored[..] {
        [] => error,
        _ => write::told(&error, TO_SEE, restored.into_iter()),
    })?;
    let differs = args.diff && !changed.is_empty();
    Ok(if report.has_problems() {
        2
    } else if differs || report.has(Severity::Error) || report.left() > 0 {
        1
    } else {
        exit_code::of_clean(&report, args.files.fail_empty)
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
    args: &args::Fix,
    options: GlobalOptions,
    judged: &JudgedFiles,
    report: &Report<'_>,
    refused: bool,
) -> Result<()> {
    // If the text itself is the output (a diff, or `fix -`), the report goes to standard error.
    let aside = args.diff || judged.is_stdin();
    let color = if aside { Color::Never } else { options.color };
    // The diff says what would change, and is all that was asked for.
    let Reporting { format, volume } = args.reporting;
    let quiet = volume.quiet || (args.diff && !volume.verbose);
    let of_report = Reporting {
        format,
        volume: Volume { quiet, ..volume },
    };
    let options = GlobalOptions { color, ..options };
    let mut text = written(report, of_report, options)?;
    let has_ending = (format.is_for_people() || format.is_for_logs()) && !volume.quiet;
    let mut ending = String::new();
    if has_ending {
        if refused {
            ending.push_str(
                "nothing was written, since a file could not be read: fix it, leave it out with \
                             --exclude, or add --keep-going\n",
            );
        }
        ending.push_str(&judged.summary(report, &volume));
        let left = report.left();
        if left > 0 && !report.has_problems() {
            let findings = count(left, "finding");
            let verb = if args.diff { "cannot" } else { "could not" };
            let _ = writeln!(
                ending,
                "{findings} {verb} be restored, and `check` makes an error of each: exit code 1"
            );
        }
        if quiet && report::counts::count_up(report).warnings > 0 {
            ending.push_str("the warnings are shown by --verbose, and by `restore-images check`\n");
        }
    }
    if format.is_for_people() {
        text.push_str(&ending);
    }
    match (aside, format) {
        (true, format) if format.is_for_people() => text.lines().for_each(say),
        (true, _) => say_document(&text),
        (false, format) => print(&text, format, color)?,
    }
    if format.is_for_people() {
        judged.say_asides(&volume);
    } else {
        ending.lines().for_each(say);
    }
    judged.say_notes(format.is_for_people() || has_ending);
    Ok(())
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
