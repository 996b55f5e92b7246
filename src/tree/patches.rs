//! Patches and list entries whose manifests are in no build: patches for remote bases, and entries
//! for the images of those.
//!
//! Each is judged for what it sets, and nothing that is absent in it is a fault.

use std::borrow::Cow;
use std::collections::VecDeque;

use crate::krm::KUSTOMIZE_GROUP;
use crate::yaml::Node;

use super::kustomization::spelling;
use super::sources::{Sources, budget};
use super::target::BuiltResource;
use super::value::{self, BuildValue};

/// The patches that a document is: the items of lists are patches of their own, each with how many lists
/// it is in.
///
/// Source: kustomize's `api/resource/factory.go` (`inlineAnyEmbeddedLists`).
pub(super) fn parts<'n, 's>(value: BuildValue<'n, 's>) -> Vec<(usize, BuildValue<'n, 's>)> {
    let mut waiting = VecDeque::from([(0, value)]);
    let mut found = Vec::new();
    while let Some((depth, value)) = waiting.pop_front() {
        let items = value.get("items").and_then(BuildValue::items);
        match items.filter(|items| value.is_list() && !items.is_empty()) {
            Some(items) => {
                let items = items.iter().filter(|item| !item.is_null());
                waiting.extend(items.map(|item| (depth + 1, item.clone())));
            }
            None => found.push((depth, value)),
        }
    }
    found
}

/// Resources that hold what the patches of a document set, so that they can be judged.
pub(super) fn of_patch<'n, 's>(
    sources: &Sources<'n, 's>,
    document: usize,
) -> Vec<Option<BuiltResource<'n, 's>>> {
    let Ok(value) = sources.value_of(document) else {
        return Vec::new();
    };
    let of_part = |(_, mut patch): (usize, BuildValue<'n, 's>)| {
        if let Some(operations) = patch.items() {
            return of_operations(operations);
        }
        without_imageless(&mut patch);
        Some(BuiltResource::new(patch))
    };
    parts(value).into_iter().map(of_part).collect()
}

/// Takes containers away that set no image: whose they are is not known.
fn without_imageless(value: &mut BuildValue<'_, '_>) {
    match value {
        BuildValue::Mapping(pairs, _) => {
            for (key, value) in pairs {
                if key.to_lowercase().ends_with("containers")
                    && let BuildValue::Sequence(items, _) = value
                {
                    items.retain(|item| item.get("image").is_some());
                }
                without_imageless(value);
            }
        }
        BuildValue::Sequence(items, _) => items.iter_mut().for_each(without_imageless),
        BuildValue::Scalar(_) => {}
    }
}

/// The images and containers that operations set, as a pod.
fn of_operations<'n, 's>(operations: &[BuildValue<'n, 's>]) -> Option<BuiltResource<'n, 's>> {
    let mut containers = Vec::new();
    for operation in operations {
        let path = operation.text_at(&["path"]);
        let Some(value) = operation.get("value") else {
            continue;
        };
        let is_set = matches!(operation.text_at(&["op"]), "add" | "replace");
        let is_container = path
            .rsplit('/')
            .nth(1)
            .is_some_and(|list| list.ends_with("ontainers"));
        if is_set && path.ends_with("/image") {
            let pair = (Cow::Borrowed("image"), value.clone());
            containers.push(BuildValue::Mapping(vec![pair].into(), None));
        } else if is_set && is_container && value.get("image").is_some() {
            containers.push(value.clone());
        }
    }
    if containers.is_empty() {
        return None;
    }
    let mapping = |key: &'static str, value| {
        BuildValue::Mapping(vec![(Cow::Borrowed(key), value)].into(), None)
    };
    let spec = mapping("containers", BuildValue::Sequence(containers.into(), None));
    let mut resource = mapping("spec", spec);
    resource.set(Cow::Borrowed("apiVersion"), BuildValue::made("v1"));
    resource.set(Cow::Borrowed("kind"), BuildValue::made("Pod"));
    Some(BuiltResource::new(resource))
}

/// A kustomization that holds an entry of a list alone.
pub(super) fn of_entry<'n, 's>(
    sources: &Sources<'n, 's>,
    entry: usize,
) -> Option<BuiltResource<'n, 's>> {
    Some(of_list(vec![read_entry(sources, entry)?]))
}

/// An entry of a list, as it is written.
pub(super) fn read_entry<'n, 's>(
    sources: &Sources<'n, 's>,
    entry: usize,
) -> Option<BuildValue<'n, 's>> {
    let site = &sources.lists.entries[entry].site;
    let budget = &mut budget(site.node);
    let item = value::read(site.document, site.node, &site.path, site.holder, budget);
    Some(as_spelled(item.ok()?, site.node))
}

/// A kustomization with a list of images.
pub(super) fn of_list<'n, 's>(entries: Vec<BuildValue<'n, 's>>) -> BuiltResource<'n, 's> {
    let list = BuildValue::Sequence(entries.into(), None);
    let mut resource = BuildValue::Mapping(vec![(Cow::Borrowed("images"), list)].into(), None);
    let version = format!("{KUSTOMIZE_GROUP}/v1beta1");
    resource.set(Cow::Borrowed("apiVersion"), BuildValue::made(version));
    resource.set(Cow::Borrowed("kind"), BuildValue::made("Kustomization"));
    BuiltResource::new(resource)
}

/// The keys of an entry of a list.
pub(super) const ENTRY_KEYS: [&str; 5] = ["name", "newName", "newTag", "digest", "tagSuffix"];

/// An entry with its keys as judges know them: kustomize reads them in any case.
fn as_spelled<'n, 's>(entry: BuildValue<'n, 's>, node: &'n Node<'s>) -> BuildValue<'n, 's> {
    let BuildValue::Mapping(mut pairs, site) = entry else {
        return entry;
    };
    for name in ENTRY_KEYS {
        let Some(key) = spelling(node, name).filter(|key| *key != name) else {
            continue;
        };
        pairs.retain(|(other, _)| other != name);
        let renamed = pairs.iter_mut().find(|(other, _)| other == key);
        if let Some((key, _)) = renamed {
            *key = Cow::Borrowed(name);
        }
    }
    BuildValue::Mapping(pairs, site)
}
