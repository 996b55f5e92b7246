//! What the builds of a tree have read: the places of values that were judged, and the roots of which
//! everything is known.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet, HashSet};

use crate::image::entry::is_filled_in;
use crate::parallel;

use super::builds::Builds;
use super::rendered::Field;

/// Where values of a file were read.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Read {
    /// All of them.
    pub(crate) places: BTreeSet<usize>,
    /// Those that are images which something runs, whatever their keys are called.
    pub(crate) images: BTreeSet<usize>,
}

/// By the position of the file, where values of it were judged.
pub(super) fn places(
    builds: &Builds<'_, '_, '_>,
    fields: &[Field<'_, '_>],
) -> BTreeMap<usize, Read> {
    let all = parallel::map(fields, fields.len() * BYTES_OF_FIELD, |_, some| {
        places_of(builds, some)
    });
    let mut all = all.into_iter();
    let mut read = all.next().unwrap_or_default();
    for (input, of_file) in all.flatten() {
        match read.entry(input) {
            Entry::Vacant(entry) => {
                entry.insert(of_file);
            }
            Entry::Occupied(mut known) => {
                known.get_mut().places.extend(of_file.places);
                known.get_mut().images.extend(of_file.images);
            }
        }
    }
    read
}

/// How much text it takes as long to read as to look a field up.
const BYTES_OF_FIELD: usize = 64;

/// As [`places`], of some fields.
fn places_of(builds: &Builds<'_, '_, '_>, fields: &[Field<'_, '_>]) -> BTreeMap<usize, Read> {
    let mut known = HashSet::new();
    let mut read: BTreeMap<usize, Read> = BTreeMap::new();
    let judged = fields.iter().filter(|field| !field.is_kept);
    for field in judged.filter(|field| field.rendered.is_some()) {
        let Some(place) = &field.place else { continue };
        // Many builds bring one base.
        if known.insert((place.key(), field.runs)) {
            let span = place.node().target().span.clone();
            let (document, span) = builds.editor.in_file(place.document, span);
            let of_file = read.entry(document.input).or_default();
            of_file.places.insert(span.start);
            if field.runs {
                of_file.images.insert(span.start);
            }
            let is_as_written = place.written() == field.rendered.as_deref();
            if is_as_written && !field.images_in_text.is_empty() {
                let before = place.part.map_or(0, |(start, _)| start);
                let images = field.images_in_text.iter().map(|at| before + at);
                let images: Vec<usize> = images.collect();
                let images = builds.editor.in_text(place.document, place.node(), &images);
                of_file.places.extend(images);
            }
        }
    }
    read
}

const OPEN: &str =
    "it brings something that is not known here, such as a remote base, a generator or a chart";
const OPAQUE: &str =
    "a plug-in, a patch or a variable that is not known here may change its images";

const LEFT: &str = "something that it builds is left as it is, which a finding tells";

/// The roots with an image that something may change which is not known here.
pub(super) fn opaque(fields: &[Field<'_, '_>]) -> HashSet<usize> {
    let has_variable = |field: &Field<'_, '_>| {
        let image = field.rendered.as_deref().filter(|_| field.is_image);
        image.is_some_and(is_filled_in)
    };
    let opaque = fields
        .iter()
        .filter(|field| field.trace.unknown.is_some() || has_variable(field));
    opaque.map(|field| field.root).collect()
}

/// How many kustomizations are built by themselves, and for those of which not everything is known and as it
/// should be once it is written, the position of the file and why.
pub(super) fn roots(
    builds: &Builds<'_, '_, '_>,
    opaque: &HashSet<usize>,
    left: &HashSet<usize>,
) -> (usize, Vec<(usize, String)>) {
    let kustomizations = builds.sources.kustomizations.iter().enumerate();
    let roots = kustomizations.filter(|(position, one)| {
        let is_left_out = builds.is_left_out(*position);
        one.is_root() && !is_left_out
    });
    let mut all = 0;
    let mut unsettled = Vec::new();
    for (position, root) in roots {
        all += 1;
        let built = &builds.built[position];
        let refused = built.refused.as_ref().or(built.lacking.first());
        let why = match refused {
            Some(why) => Some(format!("it does not build: {}", why.what)),
            None if built.is_open() => Some(OPEN.to_owned()),
            None if opaque.contains(&position) => Some(OPAQUE.to_owned()),
            None if left.contains(&position) => Some(LEFT.to_owned()),
            None => None,
        };
        if let Some(why) = why {
            unsettled.push((builds.sources.documents[root.document].input, why));
        }
    }
    (all, unsettled)
}
