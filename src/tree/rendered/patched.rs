//! Values of charts in a build: what patches decide of the releases that come out.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashSet};

use crate::config::Config;
use crate::edit::Change;
use crate::finding::Rule;
use crate::judge::UnitJudgement;
use crate::judge::values::unit::JudgedTexts;
use crate::judge::values::{Rebuilt, Spot, TextOfBuild, ValuesDocument, name};
use crate::slot::Slot;
use crate::tree::sources::Sources;
use crate::tree::value::{BuildValue, DocumentSlot, PlaceId, Printed};
use crate::values::may_set_registry;

use super::changes::ReleaseChanges;
use super::config_maps::ConfigMapText;
use super::fields::located;
use super::taking::Slots;
use super::{BuildsJudgement, Field};

/// What the file of a release needs, as a build judges it.
pub(super) struct NeededOfFile<'d, 'n, 's> {
    /// What should be written, where that is more than what the build alone knows.
    pub(super) changes: Option<Vec<Change<'n, 's>>>,
    /// Whether values of the release are in files that the build does not know.
    pub(super) is_partial: bool,
    /// The documents that were judged: what was built, and those in its texts.
    pub(super) documents: &'d [ValuesDocument<'n, 's>],
    /// The ConfigMaps that the last of these are.
    pub(super) maps: &'d [&'d ConfigMapText],
    /// What was judged of these texts.
    pub(super) of_texts: JudgedTexts,
}

impl<'n, 's> BuildsJudgement<'n, 's> {
    /// Notes what was judged of values, as far as the build decides it: the rest of the values is judged
    /// in the files that it is in, as the build allows it.
    pub(super) fn take_patched(
        &mut self,
        sources: &Sources<'n, 's>,
        root: usize,
        printed: &Printed<'_, 'n, 's>,
        judged: UnitJudgement<'_, '_>,
        (config, changes, needed): (&Config, &ReleaseChanges, NeededOfFile<'_, '_, '_>),
    ) {
        let (fields, without_edits, images) = (
            self.fields.len(),
            self.without_edits.len(),
            self.images.len(),
        );
        let parted = parted(root, printed, &judged, changes);
        let read = read_in_patches(root, printed, changes, &needed);
        let rebuilt = rebuilt(sources, root, printed, &judged, (changes, &parted, needed));
        self.rebuilt.extend(rebuilt.map(|rebuilt| (root, rebuilt)));
        let is_patched = |place: &DocumentSlot<'_, '_>| changes.decides(place);
        let (drafts, uses) = self.take(root, printed, &Slots::default(), judged, &is_patched);
        self.note_without_edits(&sources.lists, (root, printed), drafts);
        self.list(&sources.lists, printed, uses);
        retain(&mut self.fields, fields, |field| {
            field.place.as_ref().is_some_and(is_patched)
        });
        let ids = self.fields[fields..].iter().flat_map(|field| &field.place);
        let known: HashSet<PlaceId> = ids.map(DocumentSlot::id).collect();
        let is_new = |field: &Field<'_, '_>| {
            let id = field.place.as_ref().map(DocumentSlot::id);
            id.is_some_and(|id| !known.contains(&id))
        };
        self.fields.extend(read.into_iter().filter(is_new));
        for field in &mut self.fields[fields..] {
            // Images of a release stay with its own pull secrets, and with no others.
            field.resource = Some(fields);
            let id = field.place.as_ref().map(DocumentSlot::id);
            if id.is_some_and(|id| parted.contains(&id)) {
                field.leave_parted(config);
            }
        }
        retain(&mut self.without_edits, without_edits, |found| {
            let is_left = found.finding.rule == Rule::UnresolvedImage;
            changes.patches.contains(&found.document) || changes.is_of_other_chart && is_left
        });
        retain(&mut self.images, images, |run| {
            changes.patches.contains(&run.document)
        });
    }
}

/// The values in patches that were read as parts of images, as fields which only have to come out as they do.
fn read_in_patches<'n, 's>(
    root: usize,
    printed: &Printed<'_, 'n, 's>,
    changes: &ReleaseChanges,
    needed: &NeededOfFile<'_, '_, '_>,
) -> Vec<Field<'n, 's>> {
    let mut found = Vec::new();
    let mut in_texts: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    let JudgedTexts { read, unjudged, .. } = &needed.of_texts;
    for &(document, at) in read.iter().filter(|read| !unjudged.contains(read)) {
        if document > 0 {
            in_texts.entry(document).or_default().push(at);
        } else if let Some(value) = printed.value_at(at) {
            found.push(Field {
                root,
                place: value.place(),
                rendered: value.scalar().map(|text| Cow::Owned(text.to_owned())),
                ..Field::default()
            });
        }
    }
    for (document, images_in_text) in in_texts {
        if let Some((_, slot)) = &needed.documents[document].outer {
            found.push(Field {
                images_in_text,
                ..located(root, printed, slot, None)
            });
        }
    }
    found.retain(|field| {
        let place = field.place.as_ref();
        place.is_some_and(|place| changes.decides(place))
    });
    found
}

/// What the build makes of the resource, as the file that this is in needs to know it.
fn rebuilt(
    sources: &Sources<'_, '_>,
    root: usize,
    printed: &Printed<'_, '_, '_>,
    judged: &UnitJudgement<'_, '_>,
    (changes, parted, needed): (&ReleaseChanges, &HashSet<PlaceId>, NeededOfFile<'_, '_, '_>),
) -> Option<Rebuilt> {
    let value = printed.value_at(0)?;
    let own = value.site()?.document;
    let mut rebuilt = Rebuilt {
        input: sources.documents[own].input,
        at: value.site()?.node.span.start,
        is_of_other_chart: changes.is_of_other_chart,
        ..Rebuilt::default()
    };
    note(value, own, &mut rebuilt);
    let spot = |(_, holder, at): &PlaceId| (*holder, name(at.segment()));
    let of_file = |slot: &Slot<'_, '_>| {
        let place = located(root, printed, slot, None).place;
        let place = place.filter(|place| place.document == own && !changes.decides(place))?;
        let id = Some(place.id()).filter(|id| !parted.contains(id));
        id.map(|id| spot(&id))
    };
    for change in needed.changes.as_ref().unwrap_or(&judged.changes) {
        if let Some(spot) = of_file(&change.slot) {
            rebuilt.changes.insert(spot, change.value.clone());
        }
    }
    for draft in &judged.drafts {
        let of_draft = draft.change.clone().and_then(|it| judged.changes.get(it));
        let spots: Vec<Spot> = of_draft
            .unwrap_or_default()
            .iter()
            .filter_map(|change| of_file(&change.slot))
            .collect();
        if !spots.is_empty() {
            rebuilt.told.push((spots, draft.finding.clone()));
        } else if draft.change.is_none() && !needed.is_partial {
            // What a patch takes out is missing in the build alone.
            let span = draft.finding.span.as_ref();
            let place = span.and_then(|span| printed.value_at(span.start)?.place());
            let is_own =
                |place: &DocumentSlot<'_, '_>| place.document == own && !changes.decides(place);
            let is_left = draft.finding.rule == Rule::UnresolvedImage;
            if is_left && place.as_ref().is_some_and(is_own) {
                rebuilt.left.push(draft.finding.clone());
            }
        }
    }
    let documents = needed.documents;
    let holder = |document: usize| of_file(&documents[document].outer.as_ref()?.1);
    let first = documents.len() - needed.maps.len();
    for map in needed.maps {
        let text = map.text.clone();
        let of_map = || TextOfBuild {
            text,
            ..TextOfBuild::default()
        };
        if let Some(place) = map.place.clone() {
            rebuilt.elsewhere.entry(place).or_insert_with(of_map);
        }
    }
    let of_map = |document: usize| {
        let map = document.checked_sub(first).map(|at| needed.maps[at])?;
        map.place.as_ref()
    };
    for (document, at) in needed.of_texts.read {
        let read = match document {
            0 => {
                let place = printed.value_at(at).and_then(BuildValue::place);
                place.map(|place| (spot(&place.id()), None))
            }
            _ if document >= first => {
                let own = of_map(document).and_then(|place| rebuilt.elsewhere.get_mut(place));
                if let Some(own) = own {
                    own.read.insert(at);
                }
                None
            }
            _ => holder(document).map(|holder| (holder, Some(at))),
        };
        rebuilt.read.extend(read);
    }
    for (document, path, value) in needed.of_texts.wishes {
        if document >= first {
            let own = of_map(document).and_then(|place| rebuilt.elsewhere.get_mut(place));
            if let Some(own) = own {
                own.wanted.insert((path, value));
            }
        } else if let Some(holder) = holder(document) {
            let of_text = rebuilt.in_texts.entry(holder).or_default();
            of_text.insert((path, value));
        }
    }
    if needed.is_partial {
        value.each(&mut |scalar| {
            let place = scalar.place.as_ref().filter(|place| changes.decides(place));
            let key = place.map(|place| spot(&place.id()).1);
            rebuilt.sets_registry |= key.is_some_and(|key| may_set_registry(&key, &scalar.text));
        });
    }
    rebuilt.tested.extend(changes.tested.iter().map(spot));
    value.each(&mut |scalar| {
        let place = scalar.place.as_ref();
        let place = place.filter(|place| changes.listed.contains(&place.id()));
        if let Some(place) = place {
            let span = place.node().span.clone();
            rebuilt.settled.insert(spot(&place.id()), span);
        }
    });
    Some(rebuilt)
}

/// Notes the values of a document that are in a value.
fn note(value: &BuildValue<'_, '_>, own: usize, rebuilt: &mut Rebuilt) {
    let place = value.place().filter(|place| place.document == own);
    if let Some((_, holder, at)) = place.as_ref().map(DocumentSlot::key) {
        rebuilt.present.insert((holder, name(at)));
    }
    match value {
        BuildValue::Mapping(pairs, site) => {
            if let Some(site) = site.as_ref().filter(|site| site.document == own) {
                let keys = pairs.iter().map(|(key, _)| key.to_string());
                let at = site.node.target().span.start;
                rebuilt.keys.insert(at, keys.collect());
            }
            pairs
                .iter()
                .for_each(|(_, value)| note(value, own, rebuilt));
        }
        BuildValue::Sequence(items, _) => items.iter().for_each(|item| note(item, own, rebuilt)),
        BuildValue::Scalar(_) => {}
    }
}

/// Keeps those of the items from a position on that count.
fn retain<T>(items: &mut Vec<T>, from: usize, counts: impl Fn(&T) -> bool) {
    let mut position = 0;
    items.retain(|item| {
        position += 1;
        position <= from || counts(item)
    });
}

/// The places that are parts of an image of which the build decides some and not others.
fn parted(
    root: usize,
    printed: &Printed<'_, '_, '_>,
    judged: &UnitJudgement<'_, '_>,
    changes_of: &ReleaseChanges,
) -> HashSet<PlaceId> {
    let mut parted = HashSet::new();
    for draft in &judged.drafts {
        let changes = draft.change.clone().map(|range| &judged.changes[range]);
        let changes = changes.unwrap_or_default().iter();
        let places = changes.map(|change| located(root, printed, &change.slot, None).place);
        let is_patched = |place: &&Option<DocumentSlot<'_, '_>>| {
            place
                .as_ref()
                .is_some_and(|place| changes_of.decides(place))
        };
        let places: Vec<_> = places.collect();
        let (own, others): (Vec<_>, Vec<_>) = places.iter().partition(is_patched);
        if !others.is_empty() && !own.is_empty() {
            let all = own.into_iter().chain(others).flatten();
            parted.extend(all.map(DocumentSlot::id));
        }
    }
    parted
}

impl Field<'_, '_> {
    /// Leaves a part of an image whose other parts are written elsewhere.
    fn leave_parted(&mut self, config: &Config) {
        self.wanted = None;
        for finding in &mut self.findings {
            finding.rule = Rule::UnresolvedImage;
            finding.severity = finding.rule.severity(config.mode);
            finding.message = format!(
                "{}: left, since other parts of the image are written elsewhere: write them in one \
                 place",
                finding.message
            )
            .into();
        }
    }
}
