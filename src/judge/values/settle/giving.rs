//! Resolves conflicts: of several images that share a value, which ones keep their text.

use std::collections::BTreeSet;

use crate::field::Notation;
use crate::values::SlotKey;

use super::{Party, Settlement, Verdicts, block, texts};

/// Resolves a conflict between images: each gets a key of its own, or stays as it is. Returns
/// whether any plan changed.
pub(super) fn give_way(
    parties: &mut [Party<'_, '_, '_>],
    judged: &[Verdicts<'_, '_, '_>],
    which: &[usize],
    outcome: &mut Settlement,
) -> bool {
    let mut has_given = false;
    for &position in which {
        let party = &parties[position];
        if party.new.is_none() {
            continue;
        }
        has_given = true;
        if takes_own_key(&mut parties[position], judged) {
            continue;
        }
        let party = &parties[position];
        let shared: BTreeSet<&SlotKey> = party.texts.iter().map(|(place, _)| place).collect();
        let others = parties.iter().enumerate().filter(|(other, party)| {
            *other != position && party.counts && shared.iter().any(|place| party.reads(place))
        });
        let others: BTreeSet<&str> = others.map(|(_, party)| party.old.as_str()).collect();
        let others: Vec<&str> = others
            .into_iter()
            .filter(|other| *other != party.old)
            .collect();
        let paths = party.texts.iter().filter(|(place, _)| {
            let users = parties.iter().filter(|party| party.reads(place));
            users.count() > 1
        });
        let paths: BTreeSet<&str> = paths.map(|((_, path), _)| path.as_str()).collect();
        let paths: Vec<&str> = paths.into_iter().collect();
        let why = format!(
            "{} is part of {}, too, which should be otherwise: give them values of their own",
            paths.join(", "),
            named(&others),
        );
        block(&mut parties[position], why, outcome);
    }
    has_given
}

/// Writes the new name of an image at a key of its own, where its chart has one; whether it was not there
/// before.
pub(super) fn takes_own_key(
    party: &mut Party<'_, '_, '_>,
    judged: &[Verdicts<'_, '_, '_>],
) -> bool {
    let (release, group, field) = party.id;
    let notation = &judged[release][group][field].field.notation;
    let by_name = match (notation, &party.new) {
        (Notation::Parts { parts, .. }, Some(new)) if !parts.is_named.get() => {
            texts(party, parts.by_name(new)).inspect(|_| parts.is_named.set(true))
        }
        _ => None,
    };
    let is_new = by_name.is_some();
    party.texts = by_name.unwrap_or_else(|| std::mem::take(&mut party.texts));
    is_new
}

/// Images by name, the first few of many.
fn named(images: &[&str]) -> String {
    const IMAGES_NAMED: usize = 3;
    match images {
        [] => "an image of another workload".to_owned(),
        images if images.len() <= IMAGES_NAMED => images.join(", "),
        images => {
            let named = images[..IMAGES_NAMED - 1].join(", ");
            format!("{named} and {} others", images.len() - (IMAGES_NAMED - 1))
        }
    }
}
