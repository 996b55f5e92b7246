//! Slots: places for one value in a document, with or without a value.

use std::sync::Arc;

use crate::yaml::{Error, FoundPair, Node, Path, Segment, path_text};

/// A key of a mapping, or an item of a list.
#[derive(Debug, Clone)]
pub struct Slot<'n, 's> {
    /// The mapping or list.
    pub holder: &'n Node<'s>,
    /// The path of the holder in its document.
    pub path: Path<'n>,
    /// Which of its values.
    pub at: Segment<'n>,
    /// The key after which a new key is inserted.
    pub after: &'n str,
}

impl<'n, 's> Slot<'n, 's> {
    /// The slot of a key; if the key does not exist yet, it may be inserted anywhere in the holder.
    pub fn key(holder: &'n Node<'s>, path: Path<'n>, key: &'n str) -> Self {
        Slot {
            holder,
            path,
            at: Segment::Key(key),
            after: key,
        }
    }

    /// The slot of another key of the same holder, after this one.
    #[must_use]
    pub fn beside(&self, key: &'n str) -> Self {
        Slot {
            at: Segment::Key(key),
            after: self.name(),
            ..self.clone()
        }
    }

    /// The key, empty for an item of a list.
    pub fn name(&self) -> &'n str {
        match self.at {
            Segment::Key(key) => key,
            Segment::Index(_) => "",
        }
    }

    /// The pair of the key, if this is a key and the holder has it.
    ///
    /// # Errors
    /// The holder has the key twice.
    pub fn find(&self) -> Result<Option<FoundPair<'n, 's>>, Error> {
        match self.at {
            Segment::Key(key) => self.holder.find(key),
            Segment::Index(_) => Ok(None),
        }
    }

    /// The value, if there is one.
    ///
    /// # Errors
    /// The holder has the key twice.
    pub fn node(&self) -> Result<Option<&'n Node<'s>>, Error> {
        match self.at {
            Segment::Key(key) => self.holder.get(key),
            Segment::Index(index) => Ok(self.holder.items().and_then(|items| items.get(index))),
        }
    }

    /// The value, if it is text.
    ///
    /// # Errors
    /// The holder has the key twice.
    pub fn text(&self) -> Result<Option<&'n str>, Error> {
        Ok(self.node()?.and_then(Node::text))
    }

    /// The path of the value below another path, as text.
    pub fn text_below(&self, root: &Path<'_>) -> Arc<str> {
        let all = self.path.0.iter().chain(std::iter::once(&self.at));
        path_text(all.skip(root.0.len()).copied())
    }

    /// The path of the value.
    pub fn full_path(&self) -> Path<'n> {
        match self.at {
            Segment::Key(key) => self.path.key(key),
            Segment::Index(index) => self.path.index(index),
        }
    }
}
