//! Strategic-merge patches as kustomize applies them.

use crate::field::pod;

use super::target::Resource;
use super::value::{BuildValue, Pair};
use crate::krm::resource::{group, version};

/// The lists that are merged by a key of their items, in kinds that Kubernetes itself has.
const MERGE_KEYS: &[(&str, &str)] = &[
    ("containers", "name"),
    ("initContainers", "name"),
    ("ephemeralContainers", "name"),
    ("volumes", "name"),
    ("env", "name"),
    ("imagePullSecrets", "name"),
    ("ports", "containerPort"),
    ("volumeMounts", "mountPath"),
    ("volumeDevices", "devicePath"),
    ("hostAliases", "ip"),
    ("topologySpreadConstraints", "topologyKey"),
];

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
pub(super) struct Allowed {
    pub(super) name: bool,
    pub(super) kind: bool,
}

/// Applies a patch to a resource.
pub(super) fn apply<'n, 's>(
    resource: &mut Resource<'n, 's>,
    patch: &BuildValue<'n, 's>,
    allowed: Allowed,
) -> Patched {
    let api_version = resource.value.text_at(&["apiVersion"]);
    let kind = resource.value.text_at(&["kind"]);
    // Older versions of these groups are unknown to kustomize, and their lists are replaced.
    let merges_lists =
        matches!(version(api_version), "v1") && pod::keeps_images(group(api_version), kind);
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
            merge_key(&mut resource.value, &(key.clone(), new), merges_lists);
        } else {
            merge_key(&mut resource.value, pair, merges_lists);
        }
    }
    Patched::Kept
}

fn directive<'v>(value: &'v BuildValue<'_, '_>) -> Option<&'v str> {
    value.get(DIRECTIVE).and_then(BuildValue::scalar)
}

fn without_directive<'n, 's>(value: &BuildValue<'n, 's>) -> BuildValue<'n, 's> {
    let mut value = value.clone();
    if let BuildValue::Mapping(pairs, _) = &mut value {
        pairs.retain(|(key, _)| key != DIRECTIVE);
    }
    value
}

fn merge_key<'n, 's>(base: &mut BuildValue<'n, 's>, (key, new): &Pair<'n, 's>, merges_lists: bool) {
    if key.starts_with('$') {
        return;
    }
    if new.is_null() || directive(new) == Some("delete") {
        if let BuildValue::Mapping(pairs, _) = base {
            pairs.retain(|(known, _)| known != key);
        }
        return;
    }
    let merge_key = item_key(key).filter(|_| merges_lists);
    match (base.get_mut(key), new) {
        (Some(old @ BuildValue::Mapping(..)), BuildValue::Mapping(pairs, _))
            if directive(new) != Some("replace") =>
        {
            for pair in pairs {
                self::merge_key(old, pair, merges_lists);
            }
        }
        (Some(BuildValue::Sequence(old, site)), BuildValue::Sequence(new, new_site))
            if merge_key.is_some() =>
        {
            // The list below is replaced, so later additions go where the new list is written.
            if replaces(new) {
                old.clear();
                site.clone_from(new_site);
            }
            merge_items(old, new, merge_key.unwrap_or_default());
        }
        _ => base.set(key.clone(), cleaned(key, new, merges_lists)),
    }
}

/// The key by which the items of a list are merged.
fn item_key(list: &str) -> Option<&'static str> {
    let known = MERGE_KEYS.iter().find(|(name, _)| *name == list);
    known.map(|(_, item)| *item)
}

/// Whether an item says that a list takes the place of the one below.
fn replaces(items: &[BuildValue<'_, '_>]) -> bool {
    items.iter().any(|item| directive(item) == Some("replace"))
}

/// What a patch brings at a key where nothing is below it. A list that is not merged item by item is copied as
/// it is, directives and nulls in it (measured).
fn cleaned<'n, 's>(key: &str, new: &BuildValue<'n, 's>, merges_lists: bool) -> BuildValue<'n, 's> {
    match new {
        BuildValue::Sequence(items, site) if merges_lists && item_key(key).is_some() => {
            let kept = items.iter().filter(|item| directive(item).is_none());
            let kept = kept.map(|item| cleaned("", item, merges_lists));
            BuildValue::Sequence(kept.collect(), site.clone())
        }
        BuildValue::Mapping(pairs, site) => {
            let kept = pairs.iter().filter(|(key, value)| {
                !key.starts_with('$') && !value.is_null() && directive(value) != Some("delete")
            });
            let kept = kept.map(|(key, value)| (key.clone(), cleaned(key, value, merges_lists)));
            BuildValue::Mapping(kept.collect(), site.clone())
        }
        BuildValue::Sequence(..) | BuildValue::Scalar(_) => new.clone(),
    }
}

/// Items that the patch names or adds come first, in its order (measured).
fn merge_items<'n, 's>(old: &mut Vec<BuildValue<'n, 's>>, new: &[BuildValue<'n, 's>], key: &str) {
    let mut below = std::mem::take(old);
    let name = |value: &BuildValue<'_, '_>| {
        value
            .get(key)
            .and_then(BuildValue::scalar)
            .map(str::to_owned)
    };
    // An item without its key empties the list (measured).
    let is_nameless =
        |item: &BuildValue<'_, '_>| item.get(key).is_none() && directive(item).is_none();
    if new.iter().any(is_nameless) {
        return;
    }
    for item in new {
        let known = below.iter().position(|other| name(other) == name(item));
        match (directive(item), known) {
            (Some("delete"), Some(at)) => {
                below.remove(at);
            }
            (Some("delete" | "replace"), _) => {}
            (_, Some(at)) => {
                let mut merged = below.remove(at);
                for pair in item.pairs().unwrap_or_default() {
                    merge_key(&mut merged, pair, true);
                }
                old.push(merged);
            }
            (_, None) => old.push(cleaned("", item, true)),
        }
    }
    old.append(&mut below);
}
