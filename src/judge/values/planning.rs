//! Turns wishes into edits of the texts that their places are in, also of documents inside other
//! documents.

mod document;

use std::collections::{BTreeMap, HashMap};

use crate::edit::{self, Change, DocumentChanges, DocumentEdit, Edit, TargetValue};
use crate::embedded::Embedded;
use crate::slot::Slot;
use crate::values::NOWHERE;
use crate::yaml::Node;

use super::ValueWish;
use document::of_document;

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

/// The changes of a document.
pub(super) type Changes<'n, 's> = Vec<Planned<'n, 's>>;

/// A change of a document.
#[derive(Debug)]
pub struct Planned<'n, 's> {
    /// The change.
    pub change: Change<'n, 's>,
    /// The positions of the wishes that it fulfils.
    pub wishes: Vec<usize>,
    /// Of a text that is a document, each of its edits with the wishes that it fulfils; empty where all edits
    /// are of all wishes.
    pub by_edit: Vec<EditOfWishes>,
}

/// An edit with the positions of the wishes that it fulfils.
pub(super) type EditOfWishes = (Edit, Vec<usize>);

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
            Ok((value, by_edit)) => {
                let slot = slot.clone();
                changes.entry(*outer).or_default().push(Planned {
                    change: Change { slot, value },
                    wishes: wishes_of(&inner),
                    by_edit,
                });
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
    let wishes = changes.iter().flat_map(|planned| &planned.wishes);
    wishes.copied().collect()
}

/// What the scalar that holds a document becomes with the changes of this, and what each edit of it is for.
fn value_of_text(
    document: &ValuesDocument<'_, '_>,
    outer: &ValuesDocument<'_, '_>,
    slot: &Slot<'_, '_>,
    changes: &Changes<'_, '_>,
) -> Result<(TargetValue, Vec<EditOfWishes>), String> {
    if document.begins == 0 && matches!(document.text.trim(), "" | "{}") {
        return Ok((first_text(outer, slot, changes)?, Vec::new()));
    }
    let edits = edits_of(document.text, &[(document, changes)])?;
    let node = slot.node().ok().flatten();
    let embedded = node.and_then(|node| Embedded::of(outer.text, node));
    let embedded = embedded.ok_or("what holds it is no text")?;
    let (edits, wishes): (Vec<Edit>, Vec<Vec<usize>>) = edits
        .into_iter()
        .map(|(mut edit, wishes)| {
            edit.span = edit.span.start + document.begins..edit.span.end + document.begins;
            (edit, wishes)
        })
        .unzip();
    let (value, sources) = embedded.edited(&edits)?;
    let TargetValue::Document(_, outer) = &value else {
        return Ok((value, Vec::new()));
    };
    let by_edit = outer.iter().zip(sources).map(|(edit, sources)| {
        let wishes = sources.iter().flat_map(|&source| &wishes[source]);
        (edit.clone(), wishes.copied().collect())
    });
    let by_edit = by_edit.collect();
    Ok((value, by_edit))
}

/// What a scalar that says nothing, or that is absent, becomes with the first values of its document.
fn first_text(
    outer: &ValuesDocument<'_, '_>,
    slot: &Slot<'_, '_>,
    changes: &Changes<'_, '_>,
) -> Result<TargetValue, String> {
    let changes = changes.iter().map(|planned| Change {
        slot: Slot {
            holder: &NOWHERE,
            ..planned.change.slot.clone()
        },
        value: planned.change.value.clone(),
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
) -> Result<Vec<EditOfWishes>, String> {
    let is_whole = documents.iter().all(|(document, _)| document.is_whole);
    let changes = documents.iter().map(|(document, changes)| {
        let changes = changes.iter().map(|planned| planned.change.clone());
        let changes = changes.collect();
        DocumentChanges::new(document.root, document.ordinal, changes)
    });
    let mut changes: Vec<DocumentChanges<'_, '_, '_>> = changes.collect();
    let planned = edit::plan_documents(text, is_whole, &mut changes)?;
    // Of a text that is a document, each edit is for some of the wishes alone.
    let mut known: HashMap<(usize, usize), HashMap<&Edit, &Vec<usize>>> = HashMap::new();
    for (document, (_, changes)) in documents.iter().enumerate() {
        for (position, planned) in changes.iter().enumerate() {
            if !planned.by_edit.is_empty() {
                let by_edit = planned.by_edit.iter();
                let by_edit = by_edit.map(|(edit, wishes)| (edit, wishes)).collect();
                known.insert((document, position), by_edit);
            }
        }
    }
    let of_wishes = |DocumentEdit {
                         edit,
                         document,
                         change,
                     }: DocumentEdit| {
        let own = known
            .get(&(document, change))
            .and_then(|own| own.get(&edit));
        let all = &documents[document].1[change].wishes;
        let wishes = own.copied().unwrap_or(all).clone();
        (edit, wishes)
    };
    Ok(planned.into_iter().map(of_wishes).collect())
}
