//! The part of a page that lists what was not checked: values that were not read, and files that were left
//! out.

use std::fmt::Write as _;

use super::text;
use crate::report::{Report, unread};
use crate::restore::Skipped;

/// So many values are shown without being asked for; of files, nobody has to do something about most.
const OPEN: usize = 10;

/// Values that were not read, files that were skipped, and files that were excluded, each as a list.
pub(super) fn lists(report: &Report<'_>) -> String {
    let (mut values, mut skipped, mut excluded) = (Vec::new(), Vec::new(), Vec::new());
    for file in &report.files {
        let Ok(outcome) = &file.result else {
            continue;
        };
        // A build's values have their places in no file.
        if report.roots.is_some() {
            for one in unread::values(file.text, &outcome.seen) {
                values.push(format!(
                    "{}:{}: <code>{}</code>: {}",
                    text(file.path),
                    one.place,
                    text(&one.value),
                    text(&one.why)
                ));
            }
        }
        match outcome.skipped {
            Some(Skipped::Excluded) => excluded.push(text(file.path)),
            Some(why) if !why.is_elsewhere() => {
                skipped.push(format!("{}: {}", text(file.path), why.as_str()));
            }
            _ => {}
        }
    }
    let lists = list("not read", &values, values.len() <= OPEN)
        + &list("skipped", &skipped, false)
        + &list("excluded", &excluded, false);
    if lists.is_empty() {
        return lists;
    }
    format!("<section class=\"untold\">\n<h2>Not checked</h2>\n{lists}</section>\n")
}

fn list(what: &str, entries: &[String], is_open: bool) -> String {
    if entries.is_empty() {
        return String::new();
    }
    let open = if is_open { " open" } else { "" };
    let number = entries.len();
    let mut out = format!("<details{open}><summary>{number} {what}</summary>\n<ul>\n");
    for entry in entries {
        let _ = writeln!(out, "<li>{entry}</li>");
    }
    out + "</ul></details>\n"
}
