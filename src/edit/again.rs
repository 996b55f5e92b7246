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
    let regions = Regions::of(root, text, edits)?;
    let planned = planned(&regions, changes)?;
    let lines = root.is_flow();
    for (region, planned) in regions.iter().zip(planned) {
        if let Err(path) = region.verify(text, edits, &planned, lines, left_out)? {
            return Some(Err(path));
        }
    }
    Some(Ok(()))
}

/// A mapping, with the edits that stand in it.
struct Region<'n, 's> {
    node: &'n Node<'s>,
    path: Vec<Segment<'n>>,
    edits: Range<usize>,
}

/// The changes in each region; `None` where one is in none.
fn planned<'c, 'n, 's>(
    regions: &[Region<'_, '_>],
    changes: &'c [Change<'n, 's>],
) -> Option<Vec<Vec<&'c Change<'n, 's>>>> {
    let path = |region: usize| regions[region].path.as_slice();
    let mut order: Vec<usize> = (0..regions.len()).collect();
    order.sort_by_key(|&region| path(region));
    let mut planned = vec![Vec::new(); regions.len()];
    for change in changes {
        let own = change.slot.path.0.as_slice();
        // None is inside another, so that none comes between a region's path and those in it.
        let behind = order.partition_point(|&region| path(region) <= own);
        let region = *order.get(behind.checked_sub(1)?)?;
        if !own.starts_with(path(region)) {
            return None;
        }
        planned[region].push(change);
    }
    Some(planned)
}

/// Finds the innermost mappings that hold each edit, none of them inside another.
struct Regions<'t, 'n, 's> {
    text: &'t str,
    edits: &'t [Edit],
    /// Where the search stands.
    path: Vec<Segment<'n>>,
    found: Vec<Region<'n, 's>>,
}

impl<'t, 'n, 's> Regions<'t, 'n, 's> {
    fn of(root: &'n Node<'s>, text: &'t str, edits: &'t [Edit]) -> Option<Vec<Region<'n, 's>>> {
        let mut regions = Regions {
            text,
            edits,
            path: Vec::new(),
            found: Vec::new(),
        };
        let all = 0..edits.len();
        let is_all = regions.held(root, all.clone()) == all && regions.inside(root, all)?;
        is_all.then_some(regions.found)
    }

    /// Finds the regions of edits that a node holds; says whether each has one in it. `None` where
    /// there is a merge key: what that brings is seen in other mappings too.
    fn inside(&mut self, node: &'n Node<'s>, edits: Range<usize>) -> Option<bool> {
        let before = self.found.len();
        let are_inside = match &node.kind {
            Kind::Mapping(entries, _) if entries.iter().any(Entry::is_merge) => return None,
            Kind::Mapping(entries, _) => self.below(edits.clone(), |at| {
                let entry = last_before(entries, at, |entry| &entry.value)?.1;
                Some((Segment::Key(entry.key.scalar()?), &entry.value))
            })?,
            Kind::Sequence(items, _) => self.below(edits.clone(), |at| {
                let (index, item) = last_before(items, at, |item| item)?;
                Some((Segment::Index(index), item))
            })?,
            _ => false,
        };
        if are_inside {
            return Some(true);
        }
        self.found.truncate(before);
        // An empty one may be one that was not kept, which only what is around it can compare.
        let is_mapping = node.entries().is_some_and(|pairs| !pairs.is_empty());
        if is_mapping {
            let path = self.path.clone();
            self.found.push(Region { node, path, edits });
        }
        Some(is_mapping)
    }

    /// As [`Self::inside`], in the values of a collection; `value` gives the last that begins before
    /// an offset.
    fn below(
        &mut self,
        edits: Range<usize>,
        value: impl Fn(usize) -> Option<(Segment<'n>, &'n Node<'s>)>,
    ) -> Option<bool> {
        let Range { mut start, end } = edits;
        let mut are_inside = true;
        while start < end {
            let value = value(self.edits[start].span.start);
            let held = value.map(|(step, value)| (step, value, self.held(value, start..end)));
            let Some((step, value, held)) = held.filter(|(.., held)| !held.is_empty()) else {
                are_inside = false;
                start += 1;
                continue;
            };
            start = held.end;
            self.path.push(step);
            are_inside &= self.inside(value, held)?;
            self.path.pop();
        }
        Some(are_inside)
    }

    /// Those of the edits, from the first on, that a node holds.
    fn held(&self, node: &Node<'_>, edits: Range<usize>) -> Range<usize> {
        let (start, end) = (node.start(), node.span.end);
        let is_last = end == self.text.len() && !node.is_flow();
        let holds = |edit: &&Edit| {
            start < edit.span.start && (edit.span.end < end || is_last && edit.span.end == end)
        };
        let count = self.edits[edits.clone()].iter().take_while(holds).count();
        edits.start..edits.start + count
    }
}

/// The last of the values in a collection, in their order, that begins before an offset.
fn last_before<'s, T>(
    values: &[T],
    at: usize,
    node: impl Fn(&T) -> &Node<'s>,
) -> Option<(usize, &T)> {
    let behind = values.partition_point(|value| node(value).start() < at);
    let index = behind.checked_sub(1)?;
    Some((index, &values[index]))
}

impl Region<'_, '_> {
    fn verify(
        &self,
        text: &str,
        edits: &[Edit],
        changes: &[&Change<'_, '_>],
        lines: bool,
        left_out: &'static [&'static str],
    ) -> Option<Result<(), String>> {
        let edits = &edits[self.edits.clone()];
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
        // What follows still begins its line.
        if !is_flow && end < text.len() && !new.ends_with('\n') {
            return None;
        }
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
