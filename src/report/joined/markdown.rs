//! Joined reports as Markdown, for an issue or a workflow's summary: the tables of the text, and what is
//! new or gone.

use super::text::{line, said};
use super::{Joined, Since, by_rule, that_are, untold};
use crate::report::markdown::{Limited, cell, code, head, row};

/// The reports as Markdown that fits into a comment; what has no room is counted.
pub fn markdown(joined: &Joined) -> String {
    let mut room = Limited::new(format!("### restore-images: {}\n", line(joined)));
    let is_compared = joined.changes.is_some();
    let mut header = vec![
        "report",
        "errors",
        "warnings",
        "unreadable",
        "clean",
        "images",
        "not read",
    ];
    if is_compared {
        header.extend(["new", "gone", "left"]);
    }
    let mut heading = head(&header);
    for report in &joined.reports {
        let mut cells = vec![cell(&report.name)];
        cells.extend(report.summary.told());
        if is_compared {
            cells.extend(report.changes_told());
        }
        heading = room.add(&heading, &row(&cells), 1);
    }
    let mut heading = head(&["rule", "findings", "reports"]);
    for (rule, number, reports) in by_rule(joined) {
        let cells = [cell(rule), number.to_string(), reports.to_string()];
        heading = room.add(&heading, &row(&cells), 1);
    }
    for (since, title) in [(Since::New, "New"), (Since::Gone, "Gone")] {
        let mut heading = format!("\n#### {title}\n\n");
        for (report, found) in that_are(joined, since) {
            let place = found
                .place()
                .map_or(String::new(), |place| format!(" {}", code(&place)));
            let item = format!("- {}{place}: {}\n", code(report), code(&said(found)));
            heading = room.add(&heading, &item, 1);
        }
    }
    let mut heading = "\n".to_owned();
    for line in untold(joined) {
        heading = room.add(&heading, &format!("- {}\n", code(&line)), 1);
    }
    room.end("row", "`restore-images report --format json` has them all")
}
