//! Lists whose items are one where several keys of them are, as ports by number and protocol.
//!
//! Source: kyaml's `yaml/walk/associative_sequence.go` and `ElementSetter` of `yaml/fns.go`, followed step by
//! step: it does more than it is told to where items lack a key.

use std::borrow::Cow;

use crate::tree::value::BuildValue;

use super::merge_keys::Merging;
use super::{cleaned, directive, merge_items, merge_key, without_directive};

/// The most items that are compared each with all others.
const MOST: usize = 200;

/// The values of an item under the keys, empty where there is none.
type Values = Vec<String>;

/// An item of what comes out.
#[derive(Clone)]
enum Item<'n, 's> {
    /// One of the list below, which may be merged once more.
    Below(usize),
    Own(BuildValue<'n, 's>),
}

/// Merges a list into the one below: what the patch adds comes first, and what it changes stays where it is.
pub(super) fn merge<'n, 's>(
    below: Vec<BuildValue<'n, 's>>,
    new: &[BuildValue<'n, 's>],
    keys: &'static [&'static str],
    merging: Merging,
) -> Vec<BuildValue<'n, 's>> {
    let count = below.len() + new.len();
    let is_of_mappings =
        |items: &[BuildValue<'_, '_>]| items.iter().all(|item| item.pairs().is_some());
    if count > MOST || !is_of_mappings(&below) || !is_of_mappings(new) {
        return merge_items(below, new, keys[0], merging).0;
    }
    let mut wanted: Vec<Values> = Vec::with_capacity(count);
    for item in new.iter().chain(&below) {
        let values = keys.iter().map(|key| item.text_at(&[key]).to_owned());
        let values: Values = values.collect();
        if !wanted.contains(&values) {
            wanted.push(values);
        }
    }
    join_values(&mut wanted);
    let is_said = |at: usize| wanted.iter().any(|values| !values[at].is_empty());
    let said: Vec<usize> = (0..keys.len()).filter(|at| is_said(*at)).collect();
    let said = if said.is_empty() {
        (0..keys.len()).collect()
    } else {
        said
    };
    let keys: Vec<&'static str> = said.iter().map(|at| keys[*at]).collect();
    let mut below: Vec<Option<BuildValue<'n, 's>>> = below.into_iter().map(Some).collect();
    let mut found: Vec<Item<'n, 's>> = Vec::new();
    for values in &wanted {
        let values: Vec<&str> = said.iter().map(|at| values[*at].as_str()).collect();
        let is_meant = |item: &BuildValue<'_, '_>| {
            let mut pairs = keys
                .iter()
                .zip(&values)
                .filter(|(_, value)| !value.is_empty());
            pairs.all(|(key, value)| item.get(key).and_then(BuildValue::scalar) == Some(value))
        };
        let is_any = values.iter().any(|value| !value.is_empty());
        let at = below
            .iter()
            .position(|item| is_any && item.as_ref().is_some_and(is_meant));
        let patch = new.iter().find(|item| is_any && is_meant(item));
        let merged = match (at, patch) {
            (None, None) => None,
            (Some(at), None) => Some(Item::Below(at)),
            (_, Some(patch)) if directive(patch) == Some("delete") => None,
            (Some(_), Some(patch)) if directive(patch) == Some("replace") => {
                Some(Item::Own(without_directive(patch)))
            }
            (Some(at), Some(patch)) => {
                for pair in patch.pairs().unwrap_or_default() {
                    if let Some(item) = &mut below[at] {
                        merge_key(item, pair, merging);
                    }
                }
                Some(Item::Below(at))
            }
            (None, Some(patch)) => Some(Item::Own(cleaned("", patch, merging))),
        };
        let Some(mut merged) = merged else {
            for item in &mut below {
                item.take_if(|item| is_one(item, &keys, &values));
            }
            continue;
        };
        let item = match &mut merged {
            Item::Below(at) => below[*at].as_mut(),
            Item::Own(item) => Some(item),
        };
        if let Some(item) = item {
            for (key, value) in keys.iter().zip(&values) {
                if item.get(key).is_none() && !value.is_empty() {
                    item.set(Cow::Borrowed(*key), BuildValue::made((*value).to_owned()));
                }
            }
        }
        set(&mut found, merged, &below, &keys, &values);
    }
    for (at, item) in below.iter().enumerate() {
        let Some(item) = item else { continue };
        let mut values = Vec::new();
        for key in &keys {
            match item.get(key) {
                Some(value) => values.push(value.scalar().unwrap_or_default()),
                // What lacks a key is added before it is looked for.
                None => found.push(Item::Below(at)),
            }
        }
        if keys.len() > 1 {
            let all = std::mem::take(&mut found).into_iter();
            let kept = all.filter(|known| {
                let known = of(known, &below);
                !values.is_empty() && !known.is_some_and(|known| is_one(known, &keys, &values))
            });
            found = kept.collect();
        }
        set(&mut found, Item::Below(at), &below, &keys, &values);
    }
    let found = found.iter().filter_map(|item| of(item, &below).cloned());
    found.collect()
}

/// Makes of two items that differ only in what one of them leaves out the same one.
fn join_values(all: &mut [Values]) {
    let joined = |one: &Values, other: &Values| {
        let pairs = || one.iter().zip(other);
        let is_joined = pairs().all(|(a, b)| a == b || a.is_empty() || b.is_empty())
            && pairs().any(|(a, b)| a == b);
        is_joined.then(|| {
            let both = pairs().map(|(a, b)| if a.is_empty() { b } else { a });
            both.cloned().collect::<Values>()
        })
    };
    for at in 0..all.len() {
        let one = all[at].clone();
        for other in 0..all.len() {
            if let Some(both) = joined(&one, &all[other]) {
                all[at].clone_from(&both);
                all[other] = both;
            }
        }
    }
}

fn of<'i, 'n, 's>(
    item: &'i Item<'n, 's>,
    below: &'i [Option<BuildValue<'n, 's>>],
) -> Option<&'i BuildValue<'n, 's>> {
    match item {
        Item::Below(at) => below[*at].as_ref(),
        Item::Own(item) => Some(item),
    }
}

/// Whether an item is the one with some values: where one is empty, any is meant, and where they are fewer than
/// the keys, the others do not count.
fn is_one(item: &BuildValue<'_, '_>, keys: &[&str], values: &[&str]) -> bool {
    let mut pairs = keys.iter().zip(values);
    !values.is_empty()
        && pairs.all(|(key, value)| {
            let own = item.get(key);
            own.is_some_and(|own| value.is_empty() || own.scalar() == Some(value))
        })
}

/// Puts an item in the place of each with some values, or behind all.
fn set<'n, 's>(
    found: &mut Vec<Item<'n, 's>>,
    item: Item<'n, 's>,
    below: &[Option<BuildValue<'n, 's>>],
    keys: &[&str],
    values: &[&str],
) {
    let mut is_there = false;
    for known in found.iter_mut() {
        if of(known, below).is_some_and(|known| is_one(known, keys, values)) {
            *known = item.clone();
            is_there = true;
        }
    }
    if !is_there {
        found.push(item);
    }
}
