//! ConfigMaps and Secrets that generators make, which are patched and merged as others are, and from
//! which `replacements` may copy images.
//!
//! Source: kustomize's `api/resmap/reswrangler.go` (`AbsorbAll`).

use std::borrow::Cow;

use crate::krm::spelling;
use crate::yaml::Node;

use super::built::Built;
use super::kustomization::{self, Kustomization};
use super::target::BuiltResource;
use super::unknown::Unknown;
use super::value::{BuildValue, Pair, Scalar, Site};

/// Adds what the generators of a kustomization make, or puts it into what there is.
pub(super) fn add_all<'n, 's>(kustomization: &Kustomization<'n, 's>, built: &mut Built<'n, 's>) {
    let config_maps = kustomization.config_maps.iter();
    let all =
        config_maps.map(|site| (site.node, generated("ConfigMap", site.node, literals(site))));
    let secrets = kustomization.secrets.iter();
    let secrets = secrets.map(|generator| (*generator, generated("Secret", generator, Vec::new())));
    for (generator, mut made) in all.chain(secrets) {
        let kind = made.value.text_at(&["kind"]).to_owned();
        let options = kustomization::field(generator, "options");
        let keeps = |options| kustomization::text(options, "disableNameSuffixHash") == Some("true");
        let mut options = options.into_iter().chain(kustomization.generator_options);
        made.is_hashed = !options.any(keeps);
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
fn absorb<'n, 's>(known: &mut BuiltResource<'n, 's>, made: &BuiltResource<'n, 's>, replaces: bool) {
    if replaces {
        let data = BuildValue::Mapping(Vec::new().into(), None);
        known.value.set(Cow::Borrowed("data"), data);
    }
    let pairs = made.value.get("data").and_then(BuildValue::pairs);
    for (key, value) in pairs.unwrap_or_default() {
        let data = known.value.mapping_mut("data");
        data.set(key.clone(), value.clone());
    }
}

/// The keys and values of a generator's literals, each value in its place.
fn literals<'n, 's>(site: &Site<'n, 's>) -> Vec<Pair<'n, 's>> {
    let name = spelling::spelling(site.node, "literals").unwrap_or_default();
    let Some(node) = kustomization::field(site.node, "literals") else {
        return Vec::new();
    };
    let list = Site {
        document: site.document,
        node,
        path: site.path.key(name),
        holder: Some(site.node),
    };
    let items = node.items().unwrap_or_default().iter().enumerate();
    let literals = items.filter_map(|(index, literal)| {
        let text = literal.scalar()?;
        let (key, value) = spelling::literal(text)?;
        let scalar = Scalar {
            text: Cow::Borrowed(&text[value.clone()]),
            is_text: true,
            is_bytes: false,
            place: Some(list.part_of_item(index, value)),
            trace: None,
        };
        Some((Cow::Borrowed(key), BuildValue::Scalar(scalar)))
    });
    literals.collect()
}

/// What a generator makes of literals; what it makes of files, and of what is encoded, is not known.
fn generated<'n, 's>(
    kind: &'static str,
    generator: &Node<'_>,
    literals: Vec<Pair<'n, 's>>,
) -> BuiltResource<'n, 's> {
    let mut data = BuildValue::Mapping(Vec::new().into(), None);
    for (key, value) in literals {
        data.set(key, value);
    }
    let mut value = BuildValue::Mapping(Vec::new().into(), None);
    value.set(Cow::Borrowed("apiVersion"), BuildValue::made("v1"));
    value.set(Cow::Borrowed("kind"), BuildValue::made(kind));
    for key in ["name", "namespace"] {
        if let Some(text) = kustomization::text(generator, key) {
            let metadata = value.mapping_mut("metadata");
            metadata.set(Cow::Borrowed(key), BuildValue::made(text.to_owned()));
        }
    }
    value.set(Cow::Borrowed("data"), data);
    BuiltResource::new(value)
}
