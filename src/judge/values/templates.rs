//! Images in templates of charts: whoever installs the chart may look for them by their names once it is rendered.

use std::collections::BTreeSet;

use crate::edit::{Change, TargetValue};
use crate::judge::UnitJudgement;
use crate::yaml::Segment;

use super::after::{Meets, OverChart, meets};

/// Takes back what would hide an image from the entries and tests that look for it by its name: it is a key
/// there, and the entry says what runs, or it is left and told.
pub(crate) fn leave_to_lists(over: &[&OverChart], judged: &mut UnitJudgement<'_, '_>) {
    if over.is_empty() {
        return;
    }
    let met: Vec<Meets> = judged
        .changes
        .iter()
        .map(|change| of_change(over, change))
        .collect();
    let mut dropped = BTreeSet::new();
    let mut drafts = std::mem::take(&mut judged.drafts);
    drafts.retain_mut(|draft| {
        let Some(changes) = &draft.change else {
            return true;
        };
        let is_changed = |met: &&Meets| **met != Meets::Nothing;
        let Some(met) = met[changes.clone()].iter().find(is_changed) else {
            return true;
        };
        dropped.extend(changes.clone());
        let Meets::Stays(why) = met else {
            return false;
        };
        draft.mark_not_written(why);
        draft.change = None;
        true
    });
    judged.forget(&dropped, &mut drafts);
    judged.drafts = drafts;
}

/// What meets an image of a container that is to change.
fn of_change(over: &[&OverChart], change: &Change<'_, '_>) -> Meets {
    let TargetValue::Text(new) = &change.value else {
        return Meets::Nothing;
    };
    let is_of_container = change.slot.name() == "image"
        && {
            let mut keys = change.slot.path.0.iter();
            keys.any(|step| matches!(step, Segment::Key(key) if matches!(&**key, "containers" | "initContainers")))
        };
    let old = change.slot.text().ok().flatten();
    match old.filter(|_| is_of_container) {
        Some(old) => meets(over, old, Some(new)),
        None => Meets::Nothing,
    }
}
