//! Finds the patch that removes a value which a source file has.

use std::collections::BTreeSet;

use crate::yaml::{Node, Segment};

use super::kustomization::{field, text};
use super::sources::Sources;
use super::value::DocumentSlot;

/// Where a value is taken away: the document of the patch, and the operation or the key in it.
pub(super) type Removal<'n, 's> = (usize, &'n Node<'s>);

/// The operation of a JSON patch, or the null of a strategic-merge patch, that takes away what is
/// written at a place; `documents` are those that have a part in the build. Of several that may be
/// meant, the one that names the same container and index.
pub(super) fn removal<'n, 's>(
    sources: &Sources<'n, 's>,
    documents: &BTreeSet<usize>,
    place: &DocumentSlot<'n, 's>,
) -> Option<Removal<'n, 's>> {
    let mut found: Vec<(usize, Removal<'n, 's>)> = Vec::new();
    let wanted = keys(place);
    for &document in documents {
        let root = sources.documents[document].root;
        match root.items() {
            Some(operations) => found.extend(operations.iter().filter_map(|operation| {
                let likeness = taken_by(operation, place, &wanted)?;
                Some((likeness, (document, operation)))
            })),
            None => nulls(
                root,
                &mut Vec::new(),
                (place, &wanted),
                &mut |likeness, key| {
                    found.push((likeness, (document, key)));
                },
            ),
        }
    }
    let best = found.iter().map(|(likeness, _)| *likeness).max()?;
    let mut found = found.into_iter();
    found.find_map(|(likeness, removal)| (likeness == best).then_some(removal))
}

/// The keys on the way to a place, itself the last.
fn keys<'p>(place: &'p DocumentSlot<'_, '_>) -> Vec<&'p str> {
    let last = std::iter::once(place.at.segment());
    let all = place.path.0.iter().copied().chain(last);
    all.filter_map(|segment| match segment {
        Segment::Key(key) => Some(key),
        Segment::Index(_) => None,
    })
    .collect()
}

/// Whether an operation takes away what is at such a place, and how many of its indices are those of the
/// place.
fn taken_by(operation: &Node<'_>, place: &DocumentSlot<'_, '_>, wanted: &[&str]) -> Option<usize> {
    let pointer = match text(operation, "op")? {
        "remove" => text(operation, "path"),
        "move" => text(operation, "from"),
        _ => None,
    };
    let is_index = |step: &&str| step.parse::<isize>().is_ok();
    let (indices, keys_of): (Vec<&str>, Vec<&str>) = {
        let (_, steps) = pointer?.split_once('/')?;
        steps.split('/').partition(is_index)
    };
    if keys_of != wanted {
        return None;
    }
    let own = place.path.0.iter().filter_map(|segment| match segment {
        Segment::Index(index) => Some(index.to_string()),
        Segment::Key(_) => None,
    });
    let same = own.zip(indices).filter(|(own, other)| own == other);
    Some(same.count())
}

/// Calls `each` for the keys of a strategic-merge patch that are null at such a place, with how many
/// names above them are those of the place.
fn nulls<'n, 's>(
    node: &'n Node<'s>,
    above: &mut Vec<&'n str>,
    (place, wanted): (&DocumentSlot<'n, 's>, &[&str]),
    each: &mut impl FnMut(usize, &'n Node<'s>),
) {
    for item in node.items().unwrap_or_default() {
        nulls(item, above, (place, wanted), each);
    }
    for entry in node.entries().unwrap_or_default() {
        let Some(key) = entry.key.scalar() else {
            continue;
        };
        above.push(key);
        if wanted.starts_with(above) {
            if !entry.value.is_null() {
                nulls(&entry.value, above, (place, wanted), each);
            } else if wanted == *above {
                let name = |of: &'n Node<'s>| field(of, "name").and_then(Node::scalar);
                each(usize::from(name(node) == name(place.holder)), &entry.key);
            }
        }
        above.pop();
    }
}
