//! Changes of several documents of one text as edits of it, checked by reading the edited text again.

use crate::sort::sort_by_key;
use crate::yaml::{Error, Node, parse};

use super::{
    Change, Edit, MergedValue, PlannedEdit, Shared, TargetValue, apply, order, plan, sort, verify,
};

/// A document and what is to change in it.
pub(crate) struct DocumentChanges<'c, 'n, 's> {
    root: &'n Node<'s>,
    /// Its position among the documents of the text.
    ordinal: usize,
    changes: Vec<Change<'c, 's>>,
    shared: Shared<'n, 's>,
    merged: MergedValue,
}

/// An edit of the text, with its document, and the change of that document that it makes.
pub(crate) struct DocumentEdit {
    pub(crate) edit: Edit,
    /// Position of the document's changes among all that were given.
    pub(crate) document: usize,
    /// Position of the change among those of the document.
    pub(crate) change: usize,
}

impl<'c, 'n, 's> DocumentChanges<'c, 'n, 's> {
    pub(crate) fn new(root: &'n Node<'s>, ordinal: usize, changes: Vec<Change<'c, 's>>) -> Self {
        DocumentChanges {
            root,
            ordinal,
            changes,
            shared: Shared::of(root),
            merged: MergedValue::Follows,
        }
    }

    /// Switches to writing out values that come through a merge key; returns `false` if that was tried
    /// or there are none.
    fn goes_on(&mut self) -> bool {
        let goes_on = self.merged == MergedValue::Follows && !self.shared.is_empty();
        if goes_on {
            self.merged = MergedValue::WrittenOut;
        }
        goes_on
    }

    /// Compares the document with what it is among the documents of the edited text.
    fn check(&self, new: &[Node<'_>]) -> Result<(), String> {
        let new = new.get(self.ordinal);
        let new = new.ok_or("the document would be lost")?;
        let differs = |path| {
            if self.shared.is_empty() {
                format!("the edit would change more than was planned, at {path}")
            } else {
                format!(
                    "an alias or a merge key brings it to {path}, too, which must stay: write the value out \
                 there"
                )
            }
        };
        verify(self.root, new, &self.changes, None).map_err(differs)
    }
}

/// The edits of a text that change its documents as planned, sorted.
///
/// With `is_whole`, the text consists of exactly these documents, and the edited text is parsed
/// again and compared. Without it, the caller, which holds the whole text, has to do so.
///
/// # Errors
/// Why the changes cannot be made.
pub(crate) fn plan_documents(
    text: &str,
    is_whole: bool,
    documents: &mut [DocumentChanges<'_, '_, '_>],
) -> Result<Vec<DocumentEdit>, String> {
    loop {
        let mut edits = Vec::new();
        for (document, of) in documents.iter().enumerate() {
            let planned = plan(text, &of.changes, &[], &of.shared, of.merged);
            let planned = planned.map_err(with_help)?.into_iter();
            edits.extend(planned.map(|PlannedEdit { edit, change }| DocumentEdit {
                edit,
                document,
                change,
            }));
        }
        sort_by_key(&mut edits, |of| order(&of.edit));
        let is_own = |of: &DocumentEdit| {
            let change = &documents[of.document].changes[of.change];
            !matches!(change.value, TargetValue::Document(..))
        };
        part_first_pairs(text, edits.iter_mut().filter(|of| is_own(of)));
        let refused = if is_whole {
            check(text, &edits, documents)
        } else {
            Vec::new()
        };
        let Some((_, why)) = refused.first() else {
            return Ok(edits);
        };
        let why = why.clone();
        let mut goes_on = false;
        for (position, _) in refused {
            goes_on |= documents[position].goes_on();
        }
        if !goes_on {
            return Err(why);
        }
    }
}

/// Puts commas between several pairs that are each the first one of a mapping in braces.
fn part_first_pairs<'e>(text: &str, edits: impl Iterator<Item = &'e mut DocumentEdit>) {
    let mut last = None;
    for of in edits {
        let span = of.edit.span.clone();
        let (before, behind) = text.split_at(span.start);
        let is_in_braces = before.ends_with('{') && behind.trim_start().starts_with('}');
        if span.is_empty() && is_in_braces && last == Some(span.start) {
            of.edit.text.insert_str(0, ", ");
        }
        last = Some(span.start);
    }
}

/// Why changes cannot be made, with what to do.
pub(crate) fn with_help(error: Error) -> String {
    match error.help {
        Some(help) => format!("{}: {help}", error.what),
        None => error.what,
    }
}

/// Reads the edited text again, and compares the documents that were to change; gives those that did
/// not change as planned: all of them where the text cannot be read.
fn check(
    text: &str,
    edits: &[DocumentEdit],
    documents: &[DocumentChanges<'_, '_, '_>],
) -> Vec<(usize, String)> {
    let mut alone: Vec<Edit> = edits.iter().map(|of| of.edit.clone()).collect();
    let all = |why: &str| {
        let positions = 0..documents.len();
        positions
            .map(|position| (position, why.to_owned()))
            .collect()
    };
    if sort(&mut alone).is_err() {
        return all("two edits overlap");
    }
    let new = apply(text, &alone);
    let read = match parse::documents(&new) {
        Ok(read) => read,
        Err(error) => return all(&error.what),
    };
    let checked = documents.iter().map(|of| of.check(&read));
    let refused = checked
        .enumerate()
        .filter_map(|(position, checked)| Some((position, checked.err()?)));
    refused.collect()
}
