//! What builds read of texts, so that it may change with these alone: tests of JSON patches, and what
//! replacements take.

use std::collections::HashSet;
use std::sync::Arc;

use crate::yaml::Node;

use super::{DocumentSlot, ListPass, PlaceId};

/// A text that a JSON patch tests, which has to change with what it tests.
#[derive(Debug, Clone)]
pub(in crate::tree) struct TestedText<'n, 's> {
    /// Where the tested text comes from.
    pub(in crate::tree) cell: DocumentSlot<'n, 's>,
    /// The lists that it has gone through.
    pub(in crate::tree) passes: Vec<ListPass>,
    /// Where the patch says what it expects; how the text is held where that cannot be edited.
    pub(in crate::tree) expected: Result<DocumentSlot<'n, 's>, Held>,
}

/// How a text is held that something reads.
#[derive(Debug, Clone)]
pub(in crate::tree) struct Held {
    /// Why, and what to do.
    pub(in crate::tree) why: &'static str,
    /// The part of it that counts; none for all of it.
    pub(in crate::tree) part: Option<Part>,
}

/// A part of a text between delimiters.
#[derive(Debug, Clone)]
pub(in crate::tree) struct Part {
    pub(in crate::tree) delimiter: Arc<str>,
    pub(in crate::tree) index: usize,
}

impl Part {
    /// The part of a text, if that has so many.
    pub(in crate::tree) fn of<'t>(&self, text: &'t str) -> Option<&'t str> {
        text.split(&*self.delimiter).nth(self.index)
    }
}

/// What JSON patches test, and replacements read.
#[derive(Debug, Clone, Default)]
pub(in crate::tree) struct Tests<'n, 's> {
    pub(in crate::tree) texts: Vec<TestedText<'n, 's>>,
    /// The mappings and lists that are tested as a whole, by document and offset: nothing may be added
    /// to them.
    pub(in crate::tree) whole: HashSet<(usize, usize)>,
    /// The keys that have to be absent.
    pub(in crate::tree) absent: HashSet<PlaceId>,
}

impl Tests<'_, '_> {
    pub(in crate::tree) fn extend(&mut self, other: Self) {
        self.texts.extend(other.texts);
        self.whole.extend(other.whole);
        self.absent.extend(other.absent);
    }

    pub(in crate::tree) fn is_empty(&self) -> bool {
        self.texts.is_empty() && self.whole.is_empty() && self.absent.is_empty()
    }

    /// Whether a patch tests what a new value at a place would change.
    pub(in crate::tree) fn forbid(&self, place: &DocumentSlot<'_, '_>) -> bool {
        let id = |node: &Node<'_>| (place.document, node.target().span.start);
        self.whole.contains(&id(place.holder))
            || self.whole.contains(&id(place.node()))
            || self.absent.contains(&place.id())
    }
}
