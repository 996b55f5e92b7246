//! Findings as Markdown for the comment of a pull request: by file, with what each line should be.
//!
//! Text of the input is written as code only, where it is no Markdown and mentions nobody.

use std::fmt::Write as _;

use super::line;
use super::remedy::{changed_lines, message};
use super::summary::{self, Detail};
use super::text::{count, resource_before};
use super::{FileReport, Report};
use crate::finding::{Finding, Severity};
use crate::quote::piece;

/// The characters that a report may have: GitHub takes 65,536 in a comment, and a workflow may want to
/// add something.
const MOST: usize = 60_000;

/// The report as Markdown of at most [`MOST`] characters; what has no room is counted.
pub fn report(report: &Report<'_>) -> String {
    let mut out = String::new();
    let _ = writeln!(
        out,
        "### restore-images: {}\n",
        summary::line(report, Detail::Short, "")
    );
    out.push_str(&configuration(report));
    out.push_str("\n\n");
    let mut room = Limited::new(out);
    let of_all = report.findings.iter().filter(|finding| is_shown(finding));
    for finding in of_all {
        let line = report.config_region(finding);
        let line = line.map(|region| region.start.line);
        room.add("", &item(None, finding, line));
    }
    for file in &report.files {
        let mut heading = format!("\n#### {}\n\n", code(file.path));
        if let Err(problem) = &file.result {
            let place = file.problem_region().map(|region| region.start.line);
            let place = place.map_or(String::new(), |line| format!(", line {line}"));
            let item = format!(
                "- **cannot be read**{place}: {}\n",
                code(&piece(&problem.with_help("; ")))
            );
            heading = room.add(&heading, &item);
        }
        for (finding, region) in file.placed().filter(|(finding, _)| is_shown(finding)) {
            let line = region.as_ref().map(|region| region.start.line);
            let changed = region.and_then(|region| suggestion(file, &region.span, finding));
            let item = item(Some(file), finding, line) + &changed.unwrap_or_default();
            heading = room.add(&heading, &item);
        }
    }
    room.end("finding", "`restore-images check` lists them all")
}

/// Which configuration was used; the names of files are code, and the rest is none.
fn configuration(report: &Report<'_>) -> String {
    let (used, unused) = summary::configurations(report);
    match (used, unused) {
        (Some(path), _) => format!("configuration: {}", code(path)),
        (None, None) => summary::NONE.to_owned(),
        (None, Some((first, more))) => {
            format!("{}; {}", summary::NONE, summary::unused(&code(first), more))
        }
    }
}

fn is_shown(finding: &Finding) -> bool {
    finding.severity <= Severity::Warning
}

/// What was written so far, and what has no room.
pub(super) struct Limited {
    out: String,
    /// How many characters were written.
    size: usize,
    left: usize,
}

impl Limited {
    /// A comment that begins so.
    pub(super) fn new(out: String) -> Self {
        let size = out.chars().count();
        let left = 0;
        Limited { out, size, left }
    }

    /// Adds a finding, below its heading where that is still to be written; gives back the heading that
    /// the next one needs.
    pub(super) fn add(&mut self, heading: &str, item: &str) -> String {
        let size = self.size + heading.chars().count() + item.chars().count();
        if self.left > 0 || size > MOST {
            self.left += 1;
            return heading.to_owned();
        }
        self.size = size;
        self.out.push_str(heading);
        self.out.push_str(item);
        String::new()
    }

    /// The comment, and how many things had no room and where they are.
    pub(super) fn end(mut self, noun: &str, how: &str) -> String {
        if self.left > 0 {
            let more = count(self.left, &format!("more {noun}"));
            let _ = writeln!(self.out, "\n{more} do not fit into a comment: {how}");
        }
        self.out
    }
}

fn item(file: Option<&FileReport<'_>>, finding: &Finding, line: Option<usize>) -> String {
    let line = line.map_or(String::new(), |line| format!(", line {line}"));
    let resource = resource_before(finding);
    let message = code(&format!("{resource}{}", message(file, finding)));
    let severity = finding.severity.as_str();
    format!(
        "- **{severity}** {}{line}: {message}\n",
        code(finding.rule.id())
    )
}

/// The lines as they are and as they should be: those that edits change, or the one whose value is to be
/// replaced by another.
fn suggestion(
    file: &FileReport<'_>,
    span: &crate::yaml::Span,
    finding: &Finding,
) -> Option<String> {
    let both = match changed_lines(file, finding) {
        Some(lines) => {
            let lines = lines.iter().map(|line| {
                let sign = if line.is_new { '+' } else { '-' };
                format!("{sign}{}", line.text)
            });
            lines.collect::<Vec<_>>().join("\n")
        }
        None => {
            let line = line::of_finding(file.text, span, finding);
            format!("-{}\n+{}", line.text, line.restored(finding)?)
        }
    };
    let fence = "`".repeat(3.max(longest_run(&both) + 1));
    let both = both.replace('\n', "\n  ");
    Some(format!("  {fence}diff\n  {both}\n  {fence}\n"))
}

/// Text as code: between more backticks than it has in a row.
pub(super) fn code(text: &str) -> String {
    let text = piece(text);
    let ticks = "`".repeat(longest_run(&text) + 1);
    if text.starts_with('`') || text.ends_with('`') || text.is_empty() {
        format!("{ticks} {text} {ticks}")
    } else {
        format!("{ticks}{text}{ticks}")
    }
}

/// The length of the longest run of backticks.
fn longest_run(text: &str) -> usize {
    let runs = text.split(|c| c != '`').map(str::len);
    runs.max().unwrap_or_default()
}
