//! What patches do with images that are not known until a chart is rendered.

use crate::yaml::Node;

/// What a patch does with an image.
pub(crate) enum Operation<'t> {
    /// It sets one.
    Sets(&'t str),
    /// It fails where another one is there.
    Tests(&'t str),
}

/// What a patch does with images: a list of operations, or part of a resource.
pub(crate) fn operations<'n>(patch: &'n Node<'_>, each: &mut dyn FnMut(Operation<'n>)) {
    // No text has more values than bytes, unless aliases repeat them; go-yaml refuses to follow these
    // for ever as well.
    let mut left = patch.span.len() + 1;
    let Some(operations) = patch.items() else {
        return containers(patch, &mut left, each);
    };
    for operation in operations {
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
                let path = says("path").and_then(Node::scalar).unwrap_or_default();
                let text = value
                    .and_then(Node::text)
                    .filter(|_| path.ends_with("/image"));
                text.into_iter()
                    .for_each(|text| each(Operation::Sets(text)));
                if let Some(value) = value {
                    containers(value, &mut left, each);
                }
            }
            _ => {}
        }
    }
}

/// The images of containers at any depth, as long as values are left to be looked at.
fn containers<'n>(node: &'n Node<'_>, left: &mut usize, each: &mut dyn FnMut(Operation<'n>)) {
    let Some(rest) = left.checked_sub(1) else {
        return;
    };
    *left = rest;
    for entry in node.entries().unwrap_or_default() {
        let is_image = entry.key.scalar() == Some("image");
        match entry.value.text().filter(|_| is_image) {
            Some(text) => each(Operation::Sets(text)),
            None => containers(&entry.value, left, each),
        }
    }
    for item in node.items().unwrap_or_default() {
        containers(item, left, each);
    }
}
