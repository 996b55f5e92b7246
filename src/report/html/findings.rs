//! The page of a check: counts, registries, findings by rule, agent and folder, each with its line.

use std::fmt::Write as _;

use super::registries::RegistryCounts;
use super::untold;
use super::{
    CountsByName, Listing, NO_AGENT, NO_FILE, PageTitle, changed, coded, counted, escaped,
    first_words, folder, header, listing, text,
};
use crate::config::Date;
use crate::finding::{Finding, Severity};
use crate::quote::piece;
use crate::report::counts::{self, count_up};
use crate::report::line::{self, DrawnLine};
use crate::report::remedy::message;
use crate::report::summary::{self, Detail};
use crate::report::text::name;
use crate::report::{FileReport, Problem, Region, Report};

/// The report as a page.
pub fn report(report: &Report<'_>, title: PageTitle<'_>) -> String {
    let mut seen = FindingsModel::default();
    let mut list = String::new();
    for finding in report.findings {
        let path = report.config_path.unwrap_or(NO_FILE);
        seen.add(path, finding);
        list.push_str(&article(report, path, finding, None));
    }
    for file in &report.files {
        if let Err(problem) = &file.result {
            seen.rules
                .entry("unreadable")
                .and_modify(|n| *n += 1)
                .or_insert(1);
            list.push_str(&of_problem(file, problem));
        }
        let mut before: Option<Drawn<'_>> = None;
        for (finding, region) in file.placed() {
            seen.add(file.path, finding);
            let drawn = region.map(|region| Drawn::of(file, region, finding));
            let again = before.filter(|before| drawn.as_ref().is_some_and(|d| d.is_as(before)));
            let again = again.map(|before| before.rule);
            list.push_str(&article(
                report,
                file.path,
                finding,
                drawn.as_ref().map(|drawn| (drawn, again)),
            ));
            before = drawn;
        }
    }
    let counts = count_up(report);
    let line = summary::line(report, Detail::Short, "");
    let listed = Listing {
        head: head(report, &counts, &line, title)
            + &seen.registries.drawn()
            + &untold::lists(report),
        tables: counted("rule", &seen.rules)
            + &counted("agent", &seen.agents)
            + &counted("folder", &seen.folders),
        selects: &[
            ("severity", "Severity", &seen.severities),
            ("rule", "Rule", &seen.rules),
            ("agent", "Agent", &seen.agents),
            ("folder", "Folder", &seen.folders),
        ],
        first: "place",
        list,
        is_all: counts.unread + counts.unjudged + counts.unreadable == 0,
    };
    listing(title, first_words(&line), listed)
}

/// What the tables and selections are built from.
#[derive(Default)]
struct FindingsModel<'a> {
    severities: CountsByName<'a>,
    rules: CountsByName<'a>,
    agents: CountsByName<'a>,
    folders: CountsByName<'a>,
    registries: RegistryCounts,
}

impl<'a> FindingsModel<'a> {
    fn add(&mut self, path: &'a str, finding: &'a Finding) {
        *self
            .severities
            .entry(finding.severity.as_str())
            .or_default() += 1;
        *self.rules.entry(finding.rule.id()).or_default() += 1;
        let agent = finding.agent.as_deref().unwrap_or(NO_AGENT);
        *self.agents.entry(agent).or_default() += 1;
        *self.folders.entry(folder(path)).or_default() += 1;
        let field = finding.field.as_ref();
        let both =
            field.and_then(|field| Some((field.current.as_ref()?, field.proposed.as_ref()?)));
        // Other fields have values that are no references.
        if let Some((current, proposed)) = both.filter(|_| finding.rule.id() == "wrong-registry") {
            self.registries.add(current, proposed);
        }
    }
}

fn head(report: &Report<'_>, counts: &counts::Counts, line: &str, title: PageTitle<'_>) -> String {
    let heading = format!("restore-images: {}", title.of);
    header(
        &heading,
        &lines(report, line, title.day),
        &numbers(report, counts),
        "",
    )
}

/// The result, and by which configuration and on which day it is one.
pub(super) fn lines(report: &Report<'_>, line: &str, day: Date) -> String {
    format!(
        "{}<br><span class=\"dim\">{}; as of {day}</span>",
        text(line),
        text(&summary::configuration(report))
    )
}

fn numbers(
    report: &Report<'_>,
    counts: &counts::Counts,
) -> Vec<(&'static str, usize, &'static str)> {
    let mut numbers = vec![
        ("error", counts.errors, "errors"),
        ("warning", counts.warnings, "warnings"),
        ("clean", counts.clean, "files clean"),
        ("error", counts.unreadable, "files unreadable"),
    ];
    // Where builds are judged, nobody looks for what they do not bring.
    if report.roots.is_some() {
        numbers.push(("", counts.read, "images read"));
        numbers.push(("warning", counts.unread, "not read"));
    }
    numbers.push(("", counts.skipped, "files skipped"));
    numbers.push(("", counts.excluded, "files excluded"));
    numbers
}

fn article(
    report: &Report<'_>,
    path: &str,
    finding: &Finding,
    drawn: Option<(&Drawn<'_>, Option<&str>)>,
) -> String {
    let severity = finding.severity.as_str();
    let rule = finding.rule.id();
    let agent = finding.agent.as_deref().unwrap_or(NO_AGENT);
    let shown = match drawn {
        Some((drawn, _)) => format!("{path}:{}", drawn.region.start),
        None if report.config_path == Some(path) => {
            report.config_place(finding).unwrap_or_default()
        }
        None => path.to_owned(),
    };
    let mut out = format!(
        "<article class=\"{severity}\" data-severity=\"{severity}\" data-rule=\"{rule}\" \
         data-agent=\"{}\" data-folder=\"{}\">\n<h3><span class=\"sev\">{severity}</span> {rule}: {}</h3>\n\
         <p class=\"dim\">{}{}</p>\n",
        text(agent),
        text(folder(path)),
        coded(&message(drawn.map(|(drawn, _)| drawn.file), finding)),
        text(&shown),
        finding
            .resource
            .as_deref()
            .map_or(String::new(), |resource| format!(
                " in {}",
                text(&name(resource))
            )),
    );
    if let Some((drawn, again)) = drawn {
        out.push_str(&drawn.lines(again));
    }
    let _ = write!(out, "<p>{}", text(finding.rule.why()));
    if let Some(docs) = report
        .agent(finding)
        .and_then(|agent| agent.docs.as_deref())
    {
        let docs = text(docs);
        // Any other scheme may be a script.
        if docs.starts_with("https://") {
            let _ = write!(out, " <a href=\"{docs}\" rel=\"noreferrer\">{docs}</a>");
        } else {
            let _ = write!(out, " {docs}");
        }
    }
    out + "</p>\n</article>\n"
}

/// The line of a finding, and what should be there.
struct Drawn<'a> {
    file: &'a FileReport<'a>,
    rule: &'a str,
    line: DrawnLine,
    region: Region,
    /// The line with its value replaced.
    restored: Option<String>,
    /// What is not there and should be.
    missing: Option<String>,
}

impl<'a> Drawn<'a> {
    fn of(file: &'a FileReport<'a>, region: Region, finding: &'a Finding) -> Self {
        let line = line::of_finding(file.text, &region.span, finding);
        let restored = line.restored(finding);
        Drawn {
            file,
            rule: finding.rule.id(),
            missing: missing(finding).filter(|_| restored.is_none()),
            restored,
            line,
            region,
        }
    }

    /// Whether another finding of the same value asks for the same.
    fn is_as(&self, other: &Drawn<'_>) -> bool {
        self.restored.is_some()
            && self.restored == other.restored
            && self.region == other.region
            && self.line == other.line
    }

    /// The line as it is, and as it should be.
    fn lines(&self, again: Option<&str>) -> String {
        let number = self.region.start.line;
        let (before, rest) = self.line.text.split_at(self.line.underlined.start);
        let (fault, behind) = rest.split_at(self.line.underlined.len());
        let is = format!(
            "{number} {}<mark>{}</mark>{}",
            escaped(before),
            escaped(fault),
            escaped(behind)
        );
        match (&self.restored, &self.missing) {
            (Some(restored), _) => changed(&is, &format!("{number} {}", escaped(restored)), again),
            // What is missing is in no line yet.
            (None, Some(missing)) => {
                format!("<pre>  {is}\n<ins>+ {}</ins>\n</pre>\n", escaped(missing))
            }
            (None, None) => format!("<pre>  {is}\n</pre>\n"),
        }
    }
}

/// What a key that is missing should say.
fn missing(finding: &Finding) -> Option<String> {
    let field = finding.field.as_ref()?;
    let proposed = field
        .proposed
        .as_ref()
        .filter(|_| field.current.is_none())?;
    let key = field.path.rsplit('.').next().unwrap_or_default();
    Some(piece(&format!("{key}: {proposed} is missing")))
}

fn of_problem(file: &FileReport<'_>, problem: &Problem) -> String {
    let place = file.problem_region();
    let place = place.map_or(String::new(), |region| format!(":{}", region.start));
    format!(
        "<article class=\"error\" data-severity=\"{}\" data-rule=\"unreadable\" data-agent=\"{NO_AGENT}\" \
         data-folder=\"{}\">\n<h3><span class=\"sev\">error</span> cannot be read: {}</h3>\n\
         <p class=\"dim\">{}{place}</p>\n<p>{}</p>\n</article>\n",
        Severity::Error.as_str(),
        text(folder(file.path)),
        text(&problem.what),
        text(file.path),
        text(&piece(problem.help.as_deref().unwrap_or_default()))
    )
}
