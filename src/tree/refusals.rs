//! What kustomize refuses of a build, beside keys and types of kustomizations and what its steps refuse
//! by themselves. Measured with kustomize 5.6.0.

use std::collections::HashSet;

use crate::yaml::Node;

use super::built::Built;
use super::kustomization::{Kustomization, text};
use super::target::{Id, Resource};
use super::unknown::Unknown;
use super::value::BuildValue;

/// Why kustomize takes a value for no resource, if it does not.
pub(super) fn no_resource(value: &BuildValue<'_, '_>) -> Option<&'static str> {
    let is_absent = |path| value.text_at(path).is_empty();
    if is_absent(&["kind"]) {
        Some("a resource has no `kind`")
    } else if is_absent(&["metadata", "name"]) {
        Some("a resource has no `metadata.name`")
    } else {
        None
    }
}

/// Why kustomize takes a value for no patch, if it does not.
pub(super) fn no_patch(value: &BuildValue<'_, '_>) -> Option<&'static str> {
    let is_absent = |path| value.text_at(path).is_empty();
    match value {
        BuildValue::Sequence(operations, _) if operations.is_empty() => {
            Some("a patch is an empty list")
        }
        BuildValue::Sequence(..) => None,
        BuildValue::Mapping(..) if is_absent(&["kind"]) => Some("a patch has no `kind`"),
        BuildValue::Mapping(..) if is_absent(&["metadata", "name"]) => {
            Some("a patch has no `metadata.name`")
        }
        BuildValue::Mapping(..) => None,
        BuildValue::Scalar(_) => Some("a patch is neither a mapping nor a list"),
    }
}

/// Refuses a build with a resource that is there twice.
pub(super) fn twice<'n, 's>(document: usize, root: &'n Node<'s>, built: &mut Built<'n, 's>) {
    if let Some(twice) = named_twice(&built.resources) {
        let what = format!("{} {} comes twice", twice.kind, twice.name);
        built.refuse(Unknown::new(document, root, what));
    }
}

/// A resource that is there twice.
fn named_twice<'r>(resources: &'r [Resource<'_, '_>]) -> Option<&'r Id> {
    let mut known = HashSet::new();
    let ids = resources.iter().filter_map(|resource| resource.ids.last());
    { ids }.find(|id| !known.insert((&id.api_version, &id.kind, &id.name, &id.namespace)))
}

/// Refuses generators that make what there is already.
pub(super) fn conflicts<'n, 's>(kustomization: &Kustomization<'n, 's>, built: &mut Built<'n, 's>) {
    if kustomization.config_maps.is_empty() && kustomization.secrets.is_empty() {
        return;
    }
    let config_maps = kustomization.config_maps.iter();
    let all = config_maps.map(|generator| ("ConfigMap", *generator));
    let secrets = kustomization.secrets.iter();
    let all = all.chain(secrets.map(|generator| ("Secret", *generator)));
    let mut known: HashSet<Id> = HashSet::new();
    for resource in &built.resources {
        known.extend(resource.ids.iter().cloned());
    }
    for (kind, generator) in all {
        let behavior = text(generator, "behavior");
        if matches!(behavior, Some("merge" | "replace")) {
            continue;
        }
        let says = |key| text(generator, key);
        let id = Id {
            api_version: "v1".to_owned(),
            kind: kind.to_owned(),
            name: says("name").unwrap_or_default().to_owned(),
            namespace: says("namespace").unwrap_or("default").to_owned(),
        };
        let what = format!("the generated {kind} {} is there already", id.name);
        if !known.insert(id) {
            built.refuse(Unknown::new(kustomization.document, generator, what));
        }
    }
}

/// Refuses counts of replicas for what is not there.
pub(super) fn replicas<'n, 's>(kustomization: &Kustomization<'n, 's>, built: &mut Built<'n, 's>) {
    const KINDS: [&str; 4] = [
        "Deployment",
        "StatefulSet",
        "ReplicaSet",
        "ReplicationController",
    ];
    let is_known = built.unknown.is_empty() && !built.is_open();
    if !is_known || !kustomization.configurations.is_empty() {
        return;
    }
    if kustomization.replicas.is_empty() {
        return;
    }
    let ids = built.resources.iter().flat_map(|resource| &resource.ids);
    let has_replicas = |id: &&Id| KINDS.contains(&&*id.kind);
    let names: HashSet<String> = { ids.filter(has_replicas) }
        .map(|id| id.name.clone())
        .collect();
    for &entry in &kustomization.replicas {
        let name = text(entry, "name").unwrap_or_default();
        if !names.contains(name) {
            let what = format!("`replicas` finds no workload {name} that has them");
            built.refuse(Unknown::new(kustomization.document, entry, what));
        }
    }
}
