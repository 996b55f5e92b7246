//! ConfigMaps that generators make, from which `replacements` may copy images.
//!
//! Source: kustomize's `api/resmap/reswrangler.go` (`AbsorbAll`).

use std::borrow::Cow;

use crate::yaml::Node;

use super::built::Built;
use super::kustomization::{self, Kustomization};
use super::target::{Id, Resource};
use super::unknown::Unknown;
use super::value::BuildValue;

/// Adds what the generators of a kustomization make, or puts it into what there is.
pub(super) fn add_maps<'n, 's>(kustomization: &Kustomization<'n, 's>, built: &mut Built<'n, 's>) {
    for generator in &kustomization.config_maps {
        let made = generated_map(generator);
        let behavior = kustomization::text(generator, "behavior").unwrap_or("create");
        if !matches!(behavior, "merge" | "replace") {
            built.resources.push(made);
            continue;
        }
        let Some(id) = made.ids.first() else { continue };
        let is_meant = |known: &Id| known.kind == id.kind && known.name == id.name;
        let mut known = built.resources.iter();
        let known = known.position(|resource| resource.ids.iter().any(is_meant));
        match known {
            Some(known) => absorb(&mut built.resources[known], &made, behavior == "replace"),
            // The map that it is merged into may be in resources that are not known.
            None if built.is_open() => built.resources.push(made),
            None => {
                let what = format!("there is no ConfigMap {} to {behavior}", id.name);
                built.refuse(Unknown::new(kustomization.document, generator, what));
            }
        }
    }
}

/// Puts the data of a generated map into one that there is.
fn absorb<'n, 's>(known: &mut Resource<'n, 's>, made: &Resource<'n, 's>, replaces: bool) {
    if replaces {
        let data = BuildValue::Mapping(Vec::new(), None);
        known.value.set(Cow::Borrowed("data"), data);
    }
    let pairs = made.value.get("data").and_then(BuildValue::pairs);
    for (key, value) in pairs.unwrap_or_default() {
        let data = known.value.mapping_mut("data");
        data.set(key.clone(), value.clone());
    }
}

/// A ConfigMap as a generator makes it of literals; what it makes of files is not known.
fn generated_map<'n, 's>(generator: &Node<'_>) -> Resource<'n, 's> {
    let mut data = BuildValue::Mapping(Vec::new(), None);
    for literal in kustomization::list(generator, "literals") {
        if let Some((key, text)) = literal.scalar().and_then(|text| text.split_once('=')) {
            let text = text.trim_matches(['"', '\'']);
            data.set(Cow::Owned(key.to_owned()), BuildValue::made(text));
        }
    }
    let mut value = BuildValue::Mapping(Vec::new(), None);
    value.set(Cow::Borrowed("apiVersion"), BuildValue::made("v1"));
    value.set(Cow::Borrowed("kind"), BuildValue::made("ConfigMap"));
    for key in ["name", "namespace"] {
        if let Some(text) = kustomization::text(generator, key) {
            let metadata = value.mapping_mut("metadata");
            metadata.set(Cow::Borrowed(key), BuildValue::made(text));
        }
    }
    value.set(Cow::Borrowed("data"), data);
    Resource::new(value)
}
