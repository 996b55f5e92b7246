//! Findings and errors as plain lines, the place first.

use std::collections::{BTreeSet, HashMap};
use std::fmt::Write as _;

use crate::error::Fault;
use crate::finding::{Finding, ResourceRef, Severity};

/// How many resources the verdict names before it only counts.
const NAMED: usize = 3;

/// One line for a finding: `PLACE: severity: RESOURCE: message [rule]`.
///
/// `place` is where the finding is, as the door knows it: a file with line and column, or nothing.
pub fn finding(finding: &Finding, place: Option<&str>) -> String {
    let mut line = String::new();
    let file = finding.file.as_ref().map(|file| &*file.path);
    if let Some(place) = place.or(file) {
        let _ = write!(line, "{}: ", one_line(place));
    }
    let _ = write!(line, "{}: ", finding.severity.as_str());
    if let Some(resource) = &finding.resource {
        let _ = write!(line, "{}: ", name(resource));
    }
    let _ = write!(
        line,
        "{} [{}]",
        one_line(&finding.message),
        finding.rule.id()
    );
    line
}

/// The whole verdict in one line, for callers that show no more than the first.
pub fn verdict(findings: &[Finding]) -> String {
    let errors: Vec<&Finding> = findings
        .iter()
        .filter(|finding| finding.severity == Severity::Error)
        .collect();
    let mut resources: Vec<(String, BTreeSet<&str>)> = Vec::new();
    let mut positions: HashMap<String, usize> = HashMap::new();
    for finding in &errors {
        let name = finding.resource.as_deref().map(name).unwrap_or_default();
        let next = resources.len();
        let index = *positions.entry(name.clone()).or_insert(next);
        if index == next {
            resources.push((name, BTreeSet::new()));
        }
        resources[index].1.insert(finding.rule.id());
    }
    let named: Vec<String> = resources
        .iter()
        .take(NAMED)
        .map(|(name, rules)| {
            let rules: Vec<&str> = rules.iter().copied().collect();
            format!("{name} ({})", rules.join(", "))
        })
        .collect();
    let more = match resources.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    format!(
        "check failed: {} in {}: {}{more}",
        count(errors.len(), "error"),
        count(resources.len(), "resource"),
        named.join("; ")
    )
}

/// A fault in two lines: `PLACE: key: what`, and what to do about it.
pub fn fault(fault: &Fault, place: &str, first: Option<&str>) -> String {
    let mut text = format!("{place}: ");
    if !fault.key.is_empty() {
        let _ = write!(text, "{}: ", fault.key);
    }
    text.push_str(&one_line(&fault.what));
    if let Some(first) = first {
        let _ = write!(text, ", first at {first}");
    }
    if let Some(help) = &fault.help {
        let _ = write!(text, "\nhelp: {}", one_line(help));
    }
    text
}

pub(super) fn name(resource: &ResourceRef) -> String {
    one_line(&match (&*resource.namespace, &*resource.name) {
        (_, "") => resource.kind.to_string(),
        ("", name) => format!("{} {name}", resource.kind),
        (namespace, name) => format!("{} {namespace}/{name}", resource.kind),
    })
}

/// `1 file`, `2 files`.
pub fn count(number: usize, noun: &str) -> String {
    match number {
        1 => format!("1 {noun}"),
        _ => format!("{number} {noun}s"),
    }
}

/// A message on one line, whatever the manifest puts into it: no line breaks, no escape codes.
pub fn one_line(message: &str) -> String {
    message
        .chars()
        .map(|c| if c.is_control() { '\u{fffd}' } else { c })
        .collect()
}
