//! The page of joined reports: a row for each, and the findings of all of them.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::registries::RegistryCounts;
use super::{
    CountsByName, Listing, NO_AGENT, NO_FILE, PageTitle, changed, counted, counted_by, first_words,
    folder, header, listing, text,
};
use crate::config::Date;
use crate::report::joined::{Joined, JoinedFinding, NamedReport, Since, line, untold};
use crate::report::text::{count, name_of};

/// The reports as a page; `day` is the one on which they were joined.
pub fn joined(joined: &Joined, day: Date) -> String {
    let mut seen = JoinedModel::default();
    let is_compared = joined.changes.is_some();
    let mut list = String::new();
    for since in STATES {
        let mut articles = String::new();
        let mut number = 0;
        for report in &joined.reports {
            let all = report.findings.iter().chain(&report.gone);
            let mut before: Option<&JoinedFinding> = None;
            for found in all.filter(|found| found.since == since) {
                seen.add(&report.name, found);
                let again = before.filter(|before| is_as(found, before));
                let again = again.map(|before| &*before.rule);
                articles.push_str(&article(&report.name, found, again));
                before = Some(found);
                number += 1;
            }
        }
        if number > 0 && is_compared {
            let _ = write!(
                list,
                "<section class=\"since\">\n<h2>{}: {number}</h2>\n{articles}</section>\n",
                heading(since)
            );
        } else {
            list.push_str(&articles);
        }
    }
    let head = head(joined, day) + &reports(joined) + &seen.registries.drawn();
    let (rules, agents) = (seen.rules.counts(), seen.agents.counts());
    let mut selects = vec![
        ("report", "Report", &seen.reports),
        ("severity", "Severity", &seen.severities),
        ("rule", "Rule", &rules),
        ("agent", "Agent", &agents),
        ("folder", "Folder", &seen.folders),
    ];
    if is_compared {
        selects.insert(1, ("since", "Since then", &seen.since));
    }
    let sum = &joined.summary;
    let listed = Listing {
        head,
        tables: seen.rules.table("rule", is_compared) + &seen.agents.table("agent", is_compared),
        selects: &selects,
        first: "report",
        list,
        is_all: sum.unread == 0 && sum.unjudged == 0 && sum.unreadable == 0,
    };
    let title = PageTitle {
        of: &count(joined.reports.len(), "report"),
        day,
    };
    let line = line(joined);
    let (_, result) = line.split_once(": ").unwrap_or_default();
    listing(title, first_words(result), listed)
}

/// Whether another finding of the same value asks for the same.
fn is_as(found: &JoinedFinding, other: &JoinedFinding) -> bool {
    let place = |found: &JoinedFinding| (found.line, found.column);
    found.line.is_some()
        && place(found) == place(other)
        && found.path == other.path
        && found.current == other.current
        && found.proposed == other.proposed
}

/// A state as a heading.
fn heading(since: Option<Since>) -> &'static str {
    match since {
        Some(Since::New) => "New",
        Some(Since::Left) => "Left from before",
        Some(Since::Gone) => "Gone",
        None => "Not compared",
    }
}

/// What the tables and selections are built from.
#[derive(Default)]
struct JoinedModel<'a> {
    reports: CountsByName<'a>,
    severities: CountsByName<'a>,
    since: CountsByName<'a>,
    rules: ByState<'a>,
    agents: ByState<'a>,
    folders: CountsByName<'a>,
    registries: RegistryCounts,
}

impl<'a> JoinedModel<'a> {
    fn add(&mut self, report: &'a str, found: &'a JoinedFinding) {
        let agent = found.agent.as_deref().unwrap_or(NO_AGENT);
        self.rules.add(&found.rule, found.since);
        self.agents.add(agent, found.since);
        for (counts, name) in [
            (&mut self.reports, report),
            (&mut self.severities, found.severity.as_str()),
            (&mut self.since, word(found.since)),
            (&mut self.folders, folder(path(found))),
        ] {
            *counts.entry(name).or_default() += 1;
        }
        // What is gone comes from nowhere any more.
        if found.rule == "wrong-registry"
            && found.since != Some(Since::Gone)
            && let (Some(current), Some(proposed)) = (&found.current, &found.proposed)
        {
            self.registries.add(current, proposed);
        }
    }
}

/// The states of findings, in the order in which the page has them.
const STATES: [Option<Since>; 4] = [Some(Since::New), Some(Since::Left), None, Some(Since::Gone)];

/// How many findings of each state a name has.
#[derive(Default)]
struct ByState<'a>(BTreeMap<&'a str, [usize; STATES.len()]>);

impl<'a> ByState<'a> {
    fn add(&mut self, name: &'a str, since: Option<Since>) {
        let counts = self.0.entry(name).or_default();
        let states = counts.iter_mut().zip(STATES);
        states
            .filter(|(_, state)| *state == since)
            .for_each(|(count, _)| *count += 1);
    }

    /// How many there are in all.
    fn counts(&self) -> CountsByName<'a> {
        let sums = self.0.iter();
        sums.map(|(name, counts)| (*name, counts.iter().sum()))
            .collect()
    }

    /// The table, with a column for each state where the reports are compared.
    fn table(&self, key: &str, is_compared: bool) -> String {
        if !is_compared {
            return counted(key, &self.counts());
        }
        // Most reports are all compared, and a column of zeros would only be in the way.
        let any = |at: usize| self.0.values().any(|counts| counts[at] > 0);
        let columns: Vec<usize> = (0..STATES.len())
            .filter(|&at| STATES[at].is_some() || any(at))
            .collect();
        let words: Vec<&str> = columns.iter().map(|&at| word(STATES[at])).collect();
        let rows = self.0.iter();
        let rows =
            rows.map(|(name, counts)| (*name, columns.iter().map(|&at| counts[at]).collect()));
        counted_by(key, &words, rows.collect())
    }
}

/// A state in a word.
fn word(since: Option<Since>) -> &'static str {
    since.map_or(UNCOMPARED, Since::as_str)
}

/// What is for the record, or has no older report.
const UNCOMPARED: &str = "not compared";

fn path(found: &JoinedFinding) -> &str {
    found.path.as_deref().unwrap_or(NO_FILE)
}

fn head(joined: &Joined, day: Date) -> String {
    let sum = &joined.summary;
    let mut counts = vec![
        ("", joined.reports.len(), "reports"),
        ("error", sum.errors, "errors"),
        ("warning", sum.warnings, "warnings"),
        ("error", sum.unreadable, "files unreadable"),
        ("clean", sum.clean, "files clean"),
        ("", sum.read, "images read"),
        ("warning", sum.unread, "not read"),
        ("warning", sum.unjudged, "files not checked"),
    ];
    if let Some(changes) = joined.changes {
        counts.push(("error", changes.new, "new"));
        counts.push(("clean", changes.gone, "gone"));
        counts.push(("", changes.left, "left"));
    }
    let mut rest = String::new();
    for line in untold(joined) {
        let _ = writeln!(rest, "<p class=\"dim\">{}</p>", text(&line));
    }
    let lines = format!(
        "{}<br><span class=\"dim\">joined on {day}</span>",
        text(&line(joined))
    );
    let heading = format!("restore-images: {}", count(joined.reports.len(), "report"));
    header(&heading, &lines, &counts, &rest)
}

/// The table of the reports, whose names filter the list.
fn reports(joined: &Joined) -> String {
    let mut names = vec![
        "errors",
        "warnings",
        "files unreadable",
        "files clean",
        "images read",
        "not read",
    ];
    if joined.changes.is_some() {
        names.extend(["new", "gone", "left"]);
    }
    let mut out = String::from(
        "<h2>Reports</h2>\n<div class=\"wide rows\"><table><thead><tr><th scope=\"col\">report</th>",
    );
    for name in &names {
        let _ = write!(out, "<th scope=\"col\" class=\"n\">{name}</th>");
    }
    out.push_str("<th scope=\"col\">configuration</th></tr></thead>\n<tbody>\n");
    for report in &joined.reports {
        out.push_str(&row(report, &names));
    }
    out + "</tbody></table></div>\n"
}

/// A report as a row; `names` are those of its numbers.
fn row(report: &NamedReport, names: &[&str]) -> String {
    let name = text(&report.name);
    // There is no list to filter by a report in which nothing was found.
    let shown = match report.findings.len() + report.gone.len() {
        0 => name,
        _ => format!(
            "<button type=\"button\" data-set=\"report\" data-value=\"{name}\">{name}</button>"
        ),
    };
    let mut out = format!("<tr><th scope=\"row\">{shown}</th>");
    let told = report.summary.told().into_iter();
    let cells = told.chain(report.changes_told());
    for (name, cell) in names.iter().zip(cells) {
        let _ = write!(out, "<td class=\"n\" data-label=\"{name}\">{cell}</td>");
    }
    let configuration = report.configuration.as_deref().unwrap_or("none");
    let _ = writeln!(
        out,
        "<td data-label=\"configuration\">{}</td></tr>",
        text(configuration)
    );
    out
}

fn article(report: &str, found: &JoinedFinding, again: Option<&str>) -> String {
    let severity = found.severity.as_str();
    let since = word(found.since);
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
        out.push_str(&changed(&text(current), &text(proposed), again));
    }
    out + "</article>\n"
}
