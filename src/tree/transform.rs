//! What a kustomization makes of the resources that it takes together, in kustomize's order.
//!
//! Source: kustomize's `api/internal/target/kusttarget_configplugin.go`.

mod patch;
mod rename;

use crate::krm::OWN_GROUP;
use crate::krm::resource::group;
use crate::mask;
use crate::yaml::Node;

use super::built::Built;
use super::field_specs::{FieldSpec, Written};
use super::images::ListEntry;
use super::kustomization::{
    BUILTIN, Kustomization, field, list as list_of, pairs, patches_of_transformer, text,
};
use super::passes::{ImagePath, run_list};
use super::sources::Sources;
use super::target::obscure;
use super::unknown::Unknown;
use super::value::ListPass;
use super::{field_specs, refusals, replacement, vars};
use patch::run_patch;
use rename::{affix, set_namespace};

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
    if let Some(namespace) = namespace {
        let specs = built.configured.of(Written::Namespace);
        set_namespace(namespace, &specs, &mut built.resources);
    }
    let node = sources.documents[kustomization.document].root;
    for (affixes, written) in [
        (name_prefix.map(|prefix| (prefix, "")), Written::NamePrefix),
        (name_suffix.map(|suffix| ("", suffix)), Written::NameSuffix),
    ] {
        let Some(affixes) = affixes else { continue };
        let specs = built.configured.of(written);
        add_affixes(affixes, &specs, (kustomization.document, node), built);
    }
    field_specs::label(
        &kustomization.labels,
        &built.configured,
        &mut built.resources,
    );
    field_specs::annotate(
        &kustomization.annotations,
        &built.configured,
        &mut built.resources,
    );
    for patch in &kustomization.late_patches {
        run_patch(sources, kustomization, patch, built, false);
    }
    refusals::replicas(kustomization, built);
    if !kustomization.replicas.is_empty() {
        let specs = built.configured.of(Written::Replicas);
        for &entry in &kustomization.replicas {
            field_specs::count(entry, &specs, &mut built.resources);
        }
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
    vars::add(kustomization, built);
}

/// Gives names a prefix or suffix, which a place says; what comes of other fields is not followed.
fn add_affixes<'n, 's>(
    affixes: (&str, &str),
    specs: &[FieldSpec<'_>],
    (document, node): (usize, &'n Node<'s>),
    built: &mut Built<'n, 's>,
) {
    let what = "a prefix or suffix of other fields than names, which is not followed,";
    let unknown = Unknown::new(document, node, what);
    if affix(affixes, specs, &mut built.resources, &unknown.what) {
        built.unknown.push(unknown);
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
            if let Some(namespace) = namespace {
                set_namespace(namespace, &specs, &mut built.resources);
            }
        } else if is_builtin && matches!(kind, "PrefixTransformer" | "SuffixTransformer") {
            let says = |key| text(root, key).unwrap_or_default();
            let affixes = (says("prefix"), says("suffix"));
            add_affixes(affixes, &specs, (kustomization.document, item), built);
        } else if is_builtin && kind == "LabelTransformer" {
            field_specs::write_to(&pairs(root, "labels"), &specs, &mut built.resources);
        } else if is_builtin && kind == "AnnotationsTransformer" {
            field_specs::write_to(&pairs(root, "annotations"), &specs, &mut built.resources);
        } else if is_builtin && kind == "ReplicaCountTransformer" {
            if let Some(replica) = field(root, "replica") {
                field_specs::count(replica, &specs, &mut built.resources);
            }
        } else if !(is_builtin && kind == "HashTransformer") {
            let what = format!("the transformer {kind}, which is not followed,");
            obscure_all(built, kustomization.document, item, what);
        }
    }
}
