//! Joined reports for people: a table of the reports, one of the rules, and what is new or gone.

use super::{Joined, JoinedFinding, NamedReport, Since, by_rule, that_are, untold};
use crate::quote::piece;
use crate::report::table::{self, Table};
use crate::report::text::{count, name_of};

/// How many of what is new, and of what is gone, are named.
const CHANGES_SHOWN: usize = 20;

/// The reports as text for a terminal of so many columns, without the last line.
pub fn in_text(joined: &Joined, color: bool, width: usize) -> String {
    let mut out = match joined.changes {
        Some(_) => compared(joined, color, width),
        None => alone(joined, color, width),
    };
    let rules = by_rule(joined);
    if !rules.is_empty() {
        let mut table = Table::new(["RULE", "FINDINGS", "REPORTS"]);
        for (rule, number, reports) in rules {
            table.row([rule.to_owned(), number.to_string(), reports.to_string()]);
        }
        out.push('\n');
        out.push_str(&table::write(&table, color, width));
    }
    for since in [Since::New, Since::Gone] {
        let these: Vec<(&str, &JoinedFinding)> = that_are(joined, since).collect();
        if these.is_empty() {
            continue;
        }
        out.push('\n');
        for (report, found) in these.iter().take(CHANGES_SHOWN) {
            out.push_str(&format!("{}: {}\n", since.as_str(), told(report, found)));
        }
        if let Some(more) = these
            .len()
            .checked_sub(CHANGES_SHOWN)
            .filter(|more| *more > 0)
        {
            let how = "--format json, markdown and html list all of them";
            out.push_str(&format!("and {more} more {}: {how}\n", since.as_str()));
        }
    }
    let notes = untold(joined);
    if !notes.is_empty() {
        out.push('\n');
        notes
            .iter()
            .for_each(|line| out.push_str(&format!("{line}\n")));
    }
    out.push('\n');
    out
}

fn alone(joined: &Joined, color: bool, width: usize) -> String {
    let header = [
        "REPORT",
        "ERRORS",
        "WARNINGS",
        "UNREADABLE",
        "CLEAN",
        "IMAGES",
        "NOT READ",
    ];
    let row = |report: &NamedReport| {
        let [errors, warnings, unreadable, clean, images, unread] = report.summary.told();
        let name = report.name.clone();
        [name, errors, warnings, unreadable, clean, images, unread]
    };
    reports(joined, (header, row), color, width)
}

fn compared(joined: &Joined, color: bool, width: usize) -> String {
    let header = [
        "REPORT",
        "ERRORS",
        "WARNINGS",
        "UNREADABLE",
        "CLEAN",
        "IMAGES",
        "NOT READ",
        "NEW",
        "GONE",
        "LEFT",
    ];
    let row = |report: &NamedReport| {
        let [errors, warnings, unreadable, clean, images, unread] = report.summary.told();
        let [new, gone, left] = report.changes_told();
        let name = report.name.clone();
        [
            name, errors, warnings, unreadable, clean, images, unread, new, gone, left,
        ]
    };
    reports(joined, (header, row), color, width)
}

/// A table with a row for each report.
fn reports<const N: usize>(
    joined: &Joined,
    (header, row): ([&'static str; N], impl Fn(&NamedReport) -> [String; N]),
    color: bool,
    width: usize,
) -> String {
    let mut table = Table::new(header);
    for report in &joined.reports {
        table.row(row(report));
    }
    table::write(&table, color, width)
}

/// A finding of a report on one line.
fn told(report: &str, found: &JoinedFinding) -> String {
    let place = found
        .place()
        .map_or(String::new(), |place| format!("{}: ", piece(&place)));
    format!("{}: {place}{}", piece(report), said(found))
}

/// The text of a finding after its place.
pub(super) fn said(found: &JoinedFinding) -> String {
    let resource = found.resource.as_ref().map_or(String::new(), |resource| {
        let name = name_of(&resource.kind, &resource.namespace, &resource.name);
        format!("{name}: ")
    });
    format!(
        "{}: {resource}{} [{}]",
        found.severity.as_str(),
        piece(&found.message),
        piece(&found.rule)
    )
}

/// The numbers in a line: `3 reports: 2 errors, 1 warning, 41 files clean; 1 new, 2 gone, 1 left`.
pub fn line(joined: &Joined) -> String {
    let sum = &joined.summary;
    let mut parts = vec![count(sum.errors, "error"), count(sum.warnings, "warning")];
    if sum.unreadable > 0 {
        parts.push(format!("{} unreadable", count(sum.unreadable, "file")));
    }
    parts.push(format!("{} clean", count(sum.clean, "file")));
    parts.push(format!("{} read", count(sum.read, "image")));
    if sum.unread > 0 {
        parts.push(format!("{} not read", sum.unread));
    }
    if sum.unjudged > 0 {
        parts.push(format!("{} not checked", count(sum.unjudged, "file")));
    }
    let mut line = count(joined.reports.len(), "report") + ": " + &parts.join(", ");
    if let Some(changes) = joined.changes {
        let [new, gone, left] = [changes.new, changes.gone, changes.left];
        line += &format!("; {new} new, {gone} gone, {left} left");
    }
    line
}
