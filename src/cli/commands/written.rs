//! What `fix` and `check` print: the report in a format, and for people the lines around it.

use anyhow::{Context, Result};

use crate::cli::args::{Color, Format, Reporting, Volume};
#[cfg(feature = "pages")]
use crate::cli::paths::place_name;
use crate::cli::terminal;
use crate::config::Date;
use crate::finding::{Finding, Severity};
#[cfg(feature = "pages")]
use crate::report::FileReport;
use crate::report::diagnostic::Drawing;
#[cfg(feature = "pages")]
use crate::report::html::PageTitle;
use crate::report::quota::{Quota, SAID};
use crate::report::summary::Detail;
use crate::report::{self, Done, Report};

use super::GlobalOptions;

/// Prints a report that was written in a format.
pub(super) fn print(text: &str, format: Format, color: Color) -> Result<()> {
    match format {
        Format::Text | Format::Short => terminal::print(text, terminal::colors(color)),
        _ => terminal::print_document(text),
    }
}

/// The report in a format; the summary is the caller's.
pub(super) fn written(
    report: &Report<'_>,
    reporting: Reporting,
    options: GlobalOptions,
) -> Result<String> {
    let Reporting { format, volume } = reporting;
    let drawing = Drawing {
        color: terminal::colors(options.color),
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
            Ok(restored_lines(report, &volume) + &report::diagnostic::report(report, drawing))
        }
        Format::Short => {
            // What was restored is a line each in any case.
            let restores = report.done != Done::Checked && !volume.quiet;
            let is_shown = |finding: &Finding| {
                finding.severity <= drawing.least || restores && finding.is_restored()
            };
            Ok(report::short::report(report, &is_shown))
        }
        Format::Json => report::json::report(report).context("cannot write the report"),
        Format::Sarif => report::sarif::report(report).context("cannot write the report"),
        Format::Github => Ok(report::github::report(report)),
        Format::Html => html(report, options.today),
        Format::Gitlab => report::gitlab::report(report).context("cannot write the report"),
        Format::Markdown => Ok(report::markdown::report(report)),
        Format::Junit => report::junit::report(report).context("cannot write the report"),
    }
}

#[cfg(feature = "pages")]
fn html(report: &Report<'_>, day: Date) -> Result<String> {
    Ok(report::html::report(
        report,
        title(report, &place_name(), day),
    ))
}

/// What a page of a report is of: what came by standard input is of no folder.
#[cfg(feature = "pages")]
pub(super) fn title<'a>(report: &Report<'_>, folder: &'a str, day: Date) -> PageTitle<'a> {
    let of = match report.files[..] {
        [FileReport { path: "stdin", .. }] => "standard input",
        _ => folder,
    };
    PageTitle { of, day }
}

#[cfg(not(feature = "pages"))]
fn html(_: &Report<'_>, _: Date) -> Result<String> {
    anyhow::bail!("{NO_PAGES}")
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
    let word = match report.done {
        Done::Restored => "restored",
        Done::WouldRestore | Done::Checked => "to restore",
    };
    let mut lines = String::new();
    let mut rules = Quota::new(SAID);
    for file in &report.files {
        for (finding, region) in file.placed() {
            if finding.is_restored() && rules.shows(finding.rule.id()) {
                let place = region.map(|region| format!("{}:{}", file.path, region.start));
                lines.push_str(&report::text::restored(finding, place.as_deref(), word));
                lines.push('\n');
            }
        }
    }
    for line in rules.lines("; --verbose shows them all") {
        lines.push_str(&line);
        lines.push('\n');
    }
    if !lines.is_empty() {
        lines.push('\n');
    }
    lines
}

/// How much the summary says, and how to see the rest of it.
pub(super) fn detail(volume: &Volume) -> (Detail, &'static str) {
    if volume.verbose {
        (Detail::Full, "")
    } else {
        (Detail::Short, ": --verbose")
    }
}
