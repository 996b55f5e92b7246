//! Which values change: a value that is part of several images changes only as all of them want it.

mod above;
mod giving;
mod readers;

use std::collections::{BTreeSet, HashMap, HashSet};

use crate::components::Components;
use crate::field::Notation;
use crate::finding::Aspect;
use crate::image::Reference;
use crate::values::{SlotKey, Wished};
use crate::yaml::Error;

use super::super::owner::left_slots;
use super::after::{Meets, meets};
use super::planning::ValuesDocument;
use super::prepare::{All, Prepared, Verdicts};
use super::{Id, Installed};
use above::note_made;
use giving::{give_way, takes_own_key};
use readers::ValueReaders;

/// What is said of an image of a chart that a kustomization is built over which is not followed.
const BUILT_BY_NAME: &str = " over what the chart gives, and may look for the image by its name: change both by \
                             hand, or leave it to an exception";

/// How often images that share values are gone through, each time with one of them left as it is. All of
/// them stay after that, so that the time does not grow with the square of their number.
const MOST_ROUNDS: usize = 200;

/// What becomes of the images that should change.
#[derive(Debug, Default)]
pub(super) struct Settlement {
    /// Why an image stays as it is, in words.
    pub(super) blocked: HashMap<Id, String>,
    /// The aspects of images that are left to another tool.
    pub(super) left: HashMap<Id, Vec<Aspect>>,
    /// The images whose names are what entries of lists of images look for.
    pub(super) keys: HashSet<Id>,
}

/// An image that takes part.
struct Party<'p, 'n, 's> {
    id: Id,
    prepared: &'p Prepared<'n, 's>,
    image: usize,
    old: String,
    /// What it should be, if that is not what it is.
    new: Option<String>,
    /// What its places should hold for that.
    texts: Vec<(SlotKey, String)>,
    /// Whether it runs, so that it counts.
    counts: bool,
    places: BTreeSet<SlotKey>,
    /// Those of other releases that would be made above what it reads.
    above: BTreeSet<SlotKey>,
}

impl Party<'_, '_, '_> {
    fn reads(&self, place: &SlotKey) -> bool {
        self.places.contains(place) || self.above.contains(place)
    }
}

/// Settles images of all releases together, but for those that are barred, which stay.
pub(super) fn settle(
    all: &All<'_, '_, '_, '_>,
    barred: &HashMap<Id, String>,
) -> Result<Settlement, Error> {
    let All {
        context,
        installed,
        prepared,
        judged,
        documents,
        after,
        ..
    } = *all;
    let mut outcome = Settlement::default();
    let readers = ValueReaders::of(context.config, installed);
    let mut parties = Vec::new();
    for (release, (of_release, prepared)) in judged.iter().zip(prepared).enumerate() {
        for (group, (verdicts, order)) in of_release.iter().zip(&prepared.order).enumerate() {
            for (field, (verdict, &image)) in verdicts.iter().zip(order).enumerate() {
                let id = (release, group, field);
                let value = &prepared.images[image];
                let mut left = Vec::new();
                if context.wants.leave_managed {
                    let text_of = |slot: &_| {
                        let site = value.site_of(slot);
                        site.map_or("", |site| documents[site.document].text)
                    };
                    let slots = left_slots(verdict, text_of)?.into_iter();
                    left = slots.flat_map(|one| one.aspects).copied().collect();
                }
                let allowed = [&verdict.allowed()[..], &left].concat();
                outcome.left.insert(id, left);
                let old = value.parts.text();
                let new = verdict.desired(&allowed).filter(|new| *new != old);
                let mut party = Party {
                    id,
                    prepared,
                    image,
                    // A chart whose images are all known reads no other registry.
                    counts: value.is_used() && (readers.is_open(release) || !value.is_nameless()),
                    places: value.places().into_iter().collect(),
                    above: BTreeSet::new(),
                    old,
                    new,
                    texts: Vec::new(),
                };
                if let Notation::Parts { parts, .. } = &verdict.field.notation {
                    parts.is_named.set(false);
                }
                if let Some(new) = &party.new {
                    match texts(&party, verdict.field.notation.values(new)?) {
                        Some(texts) => party.texts = texts,
                        // Reported as what has no place.
                        None => party.new = None,
                    }
                }
                if let Some(folder) = installed[release].release.kustomized_by {
                    block(
                        &mut party,
                        format!("Fleet builds {folder}{BUILT_BY_NAME}"),
                        &mut outcome,
                    );
                }
                match meets(&after[release], &party.old, party.new.as_deref()) {
                    Meets::Nothing => {}
                    // What is not known for certain is told of, and no entry follows it.
                    Meets::Key if value.doubt.is_some() => {}
                    Meets::Key => {
                        party.new = None;
                        party.texts.clear();
                        outcome.keys.insert(id);
                    }
                    Meets::Stays(why) => block(&mut party, why, &mut outcome),
                }
                parties.push(party);
            }
        }
    }
    for party in &mut parties {
        if let Some(why) = barred.get(&party.id) {
            block(party, why.clone(), &mut outcome);
        }
    }
    for mut component in components(installed, parties) {
        let by = (installed, documents, &readers);
        agree(by, &mut component, judged, &mut outcome)?;
    }
    Ok(outcome)
}

/// The images in groups that no value is shared across: those of releases that have a document in common.
fn components<'p, 'n, 's>(
    installed: &[Installed<'n, 's>],
    parties: Vec<Party<'p, 'n, 's>>,
) -> Vec<Vec<Party<'p, 'n, 's>>> {
    let mut components = Components::new(installed.len());
    let mut first_of = HashMap::new();
    for (release, of) in installed.iter().enumerate() {
        for layer in &of.release.layers {
            let first = *first_of.entry(layer.document).or_insert(release);
            components.join(first, release);
        }
    }
    let mut by_release: Vec<Vec<Party<'p, 'n, 's>>> = Vec::new();
    by_release.resize_with(installed.len(), Vec::new);
    for party in parties {
        by_release[party.id.0].push(party);
    }
    let groups = components.groups().into_iter();
    let parties_of = |group: Vec<usize>| {
        let releases = group.into_iter();
        releases
            .flat_map(|release| std::mem::take(&mut by_release[release]))
            .collect()
    };
    groups.map(parties_of).collect()
}

/// What places should hold; `None` where one has no place.
fn texts(
    party: &Party<'_, '_, '_>,
    values: Option<crate::field::Values<'_, '_, '_>>,
) -> Option<Vec<(SlotKey, String)>> {
    let image = &party.prepared.images[party.image];
    let texts = values?.into_iter().map(|(slot, text)| {
        let site = image.sites.iter().find(|site| {
            site.slot.full_path() == slot.full_path() && std::ptr::eq(site.slot.holder, slot.holder)
        })?;
        Some((site.place(), text))
    });
    texts.collect()
}

/// Takes back what would make another image wrong, until nothing does.
fn agree<'n, 's>(
    (installed, documents, readers): (
        &[Installed<'n, 's>],
        &[ValuesDocument<'n, 's>],
        &ValueReaders<'_, 'n, 's>,
    ),
    parties: &mut [Party<'_, 'n, 's>],
    judged: &[Verdicts<'n, '_, 's>],
    outcome: &mut Settlement,
) -> Result<(), Error> {
    for party in parties.iter_mut() {
        let is_excluded = |(place, _): &(SlotKey, String)| documents[place.0].is_excluded;
        if party.texts.iter().any(is_excluded) {
            block(
                party,
                "the file that says it is excluded".to_owned(),
                outcome,
            );
        }
    }
    loop {
        let unclear = readers.unclear(parties)?;
        if unclear.is_empty() {
            break;
        }
        for (position, why) in unclear {
            if !takes_own_key(&mut parties[position], judged) {
                block(&mut parties[position], why, outcome);
            }
        }
    }
    for _ in 0..MOST_ROUNDS {
        let mut wished: HashMap<SlotKey, String> = Wished::new();
        let mut by: HashMap<SlotKey, usize> = HashMap::new();
        let mut conflict = None;
        for (position, party) in parties.iter().enumerate() {
            for (place, text) in &party.texts {
                match wished.get(place) {
                    Some(other) if other != text => conflict = Some((position, by[place])),
                    Some(_) => {}
                    None => {
                        wished.insert(place.clone(), text.clone());
                        by.insert(place.clone(), position);
                    }
                }
            }
        }
        if let Some((one, other)) = conflict {
            if give_way(parties, judged, &[one, other], outcome) {
                continue;
            }
            return Ok(());
        }
        note_made(installed, parties, &wished)?;
        let mut wrong = None;
        for (position, party) in parties.iter().enumerate().filter(|(_, party)| party.counts) {
            let mut places = party.places.iter().chain(&party.above);
            let is_touched = places.any(|place| wished.contains_key(place));
            if !is_touched && party.new.is_none() {
                continue;
            }
            let layers = &installed[party.id.0].release.layers;
            let image = &party.prepared.images[party.image];
            let comes = image.text_with(layers, &wished)?;
            let should = party.new.as_ref().unwrap_or(&party.old);
            if !is_same(&comes, should) {
                wrong = Some(position);
                break;
            }
        }
        let Some(position) = wrong else {
            return Ok(());
        };
        let touching = |places: &BTreeSet<SlotKey>| -> Vec<usize> {
            let others = parties.iter().enumerate().filter(|(other, party)| {
                let touches = party.texts.iter().any(|(place, _)| places.contains(place));
                *other != position && touches
            });
            others.map(|(other, _)| other).collect()
        };
        // What is made above it gives way to it.
        let mut culprits = touching(&parties[position].above);
        if culprits.is_empty() {
            culprits = touching(&parties[position].places);
            culprits.insert(0, position);
        }
        if !give_way(parties, judged, &culprits, outcome) {
            // No planned change causes this, so leave it.
            return Ok(());
        }
    }
    for party in parties {
        let why = "too many images share its values: give it values of its own".to_owned();
        block(party, why, outcome);
    }
    Ok(())
}

/// Whether two texts are the same image.
fn is_same(one: &str, other: &str) -> bool {
    let read = |text| {
        let read = Reference::parse(text).ok()?;
        Some((read.repository(), read.tag, read.digest))
    };
    one == other || read(one).is_some_and(|one| Some(one) == read(other))
}

fn block(party: &mut Party<'_, '_, '_>, why: String, outcome: &mut Settlement) {
    if party.new.take().is_some() {
        outcome.blocked.insert(party.id, why);
    }
    party.texts.clear();
}
