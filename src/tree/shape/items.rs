//! What kustomize refuses of the items of lists, whatever there is to be built: what has to be said in
//! them, and what must not be said together. Measured with kustomize 5.6.0.

use std::collections::HashSet;

use crate::tree::kustomization::{field, list, text};
use crate::yaml::Node;

/// What is refused, and why.
type Fault<'n, 's> = (&'n Node<'s>, String);

/// The first item that kustomize refuses, and why.
pub(super) fn fault<'n, 's>(root: &'n Node<'s>) -> Option<Fault<'n, 's>> {
    of_openapi(root)
        .or_else(|| of_patches(root))
        .or_else(|| of_generators(root))
        .or_else(|| of_replacements(root))
        .or_else(|| of_vars(root))
}

/// A version of the schema that kustomize does not have.
fn of_openapi<'n, 's>(root: &'n Node<'s>) -> Option<Fault<'n, 's>> {
    const BUILT_IN: [&str; 2] = ["", "v1.21.2"];
    let schema = field(root, "openapi")?;
    let version = text(schema, "version")?;
    let what = "the `version` of `openapi` is not one that kustomize has: v1.21.2";
    (!BUILT_IN.contains(&version)).then(|| (schema, what.to_owned()))
}

/// A patch that is in a file and beside it, or nowhere, and one that names no target where it has to.
fn of_patches<'n, 's>(root: &'n Node<'s>) -> Option<Fault<'n, 's>> {
    ["patches", "patchesJson6902"].into_iter().find_map(|key| {
        list(root, key).iter().find_map(|item| {
            let (path, patch) = (text(item, "path"), text(item, "patch"));
            let what = match (path, patch) {
                (Some(_), Some(_)) => "both `path` and `patch`",
                (None, None) => "neither `path` nor `patch`",
                _ if key == "patchesJson6902" && !names_target(item) => "no name in its `target`",
                _ => return None,
            };
            Some((item, format!("an item of `{key}` has {what}")))
        })
    })
}

fn names_target(item: &Node<'_>) -> bool {
    let target = field(item, "target");
    let name = target.and_then(|target| text(target, "name"));
    name.is_some_and(|name| !name.is_empty())
}

/// A generator without a name, or with a literal or file that is no pair or whose key is there twice.
fn of_generators<'n, 's>(root: &'n Node<'s>) -> Option<Fault<'n, 's>> {
    let keys = ["configMapGenerator", "secretGenerator"].into_iter();
    let mut all = keys.flat_map(|key| list(root, key).iter().map(move |item| (key, item)));
    all.find_map(|(key, item)| {
        if text(item, "name").is_none() {
            return Some((item, format!("an item of `{key}` has no `name`")));
        }
        let mut known = HashSet::new();
        let of_literals = list(item, "literals").iter().find_map(|literal| {
            let what = match literal.scalar().unwrap_or_default().split_once('=') {
                None | Some(("", _)) => "is not KEY=VALUE",
                Some((key, _)) if !known.insert(key) => TWICE,
                Some(_) => return None,
            };
            Some((literal, format!("a literal of `{key}` {what}")))
        });
        of_literals.or_else(|| {
            list(item, "files").iter().find_map(|file| {
                let written = file.scalar().unwrap_or_default();
                let name = || written.rsplit('/').next().unwrap_or_default();
                let what = match written.split_once('=') {
                    None if written.is_empty() => "has no path",
                    Some(("", _) | (_, "")) => "is not KEY=PATH",
                    Some((_, path)) if path.contains('=') => "is not KEY=PATH",
                    None if !known.insert(name()) => TWICE,
                    Some((key, _)) if !known.insert(key) => TWICE,
                    _ => return None,
                };
                Some((file, format!("a file of `{key}` {what}")))
            })
        })
    })
}

const TWICE: &str = "has a key that was there before";

fn of_replacements<'n, 's>(root: &'n Node<'s>) -> Option<Fault<'n, 's>> {
    let mut all = list(root, "replacements").iter();
    all.find_map(|item| {
        let is_said = |key| field(item, key).is_some_and(|value| !value.is_null());
        if text(item, "path").is_none() {
            return of_replacement(item);
        }
        let what = "an item of `replacements` has `path` and what a file should say";
        (is_said("source") || is_said("targets")).then(|| (item, what.to_owned()))
    })
}

/// What kustomize refuses of a replacement that is written out.
pub(in crate::tree) fn of_replacement<'n, 's>(item: &'n Node<'s>) -> Option<Fault<'n, 's>> {
    let is_said = |key| field(item, key).is_some_and(|value| !value.is_null());
    let targets = list(item, "targets");
    if !(is_said("source") || is_said("sourceValue")) || targets.is_empty() {
        let what = "a replacement needs `source` and `targets`";
        return Some((item, what.to_owned()));
    }
    let is_blind = |target: &&Node<'_>| field(target, "select").is_none_or(Node::is_null);
    let blind = targets.iter().find(is_blind)?;
    Some((
        blind,
        "a target of a replacement has no `select`".to_owned(),
    ))
}

/// A variable that is there twice.
fn of_vars<'n, 's>(root: &'n Node<'s>) -> Option<Fault<'n, 's>> {
    let mut known = HashSet::new();
    let mut all = list(root, "vars").iter();
    let twice = all.find(|item| !known.insert(text(item, "name")))?;
    let name = text(twice, "name").unwrap_or_default();
    Some((twice, format!("`vars` has {name} twice")))
}

/// What kustomize refuses of `sortOptions`, which count at the root of a build alone.
pub(in crate::tree) fn of_sorting<'n, 's>(root: &'n Node<'s>) -> Option<Fault<'n, 's>> {
    let options = field(root, "sortOptions").filter(|options| !options.is_null())?;
    let is_said = |key| field(options, key).is_some_and(|value| !value.is_null());
    let what = match text(options, "order") {
        Some("legacy") => return None,
        Some("fifo") if !is_said("legacySortOptions") => return None,
        Some("fifo") => "`legacySortOptions` goes with no order but legacy",
        _ => "`order` of `sortOptions` is neither fifo nor legacy",
    };
    Some((options, what.to_owned()))
}
