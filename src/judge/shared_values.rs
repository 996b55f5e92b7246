//! A value that several images of one resource share: it stays as written where the images need different
//! texts, or one of them needs no change.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use crate::edit::{Change, TargetValue};
use crate::field::Notation;
use crate::finding::{Mode, Rule};
use crate::sort::gather;
use crate::yaml::Node;

use super::UnitJudgement;
use super::draft::{Draft, Drafts};
use super::verdict::FieldVerdict;

/// An image with the changes that were planned for it.
pub(super) type PlannedImage<'v, 'c, 'f, 'n, 's> = (&'v FieldVerdict<'c, 'f, 'n, 's>, Range<usize>);

/// Takes back the changes of images that cannot all have what they want, and says so.
pub(super) fn withdraw_conflicts(
    planned: &[PlannedImage<'_, '_, '_, '_, '_>],
    mode: Mode,
    drafts: &mut Drafts,
    judged: &mut UnitJudgement<'_, '_>,
) {
    // Only what is written in parts can share one.
    let in_parts = planned
        .iter()
        .filter(|(verdict, _)| matches!(verdict.field.notation, Notation::Split(_)));
    if in_parts.count() < 2 {
        return;
    }
    let mut stays: BTreeSet<usize> = BTreeSet::new();
    loop {
        let before = stays.len();
        for (position, (_, changes)) in planned.iter().enumerate() {
            if stays.contains(&position) {
                continue;
            }
            let own = texts(&judged.changes[changes.clone()]);
            for (other, (verdict, changes)) in planned.iter().enumerate() {
                let theirs = if stays.contains(&other) {
                    BTreeMap::new()
                } else {
                    texts(&judged.changes[changes.clone()])
                };
                let disagrees = verdict.field.notation.slots().into_iter().any(|slot| {
                    let path = slot.full_path().to_string();
                    let kept = || slot.node().ok().flatten().and_then(Node::text);
                    own.get(&path)
                        .is_some_and(|own| theirs.get(&path).copied().or_else(kept) != Some(own))
                });
                if other != position && disagrees {
                    stays.extend(
                        [position, other]
                            .into_iter()
                            .filter(|one| !planned[*one].1.is_empty()),
                    );
                }
            }
        }
        if stays.len() == before {
            break;
        }
    }
    if stays.is_empty() {
        return;
    }
    let others = |position: usize| -> String {
        let images = planned
            .iter()
            .enumerate()
            .filter(|(other, _)| *other != position);
        let images: BTreeSet<&str> = images
            .filter_map(|(_, (verdict, _))| verdict.field.image.as_deref())
            .collect();
        images.into_iter().collect::<Vec<_>>().join(", ")
    };
    let mut dropped = BTreeSet::new();
    for &position in &stays {
        let changes = planned[position].1.clone();
        for draft in &mut drafts.list {
            let is_own = |change: &Range<usize>| changes.contains(&change.start);
            if draft.change.as_ref().is_some_and(is_own) {
                say(draft, mode, &others(position));
            }
        }
        dropped.extend(changes);
    }
    judged.forget(&dropped, &mut drafts.list);
}

/// The new text of each changed place.
fn texts<'c>(changes: &'c [Change<'_, '_>]) -> BTreeMap<String, &'c str> {
    let texts = changes.iter().filter_map(|change| match &change.value {
        TargetValue::Text(text) => Some((change.slot.full_path().to_string(), text.as_str())),
        _ => None,
    });
    gather(texts)
}

fn say(draft: &mut Draft, mode: Mode, others: &str) {
    let message = format!(
        "{} is not written: a part of it is part of {others}, too, which should be otherwise: give them values \
         of their own",
        draft.finding.message
    );
    draft.finding.rule = Rule::UnresolvedImage;
    draft.finding.severity = Rule::UnresolvedImage.severity(mode);
    draft.finding.message = message.into();
    draft.change = None;
}

impl UnitJudgement<'_, '_> {
    /// Removes changes, and renumbers the positions by which drafts (its own and the given ones)
    /// refer to changes.
    pub(crate) fn forget(&mut self, dropped: &BTreeSet<usize>, drafts: &mut [Draft]) {
        let mut moved = vec![0];
        for index in 0..self.changes.len() {
            moved.push(moved[index] + usize::from(!dropped.contains(&index)));
        }
        for draft in drafts.iter_mut().chain(&mut self.drafts) {
            draft.change = draft
                .change
                .take()
                .map(|own| moved[own.start]..moved[own.end]);
        }
        for index in self.secret_lists.values_mut() {
            *index = moved[*index];
        }
        let mut index = 0;
        self.changes.retain(|_| {
            index += 1;
            !dropped.contains(&(index - 1))
        });
    }
}
