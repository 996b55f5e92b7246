//! Findings drawn: the line itself, the bytes at fault underlined, what should stand there and why.

use std::collections::HashMap;

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};

use super::few::{DRAWN, Few, Rest};
use super::text::{count, name, one_line};
use super::{File, Problem, Region, Report};
use crate::finding::{Finding, Severity};
use crate::mask;

/// How diagnostics are drawn.
#[derive(Debug, Clone, Copy)]
pub struct Drawing {
    /// Whether with colour.
    pub color: bool,
    /// The columns there are.
    pub width: usize,
    /// Whether all are drawn, however many there are.
    pub all: bool,
    /// The least severity that is drawn.
    pub least: Severity,
}

/// How many findings that say the same are drawn before the rest is counted.
const ALIKE: usize = 3;
/// How many bytes of a line are drawn before and behind what is underlined: a whole document may
/// stand on one.
const AROUND: usize = 200;

/// Findings that say the same.
#[derive(Default)]
struct Alike {
    drawn: usize,
    rest: Rest,
}

/// Draws a report's problems and findings, each with an empty line behind it: a few of each rule,
/// and fewer of those that say the same; what is left is counted.
pub fn report(report: &Report<'_>, drawing: Drawing) -> String {
    let mut out = String::new();
    let mut push = |drawn: String| {
        out.push_str(&drawn);
        out.push('\n');
    };
    let mut alike: HashMap<(&str, &str), Alike> = HashMap::new();
    let mut order = Vec::new();
    let (mut rules, mut unreadable) = (Few::new(DRAWN), Few::new(DRAWN));
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
                let place = region.as_ref().map(|region| (file, region));
                push(draw(report, place, finding, drawing));
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
    out
}

fn findings(number: usize) -> String {
    count(number, "more finding")
}

/// One line for what was counted instead of drawn.
fn counted(what: &str, rest: &Rest, drawing: Drawing) -> String {
    let title = Level::NOTE.secondary_title(format!(
        "{what}: {}; --verbose draws them all",
        rest.places()
    ));
    render(&[Group::with_title(title)], drawing)
}

fn draw(
    report: &Report<'_>,
    place: Option<(&File<'_>, &Region)>,
    finding: &Finding,
    drawing: Drawing,
) -> String {
    let level = match finding.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Info => Level::INFO,
    };
    let title = level.primary_title(title(finding)).id(finding.rule.id());
    let mut group = Group::with_title(title);
    if let Some((file, region)) = place {
        group = pointed_at(group, file, region, label(file, finding));
    } else if let Some(path) = report.config_path.filter(|_| finding.resource.is_none()) {
        group = group.element(Origin::path(path));
    }
    let named = |name: &'static str, text: String| Level::NOTE.with_name(name).message(text);
    if let Some(resource) = &finding.resource {
        group = group.element(named("in", name(resource)));
    }
    group = group.element(named("why", finding.rule.why().to_owned()));
    if let Some(docs) = report.agent(finding).and_then(|agent| agent.docs.clone()) {
        group = group.element(named("docs", one_line(&docs)));
    }
    if let Some(allow) = allow(finding) {
        group = group.element(named("allow", allow));
    }
    render(&[group], drawing)
}

/// The message without its old → new, which the source line and its label show.
fn title(finding: &Finding) -> String {
    let message = one_line(&finding.message);
    let field = finding.field.as_ref();
    let shown = field.and_then(|field| Some((field.current.as_ref()?, field.proposed.as_ref()?)));
    let Some((old, new)) = shown else {
        return message;
    };
    let both = format!(": {} → {}", one_line(old), one_line(new));
    message
        .strip_suffix(&both)
        .map_or(message.clone(), str::to_owned)
}

/// What should stand under the underlined bytes, or is missing there.
fn label(file: &File<'_>, finding: &Finding) -> Option<String> {
    let field = finding.field.as_ref()?;
    let proposed = one_line(field.proposed.as_ref()?);
    if let Some(current) = &field.current {
        // An image may be written in parts, of which one is underlined.
        let span = finding.span.clone().unwrap_or_default();
        return Some(match file.text[span].contains(&**current) {
            true => format!("should be {proposed}"),
            false => format!("with its other parts, should be {proposed}"),
        });
    }
    let key = field.path.rsplit('.').next().unwrap_or_default();
    Some(format!("{key}: {proposed} is missing"))
}

/// How the finding can be allowed, where it can.
fn allow(finding: &Finding) -> Option<String> {
    if finding.allow.is_empty() || finding.resource.is_none() {
        return None;
    }
    let aspects: Vec<&str> = finding.allow.iter().map(|aspect| aspect.as_str()).collect();
    Some(format!(
        "an exception with `allow: [{}]`, or on the resource the annotation \
         {}: \"<reason>\"",
        aspects.join(", "),
        crate::judge::IGNORE
    ))
}

fn draw_problem(file: &File<'_>, problem: &Problem, drawing: Drawing) -> String {
    let title = Level::ERROR.primary_title(problem.what.clone());
    let mut group = Group::with_title(title);
    if let Some(region) = file.problem_region() {
        group = pointed_at(group, file, &region, None);
    }
    if let Some(help) = &problem.help {
        group = group.element(Level::HELP.message(help.clone()));
    }
    render(&[group], drawing)
}

fn render(groups: &[Group<'_>], drawing: Drawing) -> String {
    let renderer = match drawing.color {
        true => Renderer::styled(),
        false => Renderer::plain(),
    };
    let renderer = renderer
        .term_width(drawing.width)
        .decor_style(DecorStyle::Ascii);
    format!("{}\n", renderer.render(groups))
}

/// Adds the line of a region, the region underlined; drawing over the whole of a large text is slow.
fn pointed_at<'f>(
    group: Group<'f>,
    file: &File<'f>,
    region: &Region,
    label: Option<String>,
) -> Group<'f> {
    let (text, span) = (file.text, &region.span);
    let bytes = text.as_bytes();
    // No further than is drawn, since a whole document may stand on one line.
    let first = span.start.saturating_sub(AROUND);
    let before = memchr::memrchr2(b'\n', b'\r', &bytes[first..span.start]);
    let line_start = before.map(|newline| first + newline + 1);
    let starts_line = line_start.is_some() || first == 0;
    let last = bytes.len().min(span.end + AROUND);
    let after = memchr::memchr2(b'\n', b'\r', &bytes[span.end..last]);
    let start = text.ceil_char_boundary(line_start.unwrap_or(first));
    let end = text.floor_char_boundary(after.map_or(last, |newline| span.end + newline));
    // What the line shows of credentials is covered piece by piece, so that the place stays true.
    let before = mask::credentials(&text[start..span.start]);
    let shown = mask::credentials(&text[span.clone()]);
    let after = mask::credentials(text[span.end..end].trim_end_matches('\r'));
    let underlined = before.len()..before.len() + shown.len();
    let annotation = AnnotationKind::Primary.span(underlined);
    let snippet = Snippet::source(format!("{before}{shown}{after}"))
        .line_start(region.start.line)
        .annotation(match label {
            Some(label) => annotation.label(label),
            None => annotation,
        });
    if starts_line {
        return group.element(snippet.path(file.path));
    }
    // The column in the piece is not that in the line.
    let place = Origin::path(file.path)
        .line(region.start.line)
        .char_column(region.start.column);
    group.element(place).element(snippet)
}
