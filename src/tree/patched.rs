//! Objects of Flux and Argo CD that a build changes before they are applied: what such an object builds
//! with is not what its file says.

use std::collections::{BTreeSet, HashMap};

use crate::krm::resource::group;

use super::merged::{MERGED, folders_at};
use super::paths::join;
use super::sources::{Sources, budget};
use super::target::BuiltResource;
use super::unknown::Unknown;
use super::value::{self, BuildValue, Printed};
use crate::yaml::parse::Arena;

/// By folder, the objects that build it and are changed before, each with what is said of it.
pub(super) type PatchedObjects<'n, 's> = HashMap<String, Vec<Unknown<'n, 's>>>;

/// The kustomizations that bring objects which build folders.
pub(super) fn bringing(sources: &Sources<'_, '_>) -> BTreeSet<usize> {
    let is_object = |document: usize| sources.documents[document].traits.builds_folders;
    let mut above: HashMap<usize, Vec<usize>> = HashMap::new();
    let mut waiting = Vec::new();
    for (position, one) in sources.kustomizations.iter().enumerate() {
        for entry in one.resources.iter().chain(&one.components) {
            let Some(path) = join(&one.folder, &entry.path) else {
                continue;
            };
            if let Some(file) = sources.files.get(&*path) {
                if file.documents.clone().any(is_object) {
                    waiting.push(position);
                }
            } else if let Some(&below) = sources.folders.get(&path) {
                above.entry(below).or_default().push(position);
            }
        }
    }
    let mut found = BTreeSet::new();
    while let Some(position) = waiting.pop() {
        if found.insert(position) {
            waiting.extend(above.get(&position).into_iter().flatten());
        }
    }
    found
}

/// Notes the objects among the resources that a root builds which say something else than their files
/// do. `path_of` gives the path of the file that a document is in.
pub(super) fn note<'n, 's>(
    sources: &Sources<'n, 's>,
    root: &str,
    resources: &[BuiltResource<'n, 's>],
    path_of: &dyn Fn(usize) -> Option<String>,
    found: &mut PatchedObjects<'n, 's>,
) {
    for resource in resources {
        let built = &resource.value;
        let (Some(site), false) = (built.site(), settings(built).is_empty()) else {
            continue;
        };
        let budget = &mut budget(site.node);
        let written = value::read(site.document, site.node, &site.path, None, budget);
        let Ok(written) = written else { continue };
        let written = settings(&written);
        for (position, new) in settings(built).into_iter().enumerate() {
            if !differ(written.get(position).copied(), new) {
                continue;
            }
            let (kind, name) = (
                built.text_at(&["kind"]),
                built.text_at(&["metadata", "name"]),
            );
            let what = format!("{kind} {name}, which {root} patches before it builds the folder,");
            let from = path_of(site.document).unwrap_or_default();
            let path = match new.text_at(&["path"]) {
                "" => "./",
                path => path,
            };
            let folders = sources.kustomizations.iter().map(|one| &one.folder);
            for folder in folders_at(path, &from, folders) {
                let known = found.entry(folder.clone()).or_default();
                if known.iter().all(|one| *one.what != *what) {
                    known.push(Unknown::new(site.document, site.node, what.clone()));
                }
            }
        }
    }
}

/// The mappings of an object that say which folder it builds, and with what.
fn settings<'v, 'n, 's>(object: &'v BuildValue<'n, 's>) -> Vec<&'v BuildValue<'n, 's>> {
    let kind = object.text_at(&["kind"]);
    let spec: &[&str] = match (group(object.text_at(&["apiVersion"])), kind) {
        ("kustomize.toolkit.fluxcd.io", "Kustomization") => {
            return object.get("spec").into_iter().collect();
        }
        ("argoproj.io", "Application") => &["spec"],
        ("argoproj.io", "ApplicationSet") => &["spec", "template", "spec"],
        _ => return Vec::new(),
    };
    let Some(spec) = object.at(spec) else {
        return Vec::new();
    };
    let several = spec.get("sources").and_then(BuildValue::items);
    let sources = spec
        .get("source")
        .into_iter()
        .chain(several.into_iter().flatten());
    sources
        .filter(|source| source.get("path").is_some())
        .collect()
}

/// Whether two settings build another folder, or may give its images otherwise.
fn differ(old: Option<&BuildValue<'_, '_>>, new: &BuildValue<'_, '_>) -> bool {
    let Some(old) = old else { return true };
    if old.text_at(&["path"]) != new.text_at(&["path"]) {
        return true;
    }
    let of = |settings: &BuildValue<'_, '_>, key: &str| {
        let holder = settings.get("kustomize").unwrap_or(settings);
        let value = holder.get(key);
        let printed = |value| Printed::new(value, &Arena::default()).text;
        value.map_or_else(String::new, printed)
    };
    MERGED.iter().any(|key| {
        let (old, new) = (of(old, key), of(new, key));
        let is_patch = key.starts_with("patches");
        old != new && (!is_patch || bears_on_images(&old) || bears_on_images(&new))
    })
}

/// Whether a patch may bear on images, pull policies or pull secrets.
fn bears_on_images(patch: &str) -> bool {
    const WORDS: [&str; 5] = ["mage", "ontainer", "ecret", "epository", "egistry"];
    WORDS.iter().any(|word| patch.contains(word))
}
