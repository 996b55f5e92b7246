//! The page of a check: counts, registries, findings by rule, agent and folder, each with its line.

use std::fmt::Write as _;

use super::coded;
use super::registries::RegistryCounts;
use super::{
    Counts, NO_AGENT, NO_FILE, counted, escaped, first_words, folder, header, listing, text,
};
use crate::config::Date;
use crate::finding::{Finding, Severity};
use crate::quote::piece;
use crate::report::counts::count_up;
use crate::report::line::{self, DrawnLine};
use crate::report::remedy::message;
use crate::report::summary::{self, Detail};
use crate::report::text::name;
use crate::report::{FileReport, Problem, Region, Report};

/// The report as a page; `day` is the one by which exceptions were judged.
pub fn report(report: &Report<'_>, day: Date) -> String {
    let mut seen = FindingsModel::default();
    let mut list = String::new();
    for finding in report.findings {
        let path = report.config_path.unwrap_or(NO_FILE);
        seen.add(path, finding);
        list.push_str(&article(report, path, None, finding));
    }
    for file in &report.files {
        if let Err(problem) = &file.result {
            seen.rules
                .entry("unreadable")
                .and_modify(|n| *n += 1)
                .or_insert(1);
            list.push_str(&of_problem(file, problem));
        }
        for (finding, region) in file.placed() {
            seen.add(file.path, finding);
            let place = region.as_ref().map(|region| (file, region));
            list.push_str(&article(report, file.path, place, finding));
        }
    }
    let line = summary::line(report, Detail::Short, "");
    let head = head(report, &line, day) + &seen.registries.drawn();
    let tables = counted("rule", &seen.rules)
        + &counted("agent", &seen.agents)
        + &counted("folder", &seen.folders);
    let selects = [
        ("severity", "Severity", &seen.severities),
        ("rule", "Rule", &seen.rules),
        ("agent", "Agent", &seen.agents),
        ("folder", "Folder", &seen.folders),
    ];
    let what = (first_words(&line), day);
    listing(what, head, &tables, &selects, ("place", &list))
}

/// What the tables and selections are built from.
#[derive(Default)]
struct FindingsModel<'a> {
    severities: Counts<'a>,
    rules: Counts<'a>,
    agents: Counts<'a>,
    folders: Counts<'a>,
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

fn head(report: &Report<'_>, line: &str, day: Date) -> String {
    let counts = count_up(report);
    let lines = format!(
        "{}<br><span class=\"dim\">{}; as of {day}</span>",
        text(line),
        text(&summary::configuration(report))
    );
    let numbers = [
        ("error", counts.errors, "errors"),
        ("warning", counts.warnings, "warnings"),
        ("clean", counts.clean, "files clean"),
        ("", counts.skipped, "files skipped"),
        ("", counts.excluded, "files excluded"),
        ("error", counts.unreadable, "files unreadable"),
    ];
    header(&lines, &numbers, "")
}

fn article(
    report: &Report<'_>,
    path: &str,
    place: Option<(&FileReport<'_>, &Region)>,
    finding: &Finding,
) -> String {
    let severity = finding.severity.as_str();
    let rule = finding.rule.id();
    let agent = finding.agent.as_deref().unwrap_or(NO_AGENT);
    let shown = match place {
        Some((_, region)) => format!("{path}:{}", region.start),
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
        coded(&message(place.map(|(file, _)| file), finding)),
        text(&shown),
        finding
            .resource
            .as_deref()
            .map_or(String::new(), |resource| format!(
                " in {}",
                text(&name(resource))
            )),
    );
    if let Some((file, region)) = place {
        let line = line::of_finding(file.text, &region.span, finding);
        out.push_str(&drawn(&line, region, finding));
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

/// The line as it is, and as it should be where one value of it is replaced.
fn drawn(line: &DrawnLine, region: &Region, finding: &Finding) -> String {
    let (before, rest) = line.text.split_at(line.underlined.start);
    let (fault, behind) = rest.split_at(line.underlined.len());
    let mut out = format!(
        "<pre><del aria-label=\"is\">{} {}<mark>{}</mark>{}</del>\n",
        region.start.line,
        escaped(before),
        escaped(fault),
        escaped(behind)
    );
    // What is missing stands in no line yet.
    let number = region.start.line.to_string();
    let replaced = line.restored(finding).map(|text| (number, text));
    let should_be = replaced.or_else(|| Some(("+".to_owned(), missing(finding)?)));
    if let Some((number, should_be)) = should_be {
        let _ = writeln!(
            out,
            "<ins aria-label=\"should be\">{number} {}</ins>",
            escaped(&should_be)
        );
    }
    out + "</pre>\n"
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
