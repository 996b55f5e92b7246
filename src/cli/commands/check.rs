//! `check`: files are judged together and reported, and the exit code says whether anything is wrong.

use anyhow::Result;

use crate::cli::args::{self, Reporting};
use crate::cli::{say, terminal};
use crate::finding::Mode;
use crate::report::Done;

use super::GlobalOptions;
use super::exit_code;
use super::judged::for_report;
use super::written::{print, written};

/// Checks files; the exit code is 1 if anything is wrong.
pub(in crate::cli) fn check(args: &args::Check, options: GlobalOptions) -> Result<u8> {
    let Reporting { format, volume } = args.reporting;
    let judged = for_report(&args.files, format, options, Mode::Check, volume.quiet)?;
    let mut report = judged.report(Done::Checked);
    report.roles = judged.roles(format);
    report.fails_from = args.fail_on.severity();
    let text = written(&report, args.reporting, options)?;
    print(&text, format, options.color)?;
    if format.is_for_people() {
        judged.say_asides(&volume);
        if !volume.quiet {
            terminal::print(&judged.summary(&report, &volume), false)?;
        }
    }
    let in_log = format.is_for_logs() && !volume.quiet;
    if in_log {
        say(judged.summary(&report, &volume).trim_end());
    }
    judged.say_notes(format.is_for_people() || in_log);
    let code = exit_code::of_check(&report, args);
    drop(report);
    // The program ends: the system takes all of it back at once, in less time than file by file.
    std::mem::forget(judged);
    Ok(code)
}
