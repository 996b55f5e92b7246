//! All keys of a mapping, as look-ups would find them.

use std::collections::{HashMap, HashSet};

use super::merged::merged_keys;
use super::{Entry, Error, Kind, MERGE, Node};

/// How many keys [`Node::check_keys`] may pass for each byte of a text.
const WORK_A_BYTE: usize = 64;

/// How many keys [`Node::check_keys`] may pass in a text.
pub fn key_work(text: &str) -> usize {
    WORK_A_BYTE * (text.len() + 1)
}

/// So many keys are compared one by one sooner than they are hashed.
const FEW: usize = 16;

impl<'s> Node<'s> {
    /// The pairs of a mapping of which none is a merge key and no two have one key, so that each of them is
    /// what a look-up of its key finds; `None` where look-ups have more to do, and for what is no mapping.
    pub fn plain_entries(&self) -> Option<&[Entry<'s>]> {
        let entries = self.entries()?;
        let keys = || entries.iter().filter_map(|entry| entry.key.scalar());
        if keys().any(|key| key == MERGE) {
            return None;
        }
        let has_twice = if entries.len() <= FEW {
            let mut rest = keys();
            std::iter::from_fn(|| Some((rest.next()?, rest.clone())))
                .any(|(key, mut others)| others.any(|other| other == key))
        } else {
            let mut known = HashSet::with_capacity(entries.len());
            keys().any(|key| !known.insert(key))
        };
        (!has_twice).then_some(entries)
    }
}

impl Node<'_> {
    /// How many keys a look-up may pass: those of a mapping, and of what it merges.
    pub fn keys(&self) -> usize {
        let entries = self.entries().unwrap_or_default();
        let is_merging = entries.iter().any(Entry::is_merge);
        if is_merging {
            return merged_keys(entries, &mut HashSet::new());
        }
        entries.len()
    }
}

impl Node<'_> {
    /// Looks at every mapping for what look-ups refuse where they meet it. `work` is how many keys may
    /// be passed.
    ///
    /// # Errors
    /// A mapping has a key twice, a merge key brings another value for a key before it, or more keys
    /// would have to be passed.
    pub fn check_keys(&self, work: &mut usize) -> Result<(), Error> {
        for item in self.own_items() {
            item.check_keys(work)?;
        }
        let Kind::Mapping(entries, _) = &self.kind else {
            return Ok(());
        };
        let mut first_of = HashMap::new();
        for entry in entries {
            let key = entry.key.scalar().unwrap_or_default();
            let id = (key, entry.is_merge());
            if let Some(first) = first_of.insert(id, entry.key.start())
                && entry.key.scalar().is_some()
            {
                return Err(Error::duplicate(key, first, entry.key.start()));
            }
        }
        if entries.iter().any(Entry::is_merge) {
            let passed = entries.len().saturating_mul(self.keys());
            *work = work.checked_sub(passed).ok_or_else(|| Error {
                at: self.span.start,
                first: None,
                what: "merge keys bring too many keys here".to_owned(),
                help: Some("write the keys out".to_owned()),
            })?;
            for key in entries.iter().filter_map(|entry| entry.key.scalar()) {
                self.find(key)?;
            }
        }
        entries
            .iter()
            .try_for_each(|entry| entry.value.check_keys(work))
    }

    /// The values of a sequence that is written here, and not through an alias.
    fn own_items(&self) -> &[Self] {
        match &self.kind {
            Kind::Sequence(items, _) => items,
            _ => &[],
        }
    }
}
