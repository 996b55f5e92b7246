//! `replacements` of a kustomization: values that are copied from one field to others.

use std::sync::Arc;

use crate::yaml::Node;

use super::built::Built;
use super::kustomization::{Kustomization, field, list, text};
use super::paths::join;
use super::sources::Sources;
use super::target::{Resource, obscure};
use super::unknown::Unknown;
use super::value::BuildValue;

/// Applies the replacements of a kustomization; what cannot be followed makes its targets unknown.
pub(super) fn apply_all<'n, 's>(
    sources: &Sources<'n, 's>,
    kustomization: &Kustomization<'n, 's>,
    built: &mut Built<'n, 's>,
) {
    for &entry in &kustomization.replacements {
        let Some(path) = text(entry, "path") else {
            apply(entry, &mut built.resources);
            continue;
        };
        let file = join(&kustomization.folder, path);
        let file = file.and_then(|path| sources.files.get(&path));
        let Some(file) = file.filter(|file| file.is_read) else {
            let what = format!("the replacement {path}, which cannot be read,");
            let unknown = Unknown::new(kustomization.document, entry, what);
            obscure(&mut built.resources, &unknown.what);
            built.unknown.push(unknown);
            continue;
        };
        for document in file.documents.clone() {
            let root = sources.documents[document].root;
            let entries = root.items().unwrap_or(std::slice::from_ref(root));
            let resources = &mut built.resources;
            entries.iter().for_each(|entry| apply(entry, resources));
        }
    }
}

fn apply<'n, 's>(entry: &Node<'_>, resources: &mut [Resource<'n, 's>]) {
    let found = field(entry, "source").and_then(|source| source_of(source, resources));
    let what: Arc<str> = "a replacement, which is not followed,".into();
    for target in list(entry, "targets") {
        let select = field(target, "select");
        let paths: Vec<&str> = list(target, "fieldPaths")
            .iter()
            .filter_map(Node::scalar)
            .collect();
        let is_whole = field(target, "options").is_none();
        for resource in resources.iter_mut() {
            let is_meant = match select {
                Some(select) => resource.is_selected_by(select).unwrap_or(true),
                None => true,
            };
            let mut rejects = list(target, "reject").iter();
            let is_rejected = rejects.any(|reject| resource.is_selected_by(reject) == Some(true));
            if !is_meant || is_rejected {
                continue;
            }
            for path in &paths {
                let steps = steps(path);
                let mut set = |value: &mut BuildValue<'n, 's>| match &found {
                    Some(found) if is_whole => *value = found.clone(),
                    _ => value.obscure(&what),
                };
                each(&mut resource.value, &steps, &mut set);
            }
        }
    }
}

/// The value that a source names, where it is plain.
fn source_of<'n, 's>(
    source: &Node<'_>,
    resources: &[Resource<'n, 's>],
) -> Option<BuildValue<'n, 's>> {
    if field(source, "options").is_some() {
        return None;
    }
    let mut selected = resources
        .iter()
        .filter(|resource| resource.is_selected_by(source) == Some(true));
    let only = selected.next().filter(|_| selected.next().is_none())?;
    let path = text(source, "fieldPath").unwrap_or("metadata.name");
    let mut found = None;
    let mut value = only.value.clone();
    each(&mut value, &steps(path), &mut |value| {
        found = Some(value.clone())
    });
    found
}

/// The steps of a path: keys, indices, `[name=x]`, `*`; dots in brackets and after a backslash are
/// no separators.
fn steps(path: &str) -> Vec<String> {
    let (mut found, mut step) = (Vec::new(), String::new());
    let (mut in_brackets, mut is_escaped) = (false, false);
    for c in path.chars() {
        match c {
            '\\' if !is_escaped => {
                is_escaped = true;
                continue;
            }
            '.' if !in_brackets && !is_escaped => {
                found.push(std::mem::take(&mut step));
                continue;
            }
            '[' => in_brackets = true,
            ']' => in_brackets = false,
            _ => {}
        }
        is_escaped = false;
        step.push(c);
    }
    found.push(step);
    found
}

fn each<'n, 's>(
    value: &mut BuildValue<'n, 's>,
    steps: &[String],
    call: &mut impl FnMut(&mut BuildValue<'n, 's>),
) {
    let Some((step, rest)) = steps.split_first() else {
        call(value);
        return;
    };
    match value {
        BuildValue::Sequence(items, _) => {
            let condition = step
                .strip_prefix('[')
                .and_then(|step| step.strip_suffix(']'));
            let condition = condition.and_then(|condition| condition.split_once('='));
            for (index, item) in items.iter_mut().enumerate() {
                let is_meant = match condition {
                    Some((key, wanted)) => item.text_at(&[key]) == wanted,
                    None => step == "*" || step.parse() == Ok(index),
                };
                if is_meant {
                    each(item, rest, call);
                }
            }
        }
        BuildValue::Mapping(..) => {
            if let Some(value) = value.get_mut(step) {
                each(value, rest, call);
            }
        }
        BuildValue::Scalar(_) => {}
    }
}
