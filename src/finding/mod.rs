//! Findings: a difference from the desired image, or a reason why an image could not be settled.

mod aspect;
mod fix;
mod group;
mod rule;
mod sort;

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::yaml::Span;
use crate::yaml::place::LineColumn;

pub use aspect::{Aspect, Aspects};
pub use fix::{FileEdits, Fix};
pub use group::Group;
pub use rule::Rule;
pub use sort::sort;
pub(crate) use sort::{sort_behind, sort_in_units};

/// Whether differences are restored or only reported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename = "mode", rename_all = "camelCase")]
pub enum Mode {
    /// Differences are restored.
    #[default]
    Restore,
    /// Differences are errors, and nothing is changed.
    Check,
}

/// How much a finding matters; a function with an error-severity result exits non-zero.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The work is to be refused.
    Error,
    /// Somebody should look.
    Warning,
    /// For the record.
    Info,
}

impl Severity {
    /// The word of the KRM Functions Specification.
    pub fn as_str(self) -> &'static str {
        match self {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Info => "info",
        }
    }
}

/// The resource that a finding is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResourceRef {
    /// `apps/v1`.
    pub api_version: Arc<str>,
    /// `Deployment`.
    pub kind: Arc<str>,
    /// `metadata.name`.
    pub name: Box<str>,
    /// `metadata.namespace`, empty where there is none.
    pub namespace: Box<str>,
}

/// The field that a finding is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldRef {
    /// Path in the resource: `spec.template.spec.containers[0].image`.
    pub path: Arc<str>,
    /// The value that is written; `None` where there is none.
    pub current: Option<Box<str>>,
    /// The value that should be written; `None` where nothing is proposed.
    pub proposed: Option<Box<str>>,
}

/// The file that a resource came from, by its annotations.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FileRef {
    /// Path from the package's root.
    pub path: Box<str>,
    /// Position in the file, from 0.
    pub index: Option<u64>,
}

/// What decides a value that a build gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decided {
    /// A source writes it.
    By {
        /// The file, as it is shown.
        path: Box<str>,
        /// Where in its text.
        place: LineColumn,
    },
    /// No source is known to, and why.
    Unknown(&'static str),
}

impl fmt::Display for Decided {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Decided::By { path, place } => write!(f, "{path}:{place}"),
            Decided::Unknown(why) => write!(f, "not known: {why}"),
        }
    }
}

/// What a finding in the values of a chart has in addition.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct InValues {
    /// What to set, a `PATH: VALUE` each, where an image is made of several values or of none.
    pub set: Vec<String>,
    /// The files whose values make up the image, where there are several; the lowest first.
    pub with: Vec<String>,
    /// Whether it is of the pull policy or the pull secrets of an image that is restored as well, so that
    /// both are one image in the summary.
    pub counts_with_image: bool,
}

/// Keeps the first of the findings that say the same of a mirror: what it must hold is one thing to do,
/// however many containers want it; and of those in one file that say the same of what one controller makes,
/// with how many more there are. `said` is what was said of mirrors before.
pub fn say_once(findings: &mut Vec<Finding>, said: &mut HashSet<Box<str>>) {
    let mut of_controllers: HashSet<Box<str>> = HashSet::new();
    let mut more: HashMap<Box<str>, usize> = HashMap::new();
    findings.retain(|finding| {
        if let Some(key) = of_controller(finding) {
            if of_controllers.contains(&key) {
                *more.entry(key).or_default() += 1;
                return false;
            }
            return of_controllers.insert(key);
        }
        if finding.rule != Rule::DigestMoved {
            return true;
        }
        // The field is named first.
        let (_, what) = finding.message.split_once(": ").unwrap_or_default();
        said.insert(what.into())
    });
    if more.is_empty() {
        return;
    }
    for finding in findings {
        let number = of_controller(finding).and_then(|key| more.remove(&key));
        if let Some(number) = number {
            let objects = if number == 1 { "object" } else { "objects" };
            let message = &finding.message;
            finding.message = format!("{message} ({number} more {objects} like it)").into();
        }
    }
}

/// What is said of an object whose controller is not among the input, as what follows the controller's name.
pub(crate) const NOT_GIVEN: &str = "which is not among the input: change what makes it";

/// What is alike of findings about what one controller makes that is not among the input; none for others.
fn of_controller(finding: &Finding) -> Option<Box<str>> {
    let resource = finding.resource.as_ref()?;
    let message = &finding.message;
    let is_one = message.ends_with(NOT_GIVEN);
    is_one.then(|| {
        [finding.rule.id(), &resource.namespace, message]
            .join("\n")
            .into()
    })
}

/// One thing that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What kind of thing.
    pub rule: Rule,
    /// How much it matters.
    pub severity: Severity,
    /// One sentence, with old → new in it.
    pub message: Box<str>,
    /// The agent concerned.
    pub agent: Option<Arc<str>>,
    /// The resource; `None` where the finding is about the configuration.
    pub resource: Option<Arc<ResourceRef>>,
    /// The field, which several findings may be about.
    pub field: Option<Arc<FieldRef>>,
    /// The file, where the resource's annotations name one.
    pub file: Option<Arc<FileRef>>,
    /// What decides it, where it was found in a build.
    pub decided: Option<Arc<Decided>>,
    /// What is said besides, where it is about the values of a chart.
    pub values: Option<Box<InValues>>,
    /// Position of the unit among the items or documents.
    pub ordinal: usize,
    /// Where the text in the unit begins that it is in, if it is in one: what tells texts apart whose paths
    /// are alike.
    pub within: Option<usize>,
    /// The bytes of the input that it is about.
    pub span: Option<Span>,
    /// What an exception has to allow to allow this; empty where nothing allows it.
    pub allow: Aspects,
    /// The edits that restore it; only where they were asked for.
    pub fix: Fix,
}

impl Finding {
    /// Whether it was left by a restoring run, and a check refuses it.
    pub fn is_left(&self) -> bool {
        self.severity == Severity::Warning && self.rule.severity(Mode::Check) == Severity::Error
    }

    /// Whether it tells of what is restored: what an exception or an annotation keeps is not.
    pub fn is_restored(&self) -> bool {
        self.severity == Severity::Info && self.rule.severity(Mode::Check) == Severity::Error
    }

    /// A finding with a rule, a mode and a message only.
    pub fn new(rule: Rule, mode: Mode, message: String) -> Self {
        Finding {
            rule,
            severity: rule.severity(mode),
            message: message.into_boxed_str(),
            agent: None,
            resource: None,
            field: None,
            file: None,
            decided: None,
            values: None,
            ordinal: 0,
            within: None,
            span: None,
            allow: Aspects::default(),
            fix: Fix::default(),
        }
    }
}
