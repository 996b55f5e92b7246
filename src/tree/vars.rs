//! Variables of kustomizations, which are put in once all is built: texts of resources that others hold as
//! `$(NAME)`.
//!
//! Source: kustomize's `api/internal/accumulator/resaccumulator.go` and `refvartransformer.go`. Measured with
//! kustomize 5.6.0.

use std::collections::HashSet;
use std::sync::Arc;

use crate::yaml::Node;

use super::built::Built;
use super::images::TreeLists;
use super::kustomization::{Kustomization, field, text};
use super::replacement::{Elements, FieldPath, is_followed, tested};
use super::target::Id;
use super::unknown::Unknown;
use super::value::Held;

/// Why an image is held that a variable copies.
const COPIED: &str = "a variable of `vars` copies it to where it is not checked: change it by hand, if the copy \
                      may change with it";

/// The field that is meant where none is named.
const DEFAULT_PATH: &str = "metadata.name";

/// Notes the variables of a kustomization, and marks what they may change; refuses those that are there twice,
/// or that are of none of the resources.
pub(super) fn add<'n, 's>(kustomization: &Kustomization<'n, 's>, built: &mut Built<'n, 's>) {
    let document = kustomization.document;
    let mut known: HashSet<&str> = built.vars.iter().map(|(_, item)| name(item)).collect();
    for &item in &kustomization.vars {
        let what = match meant(item, built).len() {
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
    if built.vars.is_empty() {
        return;
    }
    let what: Arc<str> = "a variable of `vars`, which is not followed,".into();
    for resource in &mut built.resources {
        resource.value.each_mut(&mut |scalar| {
            if scalar.text.contains("$(") {
                scalar.obscure(&what);
            }
        });
    }
}

/// What counts at the end of a whole build: refuses variables whose fields are not there, and holds the texts that
/// others copy.
pub(super) fn end<'n, 's>(built: &mut Built<'n, 's>, lists: &TreeLists<'n, 's>) {
    for (document, item) in built.vars.clone() {
        let path = path(item);
        let meant = meant(item, built);
        if let Some(why) = refusal(item, path, &meant, built) {
            built.refuse(Unknown::new(document, item, why));
            return;
        }
        if let [one] = meant[..]
            && is_used(name(item), built)
        {
            let (mut value, mut texts) = (built.resources[one].value.clone(), Vec::new());
            let path = FieldPath::of_variable(path);
            path.each(&mut value, Elements::named(lists), &mut |value| {
                value.each(&mut |scalar| {
                    let held = Held {
                        why: COPIED,
                        part: None,
                    };
                    texts.extend(tested(scalar, held));
                });
            });
            built.tests.texts.extend(texts);
        }
    }
}

fn name<'n>(item: &'n Node<'_>) -> &'n str {
    text(item, "name").unwrap_or_default()
}

/// The path to the text that a variable stands for.
fn path<'n>(item: &'n Node<'_>) -> &'n str {
    let of = field(item, "fieldref").and_then(|of| text(of, "fieldPath"));
    of.unwrap_or(DEFAULT_PATH)
}

/// Why kustomize refuses a variable whose field is not there in the end.
fn refusal(item: &Node<'_>, path: &str, meant: &[usize], built: &Built<'_, '_>) -> Option<String> {
    let is_plain = !path.contains(['[', '\\']);
    if !built.is_known() || !is_plain || !is_followed(path) {
        return None;
    }
    let keys: Vec<&str> = path.split('.').collect();
    let has_it = match *meant {
        [one] => {
            let value = &built.resources[one].value;
            value.at(&keys).is_some() || value.site().is_none()
        }
        [] => false,
        _ => true,
    };
    (!has_it).then(|| format!("the variable {} of `vars` finds no {path}", name(item)))
}

/// Whether something in a build says a variable.
fn is_used(name: &str, built: &Built<'_, '_>) -> bool {
    let written = format!("$({name})");
    let mut is_used = false;
    for resource in &built.resources {
        resource
            .value
            .each(&mut |scalar| is_used |= scalar.text.contains(&written));
    }
    is_used
}

/// The positions of the resources that a variable is of, by any name that they have had.
fn meant(item: &Node<'_>, built: &Built<'_, '_>) -> Vec<usize> {
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
    let resources = built.resources.iter().enumerate();
    let meant = resources.filter(|(_, resource)| resource.ids.iter().any(|id| is_meant(id)));
    meant.map(|(position, _)| position).collect()
}
