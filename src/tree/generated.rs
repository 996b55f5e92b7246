//! ConfigMaps and Secrets that generators make, which are patched and merged as others are, and from
//! which `replacements` may copy images.
//!
//! Source: kustomize's `api/resmap/reswrangler.go` (`AbsorbAll`).

use std::borrow::Cow;

use crate::krm::spelling;
use crate::yaml::Node;

use super::built::Built;
use super::kustomization::{self, Kustomization};
use super::target::Resource;
use super::unknown::Unknown;
use super::value::BuildValue;

/// Adds what the generators of a kustomization make, or puts it into what there is.
pub(super) fn add_all<'n, 's>(kustomization: &Kustomization<'n, 's>, built: &mut Built<'n, 's>) {
    let config_maps = kustomization.config_maps.iter();
    let all = config_maps.map(|generator| ("ConfigMap", *generator));
    let secrets = kustomization.secrets.iter();
    for (kind, generator) in all.chain(secrets.map(|generator| ("Secret", *generator))) {
        let made = generated(kind, generator);
        let Some(id) = made.ids.first() else { continue };
        let known = built.resources.iter().enumerate();
        let known = known.filter(|(_, resource)| resource.ids.contains(id));
        let known: Vec<usize> = known.map(|(position, _)| position).collect();
        let behavior = kustomization::text(generator, "behavior");
        let behavior = behavior.filter(|behavior| matches!(*behavior, "merge" | "replace"));
        let name = &id.name;
        let refused = match (behavior, &known[..]) {
            (Some(behavior), [known]) => {
                absorb(&mut built.resources[*known], &made, behavior == "replace");
                continue;
            }
            (None, []) => {
                built.resources.push(made);
                continue;
            }
            // What it is merged into may be in resources that are not known.
            (Some(_), []) if built.is_open() => {
                built.resources.push(made);
                continue;
            }
            (Some(behavior), []) => format!("there is no {kind} {name} to {behavior}"),
            (Some(behavior), several) => {
                format!("there are {} {kind}s {name} to {behavior}", several.len())
            }
            (None, _) => format!("the generated {kind} {name} is there already"),
        };
        built.refuse(Unknown::new(kustomization.document, generator, refused));
    }
}

/// Puts the data of what was generated into what there is.
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

/// What a generator makes of literals; what it makes of files, and of what is encoded, is not known.
fn generated<'n, 's>(kind: &'static str, generator: &Node<'_>) -> Resource<'n, 's> {
    let mut data = BuildValue::Mapping(Vec::new(), None);
    let literals = kustomization::list(generator, "literals").iter();
    for literal in literals.filter(|_| kind == "ConfigMap") {
        let text = literal.scalar().unwrap_or_default();
        if let Some((key, value)) = spelling::literal(text) {
            data.set(Cow::Owned(key.to_owned()), BuildValue::made(&text[value]));
        }
    }
    let mut value = BuildValue::Mapping(Vec::new(), None);
    value.set(Cow::Borrowed("apiVersion"), BuildValue::made("v1"));
    value.set(Cow::Borrowed("kind"), BuildValue::made(kind));
    for key in ["name", "namespace"] {
        if let Some(text) = kustomization::text(generator, key) {
            let metadata = value.mapping_mut("metadata");
            metadata.set(Cow::Borrowed(key), BuildValue::made(text));
        }
    }
    value.set(Cow::Borrowed("data"), data);
    Resource::new(value)
}
