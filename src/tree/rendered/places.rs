//! The places in files that decide what was built, as exceptions name them.

use crate::finding::Aspect;
use crate::judge::Place;
use crate::slot::Slot;
use crate::tree::locations::{self, entry_place};
use crate::tree::sources::Sources;
use crate::tree::value::{DocumentSlot, Printed};

use super::fields::located;

/// The place that decides an aspect of what a slot of a build holds: that at which a finding about it is.
/// `files` are the paths of the files from where paths of the configuration begin.
pub(super) fn place<'n, 's>(
    sources: &Sources<'n, 's>,
    files: &[&str],
    printed: &Printed<'_, 'n, 's>,
    slot: &Slot<'_, '_>,
    aspect: Aspect,
) -> Option<Place> {
    let field = located(0, printed, slot, None);
    let is_name = aspect == Aspect::Registry;
    let by_list = field.trace.origin.as_ref().and_then(|origin| {
        let hits = sources.lists.met(origin, &field.trace.lists);
        let mut entries = hits
            .iter()
            .rev()
            .map(|hit| &sources.lists.entries[hit.entry]);
        entries.find(|entry| entry.fields.decides(is_name))
    });
    let by_list = by_list.filter(|_| Aspect::OF_IMAGE.contains(&aspect));
    let place = by_list.and_then(|entry| entry_place(entry, is_name));
    let place = place.or(field.place)?;
    Some(named(sources, files, &place))
}

fn named(sources: &Sources<'_, '_>, files: &[&str], place: &DocumentSlot<'_, '_>) -> Place {
    let document = &sources.documents[place.document];
    let file = files.get(document.input).filter(|file| !file.is_empty());
    Place {
        file: file.map(|file| (*file).into()),
        field: locations::path(place),
        resource: locations::resource(document.root),
    }
}
