//! The siblings of a value: other keys of its mapping, or other paths that are set one by one.

use std::collections::BTreeMap;

use crate::yaml::{Error, Node};

/// Texts by their paths.
pub(super) type TextsByPath<'t> = BTreeMap<&'t [String], &'t str>;

/// What holds a value.
#[derive(Clone, Copy)]
pub(super) enum Holder<'h, 's> {
    /// A mapping.
    Mapping(&'h Node<'s>),
    /// The values that are set below a path.
    Set(&'h TextsByPath<'h>, &'h [String]),
}

impl<'h> Holder<'h, '_> {
    /// Whether it has a key.
    pub(super) fn has(&self, key: &str) -> Result<bool, Error> {
        Ok(match self {
            Holder::Mapping(node) => node.get(key)?.is_some(),
            Holder::Set(..) => self.text(key)?.is_some(),
        })
    }

    /// The text under a key.
    pub(super) fn text(&self, key: &str) -> Result<Option<&'h str>, Error> {
        Ok(match self {
            Holder::Mapping(node) => node.get(key)?.and_then(Node::text),
            Holder::Set(texts, above) => {
                let path = [above, &[key.to_owned()][..]].concat();
                texts.get(&path[..]).copied()
            }
        })
    }

    /// Whether it has one of some keys.
    pub(super) fn has_one(&self, keys: &[&str]) -> Result<bool, Error> {
        for key in keys {
            if self.has(key)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The first of some keys that it has.
    pub(super) fn first<'k>(&self, keys: &[&'k str]) -> Result<Option<&'k str>, Error> {
        for key in keys {
            if self.has(key)? {
                return Ok(Some(key));
            }
        }
        Ok(None)
    }
}
