//! The page of joined reports: a row for each, and the findings of all of them.

use std::fmt::Write as _;

use super::registries::Registries;
use super::{Counts, NO_AGENT, NO_FILE, folder, header, listing, text};
use crate::report::joined::{Entry, Found, Joined, line, not_compared};
use crate::report::text::name_of;

/// The reports as a page.
pub fn joined(joined: &Joined) -> String {
    let mut seen = Seen::default();
    let mut list = String::new();
    for report in &joined.reports {
        for found in report.findings.iter().chain(&report.gone) {
            seen.add(&report.name, found);
            list.push_str(&article(&report.name, found));
        }
    }
    let head = head(joined) + &reports(joined) + &seen.registries.drawn();
    let mut selects = vec![
        ("report", "Report", &seen.reports),
        ("severity", "Severity", &seen.severities),
        ("rule", "Rule", &seen.rules),
        ("agent", "Agent", &seen.agents),
        ("folder", "Folder", &seen.folders),
    ];
    if joined.changes.is_some() {
        selects.insert(1, ("since", "Since then", &seen.since));
    }
    let tables = [("rule", &seen.rules), ("agent", &seen.agents)];
    let title = "Reports: restore-images";
    listing(title, head, &tables, &selects, ("report", &list))
}

/// What the tables and selections are built from.
#[derive(Default)]
struct Seen<'a> {
    reports: Counts<'a>,
    severities: Counts<'a>,
    since: Counts<'a>,
    rules: Counts<'a>,
    agents: Counts<'a>,
    folders: Counts<'a>,
    registries: Registries,
}

impl<'a> Seen<'a> {
    fn add(&mut self, report: &'a str, found: &'a Found) {
        let since = found.since.map_or(UNCOMPARED, |since| since.as_str());
        for (counts, name) in [
            (&mut self.reports, report),
            (&mut self.severities, found.severity.as_str()),
            (&mut self.since, since),
            (&mut self.rules, &found.rule),
            (&mut self.agents, found.agent.as_deref().unwrap_or(NO_AGENT)),
            (&mut self.folders, folder(path(found))),
        ] {
            *counts.entry(name).or_default() += 1;
        }
        if found.rule == "wrong-registry"
            && let (Some(current), Some(proposed)) = (&found.current, &found.proposed)
        {
            self.registries.add(current, proposed);
        }
    }
}

/// What is for the record, or has no older report.
const UNCOMPARED: &str = "not compared";

fn path(found: &Found) -> &str {
    found.path.as_deref().unwrap_or(NO_FILE)
}

fn head(joined: &Joined) -> String {
    let sum = &joined.summary;
    let mut counts = vec![
        ("", joined.reports.len(), "reports"),
        ("error", sum.errors, "errors"),
        ("warning", sum.warnings, "warnings"),
        ("error", sum.unreadable, "files unreadable"),
        ("clean", sum.clean, "files clean"),
    ];
    if let Some(changes) = joined.changes {
        counts.push(("error", changes.new, "new"));
        counts.push(("clean", changes.gone, "gone"));
        counts.push(("", changes.left, "left"));
    }
    let mut rest = String::new();
    for line in not_compared(joined) {
        let _ = writeln!(rest, "<p class=\"dim\">{}</p>", text(&line));
    }
    header(&text(&line(joined)), &counts, &rest)
}

/// The table of the reports, whose names filter the list.
fn reports(joined: &Joined) -> String {
    let mut names = vec![
        "errors",
        "warnings",
        "files unreadable",
        "files clean",
        "images read",
    ];
    if joined.changes.is_some() {
        names.extend(["new", "gone", "left"]);
    }
    let mut out = String::from(
        "<h2>Reports</h2>\n<div class=\"wide\"><table><thead><tr><th scope=\"col\">report</th>",
    );
    for name in &names {
        let _ = write!(out, "<th scope=\"col\" class=\"n\">{name}</th>");
    }
    out.push_str("<th scope=\"col\">configuration</th></tr></thead>\n<tbody>\n");
    for report in &joined.reports {
        out.push_str(&row(report, joined.changes.is_some()));
    }
    out + "</tbody></table></div>\n"
}

fn row(report: &Entry, is_compared: bool) -> String {
    let name = text(&report.name);
    // There is no list to filter by a report in which nothing was found.
    let shown = match report.findings.len() + report.gone.len() {
        0 => name,
        _ => format!(
            "<button type=\"button\" data-set=\"report\" data-value=\"{name}\">{name}</button>"
        ),
    };
    let mut out = format!("<tr><th scope=\"row\">{shown}</th>");
    let mut cells = report.summary.told().to_vec();
    if is_compared {
        cells.extend(report.changes_told());
    }
    for cell in cells {
        let _ = write!(out, "<td class=\"n\">{cell}</td>");
    }
    let configuration = report.configuration.as_deref().unwrap_or("none");
    let _ = writeln!(out, "<td>{}</td></tr>", text(configuration));
    out
}

fn article(report: &str, found: &Found) -> String {
    let severity = found.severity.as_str();
    let since = found.since.map_or(UNCOMPARED, |since| since.as_str());
    let resource = found.resource.as_ref().map_or(String::new(), |resource| {
        let name = name_of(&resource.kind, &resource.namespace, &resource.name);
        format!(" in {}", text(&name))
    });
    let mut out = format!(
        "<article class=\"{severity}\" data-report=\"{}\" data-since=\"{since}\" \
         data-severity=\"{severity}\" data-rule=\"{}\" data-agent=\"{}\" data-folder=\"{}\">\n\
         <h3><span class=\"sev\">{severity}</span> {}: {}</h3>\n<p class=\"dim\">{}: {}{resource}{}</p>\n",
        text(report),
        text(&found.rule),
        text(found.agent.as_deref().unwrap_or(NO_AGENT)),
        text(folder(path(found))),
        text(&found.rule),
        text(&found.message),
        text(report),
        text(&found.place().unwrap_or_else(|| NO_FILE.to_owned())),
        found
            .since
            .map_or(String::new(), |since| format!(", {}", since.as_str())),
    );
    if let (Some(current), Some(proposed)) = (&found.current, &found.proposed) {
        let _ = write!(
            out,
            "<pre><del aria-label=\"is\">{}</del>\n<ins aria-label=\"should be\">{}</ins>\n</pre>\n",
            text(current),
            text(proposed)
        );
    }
    out + "</article>\n"
}
