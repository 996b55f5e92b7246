//! What was found: a difference from what is desired, or a reason why it could not be settled.

mod rule;

use crate::config::Aspect;
use crate::edit::Edit;
use crate::yaml::Span;

pub use rule::Rule;

/// How much a finding matters; a function with an error-severity result exits non-zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
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
    pub api_version: String,
    /// `Deployment`.
    pub kind: String,
    /// `metadata.name`.
    pub name: String,
    /// `metadata.namespace`, empty where there is none.
    pub namespace: String,
}

/// The field that a finding is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldRef {
    /// Path in the resource: `spec.template.spec.containers[0].image`.
    pub path: String,
    /// What stands there; `None` where nothing does.
    pub current: Option<String>,
    /// What should stand there; `None` where nothing is proposed.
    pub proposed: Option<String>,
}

/// The file that a resource came from, by its annotations.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FileRef {
    /// Path from the package's root.
    pub path: String,
    /// Position in the file, from 0.
    pub index: Option<u64>,
}

/// One thing that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What kind of thing.
    pub rule: Rule,
    /// How much it matters.
    pub severity: Severity,
    /// One sentence, with old → new in it.
    pub message: String,
    /// The agent concerned.
    pub agent: Option<String>,
    /// The resource; `None` where the finding is about the configuration.
    pub resource: Option<ResourceRef>,
    /// The field.
    pub field: Option<FieldRef>,
    /// The file, where the resource's annotations name one.
    pub file: Option<FileRef>,
    /// Position of the unit among the items or documents.
    pub ordinal: usize,
    /// The bytes of the input that it is about.
    pub span: Option<Span>,
    /// What an exception has to allow to allow this; empty where nothing allows it.
    pub allow: Vec<Aspect>,
    /// The edits that restore it, in bytes of the input; only where they were asked for.
    pub fix: Vec<Edit>,
}

/// Sorts findings by file, index, position in the input, path and rule.
pub fn sort(findings: &mut [Finding]) {
    fn file(finding: &Finding) -> (&str, Option<u64>) {
        let file = finding.file.as_ref();
        file.map_or(("", None), |file| (&file.path, file.index))
    }
    fn path(finding: &Finding) -> &str {
        finding.field.as_ref().map_or("", |field| &field.path)
    }
    findings.sort_by(|a, b| {
        let place = file(a).cmp(&file(b)).then(a.ordinal.cmp(&b.ordinal));
        let place = place.then_with(|| pieces(path(a)).cmp(pieces(path(b))));
        place.then_with(|| a.rule.id().cmp(b.rule.id()))
    });
}

/// A path cut at its indices, so that `containers[10]` comes after `containers[9]`.
fn pieces(path: &str) -> impl Iterator<Item = (usize, &str)> {
    path.split(['[', ']']).map(|piece| match piece.parse() {
        Ok(number) => (number, ""),
        Err(_) => (0, piece),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn indices_sort_as_numbers() {
        let (nine, ten) = ("spec.containers[9].image", "spec.containers[10].image");
        assert!(pieces(nine).lt(pieces(ten)));
    }
}
