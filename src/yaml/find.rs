//! Looking a key up as every reader sees it: merge keys are applied, and what readers disagree on is
//! refused: keys that are there twice, and merge keys after a key that they bring too.

mod all;
mod merged;

use std::collections::HashSet;

use super::{Entry, Error, Kind, Node, Style};

pub use all::key_work;
use merged::{merged_entry, refuse_later_merge};

/// The key that takes over another mapping's pairs.
const MERGE: &str = "<<";

/// Where a key was found.
#[derive(Debug, Clone, Copy)]
pub struct FoundPair<'n, 's> {
    /// The pair.
    pub entry: &'n Entry<'s>,
    /// Whether it came through a merge key, so that it is in another mapping.
    pub merged: bool,
}

impl<'s> Node<'s> {
    /// The value of `key` in a mapping, or `None` where there is no such key or no mapping.
    ///
    /// # Errors
    /// The mapping has the key twice, or its value is bytes, which readers treat differently.
    #[inline]
    pub fn get(&self, key: &str) -> Result<Option<&Node<'s>>, Error> {
        // Most mappings have neither a merge key nor a key twice, and hold no bytes.
        if let Some(only) = only_entry(self.entries().unwrap_or_default(), key) {
            let value = only.map(|entry| &entry.value);
            if value.is_none_or(|value| !value.is_bytes()) {
                return Ok(value);
            }
        }
        self.get_with_care(key)
    }

    /// As [`Node::get`], of any mapping.
    #[cold]
    fn get_with_care(&self, key: &str) -> Result<Option<&Node<'s>>, Error> {
        Ok(self.find(key)?.map(|found| &found.entry.value))
    }

    /// The value that keys lead to, each in the mapping before it; `None` where one of them is not there.
    ///
    /// # Errors
    /// As [`Node::get`].
    pub fn at(&self, keys: &[&str]) -> Result<Option<&Node<'s>>, Error> {
        let mut node = self;
        for key in keys {
            match node.get(key)? {
                Some(inner) => node = inner,
                None => return Ok(None),
            }
        }
        Ok(Some(node))
    }

    /// As [`Node::get`], with the pair and whether a merge key brought it.
    ///
    /// # Errors
    /// As [`Node::get`].
    #[inline]
    pub fn find(&self, key: &str) -> Result<Option<FoundPair<'_, 's>>, Error> {
        let found = self.find_written(key)?;
        if let Some(found) = found {
            found.entry.value.refuse_bytes()?;
        }
        Ok(found)
    }

    /// Refuses a value that kubectl decodes and kustomize does not, before something is read from it.
    ///
    /// # Errors
    /// The value is bytes.
    pub fn refuse_bytes(&self) -> Result<(), Error> {
        if self.is_bytes() {
            return Err(Error::bytes(self.target().span.start));
        }
        Ok(())
    }

    /// As [`Node::find`], for those who pass values on: bytes stay bytes.
    ///
    /// # Errors
    /// The mapping has the key twice.
    pub fn find_written(&self, key: &str) -> Result<Option<FoundPair<'_, 's>>, Error> {
        let Some(entries) = self.entries() else {
            return Ok(None);
        };
        // Most mappings have neither a merge key nor a key twice.
        if let Some(only) = only_entry(entries, key) {
            let merged = false;
            return Ok(only.map(|entry| FoundPair { entry, merged }));
        }
        let own = own_entry(entries, key)?;
        if let Some(entry) = own.entry {
            if own.may_merge {
                refuse_later_merge(entries, entry, key)?;
            }
            return Ok(Some(FoundPair {
                entry,
                merged: false,
            }));
        }
        if !own.may_merge {
            return Ok(None);
        }
        let mut seen = HashSet::new();
        let found = merged_entry(entries, key, &mut seen)?;
        Ok(found.map(|entry| FoundPair {
            entry,
            merged: true,
        }))
    }
}

impl<'s> Entry<'s> {
    /// The mappings that a merge key names, as they are written.
    pub fn sources(&self) -> &[Node<'s>] {
        match self.value.items() {
            Some(items) => items,
            None => std::slice::from_ref(&self.value),
        }
    }

    /// Whether the pair is a merge key: a plain `<<`, or one tagged `!!merge` as kpt writes it.
    pub fn is_merge(&self) -> bool {
        let key = self.key.target();
        match &key.kind {
            Kind::Scalar(text, style) if text == MERGE => match key.tag.as_deref() {
                Some(tag) => tag.core.as_deref() == Some("merge"),
                None => *style == Style::Plain,
            },
            _ => false,
        }
    }
}

/// The pair with a key where all keys are scalars without anchors and none is a merge key, and where no
/// other one has the key; `None` elsewhere.
fn only_entry<'n, 's>(entries: &'n [Entry<'s>], key: &str) -> Option<Option<&'n Entry<'s>>> {
    let mut only = None;
    let first = key.as_bytes().first();
    for entry in entries {
        let Kind::Scalar(text, _) = &entry.key.kind else {
            return None;
        };
        // Most keys are of another length, or begin with another byte.
        if text.len() == key.len() && text.as_bytes().first() == first && text == key {
            if only.is_some() {
                return None;
            }
            only = Some(entry);
        }
        if text.len() == MERGE.len() && text == MERGE {
            return None;
        }
    }
    Some(only)
}

/// What a mapping's own pairs say of a key.
struct Own<'n, 's> {
    entry: Option<&'n Entry<'s>>,
    /// Whether a merge key may be among the pairs.
    may_merge: bool,
}

/// The pair of `entries` itself, merge keys aside.
fn own_entry<'n, 's>(entries: &'n [Entry<'s>], key: &str) -> Result<Own<'n, 's>, Error> {
    let mut own = Own {
        entry: None,
        may_merge: false,
    };
    let mut merge = None;
    for entry in entries {
        let Some(text) = entry.key.scalar() else {
            continue;
        };
        // Most keys are of another length.
        if text.len() != key.len() && text.len() != MERGE.len() {
            continue;
        }
        let may_merge = text == MERGE;
        if may_merge && entry.is_merge() {
            if let Some(first) = merge.replace(entry) {
                return Err(Error::duplicate(
                    MERGE,
                    first.key.start(),
                    entry.key.start(),
                ));
            }
            own.may_merge = true;
        }
        if text != key || may_merge && entry.is_merge() {
            continue;
        }
        if let Some(first) = own.entry.replace(entry) {
            return Err(Error::duplicate(key, first.key.start(), entry.key.start()));
        }
    }
    Ok(own)
}
