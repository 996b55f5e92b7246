//! JSON patches (RFC 6902) as kustomize applies them, which takes more than the RFC allows.
//!
//! Source: evanphx/json-patch v4, `patch.go`, which counts negative indices from the end of a list.
//! Measured with kustomize 5.6.0.

use std::borrow::Cow;

use crate::yaml::{Kind, Node, Style};

use super::images::TreeLists;
use super::value::{BuildValue, Held, Pair, Scalar, TestedText, Tests};

/// Why a patch cannot be applied, so that kustomize refuses the build.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Refused {
    /// A text is another one than it tests.
    Tested,
    /// What it names is not there, as far as is known.
    Misfit,
}

/// Applies the operations of a patch in their order, and notes what they test.
pub(super) fn apply<'n, 's>(
    resource: &mut BuildValue<'n, 's>,
    operations: &BuildValue<'n, 's>,
    lists: &TreeLists<'n, 's>,
    tests: &mut Tests<'n, 's>,
) -> Result<(), Refused> {
    for operation in operations.items().ok_or(Refused::Misfit)? {
        let path = pointer(operation.text_at(&["path"]))?;
        // Without a value, it is null.
        let value = || operation.get("value").cloned().unwrap_or_else(null);
        match operation.text_at(&["op"]) {
            "add" => add(resource, &path, value())?,
            "replace" if path.is_empty() => *resource = whole(value())?,
            "replace" => replace(resource, &path, value())?,
            "remove" => {
                take(resource, &path)?;
            }
            "move" => {
                let from = pointer(operation.text_at(&["from"]))?;
                let value = take(resource, &from)?;
                add(resource, &path, copied(value))?;
            }
            "copy" => {
                let from = pointer(operation.text_at(&["from"]))?;
                let value = read(resource, &from)?.unwrap_or_else(null);
                add(resource, &path, copied(value))?;
            }
            "test" => test(resource, &path, operation, lists, tests)?,
            _ => return Err(Refused::Misfit),
        }
    }
    Ok(())
}

/// Whether a list of operations is refused for how it is written: what begins with a bracket is read
/// as JSON alone.
pub(super) fn is_broken_json(root: &Node<'_>) -> bool {
    let is_quoted = |key: &Node<'_>| matches!(key.kind, Kind::Scalar(_, Style::Double));
    let items = root.items().unwrap_or_default().iter();
    let mut keys = items.flat_map(|item| item.entries().unwrap_or_default());
    root.span.start == 0 && root.is_flow() && keys.any(|entry| !is_quoted(&entry.key))
}

/// How a text is held that a test expects as something that is no text of the patch.
const HELD: Held = Held {
    why: "a JSON patch tests it in a way that cannot be edited: change both by hand",
    part: None,
};

/// Notes of a value that it stands elsewhere, too, or for another.
fn copied<'n, 's>(mut value: BuildValue<'n, 's>) -> BuildValue<'n, 's> {
    value.each_mut(&mut |scalar| scalar.trace.get_or_insert_default().is_copy = true);
    value
}

fn null<'n, 's>() -> BuildValue<'n, 's> {
    BuildValue::Scalar(Scalar {
        text: Cow::Borrowed("null"),
        is_text: false,
        is_bytes: false,
        place: None,
        trace: None,
    })
}

/// What takes the place of a whole resource, if it is one.
fn whole<'n, 's>(value: BuildValue<'n, 's>) -> Result<BuildValue<'n, 's>, Refused> {
    let is_named = !value.text_at(&["metadata", "name"]).is_empty();
    let is_resource = is_named && !value.text_at(&["kind"]).is_empty();
    is_resource.then_some(value).ok_or(Refused::Misfit)
}

/// The steps of a path; what is before its first slash is passed over.
fn pointer(path: &str) -> Result<Vec<String>, Refused> {
    if path.is_empty() {
        return Ok(Vec::new());
    }
    let (_, path) = path.split_once('/').ok_or(Refused::Misfit)?;
    let steps = path.split('/');
    Ok(steps
        .map(|step| step.replace("~1", "/").replace("~0", "~"))
        .collect())
}

fn child<'v, 'n, 's>(
    value: &'v mut BuildValue<'n, 's>,
    step: &str,
) -> Option<&'v mut BuildValue<'n, 's>> {
    match value {
        BuildValue::Sequence(items, _) => {
            let at = index(step, items.len()).ok()?;
            items.get_mut(at)
        }
        BuildValue::Mapping(..) => value.get_mut(step),
        BuildValue::Scalar(_) => None,
    }
}

fn find<'v, 'n, 's>(
    root: &'v mut BuildValue<'n, 's>,
    path: &[String],
) -> Option<&'v mut BuildValue<'n, 's>> {
    path.iter().try_fold(root, |value, step| child(value, step))
}

fn holder<'v, 'p, 'n, 's>(
    root: &'v mut BuildValue<'n, 's>,
    path: &'p [String],
) -> Result<(&'v mut BuildValue<'n, 's>, &'p str), Refused> {
    let (last, above) = path.split_last().ok_or(Refused::Misfit)?;
    Ok((find(root, above).ok_or(Refused::Misfit)?, last))
}

/// The index that a step is, of so many; a negative one counts from the end.
fn index(step: &str, all: usize) -> Result<usize, Refused> {
    let index: isize = step.parse().map_err(|_| Refused::Misfit)?;
    let index = match usize::try_from(index) {
        Ok(index) => Some(index),
        Err(_) => all.checked_sub(index.unsigned_abs()),
    };
    index.filter(|index| *index < all).ok_or(Refused::Misfit)
}

/// What is at a path; a key that is missing is nothing, an index is refused.
fn read<'n, 's>(
    root: &mut BuildValue<'n, 's>,
    path: &[String],
) -> Result<Option<BuildValue<'n, 's>>, Refused> {
    let (holder, last) = holder(root, path)?;
    let is_mapping = holder.pairs().is_some();
    match child(holder, last) {
        None if !is_mapping => Err(Refused::Misfit),
        found => Ok(found.cloned()),
    }
}

/// kustomize keeps annotations of its own on every resource while it builds.
fn make_annotations(root: &mut BuildValue<'_, '_>, path: &[String]) {
    if let [metadata, annotations, _] = path
        && (metadata.as_str(), annotations.as_str()) == ("metadata", "annotations")
    {
        root.mapping_mut("metadata").mapping_mut("annotations");
    }
}

fn add<'n, 's>(
    root: &mut BuildValue<'n, 's>,
    path: &[String],
    value: BuildValue<'n, 's>,
) -> Result<(), Refused> {
    make_annotations(root, path);
    let (holder, last) = holder(root, path)?;
    match holder {
        BuildValue::Sequence(items, _) if last == "-" => items.push(value),
        BuildValue::Sequence(items, _) => {
            let at = index(last, items.len() + 1)?;
            items.insert(at, value);
        }
        BuildValue::Mapping(..) => holder.set(Cow::Owned(last.to_owned()), value),
        BuildValue::Scalar(_) => return Err(Refused::Misfit),
    }
    Ok(())
}

/// A missing key is added, a missing index refused (measured).
fn replace<'n, 's>(
    root: &mut BuildValue<'n, 's>,
    path: &[String],
    value: BuildValue<'n, 's>,
) -> Result<(), Refused> {
    make_annotations(root, path);
    let (holder, last) = holder(root, path)?;
    match holder {
        BuildValue::Mapping(..) => holder.set(Cow::Owned(last.to_owned()), value),
        _ => *child(holder, last).ok_or(Refused::Misfit)? = value,
    }
    Ok(())
}

fn take<'n, 's>(
    root: &mut BuildValue<'n, 's>,
    path: &[String],
) -> Result<BuildValue<'n, 's>, Refused> {
    let (holder, last) = holder(root, path)?;
    match holder {
        BuildValue::Sequence(items, _) => {
            let at = index(last, items.len())?;
            Ok(items.remove(at))
        }
        BuildValue::Mapping(pairs, _) => {
            let at = pairs.iter().position(|(key, _)| key == last);
            Ok(pairs.remove(at.ok_or(Refused::Misfit)?).1)
        }
        BuildValue::Scalar(_) => Err(Refused::Misfit),
    }
}

/// Notes what a test holds, whatever else it is a part of: that may change only with it.
fn test<'n, 's>(
    root: &mut BuildValue<'n, 's>,
    path: &[String],
    operation: &BuildValue<'n, 's>,
    lists: &TreeLists<'n, 's>,
    tests: &mut Tests<'n, 's>,
) -> Result<(), Refused> {
    if path.is_empty() {
        return Ok(());
    }
    let found = read(root, path)?;
    let expected = operation.get("value").ok_or(Refused::Misfit)?;
    let Some(value) = found.filter(|value| !value.is_null()) else {
        let (holder, last) = holder(root, path)?;
        let absent = holder.site().map(|site| site.place_of(last, "").id());
        tests.absent.extend(absent);
        return expected.is_null().then_some(()).ok_or(Refused::Misfit);
    };
    // kustomize keeps annotations of its own while it builds.
    let is_known = path.first().is_none_or(|step| step != "metadata");
    hold(&value, expected, lists, is_known, tests)
}

/// Notes what a value that is tested consists of.
fn hold<'n, 's>(
    value: &BuildValue<'n, 's>,
    expected: &BuildValue<'n, 's>,
    lists: &TreeLists<'n, 's>,
    is_known: bool,
    tests: &mut Tests<'n, 's>,
) -> Result<(), Refused> {
    if let Some(site) = value.site() {
        let id = (site.document, site.node.target().span.start);
        tests.whole.insert(id);
    }
    match (value, expected) {
        (BuildValue::Mapping(pairs, _), BuildValue::Mapping(others, _)) => {
            let has_null = |(_, value): &Pair<'_, '_>| value.is_null();
            let has_nulls = pairs.iter().chain(others).any(has_null);
            if is_known && !has_nulls && pairs.len() != others.len() {
                return Err(Refused::Misfit);
            }
            for (key, value) in pairs {
                match expected.get(key) {
                    Some(expected) => hold(value, expected, lists, is_known, tests)?,
                    None if is_known && !has_nulls => return Err(Refused::Misfit),
                    None => {}
                }
            }
            Ok(())
        }
        (BuildValue::Sequence(items, _), BuildValue::Sequence(others, _)) => {
            if is_known && items.len() != others.len() {
                return Err(Refused::Misfit);
            }
            let mut both = items.iter().zip(others);
            both.try_for_each(|(item, other)| hold(item, other, lists, is_known, tests))
        }
        (BuildValue::Scalar(value), _) => {
            if is_other(value, expected, lists) {
                return Err(Refused::Tested);
            }
            let trace = value.trace.as_ref();
            tests
                .texts
                .extend(value.place.clone().map(|cell| TestedText {
                    cell,
                    passes: trace.map(|trace| trace.lists.clone()).unwrap_or_default(),
                    expected: expected.place().ok_or(HELD),
                }));
            Ok(())
        }
        (_, BuildValue::Scalar(_)) if !is_known || expected.is_null() => Ok(()),
        _ => Err(Refused::Misfit),
    }
}

/// Whether a text is certainly another one than a test expects, once lists of images have gone over it.
fn is_other(
    value: &Scalar<'_, '_>,
    expected: &BuildValue<'_, '_>,
    lists: &TreeLists<'_, '_>,
) -> bool {
    let is_known = value
        .trace
        .as_ref()
        .is_none_or(|trace| trace.unknown.is_none());
    let BuildValue::Scalar(expected) = expected else {
        return is_known && value.is_text;
    };
    let passes = value.trace.as_ref().map_or(&[][..], |trace| &trace.lists);
    let (text, _) = lists.run_as_written(&value.text, passes);
    is_known && value.is_text && (!expected.is_text || text != expected.text)
}
