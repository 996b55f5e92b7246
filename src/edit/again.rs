//! Checks edits without reading the whole text again: only the pairs that they stand in.
//!
//! Sound for text that [`fast`] read, since what that reader makes of some pairs of a block mapping
//! depends on their lines and their column alone, and what it goes on with is the next line; of a
//! flow mapping, on its bytes alone. Where the edited lines are read to their end as pairs of that
//! column, all else reads as it did before.

use std::ops::Range;

use crate::krm::resource::Segment;
use crate::yaml::{Entry, Kind, Node, fast};

use super::verify::{Texts, compare_pairs};
use super::{Change, Edit, apply_from};

/// Compares what is around the edits by value, before and after; `None` where that is not
/// enough to go by, so that the whole text is to be read again. `left_out` are the keys whose
/// collections were not kept when the text was read.
pub fn verify_around(
    text: &str,
    root: &Node<'_>,
    changes: &[Change<'_, '_>],
    edits: &[Edit],
    left_out: &'static [&'static str],
) -> Option<Result<(), String>> {
    let regions = regions(root, text, edits)?;
    let mut checked = 0;
    for region in &regions {
        let planned: Vec<&Change<'_, '_>> = changes
            .iter()
            .filter(|change| region.holds(change))
            .collect();
        checked += planned.len();
        let lines = root.is_flow();
        if let Err(path) = region.verify(text, edits, &planned, lines, left_out)? {
            return Some(Err(path));
        }
    }
    (checked == changes.len()).then_some(Ok(()))
}

/// A mapping, with the edits that stand in it.
struct Region<'n, 's> {
    node: &'n Node<'s>,
    path: Vec<Segment<'n>>,
    first: usize,
    count: usize,
}

/// The innermost mappings that hold each edit, none of them inside another.
fn regions<'n, 's>(root: &'n Node<'s>, text: &str, edits: &[Edit]) -> Option<Vec<Region<'n, 's>>> {
    let mut regions: Vec<Region<'n, 's>> = Vec::new();
    for (index, edit) in edits.iter().enumerate() {
        let mut region = innermost(root, text, edit)?;
        (region.first, region.count) = (index, 1);
        while let Some(last) = regions.last_mut() {
            if last.node.span.end <= region.node.start() {
                break;
            }
            let is_inside = last.node.start() <= region.node.start();
            if is_inside {
                last.count = index + 1 - last.first;
                region.count = 0;
                break;
            }
            (region.first, region.count) = (last.first, index + 1 - last.first);
            regions.pop();
        }
        if region.count > 0 {
            regions.push(region);
        }
    }
    Some(regions)
}

fn innermost<'n, 's>(root: &'n Node<'s>, text: &str, edit: &Edit) -> Option<Region<'n, 's>> {
    let holds = |node: &Node<'_>| {
        let end = node.span.end;
        let is_last = edit.span.end == end && end == text.len() && !node.is_flow();
        let ends = edit.span.end < end || is_last;
        node.start() < edit.span.start && ends
    };
    let mut path = Vec::new();
    let mut best = None;
    let mut node = root;
    while holds(node) {
        let inner = match &node.kind {
            Kind::Mapping(entries, _) => {
                // What a merge key brings is seen in other mappings too.
                if entries.iter().any(Entry::is_merge) {
                    return None;
                }
                best = Some((node, path.len()));
                let entry = entries.iter().find(|entry| holds(&entry.value));
                entry.and_then(|entry| Some((Segment::Key(entry.key.scalar()?), &entry.value)))
            }
            Kind::Sequence(items, _) => {
                let item = items.iter().enumerate().find(|(_, item)| holds(item));
                item.map(|(index, item)| (Segment::Index(index), item))
            }
            _ => None,
        };
        let Some((segment, inner)) = inner else { break };
        path.push(segment);
        node = inner;
    }
    best.map(|(node, depth)| {
        path.truncate(depth);
        Region {
            node,
            path,
            first: 0,
            count: 0,
        }
    })
}

impl Region<'_, '_> {
    fn holds(&self, change: &Change<'_, '_>) -> bool {
        let slot = &change.slot;
        slot.path.0.starts_with(&self.path)
    }

    fn verify(
        &self,
        text: &str,
        edits: &[Edit],
        changes: &[&Change<'_, '_>],
        lines: bool,
        left_out: &'static [&'static str],
    ) -> Option<Result<(), String>> {
        let edits = &edits[self.first..self.first + self.count];
        let entries = self.node.entries()?;
        let is_flow = self.node.is_flow();
        let (pairs, start, end) = match is_flow {
            true => (entries, self.node.start(), self.node.span.end),
            false => {
                let held = pairs(entries, edits);
                let next = entries.get(held.end);
                let end = next.map_or(self.node.span.end, |next| next.key.start());
                let pairs = &entries[held];
                // Up to the line of the next token, or the end of the text.
                let line = match end == text.len() {
                    true => end,
                    false => end - column(text, end),
                };
                (pairs, pairs.first()?.key.start(), line)
            }
        };
        if edits.last()?.span.end > end {
            return None;
        }
        let new = apply_from(&text[..end], start, edits);
        let depth = u32::try_from(self.path.len()).ok()?;
        let again = match is_flow {
            true => fast::flow_mapping(&new, lines, depth, left_out)?,
            false => fast::pairs(&new, column(text, self.node.start()), depth, left_out)?,
        };
        let again = again.entries()?;
        let texts = Texts {
            old: text,
            new: &new,
        };
        let path = self.path.clone();
        Some(compare_pairs(pairs, again, changes, path, texts))
    }
}

/// Which pairs of a block mapping hold edits: from the first that does to the last.
fn pairs(entries: &[Entry<'_>], edits: &[Edit]) -> Range<usize> {
    let behind = |at: usize| entries.partition_point(|entry| entry.key.start() <= at);
    let first = edits.first().map_or(0, |edit| behind(edit.span.start));
    let last = edits.last().map_or(0, |edit| behind(edit.span.end));
    first.saturating_sub(1)..last
}

/// How many bytes stand before an offset in its line.
pub(super) fn column(text: &str, at: usize) -> usize {
    at - memchr::memrchr(b'\n', &text.as_bytes()[..at]).map_or(0, |newline| newline + 1)
}
