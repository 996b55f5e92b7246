//! Findings as Markdown for the comment of a pull request: by file, with what each line should be.
//!
//! Text of the input is written as code only, where it is no Markdown and mentions nobody.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::fingerprint::UNREADABLE;
use super::line;
use super::quota::Quota;
use super::remedy::{changed_lines, message};
use super::summary::{self, Detail};
use super::table::natural;
use super::text::{count, resource_before};
use super::{FileReport, Report, folder};
use crate::finding::{Finding, Severity};
use crate::quote::piece;
use crate::sort::sort_by_cached_key;
use crate::yaml::Span;

/// The characters that a report may have: GitHub takes 65,536 in a comment, and a workflow may want to
/// add something.
const MOST_CHARACTERS: usize = 60_000;
/// How many findings of a rule a file shows where not all have room.
const ALIKE: usize = 3;
/// Among how many findings before it one of the same value is looked for.
const NEAR: usize = 8;
/// How many folders are counted by themselves.
const FOLDERS: usize = 10;

/// The report as Markdown of at most [`MOST_CHARACTERS`] characters; what has no room is counted, by rule and folder.
pub fn report(report: &Report<'_>) -> String {
    let all = laid_out(report, None);
    let room = match all.left {
        0 => all,
        _ => laid_out(report, Some(ALIKE)),
    };
    room.end("finding", "`restore-images check` lists them all")
}

/// The findings by file; with `alike`, below counts of them all, and no more of a rule in each file.
fn laid_out(report: &Report<'_>, alike: Option<usize>) -> Limited {
    let mut out = String::new();
    let _ = writeln!(
        out,
        "### restore-images: {}\n",
        summary::line(report, Detail::Short, "")
    );
    out.push_str(&configuration(report));
    out.push_str("\n\n");
    if alike.is_some() {
        out.push_str(&counted(report));
    }
    let mut room = Limited::new(out);
    let of_all = report.findings.iter().filter(|finding| is_shown(finding));
    for finding in of_all {
        let line = report.config_region(finding);
        let line = line.map(|region| region.start.line);
        room.add("", &item(None, finding, line), 1);
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
            heading = room.add(&heading, &item, 1);
        }
        let mut rules = Quota::new(alike.unwrap_or(usize::MAX));
        for changed in changes(file, &mut rules) {
            let text = changed.items + &changed.diff.unwrap_or_default();
            heading = room.add(&heading, &text, changed.findings);
        }
        for (rule, rest) in rules.rest() {
            let more = format!("- and {} more {} in this file\n", rest.count, code(rule));
            heading = room.add(&heading, &more, rest.count);
        }
    }
    room
}

/// Findings of one value, and what should be there, which they share.
struct Changed {
    place: Option<Span>,
    findings: usize,
    items: String,
    diff: Option<String>,
}

/// The findings of a file that `rules` lets through.
fn changes<'f>(file: &'f FileReport<'_>, rules: &mut Quota<'f>) -> Vec<Changed> {
    let mut all: Vec<Changed> = Vec::new();
    for (finding, region) in file.placed().filter(|(finding, _)| is_shown(finding)) {
        if !rules.shows(finding.rule.id()) {
            continue;
        }
        let line = region.as_ref().map(|region| region.start.line);
        let place = region.map(|region| region.span);
        let diff = place
            .as_ref()
            .and_then(|span| suggestion(file, span, finding));
        let items = item(Some(file), finding, line);
        let is_same =
            |known: &&mut Changed| diff.is_some() && known.place == place && known.diff == diff;
        // Findings of one value are near each other, with those of another perhaps between them.
        if let Some(last) = all.iter_mut().rev().take(NEAR).find(is_same) {
            last.items.push_str(&items);
            last.findings += 1;
        } else {
            all.push(Changed {
                place,
                findings: 1,
                items,
                diff,
            });
        }
    }
    all
}

/// How many findings each rule and each folder has: what a comment cannot say one by one.
fn counted(report: &Report<'_>) -> String {
    let (mut rules, mut folders) = (BTreeMap::new(), BTreeMap::new());
    let mut add = |rule, folder| {
        *rules.entry(rule).or_insert(0) += 1;
        *folders.entry(folder).or_insert(0) += 1;
    };
    let of_all = report.findings.iter().filter(|finding| is_shown(finding));
    of_all.for_each(|finding| add(finding.rule.id(), folder(report.config_path.unwrap_or("."))));
    for file in &report.files {
        let of_file = file.findings().iter().filter(|finding| is_shown(finding));
        of_file.for_each(|finding| add(finding.rule.id(), folder(file.path)));
        if file.result.is_err() {
            add(UNREADABLE, folder(file.path));
        }
    }
    let mut out = head(&["rule", "findings"]);
    for (rule, number) in most_first(rules) {
        out.push_str(&row(&[cell(rule), number.to_string()]));
    }
    out.push_str(&head(&["folder", "findings"]));
    let folders = most_first(folders);
    for (folder, number) in folders.iter().take(FOLDERS) {
        out.push_str(&row(&[cell(folder), number.to_string()]));
    }
    let rest = folders.get(FOLDERS..).unwrap_or_default();
    if !rest.is_empty() {
        let number: usize = rest.iter().map(|(_, number)| number).sum();
        out.push_str(&row(&[
            count(rest.len(), "more folder"),
            number.to_string(),
        ]));
    }
    out
}

/// Names with the largest number first.
fn most_first(counts: BTreeMap<&str, usize>) -> Vec<(&str, usize)> {
    let mut counts: Vec<_> = counts.into_iter().collect();
    sort_by_cached_key(&mut counts, |(name, number)| {
        (Reverse(*number), natural(name))
    });
    counts
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

    /// Adds so many findings, below their heading where that is still to be written; gives back the
    /// heading that the next ones need.
    pub(super) fn add(&mut self, heading: &str, item: &str, findings: usize) -> String {
        let size = self.size + heading.chars().count() + item.chars().count();
        if self.left > 0 || size > MOST_CHARACTERS {
            self.left += findings;
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
fn suggestion(file: &FileReport<'_>, span: &Span, finding: &Finding) -> Option<String> {
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

/// The head of a table: names first, then numbers.
pub(super) fn head(names: &[&str]) -> String {
    let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    let mut rule = "|---|".to_owned();
    rule += &"---:|".repeat(names.len() - 1);
    format!("\n{}{rule}\n", row(&names))
}

/// A row of a table.
pub(super) fn row(cells: &[String]) -> String {
    format!("| {} |\n", cells.join(" | "))
}

/// A name in a cell, which `|` would end even in code.
pub(super) fn cell(name: &str) -> String {
    code(name).replace('|', "\\|")
}
