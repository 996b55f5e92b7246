//! Which parts of the edited text have to be parsed into nodes, to be compared with those before.

use crate::yaml::{Kind, Node, Span};

use super::Edit;

/// How many places most units have at most.
const PLACES: usize = 24;

/// The places of the collections in the new text that hold an edit, and of all that edits write, in order;
/// `from` is where the old text of the new one begins. The edits are sorted.
pub fn places(root: &Node<'_>, from: usize, edits: &[Edit]) -> Vec<Span> {
    let mut places = Places {
        found: Vec::with_capacity(PLACES),
        ahead: edits,
        added: 0,
        removed: from,
    };
    places.add(root);
    places.pass(usize::MAX);
    places.found
}

struct Places<'e> {
    found: Vec<Span>,
    /// The edits behind the old text that was walked.
    ahead: &'e [Edit],
    /// How many bytes the edits before these add.
    added: usize,
    /// How many they take away, with all that is before the text.
    removed: usize,
}

impl Places<'_> {
    /// Adds the collections in an old node, itself among them, that hold edits, the outer ones first.
    fn add(&mut self, node: &Node<'_>) {
        // Where there are anchors, all becomes nodes.
        if !matches!(node.kind, Kind::Mapping(..) | Kind::Sequence(..)) {
            return;
        }
        let Span { start, end } = node.span;
        self.pass(start);
        if self.ahead.first().is_none_or(|edit| edit.span.start > end) {
            return;
        }
        // What begins in bytes that an edit has taken away may begin nowhere.
        if let Some(start) = (start + self.added).checked_sub(self.removed) {
            self.found.push(start..start + 1);
        }
        match &node.kind {
            Kind::Mapping(entries, _) => entries.iter().for_each(|entry| self.add(&entry.value)),
            Kind::Sequence(items, _) => items.iter().for_each(|item| self.add(item)),
            _ => {}
        }
    }

    /// Adds what edits write that begin up to here in the old text.
    fn pass(&mut self, until: usize) {
        while let Some((edit, ahead)) = self.ahead.split_first()
            && edit.span.start <= until
        {
            let start = edit.span.start + self.added - self.removed;
            self.found.push(start..start + edit.text.len() + 1);
            self.added += edit.text.len();
            self.removed += edit.span.len();
            self.ahead = ahead;
        }
    }
}
