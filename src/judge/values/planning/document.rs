//! The wishes for one document as changes of it.

use std::cmp::Reverse;
use std::collections::HashMap;

use crate::chart::SecretsForm;
use crate::edit::{AddedValue, Change, TargetValue};
use crate::slot::Slot;
use crate::sort::sort_by_key;
use crate::yaml::{Node, Path, Segment};

use super::super::ValueWish;
use super::{Changes, Planned};

/// The changes of one document; absent values below one place are added together.
pub(super) fn of_document<'n, 's>(
    wishes: &[ValueWish<'n, 's>],
    positions: &[usize],
) -> Changes<'n, 's> {
    let mut changes: Changes<'n, 's> = Vec::new();
    let mut known = HashMap::new();
    for &position in positions {
        let wish = &wishes[position];
        let site = &wish.site;
        let (slot, keys) = match &site.missing {
            Some((holder, path, missing)) => made_at(holder, path, missing),
            None => (site.slot.clone(), Vec::new()),
        };
        let is_empty = |slot: &Slot<'_, '_>| {
            let node = slot.node().ok().flatten();
            node.is_some_and(|node| node.is_null() || node.items().is_some_and(<[_]>::is_empty))
        };
        let value = match &wish.value {
            TargetValue::Names(names)
                if site.missing.is_none() && wish.form == SecretsForm::Text =>
            {
                TargetValue::Text(names.join(","))
            }
            TargetValue::Names(names) if site.missing.is_some() || is_empty(&slot) => {
                TargetValue::Made(listed(names, wish.form))
            }
            TargetValue::Text(text) if site.missing.is_some() => {
                TargetValue::Made(AddedValue::Text(text.clone()))
            }
            other => other.clone(),
        };
        let value = match value {
            TargetValue::Made(made) => {
                TargetValue::Made(keys.iter().rev().fold(made, |made, key| {
                    AddedValue::Mapping(vec![((*key).to_owned(), made)])
                }))
            }
            other => other,
        };
        // An alias or a merge key brings one value to several paths, at each of which it changes.
        let at = (std::ptr::from_ref(slot.holder), slot.full_path());
        let at = *known.entry(at).or_insert(changes.len());
        if at == changes.len() {
            changes.push(Planned {
                change: Change { slot, value },
                wishes: vec![position],
                by_edit: Vec::new(),
            });
            continue;
        }
        let planned = &mut changes[at];
        planned.wishes.push(position);
        match (&mut planned.change.value, value) {
            (TargetValue::Made(known), TargetValue::Made(new)) => merge(known, new),
            // Several releases may add to one list.
            (TargetValue::Names(known), TargetValue::Names(new)) => {
                let new = new.into_iter().filter(|name| !known.contains(name));
                let new: Vec<String> = new.collect();
                known.extend(new);
            }
            _ => {}
        }
    }
    // Of two that end at one place, the deeper one has to come first: an entry of the list under the last
    // key of a mapping comes before a new key of that mapping.
    sort_by_key(&mut changes, |Planned { change, .. }| {
        let is_written = change.slot.node().ok().flatten().is_some();
        Reverse((change.slot.path.0.len(), is_written))
    });
    changes
}

/// The slot at which absent keys are added, and the keys below it.
fn made_at<'n, 's>(
    holder: &'n Node<'s>,
    path: &Path<'n>,
    missing: &[&'n str],
) -> (Slot<'n, 's>, Vec<&'n str>) {
    let Some((first, rest)) = missing.split_first() else {
        return (Slot::key(holder, path.clone(), ""), Vec::new());
    };
    let slot = Slot {
        holder,
        path: path.clone(),
        at: Segment::Key(first),
        after: "",
    };
    (slot, rest.to_vec())
}

fn listed(names: &[String], form: SecretsForm) -> AddedValue {
    let item = |name: &String| match form {
        SecretsForm::Mappings => {
            AddedValue::Mapping(vec![("name".to_owned(), AddedValue::Text(name.clone()))])
        }
        SecretsForm::Names | SecretsForm::Text => AddedValue::Text(name.clone()),
    };
    match (form, names) {
        (SecretsForm::Text, names) => AddedValue::Text(names.join(",")),
        (_, names) => AddedValue::List(names.iter().map(item).collect()),
    }
}

fn merge(known: &mut AddedValue, new: AddedValue) {
    match (known, new) {
        (AddedValue::Mapping(known), AddedValue::Mapping(new)) => {
            for (key, value) in new {
                match known.iter_mut().find(|(own, _)| *own == key) {
                    Some((_, own)) => merge(own, value),
                    None => known.push((key, value)),
                }
            }
        }
        (AddedValue::List(known), AddedValue::List(new)) => {
            for item in new {
                if !known.contains(&item) {
                    known.push(item);
                }
            }
        }
        _ => {}
    }
}
