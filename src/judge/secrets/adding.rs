//! How the pull secrets that an image needs are added to what a place holds: a list of names, a text with
//! commas, or one name.

use std::collections::HashSet;

use crate::edit::{Change, TargetValue};
use crate::finding::{Aspect, Rule};
use crate::judge::UnitJudgement;
use crate::judge::draft::Drafts;
use crate::judge::exceptions::grounds;
use crate::judge::verdict::FieldVerdict;
use crate::krm::resource::Resource;
use crate::slot::Slot;
use crate::yaml::{Error, Node};

use super::{nowhere, wanted};

/// Plans to add names to a list of secrets, which two images may share; returns the change.
pub(super) fn change_names<'n, 's>(
    slot: &Slot<'n, 's>,
    added: Vec<String>,
    judged: &mut UnitJudgement<'n, 's>,
) -> usize {
    if let Some(&index) = judged.secret_lists.get(&slot.full_path())
        && let TargetValue::Names(names) = &mut judged.changes[index].value
    {
        let known: HashSet<&str> = names.iter().map(String::as_str).collect();
        let new = added
            .into_iter()
            .filter(|name| !known.contains(name.as_str()));
        let new: Vec<String> = new.collect();
        names.extend(new);
        return index;
    }
    push(slot, TargetValue::Names(added), judged)
}

/// Plans a change of a list of secrets, and remembers it by the list's path.
fn push<'n, 's>(
    slot: &Slot<'n, 's>,
    value: TargetValue,
    judged: &mut UnitJudgement<'n, 's>,
) -> usize {
    let index = judged.changes.len();
    judged.secret_lists.insert(slot.full_path(), index);
    let slot = slot.clone();
    judged.changes.push(Change { slot, value });
    index
}

/// Adds the secrets that an image needs to a list that is one text with commas.
pub(super) fn commas<'n, 's>(
    resource: &Resource<'n, 's>,
    verdict: &FieldVerdict<'_, '_, 'n, 's>,
    slot: &Slot<'n, 's>,
    drafts: &mut Drafts,
    judged: &mut UnitJudgement<'n, 's>,
) -> Result<(), Error> {
    let node = slot.node()?;
    let written = node.and_then(Node::text).unwrap_or_default();
    // Two images may share the list: what another image has already added counts as written.
    let planned = judged.secret_lists.get(&slot.full_path()).copied();
    let listed = match planned.map(|index| &judged.changes[index].value) {
        Some(TargetValue::Text(text)) => text.clone(),
        _ => written.to_owned(),
    };
    let listed = listed.split(',').map(str::trim);
    let mut all: Vec<&str> = listed.filter(|name| !name.is_empty()).collect();
    let first_new = all.len();
    let mut known: HashSet<&str> = all.iter().copied().collect();
    all.extend(
        wanted(verdict)
            .map(String::as_str)
            .filter(|name| known.insert(name)),
    );
    if all.len() == first_new {
        return Ok(());
    }
    let path = slot.text_below(&resource.path);
    let all = all.join(",");
    let current = (!written.is_empty()).then(|| written.to_owned());
    if let Some(exception) = verdict.in_force.allowing(Aspect::ImagePullSecrets) {
        let message = format!("no pull secrets {all}, {}", grounds(exception));
        drafts
            .add(Rule::AllowedByException, message)
            .agent(verdict.agent())
            .field(path, current, None)
            .at(node.unwrap_or(slot.holder));
        return Ok(());
    }
    let old = if written.is_empty() {
        "(none)"
    } else {
        written
    };
    let message = format!("pull secrets {old} → {all}");
    let value = TargetValue::Text(all.clone());
    let index = match planned {
        Some(index) => {
            judged.changes[index].value = value;
            index
        }
        None => push(slot, value, judged),
    };
    drafts
        .add(Rule::MissingPullSecret, message)
        .agent(verdict.agent())
        .field(path, current, Some(all))
        .at(node.unwrap_or(slot.holder))
        .change(Some(index..index + 1));
    Ok(())
}

/// What a slot holds that is neither nothing nor text, in words.
pub(super) fn other_than_text(slot: &Slot<'_, '_>) -> Result<Option<&'static str>, Error> {
    let is_other = |node: &&Node<'_>| !node.is_null() && node.text().is_none();
    Ok(slot.node()?.filter(is_other).map(Node::describe))
}

/// Writes the secret that an image needs to a text that is one name, if it is empty; another name there
/// may be what other images are pulled with.
pub(super) fn one<'n, 's>(
    resource: &Resource<'n, 's>,
    verdict: &FieldVerdict<'_, '_, 'n, 's>,
    (slot, place): (Option<&Slot<'n, 's>>, &str),
    drafts: &mut Drafts,
    judged: &mut UnitJudgement<'n, 's>,
) -> Result<(), Error> {
    let place = place.trim_start_matches("$.");
    if let Some(what) = slot.map(other_than_text).transpose()?.flatten() {
        let why = format!("`{place}`, which takes one name, is {what}: write it there");
        return nowhere(resource, verdict, (&[], &why), drafts);
    }
    let written = match slot {
        Some(slot) => slot.text()?.unwrap_or_default(),
        None => "",
    };
    let planned = slot.and_then(|slot| judged.secret_lists.get(&slot.full_path()));
    let present = match planned.map(|&index| &judged.changes[index].value) {
        Some(TargetValue::Text(text)) => text.clone(),
        _ => written.to_owned(),
    };
    let mut missing = wanted(verdict).filter(|name| **name != present);
    if missing.next().is_none() {
        return Ok(());
    }
    let is_one = missing.next().is_none();
    if let Some(slot) = slot
        && present.is_empty()
        && is_one
    {
        return commas(resource, verdict, slot, drafts, judged);
    }
    let why = match present.as_str() {
        "" if is_one => format!("`{place}` takes one name: write it there"),
        "" => format!(
            "`{place}` takes one name: put what they hold into one secret, and write its name there"
        ),
        present => format!(
            "`{place}`, which takes one name, has {present}: put what both hold into one secret"
        ),
    };
    nowhere(resource, verdict, (&[present], &why), drafts)
}
