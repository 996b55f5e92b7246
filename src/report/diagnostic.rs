//! Findings as drawings for people: the line of the manifest with the wrong bytes underlined, the
//! right value, and the reason.

mod words;

use std::collections::HashMap;

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};
use anstream::adapter::strip_str;

use super::line::{self, DrawnLine};
use super::quota::{DRAWN, Quota, Rest};
use super::text::{count, name};
use super::{FileReport, Problem, Region, Report};
use crate::finding::{Finding, Severity};
use crate::mask::MASK;
use crate::quote::piece;
use words::{allow, label, title};

/// How diagnostics are drawn.
#[derive(Debug, Clone, Copy)]
pub struct Drawing {
    /// Whether the drawing has colours.
    pub color: bool,
    /// The columns of the terminal.
    pub width: usize,
    /// Whether every finding is drawn, however many there are.
    pub all: bool,
    /// The lowest severity that is drawn.
    pub least: Severity,
}

/// How many findings with the same message are drawn before the rest is only counted.
const ALIKE: usize = 3;

/// Findings with the same rule and message.
#[derive(Default)]
struct AlikeFindings {
    drawn: usize,
    rest: Rest,
}

/// Draws a report's problems and findings with an empty line after each: some of each rule, and
/// fewer of those with the same message. The rest is counted.
pub fn report(report: &Report<'_>, drawing: Drawing) -> String {
    let mut out = String::new();
    let mut push = |drawn: String| {
        out.push_str(&drawn);
        out.push('\n');
    };
    let mut alike: HashMap<(&str, &str), AlikeFindings> = HashMap::new();
    let mut order = Vec::new();
    let (mut rules, mut unreadable) = (Quota::new(DRAWN), Quota::new(DRAWN));
    let is_drawn = |finding: &&Finding| finding.severity <= drawing.least;
    for finding in report.findings.iter().filter(is_drawn) {
        push(draw(report, None, finding, drawing));
    }
    for file in &report.files {
        if let Err(problem) = &file.result
            && (drawing.all || unreadable.shows_at("unreadable", || file.path.to_owned()))
        {
            push(draw_problem(file, problem, drawing));
        }
        for (finding, region) in file.placed().filter(|(finding, _)| is_drawn(finding)) {
            let key = (finding.rule.id(), &*finding.message);
            let same = alike.entry(key).or_default();
            let place = || match &region {
                Some(region) => format!("{}:{}", file.path, region.start),
                None => file.path.to_owned(),
            };
            if same.drawn >= ALIKE && !drawing.all {
                if same.rest.count == 0 {
                    order.push(key);
                }
                same.rest.add(place);
            } else if drawing.all || rules.shows_at(key.0, place) {
                same.drawn += 1;
                push(draw(
                    report,
                    Some((file, region.as_ref())),
                    finding,
                    drawing,
                ));
            }
        }
    }
    for key in order {
        let rest = &alike[&key].rest;
        let what = format!("{} like the last [{}]", findings(rest.count), key.0);
        push(counted(&what, rest, drawing));
    }
    for (rule, rest) in rules.rest() {
        push(counted(
            &format!("{} [{rule}]", findings(rest.count)),
            rest,
            drawing,
        ));
    }
    for (_, rest) in unreadable.rest() {
        let files = count(rest.count, "more file");
        push(counted(
            &format!("{files} that cannot be read"),
            rest,
            drawing,
        ));
    }
    if out.contains(MASK) {
        out.push_str(&said(MASKED.to_owned(), drawing));
        out.push('\n');
    }
    out
}

/// What the mark of a value that is not drawn means, said once after all drawings.
const MASKED: &str =
    "*** stands for a value or a comment that is not shown, since it may be a secret";

fn findings(number: usize) -> String {
    count(number, "more finding")
}

/// The line that counts the findings that are not drawn.
fn counted(what: &str, rest: &Rest, drawing: Drawing) -> String {
    let places = rest.places();
    said(
        format!("{what}: {places}; --verbose shows them all"),
        drawing,
    )
}

/// A line of its own among the drawings.
fn said(text: String, drawing: Drawing) -> String {
    let title = Level::NOTE.secondary_title(text);
    render(&[Group::with_title(title)], drawing)
}

fn draw(
    report: &Report<'_>,
    place: Option<(&FileReport<'_>, Option<&Region>)>,
    finding: &Finding,
    drawing: Drawing,
) -> String {
    let level = match finding.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Info => Level::INFO,
    };
    let title = match place {
        Some((file, Some(_))) => title(file, finding),
        _ => piece(&finding.message),
    };
    let title = level.primary_title(title).id(finding.rule.id());
    let mut group = Group::with_title(title);
    if let Some((file, Some(region))) = place {
        let line = line::of_finding(file.text, &region.span, finding);
        group = pointed_at(group, file, region, line, label(file, finding));
    } else if let Some((file, None)) = place {
        group = group.element(Origin::path(piece(file.path)));
    } else if let Some(path) = report.config_path.filter(|_| finding.resource.is_none()) {
        let origin = Origin::path(piece(path));
        group = group.element(match report.config_region(finding) {
            Some(Region { start, .. }) => origin.line(start.line).char_column(start.column),
            None => origin,
        });
    }
    let named = |name: &'static str, text: String| Level::NOTE.with_name(name).message(text);
    // A kustomization has no name, and its path is printed above.
    let named_one = finding.resource.as_ref();
    if let Some(resource) = named_one.filter(|resource| !resource.name.is_empty()) {
        group = group.element(named("in", name(resource)));
    }
    if let Some(decided) = &finding.decided {
        group = group.element(named("decided by", piece(&decided.to_string())));
    }
    let with = finding
        .values
        .as_ref()
        .map_or(&[][..], |values| &values.with);
    if !with.is_empty() {
        group = group.element(named("with", piece(&with.join(", "))));
    }
    group = group.element(named("why", finding.rule.why().to_owned()));
    if let Some(docs) = report.agent(finding).and_then(|agent| agent.docs.clone()) {
        group = group.element(named("docs", piece(&docs)));
    }
    if let Some(allow) = allow(report, finding) {
        group = group.element(named("allow", allow));
    }
    render(&[group], drawing)
}

fn draw_problem(file: &FileReport<'_>, problem: &Problem, drawing: Drawing) -> String {
    let title = Level::ERROR.primary_title(piece(&problem.what));
    let mut group = Group::with_title(title);
    if let Some(region) = file.problem_region() {
        let line = line::of_fault(file.text, &region.span);
        group = pointed_at(group, file, &region, line, None);
    } else if !problem.what.contains(file.path) {
        group = group.element(Origin::path(piece(file.path)));
    }
    if let Some(help) = &problem.help {
        group = group.element(Level::HELP.message(piece(help)));
    }
    render(&[group], drawing)
}

fn render(groups: &[Group<'_>], drawing: Drawing) -> String {
    let renderer = if drawing.color {
        Renderer::styled()
    } else {
        Renderer::plain()
    };
    let renderer = renderer
        .term_width(drawing.width)
        .decor_style(DecorStyle::Ascii);
    let drawn = renderer.render(groups);
    // Between a place and a line that is drawn without one, the renderer draws a mark with nothing after it.
    let lines = drawn.split('\n').filter(|line| !is_empty_mark(line));
    lines.collect::<Vec<_>>().join("\n") + "\n"
}

fn is_empty_mark(line: &str) -> bool {
    line.contains(":::") && strip_str(line).to_string().trim() == ":::"
}

/// Adds the drawn line to a group, with the region underlined.
fn pointed_at<'f>(
    group: Group<'f>,
    file: &FileReport<'f>,
    region: &Region,
    line: DrawnLine,
    label: Option<String>,
) -> Group<'f> {
    let is_as_written = line.is_as_written;
    let annotation = AnnotationKind::Primary.span(line.underlined);
    let snippet = Snippet::source(line.text)
        .line_start(region.start.line)
        .annotation(match label {
            Some(label) => annotation.label(label),
            None => annotation,
        });
    if is_as_written {
        return group.element(snippet.path(piece(file.path)));
    }
    // The column in what is drawn is not that in the file.
    let place = Origin::path(piece(file.path))
        .line(region.start.line)
        .char_column(region.start.column);
    group.element(place).element(snippet)
}
