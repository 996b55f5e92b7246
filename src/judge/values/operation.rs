//! What patches do with images that are not known until a chart is rendered.

use crate::slot::Slot;
use crate::yaml::{Node, Path};

/// What a patch does with an image.
pub(crate) enum Operation<'n, 's> {
    /// It sets one.
    Sets(&'n str, Slot<'n, 's>),
    /// It fails where another one is there.
    Tests(&'n str),
}

/// What a patch at a path does with images: a list of operations, or part of a resource.
pub(crate) fn operations<'n, 's>(
    patch: &'n Node<'s>,
    path: &Path<'n>,
    each: &mut dyn FnMut(Operation<'n, 's>),
) {
    // No text has more values than bytes, unless aliases repeat them; go-yaml refuses to follow these
    // for ever as well.
    let mut left = patch.span.len() + 1;
    let Some(operations) = patch.items() else {
        return containers(patch, path, &mut left, each);
    };
    for (index, operation) in operations.iter().enumerate() {
        let own = path.index(index);
        let says = |key| operation.get(key).ok().flatten();
        let value = says("value");
        match says("op").and_then(Node::scalar) {
            Some("test") => {
                if let Some(value) = value {
                    value.each_scalar(&mut |scalar| {
                        scalar
                            .scalar()
                            .into_iter()
                            .for_each(|text| each(Operation::Tests(text)));
                    });
                }
            }
            Some("add" | "replace") => {
                let to = says("path").and_then(Node::scalar).unwrap_or_default();
                let text = value
                    .and_then(Node::text)
                    .filter(|_| to.ends_with("/image"));
                if let Some(text) = text {
                    let slot = Slot::key(operation, own.clone(), "value");
                    each(Operation::Sets(text, slot));
                }
                if let Some(value) = value {
                    containers(value, &own.key("value"), &mut left, each);
                }
            }
            _ => {}
        }
    }
}

/// The images of containers at any depth, as long as values are left to be looked at.
fn containers<'n, 's>(
    node: &'n Node<'s>,
    path: &Path<'n>,
    left: &mut usize,
    each: &mut dyn FnMut(Operation<'n, 's>),
) {
    let Some(rest) = left.checked_sub(1) else {
        return;
    };
    *left = rest;
    for entry in node.entries().unwrap_or_default() {
        let key = entry.key.scalar().unwrap_or_default();
        match entry.value.text().filter(|_| key == "image") {
            Some(text) => each(Operation::Sets(
                text,
                Slot::key(node.target(), path.clone(), key),
            )),
            None => containers(&entry.value, &path.key(key), left, each),
        }
    }
    for (index, item) in node.items().unwrap_or_default().iter().enumerate() {
        containers(item, &path.index(index), left, each);
    }
}
