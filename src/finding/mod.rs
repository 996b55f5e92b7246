//! What was found: a difference from what is desired, or a reason why it could not be settled.

mod rule;

use std::cmp::Ordering;
use std::sync::Arc;

use crate::config::{Aspects, Mode};
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
    pub agent: Option<Arc<str>>,
    /// The resource; `None` where the finding is about the configuration.
    pub resource: Option<Arc<ResourceRef>>,
    /// The field, which several findings may be about.
    pub field: Option<Arc<FieldRef>>,
    /// The file, where the resource's annotations name one.
    pub file: Option<Arc<FileRef>>,
    /// Position of the unit among the items or documents.
    pub ordinal: usize,
    /// The bytes of the input that it is about.
    pub span: Option<Span>,
    /// What an exception has to allow to allow this; empty where nothing allows it.
    pub allow: Aspects,
    /// The edits that restore it, in bytes of the input; only where they were asked for.
    pub fix: Vec<Edit>,
}

impl Finding {
    /// A finding of which no more is known than what was found.
    pub fn new(rule: Rule, mode: Mode, message: String) -> Self {
        Finding {
            rule,
            severity: rule.severity(mode),
            message,
            agent: None,
            resource: None,
            field: None,
            file: None,
            ordinal: 0,
            span: None,
            allow: Aspects::default(),
            fix: Vec::new(),
        }
    }
}

/// What a finding is sorted by, as near as can be: thousands of them lie far apart.
struct Key<'f> {
    /// What follows in the file's path behind what all paths have in common: few paths are alike in
    /// so much of it.
    head: [u64; 3],
    file: &'f str,
    index: Option<u64>,
    ordinal: usize,
    at: usize,
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
    let mut keys = Vec::with_capacity(findings.len());
    let mut common = findings.first().map_or("", |first| file(first).0);
    for (at, finding) in findings.iter().enumerate() {
        let (file, index) = file(finding);
        let same = common.bytes().zip(file.bytes());
        let same = same.take_while(|(a, b)| a == b).count();
        common = &common[..common.floor_char_boundary(same)];
        keys.push(Key {
            head: [0; 3],
            file,
            index,
            ordinal: finding.ordinal,
            at,
        });
    }
    for key in &mut keys {
        let mut rest = &key.file.as_bytes()[common.len()..];
        for head in &mut key.head {
            let (eight, behind) = rest.split_at(rest.len().min(8));
            let mut word = [0; 8];
            word[..eight.len()].copy_from_slice(eight);
            (*head, rest) = (u64::from_be_bytes(word), behind);
        }
    }
    keys.sort_by(|a, b| {
        let place = (a.head, a.file, a.index, a.ordinal).cmp(&(b.head, b.file, b.index, b.ordinal));
        let (one, other) = (&findings[a.at], &findings[b.at]);
        let place = place.then_with(|| by_pieces(path(one), path(other)));
        place.then_with(|| one.rule.id().cmp(other.rule.id()))
    });
    let order: Vec<usize> = keys.iter().map(|key| key.at).collect();
    reorder(findings, order);
}

/// Puts at each position what stands at the position that `from` names.
fn reorder<T>(things: &mut [T], mut from: Vec<usize>) {
    for start in 0..from.len() {
        let mut at = start;
        while from[at] != start {
            let next = from[at];
            things.swap(at, next);
            from[at] = at;
            at = next;
        }
        from[at] = at;
    }
}

/// The order of two paths: piece by piece, from the first that differs.
fn by_pieces(a: &str, b: &str) -> Ordering {
    let mut pairs = a.bytes().zip(b.bytes());
    let same = pairs.position(|(a, b)| a != b);
    let same = same.unwrap_or(a.len().min(b.len()));
    let start = memchr::memrchr2(b'[', b']', &a.as_bytes()[..same]).map_or(0, |at| at + 1);
    pieces(&a[start..]).cmp(pieces(&b[start..]))
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
        assert_eq!(by_pieces(nine, ten), Ordering::Less);
    }

    #[test]
    fn things_stand_where_they_were_called_to() {
        for from in [
            vec![],
            vec![0],
            vec![2, 0, 1],
            vec![1, 0, 3, 2],
            vec![3, 2, 1, 0],
        ] {
            let mut things: Vec<usize> = (0..from.len()).collect();
            reorder(&mut things, from.clone());
            assert_eq!(things, from);
        }
    }

    #[test]
    fn the_first_piece_that_differs_decides() {
        let paths = [
            "a", "a[0]", "a[0].b", "a[10]", "a[9]", "a[9]b", "ab", "a[b]", "", "a]", "a[09]",
        ];
        for a in paths {
            for b in paths {
                assert_eq!(by_pieces(a, b), pieces(a).cmp(pieces(b)), "{a} and {b}");
            }
        }
    }
}
