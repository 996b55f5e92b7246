//! Reports of many repositories or clusters as one, with what differs from an older one.
//!
//! The model is also the JSON document: what was joined can be joined again, or be the older one.

mod markdown;
mod read;
mod since;
mod text;
mod untold;

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use markdown::markdown;
pub use read::{JoinFault, read};
pub use since::compare;
pub use text::{in_text, line};
pub(super) use untold::untold;

use super::json::{self, Numbers, VERSION};
use crate::finding::Severity;
use crate::sort::{sort_by, sort_by_key};

/// Reports of many repositories or clusters.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(title = "Joined reports of restore-images")]
pub struct Joined {
    /// The version of this document's shape.
    pub version: u32,
    /// The numbers of all reports together.
    pub summary: Numbers,
    /// What differs from the older reports; absent where none were given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub changes: Option<Changes>,
    /// The reports, in the order of their names.
    pub reports: Vec<NamedReport>,
    /// Names of reports that the older ones have and these have not, so that nothing is known of them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub missing: Vec<String>,
}

/// One report.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Entry")]
pub struct NamedReport {
    /// Its name: that of its file without `.json`, or the one that was given as `NAME=FILE`.
    pub name: String,
    /// What was done: `checked`, `restored` or `wouldRestore`.
    pub done: String,
    /// The path of the configuration.
    pub configuration: Option<String>,
    /// Its numbers.
    pub summary: Numbers,
    /// What differs from the older report of this name; absent where there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub changes: Option<Changes>,
    /// What was found.
    pub findings: Vec<JoinedFinding>,
    /// Errors and warnings that the older report has and this one has not.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub gone: Vec<JoinedFinding>,
}

/// How many errors and warnings differ from an older report; a file that cannot be read counts as an
/// error.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Changes {
    /// Those that the older report has not.
    pub new: usize,
    /// Those that only the older report has.
    pub gone: usize,
    /// Those that both have.
    pub left: usize,
}

/// A finding, or a file that cannot be read.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Found")]
pub struct JoinedFinding {
    /// The same in every run, wherever the line moves to.
    pub fingerprint: String,
    /// The rule's id, or `unreadable` for a file that cannot be read.
    pub rule: String,
    /// How much it matters.
    pub severity: Severity,
    /// Whether the older report has it; absent for what is not compared.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<Since>,
    /// One sentence, with old → new in it.
    pub message: String,
    /// The agent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agent: Option<String>,
    /// The resource.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resource: Option<JoinedResource>,
    /// The file; absent where it is about all of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// The line, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<usize>,
    /// The column in characters, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<usize>,
    /// What is there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub current: Option<String>,
    /// What should be.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub proposed: Option<String>,
}

/// Whether an older report has a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Since {
    /// It has not.
    New,
    /// It has, and the newer one has not.
    Gone,
    /// Both have.
    Left,
}

impl Since {
    /// The word of the document.
    pub fn as_str(self) -> &'static str {
        match self {
            Since::New => "new",
            Since::Gone => "gone",
            Since::Left => "left",
        }
    }
}

/// A resource.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Resource")]
pub struct JoinedResource {
    /// `apps/v1`.
    pub api_version: String,
    /// `Deployment`.
    pub kind: String,
    /// `metadata.name`.
    pub name: String,
    /// `metadata.namespace`, empty where there is none.
    pub namespace: String,
}

impl NamedReport {
    /// The numbers of new, gone and left findings as cells of a table; dashes where nothing is compared.
    pub(super) fn changes_told(&self) -> [String; 3] {
        let Some(changes) = self.changes else {
            return ["-"; 3].map(str::to_owned);
        };
        [changes.new, changes.gone, changes.left].map(|number| number.to_string())
    }
}

impl JoinedFinding {
    /// Whether it is compared and shown to people: restored images and exceptions are for the record.
    pub fn is_wrong(&self) -> bool {
        self.severity <= Severity::Warning
    }

    /// `FILE:LINE:COLUMN`, as far as it is known.
    pub(super) fn place(&self) -> Option<String> {
        let path = self.path.as_deref()?;
        Some(match (self.line, self.column) {
            (Some(line), Some(column)) => format!("{path}:{line}:{column}"),
            _ => path.to_owned(),
        })
    }
}

/// Joins reports, whose names are each another.
pub fn join(mut reports: Vec<NamedReport>) -> Joined {
    sort_by(&mut reports, |a, b| a.name.cmp(&b.name));
    let mut summary = Numbers::default();
    for report in &reports {
        add(&mut summary, &report.summary);
    }
    Joined {
        version: VERSION,
        summary,
        changes: None,
        reports,
        missing: Vec::new(),
    }
}

/// A name that two of the reports have.
pub fn twice(reports: &[NamedReport]) -> Option<&str> {
    let mut names = BTreeSet::new();
    let mut all = reports.iter().map(|report| &*report.name);
    all.find(|name| !names.insert(*name))
}

/// The joined reports as a JSON document.
///
/// # Errors
/// They cannot be JSON.
pub fn in_json(joined: &Joined) -> Result<String, serde_json::Error> {
    json::lines(joined)
}

/// The JSON Schema of the document.
pub fn schema() -> schemars::Schema {
    schemars::schema_for!(Joined)
}

fn add(sum: &mut Numbers, more: &Numbers) {
    let optional = |a: Option<usize>, b: Option<usize>| match (a, b) {
        (None, None) => None,
        (a, b) => Some(total(a.unwrap_or_default(), b.unwrap_or_default())),
    };
    *sum = Numbers {
        images: total(sum.images, more.images),
        changed: total(sum.changed, more.changed),
        clean: total(sum.clean, more.clean),
        skipped: total(sum.skipped, more.skipped),
        unjudged: total(sum.unjudged, more.unjudged),
        excluded: total(sum.excluded, more.excluded),
        unreadable: total(sum.unreadable, more.unreadable),
        read: total(sum.read, more.read),
        unread: total(sum.unread, more.unread),
        roots: optional(sum.roots, more.roots),
        settled: optional(sum.settled, more.settled),
        errors: total(sum.errors, more.errors),
        warnings: total(sum.warnings, more.warnings),
    };
}

/// The sum of numbers that a file says: whatever they are, they add up to something.
fn total(a: usize, b: usize) -> usize {
    a.saturating_add(b)
}

/// How many findings each rule has, and in how many reports: the most frequent first.
fn by_rule(joined: &Joined) -> Vec<(&str, usize, usize)> {
    let mut rules: BTreeMap<&str, (usize, BTreeSet<&str>)> = BTreeMap::new();
    for report in &joined.reports {
        for found in report.findings.iter().filter(|found| found.is_wrong()) {
            let (number, names) = rules.entry(&found.rule).or_default();
            *number += 1;
            names.insert(&report.name);
        }
    }
    let rules = rules.into_iter();
    let mut rules: Vec<_> = rules
        .map(|(rule, (number, names))| (rule, number, names.len()))
        .collect();
    sort_by_key(&mut rules, |(_, number, _)| std::cmp::Reverse(*number));
    rules
}

/// What is new in each report, or gone from it, with the report's name.
fn that_are(joined: &Joined, since: Since) -> impl Iterator<Item = (&str, &JoinedFinding)> {
    let reports = joined.reports.iter();
    reports.flat_map(move |report| {
        let all = report.findings.iter().chain(&report.gone);
        let these = all.filter(move |found| found.since == Some(since));
        these.map(|found| (&*report.name, found))
    })
}
