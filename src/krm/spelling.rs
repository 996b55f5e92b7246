//! What a kustomization says, as kustomize reads it: Go's JSON reader finds keys whatever their case, and
//! literals lose a pair of quotes.

use std::collections::HashSet;
use std::ops::Range;

use crate::yaml::{self, Error, Node};

/// The value of a key, found as Go's JSON reader does; see [`spelling`]. Of a key that is written twice, the
/// last one counts.
pub fn field<'n, 's>(node: &'n Node<'s>, name: &str) -> Option<&'n Node<'s>> {
    find(node, name).unwrap_or_else(|_| {
        let key = spelling(node, name)?;
        let mut entries = node.entries()?.iter().rev();
        let last = entries.find(|entry| entry.key.scalar() == Some(key));
        last.map(|entry| &entry.value)
    })
}

/// The value of a key, as [`field`].
///
/// # Errors
/// The key is there twice.
pub fn find<'n, 's>(node: &'n Node<'s>, name: &str) -> Result<Option<&'n Node<'s>>, Error> {
    if let Some(only) = only(node, name) {
        return Ok(only);
    }
    spelling(node, name).map_or(Ok(None), |key| node.get(key))
}

/// The value of a key of which there is one spelling at most, as in most mappings; `None` where a look-up has
/// more to do.
fn only<'n, 's>(node: &'n Node<'s>, name: &str) -> Option<Option<&'n Node<'s>>> {
    let mut found = None;
    for entry in node.entries()? {
        let key = entry.key.scalar();
        if key.is_some_and(|key| key.eq_ignore_ascii_case(name)) {
            if found.is_some() || entry.value.is_bytes() {
                return None;
            }
            found = Some(&entry.value);
        } else if entry.is_merge() {
            return None;
        }
    }
    Some(found)
}

/// The key that kustomize takes for a name, whatever its case.
///
/// kustomize turns YAML into JSON with its keys in the order of their bytes, and Go's reader lets the
/// last one decide that is not `null` (measured).
pub fn spelling<'n>(node: &'n Node<'_>, name: &str) -> Option<&'n str> {
    let entries = node.entries()?.iter();
    let brought = if entries.clone().any(yaml::Entry::is_merge) {
        keys(node)
    } else {
        Vec::new()
    };
    let own = entries.filter_map(|entry| entry.key.scalar());
    let named = own.chain(brought);
    let named = named.filter(|key| key.eq_ignore_ascii_case(name));
    named.max_by_key(|key| {
        let value = node.get(key).ok().flatten();
        (value.is_some_and(|value| !value.is_null()), *key)
    })
}

/// The keys of a mapping, those that merge keys bring after its own.
pub fn keys<'n>(node: &'n Node<'_>) -> Vec<&'n str> {
    let mut found = Vec::new();
    let mut known = HashSet::new();
    let mut sources = vec![node];
    while let Some(source) = sources.pop() {
        for entry in source.entries().unwrap_or_default() {
            if entry.is_merge() {
                let brought = entry.value.items().map_or_else(
                    || vec![&entry.value],
                    |items| items.iter().rev().collect::<Vec<_>>(),
                );
                sources.extend(brought);
            } else if let Some(key) = entry.key.scalar()
                && known.insert(key)
            {
                found.push(key);
            }
        }
        if sources.len() > known.len() + 64 {
            break;
        }
    }
    found
}

/// The key of a literal that a ConfigMap is generated of, and where in the text its value is
/// (`api/kv/kv.go`).
pub fn literal(text: &str) -> Option<(&str, Range<usize>)> {
    let (key, value) = text.split_once('=')?;
    let at = key.len() + 1;
    let quoted = ['"', '\''].into_iter().find_map(|quote| {
        let inner = value.strip_prefix(quote)?.strip_suffix(quote)?;
        Some(at + 1..at + 1 + inner.len())
    });
    (!key.is_empty()).then_some((key, quoted.unwrap_or(at..text.len())))
}
