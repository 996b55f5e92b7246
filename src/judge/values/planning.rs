//! Turns wishes into edits of the texts that their places are in, also of documents inside other
//! documents.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};

use crate::chart::SecretsForm;
use crate::edit::{self, AddedValue, Change, DocumentChanges, DocumentEdit, Edit, TargetValue};
use crate::embedded::Embedded;
use crate::slot::Slot;
use crate::values::NOWHERE;
use crate::yaml::{Node, Segment};

use super::ValueWish;

/// A document that values are in.
#[derive(Debug)]
pub struct ValuesDocument<'n, 's> {
    /// The text that the offsets of its nodes count in.
    pub text: &'n str,
    /// Its root.
    pub root: &'n Node<'s>,
    /// Its position among the documents of the text.
    pub ordinal: usize,
    /// The document and the scalar that it is in, for one in a text of another.
    pub outer: Option<(usize, Slot<'n, 's>)>,
    /// Where in the text of that scalar it begins.
    pub begins: usize,
    /// Position of the file; 0 where there is one input.
    pub input: usize,
    /// The file's path; empty where there is one input.
    pub path: &'n str,
    /// The file's path from where paths of the configuration begin, where it is known.
    pub file: Option<&'n str>,
    /// Whether it is left out, so that it is never edited.
    pub is_excluded: bool,
    /// Whether the text holds all of it and nothing but its like, so that it can be read again here.
    pub is_whole: bool,
}

/// The changes of a document, each with the positions of the wishes that it fulfils.
pub(super) type Changes<'n, 's> = Vec<(Change<'n, 's>, Vec<usize>)>;

/// The edits of files, by position, each with the wishes that it fulfils.
pub type DocumentEdits = BTreeMap<usize, Vec<(Edit, Vec<usize>)>>;

/// Why wishes cannot be fulfilled: their positions, and the reason.
pub(super) type Refused = (Vec<usize>, String);

/// The changes of documents that no other holds: what is in texts becomes a change of the text.
///
/// # Errors
/// All wishes that cannot be fulfilled, and why.
pub fn changes<'n, 's>(
    documents: &[ValuesDocument<'n, 's>],
    wishes: &[ValueWish<'n, 's>],
) -> Result<BTreeMap<usize, Changes<'n, 's>>, Vec<Refused>> {
    let mut by_document: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (position, wish) in wishes.iter().enumerate() {
        by_document
            .entry(wish.site.document)
            .or_default()
            .push(position);
    }
    let mut changes: BTreeMap<usize, Changes<'n, 's>> = BTreeMap::new();
    for (document, positions) in by_document {
        changes.insert(document, of_document(wishes, &positions));
    }
    let mut refused = Vec::new();
    // Documents in texts come after the documents that hold these texts.
    for (position, document) in documents.iter().enumerate().rev() {
        let Some((outer, slot)) = &document.outer else {
            continue;
        };
        let Some(inner) = changes.remove(&position) else {
            continue;
        };
        match value_of_text(document, &documents[*outer], slot, &inner) {
            Ok(value) => {
                let slot = slot.clone();
                let change = (Change { slot, value }, wishes_of(&inner));
                changes.entry(*outer).or_default().push(change);
            }
            Err(why) => refused.push((wishes_of(&inner), why)),
        }
    }
    if refused.is_empty() {
        Ok(changes)
    } else {
        Err(refused)
    }
}

fn wishes_of(changes: &Changes<'_, '_>) -> Vec<usize> {
    let wishes = changes.iter().flat_map(|(_, wishes)| wishes);
    wishes.copied().collect()
}

/// What the scalar that holds a document becomes with the changes of this.
fn value_of_text(
    document: &ValuesDocument<'_, '_>,
    outer: &ValuesDocument<'_, '_>,
    slot: &Slot<'_, '_>,
    changes: &Changes<'_, '_>,
) -> Result<TargetValue, String> {
    if document.begins == 0 && matches!(document.text.trim(), "" | "{}") {
        return first_text(outer, slot, changes);
    }
    let edits = edits_of(document.text, &[(document, changes)])?;
    let node = slot.node().ok().flatten();
    let embedded = node.and_then(|node| Embedded::of(outer.text, node));
    let embedded = embedded.ok_or("what holds it is no text")?;
    let edits = edits.into_iter().map(|(mut edit, _)| {
        edit.span = edit.span.start + document.begins..edit.span.end + document.begins;
        edit
    });
    let edits: Vec<Edit> = edits.collect();
    embedded.edited(&edits)
}

/// What a scalar that says nothing, or that is absent, becomes with the first values of its document.
fn first_text(
    outer: &ValuesDocument<'_, '_>,
    slot: &Slot<'_, '_>,
    changes: &Changes<'_, '_>,
) -> Result<TargetValue, String> {
    let changes = changes.iter().map(|(change, _)| Change {
        slot: Slot {
            holder: &NOWHERE,
            ..change.slot.clone()
        },
        value: change.value.clone(),
    });
    let changes = DocumentChanges::new(&NOWHERE, 0, changes.collect());
    let edits = edit::plan_documents("", true, &mut [changes])?;
    let edits: Vec<Edit> = edits.into_iter().map(|of| of.edit).collect();
    let new = edit::apply("", &edits);
    let edits = edit::text_of_lines(outer.text, slot, &new).map_err(edit::with_help)?;
    Ok(TargetValue::Document(new, edits))
}

/// The edits of files.
///
/// # Errors
/// As [`changes`].
pub fn edits<'n, 's>(
    documents: &[ValuesDocument<'n, 's>],
    wishes: &[ValueWish<'n, 's>],
) -> Result<DocumentEdits, Vec<Refused>> {
    let changes = changes(documents, wishes)?;
    let mut by_file: BTreeMap<usize, Vec<(&ValuesDocument<'n, 's>, &Changes<'n, 's>)>> =
        BTreeMap::new();
    for (position, changes) in &changes {
        let document = &documents[*position];
        by_file
            .entry(document.input)
            .or_default()
            .push((document, changes));
    }
    let mut all = DocumentEdits::new();
    let mut refused = Vec::new();
    for (input, of_file) in by_file {
        match edits_of(of_file[0].0.text, &of_file) {
            Ok(edits) => {
                all.insert(input, edits);
            }
            Err(why) => {
                let wishes = of_file.iter().flat_map(|(_, changes)| wishes_of(changes));
                refused.push((wishes.collect(), why));
            }
        }
    }
    if refused.is_empty() {
        Ok(all)
    } else {
        Err(refused)
    }
}

/// The edits of one text that change its documents as planned, sorted, each with its wishes.
fn edits_of(
    text: &str,
    documents: &[(&ValuesDocument<'_, '_>, &Changes<'_, '_>)],
) -> Result<Vec<(Edit, Vec<usize>)>, String> {
    let is_whole = documents.iter().all(|(document, _)| document.is_whole);
    let changes = documents.iter().map(|(document, changes)| {
        let changes = changes.iter().map(|(change, _)| change.clone()).collect();
        DocumentChanges::new(document.root, document.ordinal, changes)
    });
    let mut changes: Vec<DocumentChanges<'_, '_, '_>> = changes.collect();
    let planned = edit::plan_documents(text, is_whole, &mut changes)?;
    let of_wishes = |of: DocumentEdit| (of.edit, documents[of.document].1[of.change].1.clone());
    Ok(planned.into_iter().map(of_wishes).collect())
}

/// The changes of one document; absent values below one place are added together.
fn of_document<'n, 's>(wishes: &[ValueWish<'n, 's>], positions: &[usize]) -> Changes<'n, 's> {
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
            changes.push((Change { slot, value }, vec![position]));
            continue;
        }
        let (change, of) = &mut changes[at];
        of.push(position);
        match (&mut change.value, value) {
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
    changes.sort_by_key(|(change, _)| {
        let is_written = change.slot.node().ok().flatten().is_some();
        Reverse((change.slot.path.0.len(), is_written))
    });
    changes
}

/// The slot at which absent keys are added, and the keys below it.
fn made_at<'n, 's>(
    holder: &'n Node<'s>,
    path: &crate::yaml::Path<'n>,
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
