//! Which pull policies change: one value may be that of several images, also of several releases, and
//! changes only where each of them is to have the new one.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use crate::finding::Aspect;
use crate::values::{SlotKey, ValueImage, Wished};
use crate::yaml::Error;

use super::super::verdict::FieldVerdict;
use super::Id;
use super::prepare::All;
use super::settle::Settlement;

/// How often all policies are read again, each time without those that came out wrong.
const MOST_ROUNDS: usize = 20;

/// An image that has a policy.
struct PolicyParty<'p, 'n, 's> {
    id: Id,
    image: &'p ValueImage<'n, 's>,
    /// Where its policy is written, or would be.
    place: SlotKey,
    /// The policy that it is to have there, if that is another one.
    new: Option<&'static str>,
}

/// Why policies stay, by the images that were to have another one.
pub(super) fn policies(
    all: &All<'_, '_, '_, '_>,
    outcome: &Settlement,
    barred: &HashMap<Id, String>,
) -> Result<HashMap<Id, String>, Error> {
    let parties = parties(all, outcome, barred);
    if parties.iter().all(|party| party.new.is_none()) {
        return Ok(HashMap::new());
    }
    let mut by_place: BTreeMap<&SlotKey, BTreeSet<&str>> = BTreeMap::new();
    for party in &parties {
        let new = party.new.into_iter();
        by_place.entry(&party.place).or_default().extend(new);
    }
    let mut wished = Wished::new();
    let mut wrong: HashMap<SlotKey, Option<Id>> = HashMap::new();
    for (place, wanted) in by_place {
        match &wanted.into_iter().collect::<Vec<_>>()[..] {
            [] => {}
            [one] => drop(wished.insert(place.clone(), (*one).to_owned())),
            _ => drop(wrong.insert(place.clone(), None)),
        }
    }
    for round in 0..=MOST_ROUNDS {
        let documents: HashSet<usize> = wished.keys().map(|(document, _)| *document).collect();
        if documents.is_empty() {
            break;
        }
        if round == MOST_ROUNDS {
            wrong.extend(wished.drain().map(|(place, _)| (place, None)));
            break;
        }
        let reads = all.installed.iter().map(|one| {
            let mut layers = one.release.layers.iter();
            layers.any(|layer| documents.contains(&layer.document))
        });
        let reads: Vec<bool> = reads.collect();
        let mut now = Vec::new();
        for party in parties.iter().filter(|party| reads[party.id.0]) {
            let layers = &all.installed[party.id.0].release.layers;
            let (comes, place) = party.image.policy_with(layers, &wished)?;
            let own = party.new.filter(|_| wished.contains_key(&party.place));
            let should = own.or(party.image.policy_text());
            if let Some(place) = place.filter(|_| comes.as_deref() != should) {
                now.push((place, party.id));
            }
        }
        if now.is_empty() {
            break;
        }
        for (place, reader) in now {
            wished.remove(&place);
            wrong.entry(place).or_insert(Some(reader));
        }
    }
    let (mut by_id, mut at_place) = (HashMap::new(), HashMap::<_, Vec<_>>::new());
    for party in &parties {
        by_id.insert(party.id, party);
        at_place.entry(&party.place).or_default().push(party);
    }
    let mut stay = HashMap::new();
    for party in parties.iter().filter(|party| party.new.is_some()) {
        let Some(reader) = wrong.get(&party.place) else {
            continue;
        };
        let other = match reader {
            Some(reader) => by_id.get(reader),
            None => { at_place[&party.place].iter() }.find(|other| other.new != party.new),
        };
        let other = other.map_or_else(String::new, |other| other.image.parts.text());
        let why = format!(
            "{} is the pull policy of {other}, too, which should be otherwise: give them values of their own",
            party.place.1
        );
        stay.insert(party.id, why);
    }
    Ok(stay)
}

fn parties<'p, 'n, 's>(
    all: &All<'p, 'n, 's, '_>,
    outcome: &Settlement,
    barred: &HashMap<Id, String>,
) -> Vec<PolicyParty<'p, 'n, 's>> {
    let mut parties = Vec::new();
    for (release, (of_release, prepared)) in all.judged.iter().zip(all.prepared).enumerate() {
        for (group, (verdicts, order)) in of_release.iter().zip(&prepared.order).enumerate() {
            for (field, (verdict, &image)) in verdicts.iter().zip(order).enumerate() {
                let (id, image) = ((release, group, field), &prepared.images[image]);
                let Some(slot) = verdict.field.policy_slot.as_ref() else {
                    continue;
                };
                let Some(site) = image.site_of(slot) else {
                    continue;
                };
                let is_planned = changes(image, verdict)
                    && !barred.contains_key(&id)
                    && !(is_made(image) && outcome.blocked.contains_key(&id));
                parties.push(PolicyParty {
                    id,
                    image,
                    place: site.place(),
                    new: verdict.policy.filter(|_| is_planned),
                });
            }
        }
    }
    parties
}

/// Whether an image is to have another policy.
fn changes(image: &ValueImage<'_, '_>, verdict: &FieldVerdict<'_, '_, '_, '_>) -> bool {
    let is_allowed = verdict.in_force.allowing(Aspect::ImagePullPolicy).is_some();
    image.is_used() && verdict.policy.is_some() && !is_allowed
}

/// Whether nothing of an image is written, so that its policy is made with its name.
pub(super) fn is_made(image: &ValueImage<'_, '_>) -> bool {
    !image.is_written && !image.has_written_policy()
}
