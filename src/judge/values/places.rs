//! The places in files at which values are written, as exceptions name them.

use crate::finding::{Aspect, ResourceRef};
use crate::slot::Slot;
use crate::values::ValueImage;
use crate::yaml::{Node, Path};

use super::super::exceptions::here;
use super::super::places::{Place, TextOrigin};
use super::planning::ValuesDocument;
use super::{Installed, JudgeContext};

/// The place that decides an aspect of what a slot of an image holds.
pub(super) fn place(
    context: &JudgeContext<'_, '_>,
    one: &Installed<'_, '_>,
    documents: &[ValuesDocument<'_, '_>],
    image: &ValueImage<'_, '_>,
    slot: &Slot<'_, '_>,
    aspect: Aspect,
) -> Option<Place> {
    let position = image
        .site_of(slot)
        .map_or(one.document, |site| site.document);
    let Some(document) = documents.get(position) else {
        return here(context, &one.resource, slot);
    };
    let in_own = |position: usize, slot: &Slot<'_, '_>| match context.written {
        // What was built is one document, which files know nothing of.
        TextOrigin::Found(find) => find(slot, aspect),
        TextOrigin::Here(_) if position == one.document => here(context, &one.resource, slot),
        TextOrigin::Here(_) => Some(Place {
            field: slot.text_below(&Path::default()),
            ..Place::default()
        }),
    };
    let place = match &document.outer {
        None => in_own(position, slot)?,
        Some((outer, text)) => {
            let place = in_own(*outer, text)?;
            let field = format!("{}.{}", place.field, slot.text_below(&Path::default()));
            Place {
                field: field.into(),
                ..place
            }
        }
    };
    let outermost = document
        .outer
        .as_ref()
        .map_or(position, |(outer, _)| *outer);
    let is_own = outermost == one.document;
    Some(Place {
        file: document.file.map(Into::into).or(place.file),
        resource: match place.resource {
            None if !is_own => named(documents[outermost].root),
            known => known,
        },
        ..place
    })
}

/// The resource that a document is, if it is one: values may be in a ConfigMap.
fn named(root: &Node<'_>) -> Option<ResourceRef> {
    let text = |node: &Node<'_>, key: &str| {
        let found = node.get(key).ok().flatten().and_then(Node::text);
        found.map(str::to_owned)
    };
    let metadata = root.get("metadata").ok().flatten()?;
    Some(ResourceRef {
        api_version: text(root, "apiVersion")?.into(),
        kind: text(root, "kind")?.into(),
        name: text(metadata, "name")?.into(),
        namespace: text(metadata, "namespace").unwrap_or_default().into(),
    })
}
