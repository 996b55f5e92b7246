//! The piece of input that is parsed, judged and checked by itself: an item or a document.

use std::borrow::Cow;
use std::ops::{Deref, DerefMut};

use crate::yaml::Span;
use crate::yaml::fast::Stand;

/// A piece of the input that can be read alone.
///
/// An item of a block list loses its place when it is cut out, so `indent` blanks go before it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unit {
    /// The bytes of the input.
    pub span: Span,
    /// How many blanks stand before the text when it is read alone.
    pub indent: usize,
    /// Position among the items or documents, from 0.
    pub ordinal: usize,
    /// What the unit is.
    pub content: Content,
    /// The kinds in it, as positions in [`super::survey::Survey::kinds`].
    pub kinds: Kinds,
    /// Whether it is known that no key stands twice in any of its mappings.
    pub distinct: bool,
    /// How the unit stands, where its kind is a guess that whoever reads it has to confirm.
    pub guessed: Option<Stand>,
}

/// Positions of kinds: most units hold one resource, and there may be very many units.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Kinds(Few);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Few {
    One([usize; 1]),
    Other(Vec<usize>),
}

impl Default for Few {
    fn default() -> Self {
        Few::Other(Vec::new())
    }
}

impl From<Vec<usize>> for Kinds {
    fn from(kinds: Vec<usize>) -> Self {
        match kinds[..] {
            [kind] => kind.into(),
            _ => Kinds(Few::Other(kinds)),
        }
    }
}

impl From<usize> for Kinds {
    fn from(kind: usize) -> Self {
        Kinds(Few::One([kind]))
    }
}

impl Deref for Kinds {
    type Target = [usize];

    fn deref(&self) -> &[usize] {
        match &self.0 {
            Few::One(one) => one,
            Few::Other(kinds) => kinds,
        }
    }
}

impl DerefMut for Kinds {
    fn deref_mut(&mut self) -> &mut [usize] {
        match &mut self.0 {
            Few::One(one) => one,
            Few::Other(kinds) => kinds,
        }
    }
}

/// What a unit holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Content {
    /// One resource, or a `List` of them.
    Resource,
    /// A whole ResourceList, where anchors cross its items.
    ResourceList,
}

impl Unit {
    /// The text as it is read alone.
    pub fn text<'s>(&self, input: &'s str) -> Cow<'s, str> {
        let text = &input[self.span.clone()];
        match self.indent {
            0 => Cow::Borrowed(text),
            indent => Cow::Owned(" ".repeat(indent) + text),
        }
    }

    /// As [`Unit::text`], in a room that serves one text after the other.
    pub(crate) fn text_in<'s>(&self, input: &'s str, room: &'s mut String) -> &'s str {
        let text = &input[self.span.clone()];
        if self.indent == 0 {
            return text;
        }
        room.clear();
        room.extend(std::iter::repeat_n(' ', self.indent));
        room.push_str(text);
        room
    }

    /// The offset in the input of an offset in the unit's text.
    pub fn offset(&self, at: usize) -> usize {
        self.span.start + at.saturating_sub(self.indent)
    }
}
