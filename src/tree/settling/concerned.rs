//! Which fields there is anything to settle of: most are as they should be, and so is all that they share a
//! place or a list with.

use std::collections::HashSet;

use crate::edit::TargetValue;
use crate::parallel;
use crate::tree::images::TreeLists;
use crate::tree::rendered::Field;
use crate::tree::value::{DocumentSlot, PlaceKey, Tests};

/// Whether a field is an image, or part of one, that goes through lists.
fn is_flowing(field: &Field<'_, '_>) -> bool {
    let is_text = !matches!(field.wanted, Some(TargetValue::Names(_)));
    is_text && field.rendered.is_some()
}

/// The fields that lists have a part in, or those that none has, with their positions.
fn numbered<'f, 'n, 's>(
    fields: &'f [Field<'n, 's>],
    flowing: bool,
) -> impl Iterator<Item = (usize, &'f Field<'n, 's>)> {
    let fields = fields.iter().enumerate();
    fields.filter(move |(_, field)| is_flowing(field) == flowing)
}

/// Whether something is to be done or told of a field by itself.
fn is_open(field: &Field<'_, '_>) -> bool {
    field.wanted.is_some() || !field.findings.is_empty()
}

/// The positions of the fields that no list has a part in, but for those in documents in which nothing is wanted
/// and nothing told.
pub(super) fn direct(fields: &[Field<'_, '_>]) -> Vec<usize> {
    let own = |field: &Field<'_, '_>| field.place.as_ref().map(|place| place.document);
    let of_pod = |field: &Field<'_, '_>| field.secrets.as_ref().map(|list| list.pod.0);
    let all = || numbered(fields, false);
    let open = all().filter(|(_, field)| is_open(field));
    let documents = open.flat_map(|(_, field)| own(field).into_iter().chain(of_pod(field)));
    let documents = Documents::of(documents);
    let is_in = |document: Option<usize>| document.is_some_and(|at| documents.has(at));
    let kept =
        all().filter(|(_, field)| is_open(field) || is_in(own(field)) || is_in(of_pod(field)));
    kept.map(|(position, _)| position).collect()
}

/// The positions of the images that are wrong or told of, of those that entries of lists meet, of those that go
/// through one of the lists `changing`, and of those that share a place with one of all these or with a text
/// that a JSON patch tests.
pub(super) fn flowing(
    lists: &TreeLists<'_, '_>,
    fields: &[Field<'_, '_>],
    tests: &[&Tests<'_, '_>],
    changing: &HashSet<usize>,
) -> Vec<usize> {
    let goes = |field: &Field<'_, '_>| {
        let mut passes = field.trace.lists.iter();
        passes.any(|pass| changing.contains(&pass.list))
    };
    let all = || numbered(fields, true);
    let stirred = |field: &Field<'_, '_>| is_open(field) || goes(field) || may_meet(lists, field);
    let bytes = fields.len() * BYTES_OF_FIELD;
    let stirred = parallel::map(fields, bytes, |_, some| {
        let stirred = some.iter().map(|field| is_flowing(field) && stirred(field));
        stirred.collect::<Vec<bool>>()
    });
    let (mut documents, mut places) = (Documents::default(), HashSet::<PlaceKey<'_>>::new());
    for tested in tests.iter().flat_map(|tests| &tests.texts) {
        documents.add(tested.cell.document);
        places.insert(tested.cell.key());
    }
    let kept: Vec<bool> = stirred.concat();
    for (_, field) in all().filter(|(position, _)| kept[*position]) {
        if let Some(place) = &field.place {
            documents.add(place.document);
            places.insert(place.key());
        }
    }
    let shares = |place: &DocumentSlot<'_, '_>| {
        documents.has(place.document) && places.contains(&place.key())
    };
    let kept = all()
        .filter(|(position, field)| kept[*position] || field.place.as_ref().is_some_and(shares));
    kept.map(|(position, _)| position).collect()
}

/// How much text it takes as long to read as to look a field up.
const BYTES_OF_FIELD: usize = 64;

/// Some documents, by their positions.
#[derive(Default)]
struct Documents(Vec<bool>);

impl Documents {
    fn of(all: impl Iterator<Item = usize>) -> Self {
        let mut documents = Documents::default();
        all.for_each(|document| documents.add(document));
        documents
    }

    fn add(&mut self, document: usize) {
        if self.0.len() <= document {
            self.0.resize(document + 1, false);
        }
        self.0[document] = true;
    }

    fn has(&self, document: usize) -> bool {
        self.0.get(document) == Some(&true)
    }
}

/// Whether an entry of a list may meet an image as it is written.
fn may_meet(lists: &TreeLists<'_, '_>, field: &Field<'_, '_>) -> bool {
    let trace = &field.trace;
    if trace.lists.is_empty() {
        return false;
    }
    let written = field.place.as_ref().filter(|_| !field.is_example);
    let written = written.and_then(DocumentSlot::written);
    let origin = trace.origin.as_deref();
    if origin.is_some() && (written.is_none() || written == origin) {
        return trace.is_met;
    }
    let text = written.or(field.rendered.as_deref()).unwrap_or_default();
    !lists.met(text, &trace.lists).is_empty()
}
