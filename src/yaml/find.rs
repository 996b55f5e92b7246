//! Looking a key up as every reader sees it: merge keys are applied, and what readers disagree on is
//! refused: keys that are there twice, and merge keys after a key that they bring too.

use std::collections::{HashMap, HashSet};

use super::{Entry, Error, Kind, Node, Style};

/// How many keys [`Node::check_keys`] may pass for each byte of a text.
const WORK_A_BYTE: usize = 64;

/// How many keys [`Node::check_keys`] may pass in a text.
pub fn key_work(text: &str) -> usize {
    WORK_A_BYTE * (text.len() + 1)
}

/// So many keys are compared one by one sooner than they are hashed.
const FEW: usize = 16;

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

fn merged_keys<'s>(entries: &[Entry<'s>], seen: &mut HashSet<*const Node<'s>>) -> usize {
    let mut keys = entries.len();
    for source in entries
        .iter()
        .filter(|entry| entry.is_merge())
        .flat_map(Entry::sources)
    {
        let source = source.target();
        if let Some(entries) = source.entries()
            && seen.insert(std::ptr::from_ref(source))
        {
            keys += merged_keys(entries, seen);
        }
    }
    keys
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

/// Refuses a merge key that brings another value for a key before it: yaml.v2, with which kubectl and
/// Argo CD read, takes that one, and yaml.v3, with which kustomize reads, the mapping's own.
fn refuse_later_merge<'s>(entries: &[Entry<'s>], own: &Entry<'s>, key: &str) -> Result<(), Error> {
    let position = entries.iter().position(|entry| std::ptr::eq(entry, own));
    let later = &entries[position.unwrap_or_default()..];
    let Some(merge) = later.iter().find(|entry| entry.is_merge()) else {
        return Ok(());
    };
    let brought = merged_entry(later, key, &mut HashSet::new())?;
    let same = |brought: &Entry<'s>| match (brought.value.scalar(), own.value.scalar()) {
        (Some(brought), Some(own)) => brought == own,
        _ => false,
    };
    if brought.is_none_or(same) {
        return Ok(());
    }
    Err(Error {
        at: merge.key.start(),
        first: Some(own.key.start()),
        what: format!("`<<` brings another `{key}`, which kubectl takes and kustomize does not"),
        help: Some("write `<<` before the other keys".to_owned()),
    })
}

/// The pair that a merge key brings: the first source that has the key wins.
///
/// Each mapping is visited once a lookup, so merges of merges stay linear.
fn merged_entry<'n, 's>(
    entries: &'n [Entry<'s>],
    key: &str,
    seen: &mut HashSet<*const Node<'s>>,
) -> Result<Option<&'n Entry<'s>>, Error> {
    for merge in entries.iter().filter(|entry| entry.is_merge()) {
        for source in merge.sources() {
            let source = source.target();
            let Some(entries) = source.entries() else {
                continue;
            };
            if !seen.insert(std::ptr::from_ref(source)) {
                continue;
            }
            if let Some(entry) = own_entry(entries, key)?.entry {
                return Ok(Some(entry));
            }
            if let Some(entry) = merged_entry(entries, key, seen)? {
                return Ok(Some(entry));
            }
        }
    }
    Ok(None)
}
