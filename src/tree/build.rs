//! A build of a kustomization: resources, patches and lists of images in kustomize's order.
//!
//! Source: kustomize's `api/internal/target/kusttarget.go`.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap, HashSet};

use crate::krm::OWN_GROUP;
use crate::krm::resource::group;
use crate::yaml::Node;

use super::kustomization::{self, Kustomization, Patch, PatchSource};
use super::sources::{Sources, is_remote, join};
use super::strategic::Patched;
use super::target::{Id, Resource, opaque};
use super::value::{Pass, Tested, Trace, Value};
use super::{json_patch, replacement, strategic};

/// What a build gives.
#[derive(Debug, Clone, Default)]
pub(super) struct Built<'n, 's> {
    pub(super) resources: Vec<Resource<'n, 's>>,
    /// Whether there is more that is not known: remote bases, charts, generators.
    pub(super) is_open: bool,
    /// Whether kustomize refuses the build, or something in it could not be read.
    pub(super) refused: Option<String>,
    /// What its JSON patches test.
    pub(super) tested: Vec<Tested<'n, 's>>,
    /// The documents that had a part in it.
    pub(super) documents: BTreeSet<usize>,
    /// Paths that `configurations` add to those that lists of images know.
    image_paths: Vec<ImagePath>,
}

/// A path to an image in a kind: `spec/image`.
#[derive(Debug, Clone)]
struct ImagePath {
    kind: String,
    path: String,
}

/// Builds the kustomizations of a tree, each once.
pub(super) struct Builder<'b, 'n, 's> {
    sources: &'b Sources<'n, 's>,
    /// Whether values are copied out of other resources, so that those count that keep no images.
    has_replacements: bool,
    built: HashMap<usize, Built<'n, 's>>,
    /// The kustomizations that others refer to.
    shared: HashSet<usize>,
    /// The kustomizations that are being built, to refuse circles.
    stack: Vec<usize>,
}

impl<'b, 'n, 's> Builder<'b, 'n, 's> {
    pub(super) fn new(sources: &'b Sources<'n, 's>) -> Self {
        let kustomizations = sources.kustomizations.iter();
        Builder {
            sources,
            has_replacements: { kustomizations }.any(|one| !one.replacements.is_empty()),
            built: HashMap::new(),
            shared: { sources.kustomizations.iter() }
                .flat_map(|one| one.resources.iter().map(|entry| (&one.folder, entry)))
                .filter_map(|(folder, entry)| join(folder, entry.scalar()?))
                .filter_map(|folder| sources.folders.get(&folder).copied())
                .collect(),
            stack: Vec::new(),
        }
    }

    /// What a kustomization gives by itself.
    pub(super) fn build(&mut self, position: usize) -> Built<'n, 's> {
        if let Some(built) = self.built.get(&position) {
            return built.clone();
        }
        let built = self.run(position, Built::default());
        // What no other kustomization refers to is asked for once.
        if self.shared.contains(&position) {
            self.built.insert(position, built.clone());
        }
        built
    }

    /// Runs a kustomization over what there is already: nothing, or what a component finds.
    fn run(&mut self, position: usize, mut built: Built<'n, 's>) -> Built<'n, 's> {
        let sources = self.sources;
        let kustomization = &sources.kustomizations[position];
        if self.stack.contains(&position) {
            let what = format!("{} refers to itself", kustomization.folder);
            built.refused.get_or_insert(what);
            return built;
        }
        self.stack.push(position);
        built.documents.insert(kustomization.document);
        for entry in &kustomization.resources {
            self.add_resource(kustomization, entry, &mut built);
        }
        built.is_open |= kustomization.generates;
        if self.has_replacements {
            let generated = kustomization.config_maps.iter().copied();
            built.resources.extend(generated.map(generated_map));
        }
        for path in &kustomization.configurations {
            self.configure(kustomization, path, &mut built);
        }
        for entry in &kustomization.components {
            let folder = entry
                .scalar()
                .and_then(|path| join(&kustomization.folder, path));
            match folder.and_then(|folder| sources.folders.get(&folder)) {
                Some(&component) => built = self.run(component, built),
                None => {
                    built.is_open = true;
                    opaque(&mut built.resources);
                }
            }
        }
        self.stack.pop();
        if let Some(twice) = named_twice(&built.resources) {
            let what = format!("{} {} comes twice", twice.kind, twice.name);
            built.refused.get_or_insert(what);
        }
        self.transform(position, &mut built);
        built
    }

    fn add_resource(
        &mut self,
        kustomization: &Kustomization<'n, 's>,
        entry: &Node<'_>,
        built: &mut Built<'n, 's>,
    ) {
        let sources = self.sources;
        let path = entry.scalar().unwrap_or_default();
        let joined = join(&kustomization.folder, path).filter(|_| !is_remote(path));
        let Some(joined) = joined else {
            built.is_open = true;
            return;
        };
        if let Some(file) = sources.files.get(&joined) {
            if !file.is_read {
                built.is_open = true;
            }
            for document in file.documents.clone() {
                self.load(document, built);
            }
        } else if let Some(&position) = sources.folders.get(&joined) {
            let below = self.build(position);
            built.resources.extend(below.resources);
            built.is_open |= below.is_open;
            built.documents.extend(below.documents);
            built.tested.extend(below.tested);
            built.image_paths.extend(below.image_paths);
            if let Some(refused) = below.refused {
                built.refused.get_or_insert(refused);
            }
        } else {
            built.is_open = true;
        }
    }

    fn load(&self, document: usize, built: &mut Built<'n, 's>) {
        match self.sources.value_of(document) {
            Ok(value) => {
                built.documents.insert(document);
                let mut found = Vec::new();
                flatten(value, &mut found);
                let counts = |resource: &Resource<'_, '_>| {
                    self.has_replacements || resource.value.get("kind").is_some()
                };
                built.resources.extend(found.into_iter().filter(counts));
            }
            Err(error) => {
                built.refused.get_or_insert(error.what);
            }
        }
    }

    /// The paths of images that a file of `configurations` adds.
    fn configure(
        &self,
        kustomization: &Kustomization<'n, 's>,
        path: &str,
        built: &mut Built<'n, 's>,
    ) {
        let file = join(&kustomization.folder, path);
        let Some(file) = file.and_then(|path| self.sources.files.get(&path)) else {
            built.is_open = true;
            return;
        };
        for document in file.documents.clone() {
            let root = self.sources.documents[document].root;
            for spec in kustomization::list(root, "images") {
                built.image_paths.push(ImagePath {
                    kind: kustomization::text(spec, "kind")
                        .unwrap_or_default()
                        .to_owned(),
                    path: kustomization::text(spec, "path")
                        .unwrap_or_default()
                        .to_owned(),
                });
            }
        }
    }

    /// What a kustomization makes of the resources, in kustomize's order.
    fn transform(&self, position: usize, built: &mut Built<'n, 's>) {
        let kustomization = &self.sources.kustomizations[position];
        for patch in &kustomization.patches {
            self.patch(kustomization, patch, built);
        }
        rename(kustomization, &mut built.resources);
        for (map, pairs) in [
            ("labels", &kustomization.labels),
            ("annotations", &kustomization.annotations),
        ] {
            for resource in &mut built.resources {
                for (key, text) in pairs {
                    let map = resource.value.mapping_mut("metadata").mapping_mut(map);
                    map.set(Cow::Borrowed(key), Value::made(*text));
                }
            }
        }
        for patch in &kustomization.late_patches {
            self.patch(kustomization, patch, built);
        }
        let list = self.sources.list_of[position];
        if !self.sources.lists.lists[list].is_empty() {
            let paths = built.image_paths.clone();
            for resource in &mut built.resources {
                run_list(resource, list, &paths, true);
            }
        }
        if !kustomization.replacements.is_empty() {
            replacement::apply_all(self.sources, kustomization, &mut built.resources);
        }
        for entry in &kustomization.transformers {
            self.plug_in(kustomization, *entry, built);
        }
        if kustomization.has_vars {
            for resource in &mut built.resources {
                resource.value.each_mut(&mut |scalar| {
                    if scalar.text.contains("$(") {
                        scalar.obscure();
                    }
                });
            }
        }
    }

    /// Transformers that have nothing to do with images pass; what others do is not known.
    fn plug_in(
        &self,
        kustomization: &Kustomization<'n, 's>,
        source: PatchSource<'n, 's>,
        built: &mut Built<'n, 's>,
    ) {
        const HARMLESS: &[&str] = &[
            "PrefixTransformer",
            "SuffixTransformer",
            "PrefixSuffixTransformer",
            "LabelTransformer",
            "AnnotationsTransformer",
            "NamespaceTransformer",
            "ReplicaCountTransformer",
        ];
        let Some(documents) = self.sources.documents_of(kustomization, source) else {
            opaque(&mut built.resources);
            return;
        };
        for document in documents {
            let root = self.sources.documents[document].root;
            let kind = kustomization::text(root, "kind").unwrap_or_default();
            let version = kustomization::text(root, "apiVersion").unwrap_or_default();
            let is_own = group(version) == OWN_GROUP;
            if let Some(&list) = self.sources.transformer_lists.get(&document) {
                built.documents.insert(document);
                for resource in &mut built.resources {
                    run_list(resource, list, &[], false);
                }
            } else if !is_own && !HARMLESS.contains(&kind) {
                opaque(&mut built.resources);
            }
        }
    }

    fn patch(
        &self,
        kustomization: &Kustomization<'n, 's>,
        patch: &Patch<'n, 's>,
        built: &mut Built<'n, 's>,
    ) {
        let sources = self.sources;
        let documents = sources.documents_of(kustomization, patch.source);
        let Some(documents) = documents else {
            // A patch that is not known may change whatever it selects.
            opaque(&mut built.resources);
            return;
        };
        for document in documents {
            match sources.value_of(document) {
                Ok(patch_value) => {
                    self.apply_patch(document, &patch_value, patch.target, built);
                    // Only the first document of a JSON patch counts.
                    if patch_value.items().is_some() {
                        break;
                    }
                }
                Err(error) => {
                    built.refused.get_or_insert(error.what);
                }
            }
        }
    }

    fn apply_patch(
        &self,
        document: usize,
        patch: &Value<'n, 's>,
        target: Option<&Node<'_>>,
        built: &mut Built<'n, 's>,
    ) {
        let id = Id::of(patch);
        let mut deleted = Vec::new();
        let named = built
            .resources
            .iter()
            .filter(|resource| resource.is_named_by(&id))
            .count();
        // A patch without `target` is for one resource, or kustomize refuses it.
        if target.is_none() && (named > 1 || named == 0 && !built.is_open) {
            let what = format!("a patch for {} {} fits {named} resources", id.kind, id.name);
            built.refused.get_or_insert(what);
            return;
        }
        for (position, resource) in built.resources.iter_mut().enumerate() {
            let is_meant = match target {
                Some(target) => resource.is_selected_by(target),
                None => Some(resource.is_named_by(&id)),
            };
            match is_meant {
                Some(false) => continue,
                Some(true) => {}
                None => {
                    opaque(std::slice::from_mut(resource));
                    continue;
                }
            }
            built.documents.insert(document);
            if patch.items().is_some() {
                if json_patch::apply(&mut resource.value, patch, &mut built.tested).is_err() {
                    let what = "a JSON patch does not fit its target".to_owned();
                    built.refused.get_or_insert(what);
                }
            } else if strategic::apply(resource, patch) == Patched::Deleted {
                deleted.push(position);
            }
            resource.renamed();
        }
        for position in deleted.into_iter().rev() {
            built.resources.remove(position);
        }
    }
}

/// A resource that is there twice, which kustomize refuses.
fn named_twice<'r>(resources: &'r [Resource<'_, '_>]) -> Option<&'r Id> {
    let mut known = HashSet::new();
    let ids = resources.iter().filter_map(|resource| resource.ids.last());
    { ids }.find(|id| {
        let group = group(&id.api_version);
        !known.insert((group, &id.kind, &id.name, &id.namespace))
    })
}

/// The resources of a document, lists opened.
fn flatten<'n, 's>(value: Value<'n, 's>, found: &mut Vec<Resource<'n, 's>>) {
    let is_list = value.text_at(&["kind"]).ends_with("List");
    match (is_list, value) {
        (true, Value::Mapping(pairs, _)) => {
            for (key, value) in pairs {
                if key == "items"
                    && let Value::Sequence(items, _) = value
                {
                    items.into_iter().for_each(|item| flatten(item, found));
                }
            }
        }
        (_, value @ Value::Mapping(..)) => found.push(Resource::new(value)),
        _ => {}
    }
}

/// A ConfigMap as a generator makes it of literals; what it makes of files is not known.
fn generated_map<'n, 's>(generator: &Node<'_>) -> Resource<'n, 's> {
    let mut data = Value::Mapping(Vec::new(), None);
    for literal in kustomization::list(generator, "literals") {
        if let Some((key, text)) = literal.scalar().and_then(|text| text.split_once('=')) {
            let text = text.trim_matches(['"', '\'']);
            data.set(Cow::Owned(key.to_owned()), Value::made(text));
        }
    }
    let mut value = Value::Mapping(Vec::new(), None);
    value.set(Cow::Borrowed("apiVersion"), Value::made("v1"));
    value.set(Cow::Borrowed("kind"), Value::made("ConfigMap"));
    for key in ["name", "namespace"] {
        if let Some(text) = kustomization::text(generator, key) {
            let metadata = value.mapping_mut("metadata");
            metadata.set(Cow::Borrowed(key), Value::made(text));
        }
    }
    value.set(Cow::Borrowed("data"), data);
    Resource::new(value)
}

/// Namespace, prefix and suffix.
fn rename(kustomization: &Kustomization<'_, '_>, resources: &mut [Resource<'_, '_>]) {
    let Kustomization {
        namespace,
        name_prefix,
        name_suffix,
        ..
    } = kustomization;
    for resource in resources {
        if let Some(namespace) = namespace {
            let metadata = resource.value.mapping_mut("metadata");
            metadata.set(Cow::Borrowed("namespace"), Value::made(*namespace));
            resource.renamed();
        }
        if name_prefix.is_some() || name_suffix.is_some() {
            let (prefix, suffix) = (name_prefix.unwrap_or(""), name_suffix.unwrap_or(""));
            let name = resource.value.text_at(&["metadata", "name"]);
            let name = format!("{prefix}{name}{suffix}");
            let metadata = resource.value.mapping_mut("metadata");
            metadata.set(Cow::Borrowed("name"), Value::made(name));
            resource.renamed();
        }
    }
}

/// Notes a list of images with every image that it goes over: those of all lists of containers at
/// any depth, once more those of pods and their templates, and those of added paths.
fn run_list(resource: &mut Resource<'_, '_>, list: usize, paths: &[ImagePath], knows_pods: bool) {
    let value = &mut resource.value;
    if value.text_at(&["kind"]) == "CustomResourceDefinition" {
        return;
    }
    let api_group = group(value.text_at(&["apiVersion"])).to_owned();
    let kind = value.text_at(&["kind"]).to_owned();
    let is_pod = kind == "Pod" && api_group.is_empty();
    containers(value, list, &mut Vec::new(), (knows_pods, is_pod));
    for path in paths
        .iter()
        .filter(|path| path.kind.is_empty() || path.kind == kind)
    {
        let steps: Vec<&str> = path.path.split('/').collect();
        added(value, list, &steps);
    }
}

/// `knows_pods` says that pods and their templates are gone over once more.
fn containers(
    value: &mut Value<'_, '_>,
    list: usize,
    above: &mut Vec<String>,
    (knows_pods, is_pod): (bool, bool),
) {
    let pods = (knows_pods, is_pod);
    match value {
        Value::Mapping(pairs, _) => {
            for (key, value) in pairs {
                if matches!(&**key, "containers" | "initContainers")
                    && let Value::Sequence(items, _) = value
                {
                    let keys: Vec<&str> = above.iter().map(String::as_str).collect();
                    let is_twice = match keys[..] {
                        ["spec"] => knows_pods && is_pod,
                        ["spec", "template", "spec"] => knows_pods,
                        _ => false,
                    };
                    for item in items {
                        if let Some(Value::Scalar(image)) = item.get_mut("image") {
                            let trace = image.trace.get_or_insert_default();
                            trace.lists.push(Pass { list, is_twice });
                        }
                    }
                }
                above.push(key.to_string());
                containers(value, list, above, pods);
                above.pop();
            }
        }
        Value::Sequence(items, _) => {
            above.push(String::new());
            for item in items {
                containers(item, list, above, pods);
            }
            above.pop();
        }
        Value::Scalar(_) => {}
    }
}

fn added(value: &mut Value<'_, '_>, list: usize, steps: &[&str]) {
    match (value, steps) {
        (Value::Sequence(items, _), _) => {
            items.iter_mut().for_each(|item| added(item, list, steps))
        }
        (Value::Scalar(image), []) => {
            let trace: &mut Trace = image.trace.get_or_insert_default();
            trace.lists.push(Pass {
                list,
                is_twice: false,
            });
        }
        (value @ Value::Mapping(..), [step, rest @ ..]) => {
            let step = step.trim_end_matches("[]");
            if let Some(value) = value.get_mut(step) {
                added(value, list, rest);
            }
        }
        _ => {}
    }
}
