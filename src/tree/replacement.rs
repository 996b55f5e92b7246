//! `replacements` of a kustomization: values that are copied from one field to others.

use std::borrow::Cow;
use std::sync::Arc;

use crate::pattern;
use crate::yaml::Node;

use super::built::Built;
use super::kustomization::{Kustomization, field, list, text};
use super::paths::join;
use super::shape::of_replacement;
use super::sources::Sources;
use super::target::{Id, NoSelector, Resource, obscure};
use super::unknown::Unknown;
use super::value::{BuildValue, Tested, Tests};

/// Applies the replacements of a kustomization; what cannot be followed makes its targets unknown.
pub(super) fn apply_all<'n, 's>(
    sources: &Sources<'n, 's>,
    kustomization: &Kustomization<'n, 's>,
    built: &mut Built<'n, 's>,
) {
    let own = kustomization.document;
    for &entry in &kustomization.replacements {
        let Some(path) = text(entry, "path") else {
            apply((own, entry), built);
            continue;
        };
        let file = join(&kustomization.folder, path);
        let file = file.and_then(|path| sources.files.get(&path));
        let Some(file) = file.filter(|file| file.is_read) else {
            let what = format!("the replacement {path}, which cannot be read,");
            let unknown = Unknown::new(own, entry, what);
            obscure(&mut built.resources, &unknown.what);
            built.unknown.push(unknown);
            continue;
        };
        // Only the first document counts.
        let document = file.documents.clone().next();
        let root = document.map(|document| (document, sources.documents[document].root));
        let Some((document, root)) = root.filter(|(_, root)| root.scalar().is_none()) else {
            let what = format!("the replacement {path} is neither a mapping nor a list");
            built.refuse(Unknown::new(own, entry, what));
            continue;
        };
        let entries = root.items().unwrap_or(std::slice::from_ref(root));
        for entry in entries {
            if let Some((node, what)) = of_replacement(entry) {
                built.refuse(Unknown::new(document, node, what));
                break;
            }
            apply((document, entry), built);
        }
    }
}

fn apply<'n, 's>((document, entry): (usize, &'n Node<'s>), built: &mut Built<'n, 's>) {
    let found = match field(entry, "source").map(|source| source_of(source, built)) {
        Some(Ok(found)) => found,
        Some(Err(what)) => {
            built.refuse(Unknown::new(document, entry, what));
            return;
        }
        None => None,
    };
    let is_known = built.is_known();
    let mut refused = None;
    for target in list(entry, "targets") {
        for resource in &mut built.resources {
            let copied = found.as_ref();
            let replaced = replace(target, copied, resource, is_known, &mut built.tests);
            refused = refused.or(replaced.err());
        }
    }
    if let Some(what) = refused {
        built.refuse(Unknown::new(document, entry, what));
    }
}

/// Copies what was found to where a target says, if that is in a resource. Versions of kustomize read
/// a selector letter by letter or as an expression: where that differs, it is not known.
///
/// # Errors
/// Why kustomize refuses it.
fn replace<'n, 's>(
    target: &'n Node<'s>,
    found: Option<&BuildValue<'n, 's>>,
    resource: &mut Resource<'n, 's>,
    is_known: bool,
    tests: &mut Tests<'n, 's>,
) -> Result<(), String> {
    let Some(select) = field(target, "select") else {
        return Ok(());
    };
    if !resource
        .has_selected_labels(select)
        .map_err(NoSelector::told)?
    {
        return Ok(());
    }
    let is_rejected = |reject: &Node<'_>| {
        !reject.entries().unwrap_or_default().is_empty() && resource.is_named_in(reject)
    };
    let is_matched = |selector: &Node<'_>| resource.is_selected_by(selector).unwrap_or(true);
    let rejects = list(target, "reject");
    let is_named = resource.is_named_in(select);
    if rejects.iter().any(is_rejected) || !(is_named || is_matched(select)) {
        return Ok(());
    }
    let is_clear = is_named && !rejects.iter().any(is_matched);
    let options = field(target, "options").filter(|options| !options.is_null());
    let creates = options.and_then(|options| text(options, "create")) == Some("true");
    let only_creates = options.and_then(Node::entries).is_none_or(|entries| {
        let mut keys = entries.iter().map(|entry| entry.key.scalar());
        keys.all(|key| key == Some("create"))
    });
    let what: Arc<str> = "a replacement, which is not followed,".into();
    let paths = list(target, "fieldPaths").iter();
    let mut paths: Vec<&str> = paths.filter_map(Node::scalar).collect();
    if paths.is_empty() {
        paths.push(DEFAULT_PATH);
    }
    for path in paths {
        let mut is_found = false;
        let mut set = |value: &mut BuildValue<'n, 's>| {
            is_found = true;
            match found {
                Some(found) if only_creates && is_clear => *value = found.clone(),
                _ => value.obscure(&what),
            }
        };
        hold_elements(&mut resource.value, &steps(path), Elements::Matching, tests);
        each(
            &mut resource.value,
            &steps(path),
            Elements::Matching,
            &mut set,
        );
        if let Some(found) = found.filter(|_| creates && !is_found) {
            let mut new = found.clone();
            if !(only_creates && is_clear) {
                new.obscure(&what);
            }
            make(&mut resource.value, &steps(path), &new);
        }
        let is_written = resource.value.site().is_some();
        if !is_found && is_clear && is_known && is_written && !creates && is_followed(path) {
            let Id { kind, name, .. } = Id::of(&resource.value);
            return Err(format!("a replacement finds no {path} in {kind} {name}"));
        }
    }
    Ok(())
}

/// The field that is meant where none is named.
const DEFAULT_PATH: &str = "metadata.name";

/// The value that a source names, where it is plain and known.
///
/// # Errors
/// Why kustomize refuses it.
fn source_of<'n, 's>(
    source: &Node<'_>,
    built: &mut Built<'n, 's>,
) -> Result<Option<BuildValue<'n, 's>>, String> {
    let named = built.resources.iter();
    let named: Vec<_> = named.filter(|one| one.is_named_in(source)).collect();
    let says = |key| text(source, key).unwrap_or_default();
    let only = match &named[..] {
        [only] => only,
        [] if !built.is_known() => return Ok(None),
        several => {
            let (kind, name) = (says("kind"), says("name"));
            let found = match several.len() {
                0 => "nothing".to_owned(),
                several => format!("{several} resources"),
            };
            return Err(format!(
                "the source {kind} {name} of a replacement finds {found}"
            ));
        }
    };
    let path = text(source, "fieldPath").unwrap_or(DEFAULT_PATH);
    let mut found = None;
    let mut value = only.value.clone();
    let is_known = built.is_known() && only.value.site().is_some();
    hold_elements(&mut value, &steps(path), Elements::Named, &mut built.tests);
    each(&mut value, &steps(path), Elements::Named, &mut |value| {
        found = Some(value.clone())
    });
    // What else reads a generated ConfigMap is not known, so that none is edited for an image that is a copy.
    if let Some(value) = &mut found {
        value.each_mut(&mut |scalar| {
            scalar.place.take_if(|place| place.part.is_some());
        });
    }
    if found.is_none() && is_known && is_followed(path) {
        let Id { kind, name, .. } = Id::of(&value);
        return Err(format!(
            "the source {kind} {name} of a replacement has no {path}"
        ));
    }
    let is_whole = field(source, "options").is_none_or(Node::is_null);
    Ok(found.filter(|_| is_whole))
}

/// Whether nothing makes the field of a path that is not followed here: labels, replicas and the like
/// are set in more places than are known.
pub(super) fn is_followed(path: &str) -> bool {
    const MADE: [&str; 7] = [
        "abels",
        "annotations",
        "selector",
        "Selector",
        "replicas",
        "namespace",
        "subjects",
    ];
    !MADE.into_iter().any(|made| path.contains(made))
}

/// How a path names the elements of a list, as in `[name=web]`.
#[derive(Debug, Clone, Copy)]
enum Elements {
    /// Letter by letter.
    Named,
    /// By an expression, which may match a part.
    Matching,
}

impl Elements {
    fn takes(self, wanted: &str, text: &str) -> bool {
        match self {
            Elements::Named => text == wanted,
            Elements::Matching => pattern::is_match(wanted, text).unwrap_or(text == wanted),
        }
    }
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

/// Makes what a path leads to: keys, and items of lists that it names by what they hold.
fn make<'n, 's>(value: &mut BuildValue<'n, 's>, steps: &[String], new: &BuildValue<'n, 's>) {
    let Some((step, rest)) = steps.split_first() else {
        *value = new.clone();
        return;
    };
    let condition = |step: &String| {
        let inner = step.strip_prefix('[')?.strip_suffix(']')?;
        let (key, wanted) = inner.split_once('=')?;
        Some((key.to_owned(), wanted.to_owned()))
    };
    match value {
        BuildValue::Mapping(..) => {
            if value.get(step).is_none_or(BuildValue::is_null) {
                let made = match rest.first().and_then(condition) {
                    Some(_) => BuildValue::Sequence(Vec::new(), None),
                    None => BuildValue::Mapping(Vec::new(), None),
                };
                value.set(Cow::Owned(step.clone()), made);
            }
            if let Some(inner) = value.get_mut(step) {
                make(inner, rest, new);
            }
        }
        BuildValue::Sequence(items, _) => {
            let Some((key, wanted)) = condition(step) else {
                let at = step.parse().ok().and_then(|at: usize| items.get_mut(at));
                if let Some(item) = at {
                    make(item, rest, new);
                }
                return;
            };
            let mut known = items.iter();
            let at = known.position(|item| item.text_at(&[&key]) == wanted);
            let at = at.unwrap_or_else(|| {
                let pair = (Cow::Owned(key), BuildValue::made(wanted));
                items.push(BuildValue::Mapping(vec![pair], None));
                items.len() - 1
            });
            make(&mut items[at], rest, new);
        }
        BuildValue::Scalar(_) => {}
    }
}

/// Notes the texts by which a path finds elements of lists: they have to stay what they are.
fn hold_elements<'n, 's>(
    value: &mut BuildValue<'n, 's>,
    steps: &[String],
    elements: Elements,
    tests: &mut Tests<'n, 's>,
) {
    for (position, step) in steps.iter().enumerate() {
        let condition = step.strip_prefix('[');
        let key = condition.and_then(|condition| Some(condition.split_once('=')?.0));
        // Names are never edited.
        let Some(key) = key.filter(|key| *key != "name") else {
            continue;
        };
        each(value, &steps[..=position], elements, &mut |element| {
            if let Some(BuildValue::Scalar(text)) = element.get(key)
                && let Some(cell) = &text.place
            {
                let trace = text.trace.as_ref();
                tests.texts.push(Tested {
                    cell: cell.clone(),
                    passes: trace.map(|trace| trace.lists.clone()).unwrap_or_default(),
                    expected: None,
                });
            }
        });
    }
}

fn each<'n, 's>(
    value: &mut BuildValue<'n, 's>,
    steps: &[String],
    elements: Elements,
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
                    Some((key, wanted)) => elements.takes(wanted, item.text_at(&[key])),
                    None => step == "*" || step.parse() == Ok(index),
                };
                if is_meant {
                    each(item, rest, elements, call);
                }
            }
        }
        BuildValue::Mapping(..) => {
            if let Some(value) = value.get_mut(step) {
                each(value, rest, elements, call);
            }
        }
        BuildValue::Scalar(_) => {}
    }
}
