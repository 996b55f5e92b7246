//! Findings and errors as plain lines that begin with the place.

use std::collections::{BTreeSet, HashMap};
use std::fmt::Write as _;
use std::iter::successors;

use crate::error::Fault;
use crate::finding::{Finding, ResourceRef, Severity};
use crate::quote::{self, piece};
use crate::sort::sort_by_key;

/// How many resources the verdict names before it only counts.
const RESOURCES_NAMED: usize = 3;

/// One line for a finding: `PLACE: severity: RESOURCE: message [rule]`.
///
/// `place` is a file with line and column, if the caller knows them.
pub fn finding(finding: &Finding, place: Option<&str>) -> String {
    line(finding, place, &message(finding))
}

/// As [`finding`], of what was restored, or would be: this word replaces the severity, since the
/// message tells of the fault.
pub fn restored(finding: &Finding, place: Option<&str>, word: &str) -> String {
    with_word(finding, place, word, &message(finding))
}

/// As [`finding`], with this message.
pub(super) fn line(finding: &Finding, place: Option<&str>, message: &str) -> String {
    with_word(finding, place, finding.severity.as_str(), message)
}

fn with_word(finding: &Finding, place: Option<&str>, word: &str, message: &str) -> String {
    let mut line = String::new();
    let file = finding.file.as_ref().map(|file| &*file.path);
    let is_placed = place.or(file).is_some();
    if let Some(place) = place.or(file) {
        let _ = write!(line, "{}: ", piece(place));
    }
    let _ = write!(line, "{word}: ");
    // A kustomization has no name, and its path is printed before it.
    let resource = finding.resource.as_ref();
    if let Some(resource) = resource.filter(|resource| !is_placed || !resource.name.is_empty()) {
        let _ = write!(line, "{}: ", name(resource));
    }
    let _ = write!(line, "{message} [{}]", finding.rule.id());
    line
}

/// A finding's message, with what decides the value where it was found in a build.
pub fn message(finding: &Finding) -> String {
    let message = piece(&finding.message);
    match &finding.decided {
        Some(decided) => format!("{message}, decided by: {}", piece(&decided.to_string())),
        None => message,
    }
}

/// The verdict in one line, since some callers show only the first line of an error.
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
        .take(RESOURCES_NAMED)
        .map(|(name, rules)| {
            let rules: Vec<&str> = rules.iter().copied().collect();
            format!("{name} ({})", rules.join(", "))
        })
        .collect();
    let more = match resources.len().saturating_sub(RESOURCES_NAMED) {
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

/// A fault, and what else is at fault in the same text, from above; `place` says where a byte is.
pub fn faults(fault: &Fault, place: impl Fn(usize) -> String) -> String {
    let mut all: Vec<&Fault> = successors(Some(fault), |one| one.next.as_deref()).collect();
    sort_by_key(&mut all, |one| one.at);
    let text = |one: &&Fault| self::fault(one, &place(one.at), one.first.map(&place).as_deref());
    all.iter().map(text).collect::<Vec<_>>().join("\n")
}

/// A fault in two lines: `PLACE: key: what`, and what to do about it.
pub fn fault(fault: &Fault, place: &str, first: Option<&str>) -> String {
    let mut text = format!("{}: ", piece(place));
    if !fault.key.is_empty() {
        let _ = write!(text, "{}: ", piece(&fault.key));
    }
    text.push_str(&piece(&fault.what));
    if let Some(first) = first {
        let _ = write!(text, ", first at {}", piece(first));
    }
    if let Some(help) = &fault.help {
        let _ = write!(text, "\nhelp: {}", piece(help));
    }
    text
}

/// The resource of a finding and a colon, before what is found in a file; nothing where it is about none, or
/// about one without a name, such as a kustomization.
pub(super) fn resource_before(finding: &Finding) -> String {
    let resource = finding.resource.as_deref();
    let resource = resource
        .filter(|resource| !resource.name.is_empty())
        .map(name);
    resource.map_or(String::new(), |name| format!("{name}: "))
}

pub(super) fn name(resource: &ResourceRef) -> String {
    name_of(&resource.kind, &resource.namespace, &resource.name)
}

/// `KIND NAMESPACE/NAME`, as far as they are known.
pub(super) fn name_of(kind: &str, namespace: &str, name: &str) -> String {
    piece(&match (namespace, name) {
        (_, "") => kind.to_owned(),
        ("", name) => format!("{kind} {name}"),
        (namespace, name) => format!("{kind} {namespace}/{name}"),
    })
}

/// `1 file`, `2 files`.
pub fn count(number: usize, noun: &str) -> String {
    match number {
        1 => format!("1 {noun}"),
        _ => format!("{number} {noun}s"),
    }
}

/// A piece of text on one line, whatever the manifest puts into it.
pub fn one_line(text: &str) -> String {
    quote::one_line(text)
}
