//! The arena in which the nodes of one text after the other are allocated, and freed all at once.

use std::borrow::Cow;
use std::ops::Deref;

use bumpalo::{Bump, collections};

use super::Scan;
use crate::yaml::List;

/// Room for the nodes of a text, or of many.
///
/// A document's collections are many, and of all sizes: a general allocator takes as long to find
/// and to take back their places as the reader does to read them.
#[derive(Debug, Default)]
pub struct Arena {
    nodes: Bump,
    /// Whether the nodes of many texts stay in it: then those of open collections, which leave room behind that
    /// they grew out of, are elsewhere.
    is_for_many: bool,
}

impl Arena {
    /// Room for the nodes of many texts, which all stay.
    pub fn for_many() -> Self {
        Arena {
            nodes: Bump::default(),
            is_for_many: true,
        }
    }

    /// The values from `first` on, as a list of their own; they must own no memory.
    pub fn list<'s, T>(&'s self, open: &mut Vec<T>, first: usize) -> List<'s, T> {
        List::Lent(self.nodes.alloc_slice_fill_iter(open.drain(first..)))
    }

    /// Frees all nodes; the memory stays for the next text.
    pub fn clear(&mut self) {
        self.nodes.reset();
    }
}

/// How many values are open at once in most texts.
const OPEN: usize = 64;

/// The values of the collections that are open, of the innermost last: each collection is moved to a list
/// of its own size when it closes.
///
/// An arena frees its contents without running destructors, so nodes in it must own no memory:
/// the fast parser makes no tags, puts nothing into the arena from the first anchor on, and
/// [`Scan::text_of`] keeps their texts in the arena.
pub(super) enum OpenList<'s, T> {
    /// In the arena, where lists of their own are moved without a look at each value.
    Lent(collections::Vec<'s, T>),
    /// Where there is no arena, or one for the nodes of many texts: lists of their own are moved there.
    Own(Vec<T>, Option<&'s Arena>),
}

impl<'s, T> OpenList<'s, T> {
    pub(super) fn new(arena: Option<&'s Arena>) -> Self {
        match arena {
            Some(arena) if !arena.is_for_many => {
                OpenList::Lent(collections::Vec::with_capacity_in(OPEN, &arena.nodes))
            }
            _ => OpenList::Own(Vec::new(), arena),
        }
    }

    /// Adds a value, which is made where it is to stay.
    #[inline(always)]
    pub(super) fn push(&mut self, make: impl FnOnce() -> T) {
        match self {
            OpenList::Lent(open) => open.push(make()),
            OpenList::Own(open, _) => open.push(make()),
        }
    }

    pub(super) fn pop(&mut self) -> Option<T> {
        match self {
            OpenList::Lent(open) => open.pop(),
            OpenList::Own(open, _) => open.pop(),
        }
    }

    pub(super) fn truncate(&mut self, length: usize) {
        match self {
            OpenList::Lent(open) => open.truncate(length),
            OpenList::Own(open, _) => open.truncate(length),
        }
    }

    /// The values from `first` on, as a list of their own.
    pub(super) fn close(&mut self, first: usize) -> List<'s, T> {
        match self {
            _ if first == self.len() => List::Lent(&[]),
            OpenList::Lent(open) => List::Lent(open.split_off(first).into_bump_slice()),
            OpenList::Own(open, Some(arena)) => arena.list(open, first),
            OpenList::Own(open, None) => List::Own(open.split_off(first)),
        }
    }

    /// Takes the values out of the arena.
    pub(super) fn leave_arena(&mut self) {
        match self {
            OpenList::Lent(open) => *self = OpenList::Own(open.drain(..).collect(), None),
            OpenList::Own(_, arena) => *arena = None,
        }
    }
}

impl<T> Deref for OpenList<'_, T> {
    type Target = [T];

    #[inline(always)]
    fn deref(&self) -> &[T] {
        match self {
            OpenList::Lent(open) => open,
            OpenList::Own(open, _) => open,
        }
    }
}

impl<'s> Scan<'s> {
    /// Allocates nothing more in the arena.
    pub(super) fn leave_arena(&mut self) {
        self.arena = None;
        self.entries.leave_arena();
        self.items.leave_arena();
    }

    /// A text that is not written anywhere as it is.
    pub(super) fn text_of(&self, text: String) -> Cow<'s, str> {
        match self.arena {
            Some(arena) => Cow::Borrowed(arena.nodes.alloc_str(&text)),
            None => Cow::Owned(text),
        }
    }
}
