//! Reasons for which kustomize refuses a build, other than unknown keys and wrong types (`shape.rs`) and the
//! errors of single steps. Measured with kustomize 5.6.0.

use std::collections::HashSet;
use std::sync::Arc;

use crate::mask::location;
use crate::yaml::Node;

use super::built::Built;
use super::field_specs::Written;
use super::kustomization::{Kustomization, Needed, text};
use super::paths::{is_remote, join};
use super::shape;
use super::sources::Sources;
use super::target::{BuiltResource, Id};
use super::unknown::Unknown;
use super::value::BuildValue;
use super::vars;

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
    vars::end(built, &sources.lists);
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
