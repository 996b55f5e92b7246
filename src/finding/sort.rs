//! The order of findings.

use std::cmp::Ordering;
use std::ops::Range;
use std::sync::Arc;

use super::Finding;
use crate::sort::reorder;

/// The sort key of a unit's findings, copied side by side: the findings themselves are scattered in
/// memory.
struct SortKey<'f> {
    /// The first 24 bytes of the file's path after the prefix that all paths share; few paths agree
    /// in all of them.
    head: [u64; 3],
    file: &'f str,
    index: Option<u64>,
    ordinal: usize,
    run: Range<usize>,
}

impl<'f> SortKey<'f> {
    fn of(finding: &'f Finding, run: Range<usize>) -> Self {
        let file = finding.file.as_deref();
        SortKey {
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
    sort_behind(findings, 0);
}

/// As [`sort`], where the first so many came from [`sort_in_units`], whole units one after the other.
pub(crate) fn sort_behind(findings: &mut [Finding], sorted: usize) {
    sort_in_units(&mut findings[sorted..]);
    let mut keys = Vec::new();
    let mut start = 0;
    let (before, behind) = findings.split_at(sorted);
    let units = before.chunk_by(of_one_unit);
    for unit in units.chain(behind.chunk_by(of_one_unit)) {
        let end = start + unit.len();
        keys.extend(unit.first().map(|first| SortKey::of(first, start..end)));
        start = end;
    }
    set_heads(&mut keys);
    // Keys that are equal are met below, so that this sort needs no memory for their order.
    keys.sort_unstable_by(SortKey::place);
    if keys.windows(2).any(|pair| pair[0].place(&pair[1]).is_eq()) {
        // The findings of one unit are not contiguous, so sort them one by one.
        findings.sort_by(|a, b| {
            let place = SortKey::of(a, 0..1).place(&SortKey::of(b, 0..1));
            place.then_with(|| in_unit(a, b))
        });
        return;
    }
    let order: Vec<usize> = keys.iter().flat_map(|key| key.run.clone()).collect();
    reorder(findings, order);
}

/// Sorts those findings of a unit that come together.
pub(crate) fn sort_in_units(findings: &mut [Finding]) {
    for unit in findings.chunk_by_mut(of_one_unit) {
        unit.sort_by(in_unit);
    }
}

fn of_one_unit(a: &Finding, b: &Finding) -> bool {
    // Positions first: they are in the findings themselves, and the names of files are elsewhere.
    a.ordinal == b.ordinal
        && match (&a.file, &b.file) {
            (Some(a), Some(b)) => Arc::ptr_eq(a, b) || a == b,
            (None, None) => true,
            _ => false,
        }
}

/// The order of findings of one unit.
fn in_unit(a: &Finding, b: &Finding) -> Ordering {
    fn path(finding: &Finding) -> &str {
        finding.field.as_ref().map_or("", |field| &field.path)
    }
    let is_one_field = match (&a.field, &b.field) {
        (Some(a), Some(b)) => Arc::ptr_eq(a, b),
        _ => false,
    };
    let of_fields = if is_one_field {
        Ordering::Equal
    } else {
        by_pieces(path(a), path(b))
    };
    of_fields.then_with(|| a.rule.id().cmp(b.rule.id()))
}

fn set_heads(keys: &mut [SortKey<'_>]) {
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

/// The order of two paths: piece by piece, from the first that differs.
fn by_pieces(a: &str, b: &str) -> Ordering {
    let mut pairs = a.bytes().zip(b.bytes());
    let same = pairs.position(|(a, b)| a != b);
    let same = same.unwrap_or(a.len().min(b.len()));
    let start = memchr::memrchr2(b'[', b']', &a.as_bytes()[..same]).map_or(0, |at| at + 1);
    let (a, b) = (&a[start..], &b[start..]);
    // Most differ in a name.
    match (name(a), name(b)) {
        (Some(a), Some(b)) if a != b => a.cmp(b),
        _ => pieces(a).cmp(pieces(b)),
    }
}

/// The first piece of a path where it begins with no digit or sign, and so is no index.
fn name(path: &str) -> Option<&str> {
    let is_name = path.starts_with(|first: char| first.is_ascii_alphabetic() || first == '.');
    let end = memchr::memchr2(b'[', b']', path.as_bytes()).unwrap_or(path.len());
    is_name.then_some(&path[..end])
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
    use crate::finding::{FieldRef, FileRef, Mode, Rule};

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
            // Some of them before, in runs that may go on behind.
            let mut findings: Vec<Finding> = order.iter().map(|&at| sorted[at].clone()).collect();
            let before = turn % 7;
            sort_in_units(&mut findings[..before]);
            sort_behind(&mut findings, before);
            assert_eq!(findings, sorted, "{order:?} at {before}");
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
