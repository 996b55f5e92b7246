//! The exit codes of the commands over files.

use crate::cli::args;
use crate::finding::Severity;
use crate::report::{self, Report};

/// The exit code of a check.
pub(super) fn of_check(report: &Report<'_>, args: &args::Check) -> u8 {
    let severities = [Severity::Error, Severity::Warning];
    let mut failing = severities.into_iter().filter(|of| *of <= report.fails_from);
    let fails = failing.any(|severity| report.has(severity));
    match (report.has_problems(), fails) {
        (true, _) => 2,
        (false, true) => 1,
        (false, false) => of_clean(report, args.files.fail_empty),
    }
}

/// The exit code of a run in which nothing is wrong.
pub(super) fn of_clean(report: &Report<'_>, fail_empty: bool) -> u8 {
    if fail_empty && report::counts::count_up(report).judged == 0 {
        EMPTY
    } else {
        0
    }
}

/// The exit code that `--fail-empty` asks for.
const EMPTY: u8 = 3;
