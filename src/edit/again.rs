//! Checks edits without reading the whole text again: only the mappings that they stand in.
//!
//! Sound for text that [`fast`] read, since what that reader makes of a block mapping depends on
//! its bytes and its column alone, and what it goes on with is the next token and its column; of a
//! flow mapping, on its bytes alone. Where the edited mapping ends at the token where the old one
//! did, all else reads as it did before.

use crate::krm::resource::Segment;
use crate::yaml::{Entry, Kind, Node, fast};

use super::verify::{Texts, compare};
use super::{Change, Edit, apply};

/// Compares the mappings around the edits by value, before and after; `None` where that is not
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
            if last.node.span.end <= region.node.start {
                break;
            }
            let is_inside = last.node.start <= region.node.start;
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
        node.start < edit.span.start && ends
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
        let (start, end) = (self.node.start, self.node.span.end);
        let bytes = text.as_bytes();
        // The token behind a block mapping stays in view.
        let rest = match self.node.is_flow() {
            true => 0,
            false => memchr::memchr(b'\n', &bytes[end..]).unwrap_or(bytes.len() - end),
        };
        let shifted: Vec<Edit> = edits[self.first..self.first + self.count]
            .iter()
            .map(|edit| Edit {
                span: edit.span.start - start..edit.span.end - start,
                text: edit.text.clone(),
            })
            .collect();
        let new = apply(&text[start..end + rest], &shifted);
        let depth = u32::try_from(self.path.len()).ok()?;
        let texts = Some(Texts {
            old: text,
            new: &new,
        });
        let path = self.path.clone();
        if self.node.is_flow() {
            let again = fast::flow_mapping(&new, lines, depth, left_out)?;
            return Some(compare(self.node, &again, changes, path, texts));
        }
        let again = fast::mapping(&new, column(text, start), depth, left_out)?;
        let next = (end < text.len()).then(|| column(text, end));
        if again.end != new.len() - rest || again.next != next {
            return None;
        }
        Some(compare(self.node, &again.node, changes, path, texts))
    }
}

/// How many bytes stand before an offset in its line.
pub(super) fn column(text: &str, at: usize) -> usize {
    at - memchr::memrchr(b'\n', &text.as_bytes()[..at]).map_or(0, |newline| newline + 1)
}
