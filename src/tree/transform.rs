//! What a kustomization makes of the resources that it takes together, in kustomize's order.
//!
//! Source: kustomize's `api/internal/target/kusttarget_configplugin.go`.

mod patch;

use std::borrow::Cow;
use std::sync::Arc;

use crate::krm::OWN_GROUP;
use crate::krm::resource::group;
use crate::mask;
use crate::yaml::Node;

use super::built::Built;
use super::field_specs::FieldSpec;
use super::images::ListEntry;
use super::kustomization::{
    BUILTIN, Kustomization, field, list as list_of, pairs, patches_of_transformer, text,
};
use super::passes::{ImagePath, run_list};
use super::scope::{self, NamespaceChange};
use super::sources::Sources;
use super::target::{BuiltResource, obscure};
use super::unknown::Unknown;
use super::value::{BuildValue, ListPass};
use super::{field_specs, refusals, replacement};
use patch::run_patch;

/// Runs what a kustomization says over the resources of its build.
pub(super) fn transform<'n, 's>(
    sources: &Sources<'n, 's>,
    position: usize,
    built: &mut Built<'n, 's>,
) {
    let kustomization = &sources.kustomizations[position];
    for patch in &kustomization.patches {
        run_patch(sources, kustomization, patch, built, true);
    }
    for (document, node, what) in &kustomization.unfollowed {
        obscure_all(built, *document, node, (*what).to_owned());
    }
    let Kustomization {
        namespace,
        name_prefix,
        name_suffix,
        ..
    } = *kustomization;
    rename(
        namespace,
        name_prefix,
        name_suffix,
        &|_| true,
        &mut built.resources,
    );
    field_specs::label(&kustomization.labels, &mut built.resources);
    field_specs::annotate(&kustomization.annotations, &mut built.resources);
    for patch in &kustomization.late_patches {
        run_patch(sources, kustomization, patch, built, false);
    }
    refusals::replicas(kustomization, built);
    for &entry in &kustomization.replicas {
        field_specs::count(entry, None, &mut built.resources);
    }
    let list = sources.list_of[position];
    if !sources.lists.lists[list].is_empty() {
        let paths = built.image_paths.clone();
        let resources = built.resources.iter_mut();
        let faults = resources.filter_map(|resource| run_list(resource, list, &paths, true));
        let fault = faults.reduce(|first, _| first);
        // What something may change is perhaps none.
        if let Some(what) = fault.filter(|_| built.unknown.is_empty()) {
            let document = kustomization.document;
            let root = sources.documents[document].root;
            built.refuse(Unknown::new(document, root, what));
        }
        let is_twice = true;
        built.pass_unknown(ListPass { list, is_twice });
        obscure_by_expressions(sources, list, built);
    }
    if !kustomization.replacements.is_empty() {
        replacement::apply_all(sources, kustomization, built);
    }
    for item in &kustomization.transformers {
        run_transformers(sources, kustomization, item, built);
    }
    refusals::vars(kustomization, built);
    if !built.vars.is_empty() {
        // They are put in at the end of the whole build.
        let what: Arc<str> = "a variable of `vars`, which is not followed,".into();
        for resource in &mut built.resources {
            resource.value.each_mut(&mut |scalar| {
                if scalar.text.contains("$(") {
                    scalar.obscure(&what);
                }
            });
        }
    }
}

/// Marks all resources as ones that something may change which is not followed.
pub(super) fn obscure_all<'n, 's>(
    built: &mut Built<'n, 's>,
    document: usize,
    node: &'n Node<'s>,
    what: String,
) {
    let unknown = Unknown::new(document, node, what);
    obscure(&mut built.resources, &unknown.what);
    built.unknown.push(unknown);
}

/// Marks all resources as ones that a list of images may change whose expressions kustomize may read
/// otherwise than they are read here.
fn obscure_by_expressions<'n, 's>(
    sources: &Sources<'n, 's>,
    list: usize,
    built: &mut Built<'n, 's>,
) {
    for &entry in &sources.lists.lists[list] {
        let ListEntry { fields, site, .. } = &sources.lists.entries[entry];
        if fields.is_unclear() {
            let name = mask::entry_name(&fields.name);
            let what = format!(
                "the entry {name} of images, an expression that kustomize may read otherwise than it \
                 is read here,"
            );
            obscure_all(built, site.document, site.node, what);
        }
    }
}

/// Runs the transformers that an item of `transformers` brings. What has nothing to do with images
/// passes; what others do is not known.
fn run_transformers<'n, 's>(
    sources: &Sources<'n, 's>,
    kustomization: &Kustomization<'n, 's>,
    item: &'n Node<'s>,
    built: &mut Built<'n, 's>,
) {
    let Some(documents) = sources.transformer_documents(kustomization, item) else {
        let path = item.scalar().unwrap_or_default();
        let path = path.lines().next().unwrap_or_default();
        let what = format!("the transformer {path}, which is not followed,");
        obscure_all(built, kustomization.document, item, what);
        return;
    };
    for document in documents {
        let root = sources.documents[document].root;
        let kind = text(root, "kind").unwrap_or_default();
        let version = text(root, "apiVersion").unwrap_or_default();
        if group(version) == OWN_GROUP {
            built.is_restored = true;
            continue;
        }
        built.documents.insert(document);
        let is_builtin = version == BUILTIN;
        let patches = patches_of_transformer(document, root);
        let specs = FieldSpec::read_all(list_of(root, "fieldSpecs"));
        if let Some(&list) = sources.transformer_lists.get(&document) {
            let specs = list_of(root, "fieldSpecs").iter();
            let paths: Vec<ImagePath> = specs.map(ImagePath::read).collect();
            let resources = built.resources.iter_mut();
            let faults = resources.filter_map(|resource| run_list(resource, list, &paths, false));
            let fault = faults.reduce(|first, _| first);
            if let Some(what) = fault.filter(|_| built.unknown.is_empty()) {
                built.refuse(Unknown::new(document, root, what));
            }
            let is_twice = false;
            built.pass_unknown(ListPass { list, is_twice });
            obscure_by_expressions(sources, list, built);
        } else if !patches.is_empty() {
            for patch in &patches {
                run_patch(sources, kustomization, patch, built, true);
            }
        } else if is_builtin && kind == "NamespaceTransformer" && text(root, "unsetOnly").is_none()
        {
            let namespace = field(root, "metadata").and_then(|of| text(of, "namespace"));
            rename(namespace, None, None, &|_| true, &mut built.resources);
        } else if is_builtin && matches!(kind, "PrefixTransformer" | "SuffixTransformer") {
            let (prefix, suffix) = (text(root, "prefix"), text(root, "suffix"));
            let names = specs.iter().filter(|spec| spec.is_name());
            let names: Vec<&FieldSpec<'_>> = names.collect();
            let is_meant = |value: &BuildValue<'_, '_>| names.iter().any(|spec| spec.is_of(value));
            rename(None, prefix, suffix, &is_meant, &mut built.resources);
            if names.len() < specs.len() {
                let what = format!(
                    "the transformer {kind} of other fields than names, which is not followed,"
                );
                obscure_all(built, kustomization.document, item, what);
            }
        } else if is_builtin && kind == "LabelTransformer" {
            field_specs::write_to(&pairs(root, "labels"), &specs, &mut built.resources);
        } else if is_builtin && kind == "AnnotationsTransformer" {
            field_specs::write_to(&pairs(root, "annotations"), &specs, &mut built.resources);
        } else if is_builtin && kind == "ReplicaCountTransformer" {
            if let Some(replica) = field(root, "replica") {
                field_specs::count(replica, Some(&specs), &mut built.resources);
            }
        } else if !(is_builtin && kind == "HashTransformer") {
            let what = format!("the transformer {kind}, which is not followed,");
            obscure_all(built, kustomization.document, item, what);
        }
    }
}

/// Gives resources a namespace, and a prefix and a suffix to those whose names get them.
fn rename<'n>(
    namespace: Option<&'n str>,
    name_prefix: Option<&str>,
    name_suffix: Option<&str>,
    is_named: &dyn Fn(&BuildValue<'_, '_>) -> bool,
    resources: &mut [BuiltResource<'n, '_>],
) {
    for resource in resources {
        let scope = scope::of(&resource.value);
        if let Some(namespace) = namespace
            && scope != NamespaceChange::Cluster
        {
            let key = match scope {
                NamespaceChange::Namespace => "name",
                _ => "namespace",
            };
            let metadata = resource.value.mapping_mut("metadata");
            metadata.set(Cow::Borrowed(key), BuildValue::made(namespace));
            resource.renamed();
        }
        let keeps_name = scope::keeps_name(&resource.value);
        if !keeps_name
            && (name_prefix.is_some() || name_suffix.is_some())
            && is_named(&resource.value)
        {
            let (prefix, suffix) = (name_prefix.unwrap_or(""), name_suffix.unwrap_or(""));
            let name = resource.value.text_at(&["metadata", "name"]);
            let name = format!("{prefix}{name}{suffix}");
            let metadata = resource.value.mapping_mut("metadata");
            metadata.set(Cow::Borrowed("name"), BuildValue::made(name));
            resource.renamed();
        }
    }
}
