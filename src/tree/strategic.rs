//! Strategic-merge patches as kustomize applies them.

mod merge_keys;
mod several_keys;

use std::collections::{HashMap, HashSet};

use super::target::BuiltResource;
use super::value::{BuildValue, Pair};
use merge_keys::Merging;

/// The key of a mapping or an item that says what becomes of it.
const DIRECTIVE: &str = "$patch";

/// What becomes of a resource.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Patched {
    Kept,
    Deleted,
}

/// What a patch may change of a resource's identity: its `options`.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct AllowedChange {
    pub(super) name: bool,
    pub(super) kind: bool,
}

/// Applies a patch to a resource. Where kustomizations bring a schema of their own, it is not known what
/// becomes of lists.
pub(super) fn apply<'n, 's>(
    resource: &mut BuiltResource<'n, 's>,
    patch: &BuildValue<'n, 's>,
    allowed: AllowedChange,
    has_own_schema: bool,
) -> Patched {
    let merging = Merging::of(&resource.value, has_own_schema);
    let BuildValue::Mapping(pairs, _) = patch else {
        return Patched::Kept;
    };
    match directive(patch) {
        Some("delete") => return Patched::Deleted,
        Some("replace") => {
            resource.value = without_directive(patch);
            return Patched::Kept;
        }
        _ => {}
    }
    for pair in pairs {
        let (key, new) = pair;
        // A patch for another name does not rename what it patches.
        if key == "apiVersion" || key == "kind" && !allowed.kind {
            continue;
        }
        if key == "metadata" {
            let mut new = new.clone();
            if let BuildValue::Mapping(pairs, _) = &mut new {
                pairs.retain(|(key, _)| key != "namespace" && (key != "name" || allowed.name));
            }
            merge_key(&mut resource.value, &(key.clone(), new), merging);
        } else {
            merge_key(&mut resource.value, pair, merging);
        }
    }
    Patched::Kept
}

/// Whether a schema bears on what a patch does: it has lists beside its metadata.
pub(super) fn has_lists(patch: &BuildValue<'_, '_>) -> bool {
    match patch {
        BuildValue::Scalar(_) => false,
        BuildValue::Sequence(..) => true,
        BuildValue::Mapping(pairs, _) => pairs
            .iter()
            .filter(|(key, _)| key != "metadata")
            .any(|(_, value)| has_lists(value)),
    }
}

/// Whether a value holds directives: those that a patch leaves in a resource had no list below them, and
/// mean something else as soon as there is one.
pub(super) fn has_directives(value: &BuildValue<'_, '_>) -> bool {
    match value {
        BuildValue::Scalar(_) => false,
        BuildValue::Sequence(items, _) => items.iter().any(has_directives),
        BuildValue::Mapping(pairs, _) => pairs
            .iter()
            .any(|(key, value)| key == DIRECTIVE || has_directives(value)),
    }
}

fn directive<'v>(value: &'v BuildValue<'_, '_>) -> Option<&'v str> {
    value.get(DIRECTIVE).and_then(BuildValue::scalar)
}

/// What a patch says should become of a resource, where that is no word that kustomize knows.
pub(super) fn unknown_directive<'v>(patch: &'v BuildValue<'_, '_>) -> Option<&'v str> {
    directive(patch).filter(|word| !matches!(*word, "delete" | "replace" | "merge"))
}

fn without_directive<'n, 's>(value: &BuildValue<'n, 's>) -> BuildValue<'n, 's> {
    let mut value = value.clone();
    if let BuildValue::Mapping(pairs, _) = &mut value {
        pairs.retain(|(key, _)| key != DIRECTIVE);
    }
    value
}

fn merge_key<'n, 's>(base: &mut BuildValue<'n, 's>, (key, new): &Pair<'n, 's>, merging: Merging) {
    if key.starts_with('$') {
        return;
    }
    let keys = merging.keys_of(key);
    let is_by_key = matches!(merging, Merging::ByKeys(_)) && keys.is_some();
    let of_list = new.items().filter(|_| is_by_key).and_then(list_directive);
    if new.is_null()
        || directive(new) == Some("delete")
        || of_list == Some("delete") && base.get(key).is_some_and(|below| !below.is_null())
    {
        if let BuildValue::Mapping(pairs, _) = base {
            pairs.retain(|(known, _)| known != key);
        }
        return;
    }
    match (base.get_mut(key), new) {
        (Some(old @ BuildValue::Mapping(..)), BuildValue::Mapping(pairs, _))
            if directive(new) != Some("replace") =>
        {
            for pair in pairs {
                self::merge_key(old, pair, merging);
            }
        }
        (Some(BuildValue::Sequence(old, site)), BuildValue::Sequence(new, new_site)) => {
            let Some(keys) = keys else {
                (*old, *site) = (new.clone(), new_site.clone());
                return;
            };
            let rest = without_list_directive(new, of_list);
            let below: Vec<BuildValue<'_, '_>> = std::mem::take(old);
            let (merged, is_base_gone) = match (of_list, keys) {
                (Some("replace"), _) => (fresh(&rest, keys, merging), true),
                (_, []) => (merge_texts(below, &rest), false),
                (_, [key]) => merge_items(below, &rest, key, merging),
                _ => (several_keys::merge(below, &rest, keys, merging), false),
            };
            *old = merged.into();
            // The list below is gone, so later additions go where the new list is written.
            if is_base_gone {
                site.clone_from(new_site);
            }
        }
        _ => base.set(key.clone(), cleaned(key, new, merging)),
    }
}

/// What a list says of itself: the first item with a directive, where that is all that the item says.
fn list_directive<'v>(items: &'v [BuildValue<'_, '_>]) -> Option<&'v str> {
    let first = items.iter().find(|item| item.get(DIRECTIVE).is_some())?;
    directive(first).filter(|_| first.pairs().is_some_and(|pairs| pairs.len() == 1))
}

/// The items of a list without those that have its own directive, whatever else they say (measured).
fn without_list_directive<'n, 's>(
    items: &[BuildValue<'n, 's>],
    of_list: Option<&str>,
) -> Vec<BuildValue<'n, 's>> {
    let kept = items.iter();
    let kept = kept.filter(|item| of_list.is_none() || directive(item) != of_list);
    kept.cloned().collect()
}

/// What a patch brings at a key where nothing is below it. A list that is not merged item by item is copied as
/// it is, directives and nulls in it (measured).
fn cleaned<'n, 's>(key: &str, new: &BuildValue<'n, 's>, merging: Merging) -> BuildValue<'n, 's> {
    match new {
        BuildValue::Sequence(items, site) => match merging.keys_of(key) {
            Some(keys) => BuildValue::Sequence(fresh(items, keys, merging).into(), site.clone()),
            None => new.clone(),
        },
        BuildValue::Mapping(pairs, site) => {
            let kept = pairs.iter().filter(|(key, value)| {
                !key.starts_with('$') && !value.is_null() && directive(value) != Some("delete")
            });
            let kept = kept.map(|(key, value)| (key.clone(), cleaned(key, value, merging)));
            let kept: Vec<_> = kept.collect();
            BuildValue::Mapping(kept.into(), site.clone())
        }
        BuildValue::Scalar(_) => new.clone(),
    }
}

/// The value of an item under the key by which it is merged.
fn name_of<'v>(item: &'v BuildValue<'_, '_>, key: &str) -> Option<&'v str> {
    let name = item.get(key).filter(|name| !name.is_null())?;
    name.scalar()
}

/// The items of a list with no list below it: the last of those of one name, unless one of them is
/// deleted. An item without a name takes the place of all others (measured).
fn fresh<'n, 's>(
    items: &[BuildValue<'n, 's>],
    keys: &'static [&'static str],
    merging: Merging,
) -> Vec<BuildValue<'n, 's>> {
    let key = match keys {
        [] => return merge_texts(Vec::new(), items),
        [key] => *key,
        _ => {
            let below = items.iter().map(|item| cleaned("", item, merging));
            return several_keys::merge(below.collect(), items, keys, merging);
        }
    };
    if merging == Merging::Unknown {
        return items.iter().map(without_directive).collect();
    }
    let nameless = |item: &&BuildValue<'_, '_>| name_of(item, key).is_none();
    if let Some(last) = items.iter().rfind(nameless) {
        // A directive for a list that there is not stays.
        let is_directive = list_directive(std::slice::from_ref(last)).is_some();
        return vec![if is_directive {
            last.clone()
        } else {
            cleaned("", last, merging)
        }];
    }
    let deleted = items
        .iter()
        .filter(|item| directive(item) == Some("delete"));
    let deleted: HashSet<&str> = deleted.filter_map(|item| name_of(item, key)).collect();
    let mut found = Vec::new();
    let mut positions = HashMap::new();
    for item in items {
        let name = name_of(item, key);
        if name.is_some_and(|name| deleted.contains(name)) {
            continue;
        }
        let at = *positions.entry(name).or_insert(found.len());
        let item = cleaned("", item, merging);
        match found.get_mut(at) {
            Some(known) => *known = item,
            None => found.push(item),
        }
    }
    found
}

/// Merges a list of texts into the one below: those of the patch come first, and each is there once.
fn merge_texts<'n, 's>(
    below: impl IntoIterator<Item = BuildValue<'n, 's>>,
    new: &[BuildValue<'n, 's>],
) -> Vec<BuildValue<'n, 's>> {
    let mut seen = HashSet::new();
    let all = new.iter().cloned().chain(below);
    let is_new = |item: &BuildValue<'_, '_>| seen.insert(item.scalar().map(str::to_owned));
    all.filter(is_new).collect()
}

/// Merges a list into the one below, and says whether that is gone. Items that the patch names or adds
/// come first, in its order, and of two with one name the first counts; an item without a name takes
/// away what is below, but for what was merged before it; one that says `replace` moves the item below,
/// or is added (measured).
fn merge_items<'n, 's>(
    below: Vec<BuildValue<'n, 's>>,
    new: &[BuildValue<'n, 's>],
    key: &str,
    merging: Merging,
) -> (Vec<BuildValue<'n, 's>>, bool) {
    let named = below.iter().enumerate();
    let named = named.filter_map(|(at, item)| Some((name_of(item, key)?.to_owned(), at)));
    // Of two with one name, the first is merged.
    let known: HashMap<String, usize> = named.rev().collect();
    let mut below: Vec<Option<BuildValue<'n, 's>>> = below.into_iter().map(Some).collect();
    let mut found = Vec::new();
    let mut positions: HashMap<&str, usize> = HashMap::new();
    let mut seen = HashSet::new();
    let mut is_base_gone = false;
    for item in new {
        let Some(name) = name_of(item, key) else {
            if merging == Merging::Unknown {
                found.push(without_directive(item));
            } else {
                below.fill_with(|| None);
                is_base_gone = true;
            }
            continue;
        };
        if !seen.insert(name) {
            continue;
        }
        let old = known.get(name).and_then(|at| below.get_mut(*at));
        let item = match (directive(item), old) {
            (Some("delete"), old) if merging != Merging::Unknown => {
                old.map(Option::take);
                continue;
            }
            (directive, Some(Some(old))) if directive != Some("replace") => {
                for pair in item.pairs().unwrap_or_default() {
                    merge_key(old, pair, merging);
                }
                old.clone()
            }
            _ => cleaned("", item, merging),
        };
        positions.insert(name, found.len());
        found.push(item);
    }
    for item in below.into_iter().flatten() {
        let at = name_of(&item, key).and_then(|name| positions.get(name));
        match at.and_then(|at| found.get_mut(*at)) {
            Some(known) => *known = item,
            None => found.push(item),
        }
    }
    (found, is_base_gone)
}
