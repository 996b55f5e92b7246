//! What the rows of joined reports leave open: what was not checked, and what is not compared. A row of zeros
//! means little where nothing was read.

use super::{Joined, NamedReport};
use crate::quote::piece;

/// How many reports are named in a line before the rest is counted.
const REPORTS_NAMED: usize = 20;

/// What nothing can be said of, a line each.
pub(in crate::report) fn untold(joined: &Joined) -> Vec<String> {
    let lines = [
        named(
            joined,
            "configuration: none, so every built-in agent was looked for and no mirror was known",
            |report| report.configuration.is_none().then(String::new),
        ),
        named(
            joined,
            "files not checked, which may hold images",
            |report| {
                let number = report.summary.unjudged;
                (number > 0).then(|| format!(" ({number})"))
            },
        ),
        named(joined, "roots not settled", |report| {
            let (all, left) = unsettled(report)?;
            Some(format!(" ({left} of {all})"))
        }),
    ];
    lines
        .into_iter()
        .flatten()
        .chain(not_compared(joined))
        .collect()
}

/// `WHAT: a (1), b (2) and 3 more`: the reports of which something is to be said.
fn named(
    joined: &Joined,
    what: &str,
    said: impl Fn(&NamedReport) -> Option<String>,
) -> Option<String> {
    let reports = joined.reports.iter();
    let these = reports.filter_map(|report| Some(piece(&report.name) + &said(report)?));
    let these: Vec<String> = these.collect();
    if these.is_empty() {
        return None;
    }
    let more = match these.len().saturating_sub(REPORTS_NAMED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let first = &these[..these.len().min(REPORTS_NAMED)];
    Some(format!("{what}: {}{more}", first.join(", ")))
}

/// How many roots there are, and of how many not everything is known, where there are such.
fn unsettled(report: &NamedReport) -> Option<(usize, usize)> {
    let (all, settled) = (report.summary.roots?, report.summary.settled?);
    let left = all.checked_sub(settled)?;
    (left > 0).then_some((all, left))
}

fn not_compared(joined: &Joined) -> Vec<String> {
    if joined.changes.is_none() {
        return Vec::new();
    }
    let new = joined
        .reports
        .iter()
        .filter(|report| report.changes.is_none());
    let new = new.map(|report| {
        let name = piece(&report.name);
        format!("{name} is not in the older reports, so nothing of it is called new")
    });
    let missing = joined.missing.iter().map(|name| {
        let name = piece(name);
        format!("{name} is in the older reports alone, so nothing of it is called gone")
    });
    new.chain(missing).collect()
}
