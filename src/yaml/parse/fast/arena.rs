//! The arena in which the nodes of one text after the other are allocated, and freed all at once.

use std::borrow::Cow;

use bumpalo::Bump;

use super::Scan;
use crate::yaml::List;

/// Room for the nodes of a text.
///
/// A document's collections are many, and of all sizes: a general allocator takes as long to find
/// and to take back their places as the reader does to read them.
#[derive(Debug, Default)]
pub struct Arena(Bump);

impl Arena {
    /// Frees all nodes; the memory stays for the next text.
    pub fn clear(&mut self) {
        self.0.reset();
    }
}

impl<'s> Scan<'s> {
    /// The open pairs or items from `first` on, as a list of their own.
    ///
    /// An arena frees its contents without running destructors, so nodes in it must own no memory:
    /// the fast parser makes no tags, puts nothing into the arena from the first anchor on, and
    /// [`Self::text_of`] keeps their texts in the arena.
    pub(super) fn list<T>(
        arena: Option<&'s Arena>,
        open: &mut Vec<T>,
        first: usize,
    ) -> List<'s, T> {
        match arena {
            Some(arena) => List::Lent(arena.0.alloc_slice_fill_iter(open.drain(first..))),
            None => List::Own(open.split_off(first)),
        }
    }

    /// A text that is not written anywhere as it is.
    pub(super) fn text_of(&self, text: String) -> Cow<'s, str> {
        match self.arena {
            Some(arena) => Cow::Borrowed(arena.0.alloc_str(&text)),
            None => Cow::Owned(text),
        }
    }
}
