//! Places of a tree as findings name them, and entries as edits write them.

use std::sync::Arc;

use crate::edit::TargetValue;
use crate::finding::{Finding, ResourceRef};
use crate::image::entry::fields_of;
use crate::intern::intern;
use crate::krm::KUSTOMIZE_GROUP;
use crate::yaml::{Node, path_text};

use super::editing::DesiredValue;
use super::images::{EntryNotation, Fields, ListEntry};
use super::kustomization::{spelling, text};
use super::value::{DocumentSlot, PlaceId};

/// The places whose edits answer findings that are settled together.
pub(super) type Answers = Arc<[PlaceId]>;

/// A finding with the document and node that it is about.
pub(super) struct Placed<'n, 's> {
    pub(super) document: usize,
    pub(super) node: &'n Node<'s>,
    pub(super) path: Option<Arc<str>>,
    pub(super) finding: Finding,
    /// The places whose edits fix it.
    pub(super) answers: Answers,
}

/// The path of a place in its document.
pub(super) fn path(place: &DocumentSlot<'_, '_>) -> Arc<str> {
    let last = std::iter::once(place.at.segment());
    path_text(place.path.0.iter().copied().chain(last))
}

/// What a document is known by; `None` for a list of operations.
pub(super) fn resource(root: &Node<'_>) -> Option<ResourceRef> {
    root.entries()?;
    let metadata = root.get("metadata").ok().flatten();
    let of_metadata = |key| {
        metadata
            .and_then(|metadata| text(metadata, key))
            .unwrap_or_default()
    };
    let version = text(root, "apiVersion")
        .map_or_else(|| format!("{KUSTOMIZE_GROUP}/v1beta1"), str::to_owned);
    Some(ResourceRef {
        api_version: intern(&version),
        kind: intern(text(root, "kind").unwrap_or("Kustomization")),
        name: of_metadata("name").into(),
        namespace: of_metadata("namespace").into(),
    })
}

/// The place of an entry that decides the name of an image, or else its tag and digest.
pub(super) fn entry_place<'n, 's>(
    entry: &ListEntry<'n, 's>,
    is_name: bool,
) -> Option<DocumentSlot<'n, 's>> {
    let ListEntry { site, notation, .. } = entry;
    if *notation == EntryNotation::Text {
        return site.place();
    }
    let keys: &[&str] = if is_name {
        &["newName", "name"]
    } else {
        &["newTag", "digest", "newName", "name"]
    };
    let mut written = keys.iter().filter_map(|key| spelling(site.node, key));
    Some(site.place_of(written.next()?, "name"))
}

/// What is written for an entry to say something else.
pub(super) fn entry_wishes<'n, 's>(
    entry: &ListEntry<'n, 's>,
    new: &Fields,
) -> Vec<DesiredValue<'n, 's>> {
    let old = &entry.fields;
    if entry.notation == EntryNotation::Text {
        let place = entry.site.place().filter(|_| old != new);
        let written = fields_of(entry.site.node.scalar().unwrap_or_default());
        let value = TargetValue::Text(new.starred_as(&written, old).as_text());
        return place
            .map(|place| DesiredValue { place, value })
            .into_iter()
            .collect();
    }
    let written = |key| spelling(entry.site.node, key).unwrap_or(key);
    let wish = |key: &'static str, value| DesiredValue {
        place: entry.site.place_of(written(key), "name"),
        value,
    };
    let mut wishes = Vec::new();
    for (key, old, new) in [
        ("name", &old.name, &new.name),
        ("newName", &old.new_name, &new.new_name),
    ] {
        if old != new {
            wishes.push(wish(key, TargetValue::Text(new.clone())));
        }
    }
    let takes_place = !old.digest.is_empty() && new.digest.is_empty();
    if takes_place && old.new_tag.is_empty() && !new.new_tag.is_empty() {
        let value = TargetValue::Renamed("newTag".to_owned(), new.new_tag.clone());
        wishes.push(wish("digest", value));
        return wishes;
    }
    if takes_place {
        wishes.push(wish("digest", TargetValue::Absent));
    } else if old.digest != new.digest {
        wishes.push(wish("digest", TargetValue::Text(new.digest.clone())));
    }
    if old.new_tag != new.new_tag {
        let value = if new.new_tag.is_empty() {
            TargetValue::Absent
        } else {
            TargetValue::Text(new.new_tag.clone())
        };
        wishes.push(wish("newTag", value));
    }
    wishes
}
