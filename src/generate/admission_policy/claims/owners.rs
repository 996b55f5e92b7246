//! Which of several agents an image belongs to that they all name: [`crate::decide`] is asked of each place
//! where such an image can be.

use std::collections::{BTreeMap, BTreeSet};

use crate::config::Config;
use crate::decide::claim::{AgentSet, Claim, Owner, Subject, Surroundings, resolve_owner_of_any};
use crate::decide::clues::Clues;
use crate::decide::steps::Steps;
use crate::generate::admission_policy::cel::{any, quoted};
use crate::image::Reference;

use super::{Claimed, Claims, DISPUTED};

/// A host that no rule and no profile names (RFC 6761).
const UNDECLARED: &str = "undeclared.invalid";

/// Finds whose the image is in each place, and what it needs there.
pub(super) fn settle<'c>(config: &'c Config, mut claimed: Vec<Claimed<'c>>) -> Claims<'c> {
    let mut shared: BTreeMap<usize, Vec<SharedPlace>> = BTreeMap::new();
    let names = claimed.iter().flat_map(|claim| &claim.names);
    let locations: BTreeSet<String> = names
        .flat_map(|name| name.locations.iter().cloned())
        .collect();
    let everybody: AgentSet = (0..config.agents.len()).collect();
    for location in locations {
        let alone = claims(config, &location, &Surroundings::ALONE);
        let is_unshared = !alone.is_empty();
        let found = if is_unshared {
            alone
        } else {
            claims(config, &location, &Surroundings::in_pod_of(&everybody))
        };
        let place = |secrets| SharedPlace {
            condition: format!("i.repo == {}", quoted(&location)),
            secrets,
        };
        let of_several = found.len() > 1;
        match resolve_owner_of_any(found) {
            Owner::Agent(first) if of_several && is_unshared => {
                if let Some(position) = position(&claimed, &first) {
                    shared
                        .entry(position)
                        .or_default()
                        .push(place(first.pull_secrets));
                }
            }
            Owner::Disputed(rivals) => {
                for rival in &rivals {
                    if let Some(position) = position(&claimed, rival) {
                        claimed[position].is_disputed = true;
                        shared.entry(position).or_default().push(place(Vec::new()));
                    }
                }
            }
            Owner::Agent(_) | Owner::Nobody => {}
        }
    }
    let unshared = claimed.iter().filter(|claim| !claim.image.shared);
    let ends: BTreeSet<String> = unshared
        .flat_map(|claim| claim.suffixes.iter().cloned())
        .collect();
    let mut by_end = BTreeMap::new();
    for end in ends {
        let copy = format!("{UNDECLARED}/{end}");
        let found = claims(config, &copy, &Surroundings::ALONE);
        let of_several = found.len() > 1;
        let key = match resolve_owner_of_any(found) {
            Owner::Agent(first) => {
                let Some(position) = position(&claimed, &first) else {
                    continue;
                };
                if of_several {
                    shared.entry(position).or_default().push(SharedPlace {
                        condition: format!("i.repo.endsWith({})", quoted(&format!("/{end}"))),
                        secrets: first.pull_secrets,
                    });
                }
                claimed[position].key.clone()
            }
            Owner::Disputed(rivals) => {
                for rival in &rivals {
                    if let Some(position) = position(&claimed, rival) {
                        claimed[position].has_disputed_copies = true;
                    }
                }
                DISPUTED.to_owned()
            }
            Owner::Nobody => continue,
        };
        by_end.insert(end, key);
    }
    for (position, claim) in claimed.iter_mut().enumerate() {
        let places = shared.remove(&position).unwrap_or_default();
        let locations = claim.names.iter().flat_map(|name| &name.locations);
        let locations: BTreeSet<&String> = locations.collect();
        let ends = by_end.values().filter(|key| **key == claim.key);
        let is_elsewhere = claim.by_name() || places.len() < locations.len() + ends.count();
        let own = claim.image.pull_secrets.iter().filter(|_| is_elsewhere);
        claim.secrets = secrets(own.cloned().collect(), places);
    }
    Claims {
        images: claimed,
        by_end,
    }
}

/// A place in which several agents claim an image, and the pull secrets that it needs there.
struct SharedPlace {
    /// That an image `i` is there.
    condition: String,
    secrets: Vec<String>,
}

/// The pull secrets of an image in the places that it has with others, and its own elsewhere.
fn secrets(own: Vec<String>, places: Vec<SharedPlace>) -> Vec<(Option<String>, Vec<String>)> {
    let mut by_secrets: BTreeMap<Vec<String>, Vec<String>> = BTreeMap::new();
    let mut others = Vec::new();
    for SharedPlace { condition, secrets } in places {
        others.push(condition.clone());
        by_secrets.entry(secrets).or_default().push(condition);
    }
    let is_elsewhere = (!others.is_empty()).then(|| format!("!{}", enclosed(&others)));
    let there = by_secrets.into_iter();
    let there = there.map(|(secrets, places)| (Some(any(&places)), secrets));
    let all = there.chain([(is_elsewhere, own)]);
    all.filter(|(_, secrets)| !secrets.is_empty()).collect()
}

/// The condition that one of several holds, which a `!` may precede.
fn enclosed(conditions: &[String]) -> String {
    format!("({})", conditions.join(" || "))
}

fn claims<'c>(config: &'c Config, image: &str, around: &Surroundings<'_>) -> Vec<Claim<'c>> {
    let reference = Reference::parse(image).ok();
    let repository = reference.map(|reference| reference.repository());
    let clues = Clues::of(
        config,
        Subject::default(),
        repository,
        &mut Steps::unasked(),
    );
    clues.claims(config, around).surest
}

fn position(claimed: &[Claimed<'_>], claim: &Claim<'_>) -> Option<usize> {
    let is_it = |claimed: &Claimed<'_>| std::ptr::eq(claimed.image, claim.image);
    claimed.iter().position(is_it)
}
