//! Kyverno's policies that replace the registry of images, by the calls in their mutations.

mod calls;
mod conditions;

use super::{FileMirrors, ImportFault, written_at};
use crate::quote;
use crate::yaml::Node;
use crate::yaml::parse::documents;

/// Reads one policy.
pub(super) fn read(node: &Node<'_>, found: &mut FileMirrors) -> Result<(), ImportFault> {
    let rules = node.at(&["spec", "rules"])?.and_then(Node::items);
    for rule in rules.into_iter().flatten() {
        let Some(mutation) = rule.get("mutate")? else {
            continue;
        };
        let pairs = found.pairs.len();
        for part in parts(mutation)? {
            mutate(part, found)?;
        }
        if found.pairs.len() == pairs {
            continue;
        }
        let conditions = conditions::of(node, rule)?;
        if !conditions.is_empty() {
            let what = format!(
                "the policy holds under conditions ({}), and a rule holds everywhere",
                quote::piece(&conditions.join(", "))
            );
            found.warn(rule.start(), what);
        }
    }
    Ok(())
}

/// A policy of a kind whose mutations are not read.
pub(super) fn unread(node: &Node<'_>, kind: &str, found: &mut FileMirrors) {
    found.warn_with_help(
        node.start(),
        format!("{kind} is a kind that is not read: left out"),
        "write a rule for each registry whose images it moves",
    );
}

/// The mutations of a rule, each loop for itself, those within others as well.
fn parts<'n>(mutation: &'n Node<'n>) -> Result<Vec<&'n Node<'n>>, ImportFault> {
    let loops = mutation.get("foreach")?.and_then(Node::items);
    let mut all = Vec::new();
    for each in loops.unwrap_or_default() {
        all.extend(parts(each)?);
    }
    let has_patch = mutation.get(MERGE)?.is_some() || mutation.get(PATCH)?.is_some();
    if has_patch || all.is_empty() {
        all.push(mutation);
    }
    Ok(all)
}

const MERGE: &str = "patchStrategicMerge";
const PATCH: &str = "patchesJson6902";

/// The lists of a pod's containers.
const CONTAINERS: &[&str] = &["containers", "initContainers", "ephemeralContainers"];

/// What a mutation does that is no rule.
#[derive(Default)]
struct UnsupportedPart {
    /// Where images get something else than a replaced registry.
    images: Vec<usize>,
    /// Where anything else than an image is written.
    others: Vec<usize>,
}

/// Reads one mutation, and says what else it does.
fn mutate(part: &Node<'_>, found: &mut FileMirrors) -> Result<(), ImportFault> {
    let before = (found.pairs.len(), found.warnings.len());
    let mut beside = UnsupportedPart::default();
    if let Some(merge) = part.get(MERGE)? {
        merged(merge, false, found, &mut beside);
    }
    if let Some(patch) = part.get(PATCH)? {
        patched(patch, found, &mut beside)?;
    }
    if (found.pairs.len(), found.warnings.len()) == before {
        let what =
            "the rule mutates, and replaces no registry in a way that is known here: left out";
        found.warn(part.start(), what);
        return Ok(());
    }
    for at in beside.images {
        found.warn(
            at,
            "the image gets a name in a way that no rule can express: left out",
        );
    }
    if let Some(at) = beside.others.first() {
        found.warn(
            *at,
            "the rule changes more than images, and that is left out",
        );
    }
    Ok(())
}

/// Looks through a strategic merge; `is_container` says whether a node is one.
fn merged(
    node: &Node<'_>,
    is_container: bool,
    found: &mut FileMirrors,
    beside: &mut UnsupportedPart,
) {
    for item in node.items().unwrap_or_default() {
        merged(item, is_container, found, beside);
    }
    for entry in node.entries().unwrap_or_default() {
        let key = entry.key.scalar().unwrap_or_default();
        let value = &entry.value;
        match key {
            // An anchor asks, and writes nothing, but for the one that adds what is not there.
            key if key.contains('(') && !key.starts_with('+') => {}
            "image" if is_container => {
                let is_rule = written_at(value).is_some_and(|text| calls::mutated(text, found));
                if !is_rule {
                    beside.images.push(value.start());
                }
            }
            "name" if is_container => {}
            key if CONTAINERS.contains(&key) => merged(value, true, found, beside),
            _ if value.scalar().is_some() => beside.others.push(value.start()),
            _ => merged(value, false, found, beside),
        }
    }
}

/// Looks through a JSON patch, which is written as a text. Its places are the text's.
fn patched(
    patch: &Node<'_>,
    found: &mut FileMirrors,
    beside: &mut UnsupportedPart,
) -> Result<(), ImportFault> {
    let Some(text) = written_at(patch) else {
        beside.others.push(patch.start());
        return Ok(());
    };
    // What is no YAML before its variables are filled in is not read.
    let Ok(documents) = documents(text.text) else {
        beside.others.push(patch.start());
        return Ok(());
    };
    for operation in documents.iter().filter_map(Node::items).flatten() {
        let of = |key: &str| -> Result<&str, ImportFault> {
            Ok(operation
                .get(key)?
                .and_then(Node::scalar)
                .unwrap_or_default())
        };
        let (path, value) = (of("path")?, of("value")?);
        let is_image = path.ends_with("/image")
            && CONTAINERS
                .iter()
                .any(|list| path.contains(&format!("/{list}/")));
        if !is_image || !matches!(of("op")?, "replace" | "add") {
            beside.others.push(patch.start());
            continue;
        }
        let value = super::LocatedText {
            text: value,
            at: text.at,
        };
        if !calls::mutated(value, found) {
            beside.images.push(patch.start());
        }
    }
    Ok(())
}
