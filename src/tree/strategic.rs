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

/// Whether a patch sets a list that holds images, or pull secrets.
pub(super) fn sets_lists(patch: &BuildValue<'_, '_>) -> bool {
    const OF_IMAGES: [&str; 5] = [
        "containers",
        "initContainers",
        "ephemeralContainers",
        "volumes",
        "imagePullSecrets",
    ];
    let pairs = patch.pairs().unwrap_or_default().iter();
    { pairs }.any(|(key, value)| {
        let is_list = value.items().is_some();
        is_list && OF_IMAGES.contains(&&**key) || sets_lists(value)
    })
}

/// Applies a patch to a resource; `merges_all` says that lists of kinds which are not Kubernetes' own are
/// merged as well.
pub(super) fn apply<'n, 's>(
    resource: &mut Resource<'n, 's>,
    patch: &BuildValue<'n, 's>,
    allowed: Allowed,
    merges_all: bool,
) -> Patched {
    let api_version = resource.value.text_at(&["apiVersion"]);
    let kind = resource.value.text_at(&["kind"]);
    // Older versions of these groups are unknown to kustomize, and their lists are replaced.
    let is_in_schema =
        matches!(version(api_version), "v1") || (api_version, kind) == ("batch/v1beta1", "CronJob");
    let merges_lists = merges_all || is_in_schema && pod::keeps_images(group(api_version), kind);
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
            let merge_key = merge_key.unwrap_or_default();
            match list_directive(new, merge_key) {
                Some("delete") => {
                    if let BuildValue::Mapping(pairs, _) = base {
                        pairs.retain(|(known, _)| known != key);
                    }
                    return;
                }
                // The list below is replaced, so later additions go where the new list is written.
                Some("replace") => {
                    old.clear();
                    site.clone_from(new_site);
                }
                _ => {}
            }
            merge_items(old, new, merge_key);
        }
        _ => base.set(key.clone(), cleaned(key, new, merges_lists)),
    }
}

/// The key by which the items of a list are merged.
fn item_key(list: &str) -> Option<&'static str> {
    let known = MERGE_KEYS.iter().find(|(name, _)| *name == list);
    known.map(|(_, item)| *item)
}

/// What an item without its key says of the whole list.
fn list_directive<'v>(items: &'v [BuildValue<'_, '_>], key: &str) -> Option<&'v str> {
    let mut nameless = items.iter().filter(|item| item.get(key).is_none());
    nameless.find_map(directive)
}

/// What a patch brings at a key where nothing is below it. A list that is not merged item by item is copied as
/// it is, directives and nulls in it (measured).
fn cleaned<'n, 's>(key: &str, new: &BuildValue<'n, 's>, merges_lists: bool) -> BuildValue<'n, 's> {
    match new {
        BuildValue::Sequence(items, site) if merges_lists && item_key(key).is_some() => {
            let item_key = item_key(key).unwrap_or_default();
            let is_nameless = |item: &&BuildValue<'_, '_>| {
                item.get(item_key).is_none() && directive(item).is_some()
            };
            // What is said of a list that is not there takes the place of all items (measured).
            if let Some(nameless) = items.iter().find(is_nameless) {
                return BuildValue::Sequence(vec![nameless.clone()], site.clone());
            }
            let kept = items
                .iter()
                .filter(|item| directive(item) != Some("delete"));
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
    for item in new.iter().filter(|item| item.get(key).is_some()) {
        let known = below.iter().position(|other| name(other) == name(item));
        match (directive(item), known) {
            (Some("delete"), Some(at)) => {
                below.remove(at);
            }
            (Some("delete"), None) => {}
            // The item below stays as it is (measured).
            (Some("replace"), Some(at)) => old.push(below.remove(at)),
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
