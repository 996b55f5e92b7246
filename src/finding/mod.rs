//! What was found: a difference from what is desired, or a reason why it could not be settled.

mod rule;

use std::cmp::Ordering;
use std::ops::Range;
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
    /// What stands there; `None` where nothing does.
    pub current: Option<Box<str>>,
    /// What should stand there; `None` where nothing is proposed.
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
    /// Position of the unit among the items or documents.
    pub ordinal: usize,
    /// The bytes of the input that it is about.
    pub span: Option<Span>,
    /// What an exception has to allow to allow this; empty where nothing allows it.
    pub allow: Aspects,
    /// The edits that restore it, in bytes of the input; only where they were asked for.
    pub fix: Box<[Edit]>,
}

impl Finding {
    /// A finding of which no more is known than what was found.
    pub fn new(rule: Rule, mode: Mode, message: String) -> Self {
        Finding {
            rule,
            severity: rule.severity(mode),
            message: message.into_boxed_str(),
            agent: None,
            resource: None,
            field: None,
            file: None,
            ordinal: 0,
            span: None,
            allow: Aspects::default(),
            fix: Box::default(),
        }
    }
}

/// What the findings of a unit are sorted by, as near as can be: thousands of units lie far apart.
struct Key<'f> {
    /// What follows in the file's path behind what all paths have in common: few paths are alike in
    /// so much of it.
    head: [u64; 3],
    file: &'f str,
    index: Option<u64>,
    ordinal: usize,
    run: Range<usize>,
}

impl<'f> Key<'f> {
    fn of(finding: &'f Finding, run: Range<usize>) -> Self {
        let file = finding.file.as_deref();
        Key {
            head: [0; 3],
            file: file.map_or("", |file| &file.path),
            index: file.and_then(|file| file.index),
            ordinal: finding.ordinal,
            run,
        }
    }

    fn place(&self, other: &Self) -> Ordering {
        let (a, b) = (self, other);
        (a.head, a.file, a.index, a.ordinal).cmp(&(b.head, b.file, b.index, b.ordinal))
    }
}

/// Sorts findings by file, index, position in the input, path and rule.
pub fn sort(findings: &mut [Finding]) {
    // Those of a unit come together.
    for unit in findings.chunk_by_mut(of_one_unit) {
        unit.sort_by(in_unit);
    }
    let mut keys = Vec::new();
    let mut start = 0;
    for unit in findings.chunk_by(of_one_unit) {
        let end = start + unit.len();
        keys.extend(unit.first().map(|first| Key::of(first, start..end)));
        start = end;
    }
    set_heads(&mut keys);
    keys.sort_by(Key::place);
    if keys.windows(2).any(|pair| pair[0].place(&pair[1]).is_eq()) {
        // Or they do not.
        findings.sort_by(|a, b| {
            let place = Key::of(a, 0..1).place(&Key::of(b, 0..1));
            place.then_with(|| in_unit(a, b))
        });
        return;
    }
    let order: Vec<usize> = keys.iter().flat_map(|key| key.run.clone()).collect();
    reorder(findings, order);
}

fn of_one_unit(a: &Finding, b: &Finding) -> bool {
    let same_file = match (&a.file, &b.file) {
        (Some(a), Some(b)) => Arc::ptr_eq(a, b) || a == b,
        (None, None) => true,
        _ => false,
    };
    a.ordinal == b.ordinal && same_file
}

/// The order of findings of one unit.
fn in_unit(a: &Finding, b: &Finding) -> Ordering {
    fn path(finding: &Finding) -> &str {
        finding.field.as_ref().map_or("", |field| &field.path)
    }
    by_pieces(path(a), path(b)).then_with(|| a.rule.id().cmp(b.rule.id()))
}

fn set_heads(keys: &mut [Key<'_>]) {
    let mut common = keys.first().map_or("", |first| first.file);
    for key in &*keys {
        let same = common.bytes().zip(key.file.bytes());
        let same = same.take_while(|(a, b)| a == b).count();
        common = &common[..common.floor_char_boundary(same)];
    }
    for key in keys {
        let mut rest = &key.file.as_bytes()[common.len()..];
        for head in &mut key.head {
            let (eight, behind) = rest.split_at(rest.len().min(8));
            let mut word = [0; 8];
            word[..eight.len()].copy_from_slice(eight);
            (*head, rest) = (u64::from_be_bytes(word), behind);
        }
    }
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
    fn findings_come_in_one_order_however_they_come() {
        let finding = |file: &str, ordinal, path: &str| Finding {
            file: (!file.is_empty()).then(|| {
                let path = file.into();
                Arc::new(FileRef { path, index: None })
            }),
            ordinal,
            field: Some(Arc::new(FieldRef {
                path: path.into(),
                current: None,
                proposed: None,
            })),
            ..Finding::new(Rule::UnresolvedImage, Mode::Restore, String::new())
        };
        let sorted = [
            finding("", 3, "a"),
            finding("a/one-and-a-name-that-is-longer-than-a-head-1", 2, "a[2]"),
            finding("a/one-and-a-name-that-is-longer-than-a-head-1", 2, "a[10]"),
            finding("a/one-and-a-name-that-is-longer-than-a-head-2", 0, "b"),
            finding("a/two", 1, "a"),
            finding("a/two", 4, "a"),
        ];
        // Units in one piece, and in several.
        let mut order = vec![0, 1, 2, 3, 4, 5];
        for turn in 0..720 {
            let (a, b) = (turn % 6, turn / 7 % 6);
            order.swap(a, b);
            let mut findings: Vec<Finding> = order.iter().map(|&at| sorted[at].clone()).collect();
            sort(&mut findings);
            assert_eq!(findings, sorted, "{order:?}");
        }
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
