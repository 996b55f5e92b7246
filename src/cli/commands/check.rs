//! `check`: files are judged together and reported, and the exit code says whether anything is wrong.

use anyhow::Result;

use crate::cli::{args, terminal};
use crate::finding::Mode;
use crate::report::{self, Done, Report};

use super::GlobalOptions;
use super::exit_code;
use super::judged::for_report;
use super::written::{detail, print, written};

/// Checks files; the exit code is 1 if anything is wrong.
pub(in crate::cli) fn check(args: &args::Check, options: GlobalOptions) -> Result<u8> {
    let quiet = args.reporting.volume.quiet;
    let judged = for_report(
        &args.files,
        args.reporting.format,
        options,
        Mode::Check,
        quiet,
    )?;
    let mut report = judged.report(Done::Checked);
    report.roles = judged.roles(args.reporting.format);
    report.fails_from = args.fail_on.severity();
    let text = written(
        &report,
        args.reporting.format,
        &args.reporting.volume,
        options,
    )?;
    print(&text, args.reporting.format, options.color)?;
    if args.reporting.format.is_for_people() {
        judged.say_asides(&args.reporting.volume);
        if !args.reporting.volume.quiet {
            terminal::print(&judged.summary(&report, &args.reporting.volume), false)?;
        }
    }
    judged.say_notes(args.reporting.format.is_for_people());
    Ok(exit_code::of_check(&report, args))
}

/// Prints what a check of builds found, and for people the summary, which ends in `ending`.
pub(super) fn tell_checked(
    args: &args::Check,
    options: GlobalOptions,
    report: &Report<'_>,
    ending: &str,
) -> Result<()> {
    let text = written(
        report,
        args.reporting.format,
        &args.reporting.volume,
        options,
    )?;
    print(&text, args.reporting.format, options.color)?;
    if args.reporting.format.is_for_people() && !args.reporting.volume.quiet {
        let configuration = report::summary::configuration(report);
        let (detail, _) = detail(&args.reporting.volume);
        let line = report::summary::line(report, detail, "");
        terminal::print(&format!("{configuration}\n{line}, {ending}\n"), false)?;
    }
    Ok(())
}
