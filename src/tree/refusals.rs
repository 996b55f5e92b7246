//! Reasons for which kustomize refuses a build, other than unknown keys and wrong types (`shape.rs`) and the
//! errors of single steps. Measured with kustomize 5.6.0.

use std::collections::HashSet;
use std::sync::Arc;

use crate::mask::location;
use crate::yaml::Node;

use super::built::Built;
use super::field_specs::Written;
use super::kustomization::{Kustomization, Needed, field, text};
use super::paths::{is_remote, join};
use super::replacement::is_followed;
use super::shape;
use super::sources::Sources;
use super::target::{BuiltResource, Id};
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
fn named_twice<'r>(resources: &'r [BuiltResource<'_, '_>]) -> Option<&'r Id> {
    let mut known = HashSet::with_capacity(resources.len());
    let ids = resources.iter().filter_map(|resource| resource.ids.last());
    let mut ids = ids.map(Arc::as_ref);
    ids.find(|id| !known.insert(*id))
}

/// That a path leads to nothing, if that is known.
pub(super) fn absent(
    sources: &Sources<'_, '_>,
    kustomization: &Kustomization<'_, '_>,
    path: &str,
    key: &str,
) -> Option<String> {
    let joined = join(&kustomization.folder, path)?;
    let is_absent = !is_remote(path) && sources.missing.contains(&joined);
    is_absent.then(|| format!("{} of `{key}` is not there", location(path)))
}

/// Notes the files that a kustomization needs and that are not there.
pub(super) fn missing_files<'n, 's>(
    sources: &Sources<'n, 's>,
    kustomization: &Kustomization<'n, 's>,
    built: &mut Built<'n, 's>,
) {
    let is_missing = |file: &&Needed<'_, '_>| {
        let path = join(&kustomization.folder, file.path);
        path.is_some_and(|path| sources.missing.contains(&path))
    };
    for file in kustomization.needed.iter().filter(is_missing) {
        let Needed { path, key, .. } = file;
        let what = format!("the file {} of `{key}` is not there", location(path));
        let unknown = Unknown::new(kustomization.document, file.node, what);
        built.lacking.push(unknown);
    }
}

/// Refuses variables that are there twice, or that are of none of the resources, and notes the others.
pub(super) fn vars<'n, 's>(kustomization: &Kustomization<'n, 's>, built: &mut Built<'n, 's>) {
    let document = kustomization.document;
    let name = |item| text(item, "name").unwrap_or_default();
    let mut known: HashSet<&str> = built.vars.iter().map(|(_, item)| name(item)).collect();
    for &item in &kustomization.vars {
        let what = match of_var(item, built).len() {
            _ if !known.insert(name(item)) => "is there already".to_owned(),
            0 if built.is_known() => "finds none of the resources".to_owned(),
            0 | 1 => {
                built.vars.push((document, item));
                continue;
            }
            several => format!("finds {several} resources"),
        };
        let what = format!("the variable {} of `vars` {what}", name(item));
        built.refuse(Unknown::new(document, item, what));
    }
}

/// The resources that a variable is of, by any name that they have had.
fn of_var<'b, 'n, 's>(item: &Node<'_>, built: &'b Built<'n, 's>) -> Vec<&'b BuiltResource<'n, 's>> {
    let of = field(item, "objref");
    let says = |key| of.and_then(|of| text(of, key));
    let version = says("version").unwrap_or_default();
    let of_parts = match says("group") {
        Some(group) => format!("{group}/{version}"),
        None => version.to_owned(),
    };
    let api_version = says("apiVersion").unwrap_or(&of_parts);
    let is_meant = |id: &Id| {
        *api_version == *id.api_version
            && *says("kind").unwrap_or_default() == *id.kind
            && *says("name").unwrap_or_default() == *id.name
            && says("namespace").is_none_or(|namespace| *namespace == *id.namespace)
    };
    let resources = built.resources.iter();
    let meant = resources.filter(|resource| resource.ids.iter().any(|id| is_meant(id)));
    meant.collect()
}

/// Refuses what counts at the root of a build alone: an order that there is not, and variables whose
/// fields are not there in the end.
pub(super) fn of_root<'n, 's>(
    sources: &Sources<'n, 's>,
    kustomization: &Kustomization<'n, 's>,
    built: &mut Built<'n, 's>,
) {
    let root = sources.documents[kustomization.document].root;
    if !kustomization.is_made()
        && let Some((node, what)) = shape::of_sorting(root)
    {
        built.refuse(Unknown::new(kustomization.document, node, what));
    }
    if !built.is_known() {
        return;
    }
    let lost = built.vars.iter().find_map(|&(document, item)| {
        let path = field(item, "fieldref").and_then(|of| text(of, "fieldPath"));
        let path = path.unwrap_or("metadata.name");
        let is_plain = !path.contains(['[', '\\']);
        let keys: Vec<&str> = path.split('.').collect();
        let has_it = match &of_var(item, built)[..] {
            [one] => one.value.at(&keys).is_some() || one.value.site().is_none(),
            several => !several.is_empty(),
        };
        let name = text(item, "name").unwrap_or_default();
        let what = format!("the variable {name} of `vars` finds no {path}");
        (!has_it && is_plain && is_followed(path)).then(|| Unknown::new(document, item, what))
    });
    if let Some(lost) = lost {
        built.refuse(lost);
    }
}

/// Refuses counts of replicas for what is not there.
pub(super) fn replicas<'n, 's>(kustomization: &Kustomization<'n, 's>, built: &mut Built<'n, 's>) {
    if !built.is_known() || kustomization.replicas.is_empty() {
        return;
    }
    let specs = built.configured.of(Written::Replicas);
    let has_replicas = |id: &&Arc<Id>| {
        let mut specs = specs.iter();
        specs.any(|spec| spec.is_of_kind(&id.api_version, &id.kind))
    };
    let ids = built.resources.iter().flat_map(|resource| &resource.ids);
    let names = ids.filter(has_replicas).map(|id| Arc::clone(&id.name));
    let names: HashSet<Arc<str>> = names.collect();
    for &entry in &kustomization.replicas {
        let name = text(entry, "name").unwrap_or_default();
        if !names.contains(name) {
            let what = format!("`replicas` finds no workload {name} that has them");
            built.refuse(Unknown::new(kustomization.document, entry, what));
        }
    }
}
