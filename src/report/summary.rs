//! The summary line: how many images are restored in how many files.

use super::counts::{Counts, UNJUDGED, count_up, images, of_severity};
use super::text::count;
use super::{Done, FileReport, Report};
use crate::finding::{Finding, Mode, Severity};
use crate::quote::piece;
use crate::restore::{Roots, Skipped};

/// How much the summary says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Detail {
    /// What was found, and what was not looked at though it may hold images.
    Short,
    /// Every number.
    Full,
}

/// The summary in a line: `3 images restored in 2 of 41 files, 52 images read`.
///
/// `hint` says how the images and files are named that were not read; empty where they were.
pub fn line(report: &Report<'_>, detail: Detail, hint: &str) -> String {
    let summary = count_up(report);
    let mut parts = Vec::new();
    match (summary.judged, detail) {
        (0, _) => {
            parts.extend(nothing_judged(&summary));
            // The hint is given once.
            let is_hinted = report.roots.is_some() && summary.unread > 0;
            let hint = if is_hinted { "" } else { hint };
            parts.extend(some(summary.skipped, &format!("skipped{hint}")));
        }
        (_, Detail::Short) => {
            parts.extend(outcome(report.done, &summary));
            parts.extend(unjudged(&summary));
        }
        (_, Detail::Full) => {
            parts.extend(outcome(report.done, &summary));
            parts.push(format!("{} clean", summary.clean));
            parts.extend(some(summary.skipped, "skipped"));
        }
    }
    parts.extend(some(summary.excluded, "excluded"));
    parts.extend(some(summary.unreadable, "unreadable"));
    if let Some(roots) = report.roots {
        parts.extend(roots_settled(roots, detail));
        parts.push(format!("{} read", count(summary.read, "image")));
        if summary.unread > 0 {
            parts.push(format!("{} not read{hint}", summary.unread));
        }
    }
    parts.join(", ")
}

fn some(number: usize, word: &str) -> Option<String> {
    (number > 0).then(|| format!("{number} {word}"))
}

/// The files that were skipped and may hold images all the same.
fn unjudged(summary: &Counts) -> impl Iterator<Item = String> + '_ {
    UNJUDGED.into_iter().filter_map(|(reason, noun)| {
        let number = summary.reasons.get(&reason)?;
        Some(format!("{} not checked", count(*number, noun)))
    })
}

/// What is said where no file holds a manifest: a clean result would mean nothing.
fn nothing_judged(summary: &Counts) -> Vec<String> {
    let mut parts = vec!["no manifest was looked at".to_owned()];
    // The configuration may have findings of its own.
    for (number, noun) in [(summary.errors, "error"), (summary.warnings, "warning")] {
        if number > 0 {
            parts.push(count(number, noun));
        }
    }
    parts
}

/// What became of the manifests.
fn outcome(done: Done, summary: &Counts) -> Vec<String> {
    let judged = count(summary.judged, "file");
    let in_files = |files| match files {
        files if files == summary.judged => format!("in {judged}"),
        files => format!("in {files} of {judged}"),
    };
    let nothing = match (summary.unreadable, summary.left) {
        (0, 0) => format!("nothing to restore {}", in_files(summary.judged)),
        (0, _) => format!("nothing restored {}", in_files(summary.judged)),
        (_, 0) => "nothing to restore in what could be read".to_owned(),
        _ => "nothing restored in what could be read".to_owned(),
    };
    let errors = count(summary.errors, "error");
    let warnings = count(summary.warnings, "warning");
    match done {
        Done::Checked => {
            // What is said of the configuration may hold for all files together.
            let files = match (summary.concerned, summary.in_configuration) {
                (0, true) => format!("in the configuration, none in {judged}"),
                (files, true) => format!("{} and the configuration", in_files(files)),
                (files, false) => in_files(files),
            };
            vec![match (summary.errors, summary.warnings) {
                (0, 0) => nothing,
                (0, _) => format!("{warnings} {files}"),
                (_, 0) => format!("{errors} {files}"),
                _ => format!("{errors} and {warnings} {files}"),
            }]
        }
        Done::Restored | Done::WouldRestore => {
            let verb = match done {
                Done::Restored => "restored",
                _ => "would be restored",
            };
            let images = count(summary.images, "image");
            let mut parts = vec![match summary.changed {
                0 => nothing,
                files => format!("{images} {verb} {}", in_files(files)),
            }];
            if summary.warnings > 0 {
                parts.push(warnings);
            }
            parts
        }
    }
}

/// What a function did, in a line: `3 images restored, 1 warning`.
pub fn of_function(findings: &[Finding], mode: Mode) -> String {
    let errors = of_severity(findings, Severity::Error);
    let warnings = of_severity(findings, Severity::Warning);
    let mut parts = match (mode, images(findings), errors) {
        (Mode::Check, _, 1..) => vec![count(errors, "error")],
        (Mode::Restore, images @ 1.., _) => vec![format!("{} restored", count(images, "image"))],
        _ if findings.iter().any(Finding::is_left) => vec!["nothing restored".to_owned()],
        _ => vec!["nothing to restore".to_owned()],
    };
    if warnings > 0 {
        parts.push(count(warnings, "warning"));
    }
    parts.join(", ")
}

/// `2 of 3 roots settled`; that all are is said in full alone.
fn roots_settled(roots: &Roots, detail: Detail) -> Option<String> {
    let settled = roots.all - roots.unsettled.len();
    match (roots.all, settled) {
        (0, _) => None,
        (all, settled) if all == settled => {
            (detail == Detail::Full).then(|| format!("{} settled", count(all, "root")))
        }
        (all, settled) => Some(format!("{settled} of {} settled", count(all, "root"))),
    }
}

/// The configuration in a line: which one was used, or what holds without one, and which files look
/// as if they were meant to be it.
pub fn configuration(report: &Report<'_>) -> String {
    match configurations(report) {
        (Some(path), _) => format!("configuration: {}", piece(path)),
        (None, None) => NONE.to_owned(),
        (None, Some((first, more))) => format!("{NONE}; {}", unused(&piece(first), more)),
    }
}

/// What holds without a configuration.
pub(super) const NONE: &str =
    "configuration: none, so every built-in agent is looked for and no mirror is known";

/// That a file looks as if it were meant to be the configuration, as `more` others do.
pub(super) fn unused(first: &str, more: usize) -> String {
    match more {
        0 => format!("{first} is one: give it with --config"),
        more => format!("{first} is one of {}: give one with --config", more + 1),
    }
}

/// The configuration that was used, or the first file that looks as if it were meant to be, and how many
/// others do.
pub(super) fn configurations<'r>(
    report: &Report<'r>,
) -> (Option<&'r str>, Option<(&'r str, usize)>) {
    let mut unused = report.files.iter().filter(|file| is_unused(file));
    let first = unused.next().map(|file| (file.path, unused.count()));
    (report.config_path, first)
}

/// Whether a file is a configuration that nothing refers to.
fn is_unused(file: &FileReport<'_>) -> bool {
    let skipped = file
        .result
        .as_ref()
        .ok()
        .and_then(|outcome| outcome.skipped);
    skipped == Some(Skipped::Configuration) && file.text.contains("RestoreImages")
}
