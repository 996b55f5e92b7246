//! JSON patches (RFC 6902) as kustomize applies them.

use std::borrow::Cow;

use super::value::{BuildValue, Tested};

/// Why a patch cannot be applied, so that kustomize refuses the build.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Refused;

/// Applies the operations of a patch in their order, and notes what they test.
pub(super) fn apply<'n, 's>(
    resource: &mut BuildValue<'n, 's>,
    operations: &BuildValue<'n, 's>,
    tested: &mut Vec<Tested<'n, 's>>,
) -> Result<(), Refused> {
    for operation in operations.items().ok_or(Refused)? {
        let path = pointer(operation.text_at(&["path"]))?;
        let value = || operation.get("value").cloned().ok_or(Refused);
        match operation.text_at(&["op"]) {
            "add" => add(resource, &path, value()?)?,
            "replace" => replace(resource, &path, value()?)?,
            "remove" => {
                take(resource, &path)?;
            }
            "move" => {
                let from = pointer(operation.text_at(&["from"]))?;
                let value = take(resource, &from)?;
                add(resource, &path, value)?;
            }
            "copy" => {
                let from = pointer(operation.text_at(&["from"]))?;
                let value = find(resource, &from).ok_or(Refused)?.clone();
                add(resource, &path, value)?;
            }
            "test" => tested.extend(test(resource, &path, operation)?),
            _ => return Err(Refused),
        }
    }
    Ok(())
}

fn pointer(path: &str) -> Result<Vec<String>, Refused> {
    let path = path.strip_prefix('/').ok_or(Refused)?;
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
        BuildValue::Sequence(items, _) => items.get_mut(step.parse::<usize>().ok()?),
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
    let (last, above) = path.split_last().ok_or(Refused)?;
    Ok((find(root, above).ok_or(Refused)?, last))
}

/// The index that a step is, which may be `most`.
fn index(step: &str, most: usize) -> Result<usize, Refused> {
    let index = step.parse().map_err(|_| Refused)?;
    if index <= most {
        Ok(index)
    } else {
        Err(Refused)
    }
}

fn add<'n, 's>(
    root: &mut BuildValue<'n, 's>,
    path: &[String],
    value: BuildValue<'n, 's>,
) -> Result<(), Refused> {
    // kustomize keeps annotations of its own on every resource while it builds (measured).
    if let [metadata, annotations, _] = path
        && (metadata.as_str(), annotations.as_str()) == ("metadata", "annotations")
    {
        root.mapping_mut("metadata").mapping_mut("annotations");
    }
    let (holder, last) = holder(root, path)?;
    match holder {
        BuildValue::Sequence(items, _) if last == "-" => items.push(value),
        BuildValue::Sequence(items, _) => {
            items.insert(index(last, items.len())?, value);
        }
        BuildValue::Mapping(..) => holder.set(Cow::Owned(last.to_owned()), value),
        BuildValue::Scalar(_) => return Err(Refused),
    }
    Ok(())
}

/// A missing key is added, a missing index refused (measured).
fn replace<'n, 's>(
    root: &mut BuildValue<'n, 's>,
    path: &[String],
    value: BuildValue<'n, 's>,
) -> Result<(), Refused> {
    let (holder, last) = holder(root, path)?;
    match holder {
        BuildValue::Mapping(..) => holder.set(Cow::Owned(last.to_owned()), value),
        _ => *child(holder, last).ok_or(Refused)? = value,
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
            let last_item = items.len().checked_sub(1).ok_or(Refused)?;
            Ok(items.remove(index(last, last_item)?))
        }
        BuildValue::Mapping(pairs, _) => {
            let at = pairs.iter().position(|(key, _)| key == last);
            Ok(pairs.remove(at.ok_or(Refused)?).1)
        }
        BuildValue::Scalar(_) => Err(Refused),
    }
}

fn test<'n, 's>(
    root: &mut BuildValue<'n, 's>,
    path: &[String],
    operation: &BuildValue<'n, 's>,
) -> Result<Option<Tested<'n, 's>>, Refused> {
    let value = find(root, path).ok_or(Refused)?;
    let expected = operation.get("value").ok_or(Refused)?;
    let (BuildValue::Scalar(value), Some(expected)) = (value, expected.place()) else {
        return Ok(None);
    };
    let trace = value.trace.as_ref();
    Ok(value.place.clone().map(|cell| Tested {
        cell,
        passes: trace.map(|trace| trace.lists.clone()).unwrap_or_default(),
        expected,
    }))
}
