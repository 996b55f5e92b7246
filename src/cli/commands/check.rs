//! `check`: files are judged together and reported, and the exit code says whether anything is wrong.

use anyhow::Result;

use crate::cli::{args, terminal};
use crate::finding::Mode;
use crate::report::{self, Done, Report};

use super::Setting;
use super::exit_code;
use super::judged::for_report;
use super::written::{detail, print, written};

/// Checks files; the exit code is 1 if anything is wrong.
pub(in crate::cli) fn check(words: &args::Check, setting: Setting) -> Result<u8> {
    let quiet = words.reporting.volume.quiet;
    let judged = for_report(
        &words.tree,
        words.reporting.format,
        setting,
        Mode::Check,
        quiet,
    )?;
    let mut report = judged.report(Done::Checked);
    report.roles = judged.roles(words.reporting.format);
    report.fails_from = words.fail_on.severity();
    let text = written(
        &report,
        words.reporting.format,
        &words.reporting.volume,
        setting,
    )?;
    print(&text, words.reporting.format, setting.color)?;
    if words.reporting.format.is_for_people() {
        judged.say_asides(&words.reporting.volume);
        if !words.reporting.volume.quiet {
            terminal::print(&judged.summary(&report, &words.reporting.volume), false)?;
        }
    }
    judged.say_notes(words.reporting.format.is_for_people());
    Ok(exit_code::of_check(&report, words))
}

/// Prints what a check of builds found, and for people the summary, which ends in `ending`.
pub(super) fn tell_checked(
    words: &args::Check,
    setting: Setting,
    report: &Report<'_>,
    ending: &str,
) -> Result<()> {
    let text = written(
        report,
        words.reporting.format,
        &words.reporting.volume,
        setting,
    )?;
    print(&text, words.reporting.format, setting.color)?;
    if words.reporting.format.is_for_people() && !words.reporting.volume.quiet {
        let configuration = report::summary::configuration(report);
        let (detail, _) = detail(&words.reporting.volume);
        let line = report::summary::line(report, detail, "");
        terminal::print(&format!("{configuration}\n{line}, {ending}\n"), false)?;
    }
    Ok(())
}
