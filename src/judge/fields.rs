//! What is reported of one image field, and what is changed in it.

use std::borrow::Cow;
use std::ops::Range;

use crate::edit::{Change, TargetValue};
use crate::field::{DigestEdit, FieldRole};
use crate::finding::{Aspect, Rule};
use crate::image::Reference;
use crate::krm::resource::Resource;
use crate::mask;
use crate::slot::Slot;
use crate::verdict::Verdict;
use crate::yaml::{Error, Node};

use super::UnitJudgement;
use super::draft::{self, Drafts, named};
use super::exceptions::grounds;
use super::owner::{leave, left_to_its_owner, managed_elsewhere, owner};
use super::release::is_made_anew;
use super::verdict::FieldVerdict;

/// Reports what is wrong with a field's image and plans its change.
pub(super) fn report_image_field<'n, 's>(
    resource: &Resource<'n, 's>,
    verdict: &FieldVerdict<'_, '_, 'n, 's>,
    text: &str,
    drafts: &mut Drafts,
    judged: &mut UnitJudgement<'n, 's>,
) -> Result<(), Error> {
    let left = if drafts.leaves_managed {
        left_to_its_owner(resource, verdict, text, drafts)?
    } else {
        Vec::new()
    };
    let is_left = Aspect::OF_IMAGE.iter().all(|aspect| left.contains(aspect));
    let at = verdict.field.notation.main();
    let changed = !is_left && report_image(resource, verdict, (at, &left), drafts, judged)?;
    for slot in verdict.field.notation.slots() {
        if changed && left.is_empty() {
            managed_elsewhere(resource, verdict, slot, text, drafts)?;
        } else {
            keep(slot, judged)?;
        }
    }
    Ok(())
}

/// Reports what is wrong with a field's pull policy and plans its change. `edited` says whether
/// anything else in the resource is edited: an applied Job is immutable, so a wrong policy alone is
/// no reason to edit it.
pub(super) fn report_policy_field<'n, 's>(
    resource: &Resource<'n, 's>,
    verdict: &FieldVerdict<'_, '_, 'n, 's>,
    edited: bool,
    text: &str,
    drafts: &mut Drafts,
    judged: &mut UnitJudgement<'n, 's>,
) -> Result<(), Error> {
    if let Some(slot) = verdict
        .field
        .policy_slot
        .as_ref()
        .filter(|_| drafts.leaves_managed)
        && verdict.policy.is_some()
        && let Some(owner) = owner(slot, text)?
    {
        let what = policy_change(verdict);
        leave(resource, verdict, slot, &owner, &what, drafts)?;
        return keep(slot, judged);
    }
    let changed = report_policy(resource, verdict, edited, drafts, judged)?;
    match &verdict.field.policy_slot {
        Some(slot) if changed => managed_elsewhere(resource, verdict, slot, text, drafts),
        Some(slot) => keep(slot, judged),
        None => Ok(()),
    }
}

/// The change of a pull policy, in words.
pub(super) fn policy_change(verdict: &FieldVerdict<'_, '_, '_, '_>) -> String {
    let (old, new) = (verdict.field.policy, verdict.policy.unwrap_or_default());
    let old = old.map_or("(missing)", mask::policy);
    format!("{old} → {new}")
}

/// Reports what is wrong with an image, at one of its slots, and plans its change. `left` are the
/// aspects that another tool writes.
pub(super) fn report_image<'n, 's>(
    resource: &Resource<'n, 's>,
    verdict: &FieldVerdict<'_, '_, 'n, 's>,
    (slot, left): (&Slot<'n, 's>, &[Aspect]),
    drafts: &mut Drafts,
    judged: &mut UnitJudgement<'n, 's>,
) -> Result<bool, Error> {
    let (field, decided) = (verdict.field, &verdict.verdict);
    let old = field.image.as_deref().unwrap_or_default();
    let allowed = [&verdict.allowed(), left].concat();
    let change = verdict.desired(&allowed).filter(|new| new != old);
    if change.is_none() && decided.differences.is_empty() && decided.notes.is_empty() {
        return Ok(false);
    }
    let path = slot.text_below(&resource.path);
    let node = slot.node()?.unwrap_or(slot.holder);
    let current = match (&verdict.reference, &field.image) {
        // What is a reference needs no mask.
        (Some(_), Some(image)) => Some(image.clone()),
        (_, image) => image.as_deref().map(mask::image).map(Cow::into_owned),
    };
    for difference in &decided.differences {
        let Some(exception) = verdict.in_force.allowing(difference.aspect) else {
            continue;
        };
        let message = named(field, &[&difference.what, ", ", &grounds(exception)]);
        drafts
            .add(Rule::AllowedByException, message)
            .agent(verdict.agent())
            .field(path.clone(), current.clone(), None)
            .at(node);
    }
    let values = match &change {
        Some(new) => field.notation.values(new)?,
        None => None,
    };
    let of_digest = match &change {
        Some(new) => field.notation.without_digest(new)?,
        None => None,
    };
    let show = |image: &str| field.notation.shown(image).to_owned();
    let (old, change) = (field.notation.shown(old), change.as_deref().map(show));
    let current = current.as_deref().map(show);
    if let (Some(new), None) = (&change, &values) {
        let is_unversioned = |image: &str| {
            Reference::parse(image).is_ok_and(|it| it.tag.is_none() && it.digest.is_none())
        };
        let why = match &field.notation {
            apart if apart.keeps_tag_apart() && is_unversioned(new) => {
                "a tag cannot be left out here: write `tag: latest`, and allow it by `floatingTags`"
            }
            whole if whole.is_whole_by_version() && is_unversioned(new) => {
                "without a version its chart may take it for a part: write `latest` behind it, and allow that by \
                 `floatingTags`"
            }
            _ => "its values have no place for it",
        };
        let parts = [old, " → ", new, " cannot be written: ", why];
        drafts
            .add(Rule::UnresolvedImage, named(field, &parts))
            .allow(aspects(decided, &allowed, |_| true))
            .agent(verdict.agent())
            .field(path, current, change)
            .at(node);
        return Ok(false);
    }
    let planned = values.map(|values| change_values(values, of_digest, judged));
    let site = draft::field(path.clone(), current.clone(), change.clone());
    let mut reported = Vec::new();
    for difference in &decided.differences {
        if allowed.contains(&difference.aspect) || reported.contains(&difference.rule) {
            continue;
        }
        reported.push(difference.rule);
        let new = change.as_deref().unwrap_or(old);
        drafts
            .add(
                difference.rule,
                named(field, &[&difference.what, ": ", old, " → ", new]),
            )
            .allow(aspects(decided, &allowed, |rule| rule == difference.rule))
            .agent(verdict.agent())
            .field_of(&site)
            .at(node)
            .change(planned.clone());
    }
    for note in &decided.notes {
        let exception = note
            .aspect
            .and_then(|aspect| verdict.in_force.allowing(aspect));
        let (rule, message) = match exception {
            // The exception keeps the registry, so the digest does not move either.
            Some(_) if note.rule == Rule::DigestMoved => continue,
            Some(exception) => {
                let message = format!("{}, {}", note.message, grounds(exception));
                (Rule::AllowedByException, message)
            }
            None => (note.rule, note.message.clone()),
        };
        drafts
            .add(rule, named(field, &[&message]))
            .allow(note.aspect.filter(|_| exception.is_none()))
            .agent(verdict.agent())
            .field(path.clone(), current.clone(), note.proposed.clone())
            .at(node);
    }
    Ok(change.is_some())
}

/// The aspects that differ and are not allowed to, in the differences of some rules.
fn aspects(decided: &Verdict, allowed: &[Aspect], of: impl Fn(Rule) -> bool) -> Vec<Aspect> {
    let differences = decided.differences.iter();
    let aspects = differences
        .filter(|difference| of(difference.rule))
        .map(|difference| difference.aspect);
    aspects.filter(|aspect| !allowed.contains(aspect)).collect()
}

/// Plans the values that differ from the written ones; returns the range of the new changes.
fn change_values<'n, 's>(
    values: Vec<(&Slot<'n, 's>, String)>,
    of_digest: Option<(&Slot<'n, 's>, DigestEdit)>,
    judged: &mut UnitJudgement<'n, 's>,
) -> Range<usize> {
    let first = judged.changes.len();
    for (slot, text) in values {
        let written = slot.node().ok().flatten().and_then(Node::text);
        if written != Some(text.as_str()) {
            let (slot, value) = (slot.clone(), TargetValue::Text(text));
            judged.changes.push(Change { slot, value });
        }
    }
    if let Some((slot, edit)) = of_digest {
        let slot = slot.clone();
        let value = match edit {
            DigestEdit::TagInstead(tag) => TargetValue::Renamed("newTag".to_owned(), tag),
            DigestEdit::Removed => TargetValue::Absent,
        };
        judged.changes.push(Change { slot, value });
    }
    first..judged.changes.len()
}

pub(super) fn report_policy<'n, 's>(
    resource: &Resource<'n, 's>,
    verdict: &FieldVerdict<'_, '_, 'n, 's>,
    edited: bool,
    drafts: &mut Drafts,
    judged: &mut UnitJudgement<'n, 's>,
) -> Result<bool, Error> {
    let field = verdict.field;
    let (Some(policy), Some(slot)) = (verdict.policy, &field.policy_slot) else {
        return Ok(false);
    };
    let key = match field.role {
        FieldRole::Container => slot.name(),
        FieldRole::ImageList | FieldRole::Other => "pull policy",
    };
    let path = slot.text_below(&resource.path);
    let current = field.policy.map(mask::policy).map(str::to_owned);
    let old = current.as_deref().unwrap_or("(missing)");
    let difference = [key, " ", old, " → ", policy].concat();
    let node = match slot.node()? {
        Some(node) => node,
        None => field.notation.main().node()?.unwrap_or(slot.holder),
    };
    let (rule, message, planned) = match verdict.in_force.allowing(Aspect::ImagePullPolicy) {
        Some(exception) => {
            let message = format!("{key} {old}, {}", grounds(exception));
            (Rule::AllowedByException, message, false)
        }
        None if resource.kind == "Job" && !edited && !is_made_anew(resource)? => {
            let message = format!("{difference} is not edited: an applied Job cannot change");
            (Rule::ImmutableWorkload, message, false)
        }
        None => (Rule::WrongPullPolicy, difference, true),
    };
    let index = planned.then(|| change_values(vec![(slot, policy.to_owned())], None, judged));
    let proposed = (rule != Rule::AllowedByException).then(|| policy.to_owned());
    drafts
        .add(rule, named(field, &[&message]))
        .agent(verdict.agent())
        .field(path, current, proposed)
        .at(node)
        .change(index);
    Ok(planned)
}

/// Notes a value that stays, where an anchor may share it with a value that changes.
fn keep<'n, 's>(slot: &Slot<'n, 's>, judged: &mut UnitJudgement<'n, 's>) -> Result<(), Error> {
    if judged.has_anchors
        && let Some(text) = slot.node()?.and_then(Node::scalar)
    {
        judged.kept.push(Change {
            slot: slot.clone(),
            value: TargetValue::Text(text.to_owned()),
        });
    }
    Ok(())
}
