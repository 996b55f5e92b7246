//! Places of values in documents.

use std::ops::Range;
use std::sync::Arc;

use crate::intern::intern;
use crate::slot::Slot;
use crate::yaml::{Node, Path, Segment};

/// A place in a document for one value, written or not.
#[derive(Debug, Clone)]
pub(in crate::tree) struct DocumentSlot<'n, 's> {
    /// Position among the documents of the tree.
    pub(in crate::tree) document: usize,
    /// The mapping or list that holds the value.
    pub(in crate::tree) holder: &'n Node<'s>,
    /// The path of the holder.
    pub(in crate::tree) path: Path<'n>,
    pub(in crate::tree) at: At<'n>,
    /// The key that a new key is written after.
    pub(in crate::tree) after: &'static str,
    /// The bytes of the value in the text that is written there, where that holds more: a literal of a
    /// generator has the key before it.
    pub(in crate::tree) part: Option<(usize, usize)>,
}

/// A key of the document or one that is not written in it, or an index.
#[derive(Debug, Clone)]
pub(in crate::tree) enum At<'n> {
    Key(&'n str),
    Other(Arc<str>),
    Index(usize),
}

impl<'n> From<Segment<'n>> for At<'n> {
    fn from(segment: Segment<'n>) -> Self {
        match segment {
            Segment::Key(key) => At::Key(key),
            Segment::Index(index) => At::Index(index),
        }
    }
}

impl At<'_> {
    pub(in crate::tree) fn segment(&self) -> Segment<'_> {
        match self {
            At::Key(key) => Segment::Key(key),
            At::Other(key) => Segment::Key(key),
            At::Index(index) => Segment::Index(*index),
        }
    }
}

/// A segment of a path that owns its key.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(in crate::tree) enum Step {
    Key(Arc<str>),
    Index(usize),
}

impl Step {
    pub(in crate::tree) fn segment(&self) -> Segment<'_> {
        match self {
            Step::Key(key) => Segment::Key(key),
            Step::Index(index) => Segment::Index(*index),
        }
    }
}

impl From<Segment<'_>> for Step {
    fn from(segment: Segment<'_>) -> Self {
        match segment {
            Segment::Key(key) => Step::Key(intern(key)),
            Segment::Index(index) => Step::Index(index),
        }
    }
}

/// Where a mapping or list is written.
#[derive(Debug, Clone)]
pub(in crate::tree) struct Site<'n, 's> {
    pub(in crate::tree) document: usize,
    pub(in crate::tree) node: &'n Node<'s>,
    pub(in crate::tree) path: Path<'n>,
    /// What holds it; none for the root of a document.
    pub(in crate::tree) holder: Option<&'n Node<'s>>,
}

/// What tells places apart: the document, the offset of the holder, and the key or index.
pub(in crate::tree) type PlaceId = (usize, usize, Step);

/// As [`PlaceId`], borrowed from the place.
pub(in crate::tree) type PlaceKey<'p> = (usize, usize, Segment<'p>);

impl<'n, 's> DocumentSlot<'n, 's> {
    pub(in crate::tree) fn id(&self) -> PlaceId {
        let holder = self.holder.target().span.start;
        (self.document, holder, self.at.segment().into())
    }

    pub(in crate::tree) fn key(&self) -> PlaceKey<'_> {
        let holder = self.holder.target().span.start;
        (self.document, holder, self.at.segment())
    }

    pub(in crate::tree) fn slot<'a>(&'a self) -> Slot<'a, 's>
    where
        'n: 'a,
    {
        Slot {
            holder: self.holder,
            path: self.path.clone(),
            at: self.at.segment(),
            after: self.after,
        }
    }

    /// The value that is written there, if it is text or any other scalar.
    pub(in crate::tree) fn written(&self) -> Option<&'n str> {
        let text = self.node().scalar()?;
        match self.part {
            Some((start, end)) => text.get(start..end),
            None => Some(text),
        }
    }

    /// What is written there for the value to be another.
    pub(in crate::tree) fn with(&self, value: &str) -> String {
        let around = || {
            let text = self.node().scalar()?;
            let (start, end) = self.part?;
            Some((text.get(..start)?, text.get(end..)?))
        };
        match around() {
            Some((before, behind)) => [before, value, behind].concat(),
            None => value.to_owned(),
        }
    }

    /// The value that is written there, or what holds the place.
    pub(in crate::tree) fn node(&self) -> &'n Node<'s> {
        let found = match self.at.segment() {
            Segment::Key(key) => self.holder.get(key).ok().flatten(),
            Segment::Index(index) => self.holder.items().and_then(|items| items.get(index)),
        };
        found.unwrap_or(self.holder)
    }
}

impl<'n, 's> Site<'n, 's> {
    /// The place of the collection itself.
    pub(in crate::tree) fn place(&self) -> Option<DocumentSlot<'n, 's>> {
        let (holder, (at, above)) = (self.holder?, self.path.0.split_last()?);
        Some(DocumentSlot {
            document: self.document,
            holder,
            path: Path(above.into()),
            at: (*at).into(),
            after: "",
            part: None,
        })
    }

    /// The place of an item of the list, of which the value is a part.
    pub(in crate::tree) fn part_of_item(
        &self,
        index: usize,
        part: Range<usize>,
    ) -> DocumentSlot<'n, 's> {
        DocumentSlot {
            part: Some((part.start, part.end)),
            ..self.slot(Segment::Index(index))
        }
    }

    /// The place of a value that it holds.
    pub(in crate::tree) fn slot(&self, at: Segment<'n>) -> DocumentSlot<'n, 's> {
        DocumentSlot {
            document: self.document,
            holder: self.node,
            path: self.path.clone(),
            at: at.into(),
            after: "",
            part: None,
        }
    }

    /// The place of a key of the mapping, which is written after another where it is new.
    pub(in crate::tree) fn place_of(&self, key: &str, after: &'static str) -> DocumentSlot<'n, 's> {
        DocumentSlot {
            document: self.document,
            holder: self.node,
            path: self.path.clone(),
            at: At::Other(intern(key)),
            after,
            part: None,
        }
    }
}
