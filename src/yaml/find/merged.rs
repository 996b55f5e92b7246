//! What merge keys bring.

use std::collections::HashSet;

use super::{Entry, Error, Node, own_entry};

/// How many keys a look-up may pass in a mapping, and in those that it merges.
pub(super) fn merged_keys<'s>(entries: &[Entry<'s>], seen: &mut HashSet<*const Node<'s>>) -> usize {
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

/// Refuses a merge key that brings another value for a key before it: yaml.v2, with which kubectl and
/// Argo CD read, takes that one, and yaml.v3, with which kustomize reads, the mapping's own.
pub(super) fn refuse_later_merge<'s>(
    entries: &[Entry<'s>],
    own: &Entry<'s>,
    key: &str,
) -> Result<(), Error> {
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
pub(super) fn merged_entry<'n, 's>(
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
