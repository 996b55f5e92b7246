//! Changes of places in documents, as edits of the files that hold these.

use std::collections::BTreeMap;

use crate::edit::{self, Change, Edit, Merged, Planned, Shared, Value};
use crate::embedded::Embedded;
use crate::yaml::parse;
use crate::yaml::{Node, Span};

use super::sources::{Document, Inline, Sources, TreeFile};
use super::value::Place;

/// A value that a place should have.
#[derive(Debug, Clone)]
pub(super) struct Wish<'n, 's> {
    pub(super) place: Place<'n, 's>,
    pub(super) value: Value,
}

/// What edits are made of: documents and the texts that they are in.
#[derive(Clone, Copy)]
pub(super) struct Editor<'e, 'n, 's> {
    pub(super) sources: &'e Sources<'n, 's>,
    pub(super) files: &'e [TreeFile<'s>],
    pub(super) inline: &'e [Inline<'n, 's>],
}

/// Edits of a file, each with the position of the wish that it is for.
pub(super) type FileEdits = BTreeMap<usize, Vec<(Edit, usize)>>;

impl<'n, 's> Editor<'_, 'n, 's> {
    /// The edits that fulfil wishes, by the position of the file. Each text is read again, and its
    /// documents compared.
    ///
    /// # Errors
    /// Why a wish cannot be fulfilled.
    pub(super) fn edits(&self, wishes: &[Wish<'n, 's>]) -> Result<FileEdits, String> {
        let mut by_document: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for (position, wish) in wishes.iter().enumerate() {
            let of_document = by_document.entry(wish.place.document).or_default();
            of_document.push(position);
        }
        // The documents of one text follow each other.
        let mut by_text: BTreeMap<usize, Vec<Planning<'_, 'n, 's>>> = BTreeMap::new();
        for (document, positions) in by_document {
            let at = &self.sources.documents[document];
            if self.files[at.input].is_left_out {
                return Err("the file that says it is left out".to_owned());
            }
            let planning = Planning::new(at, wishes, positions);
            let first = document - at.ordinal;
            by_text.entry(first).or_default().push(planning);
        }
        let mut edits = FileEdits::new();
        for (first, mut plannings) in by_text {
            let at = &self.sources.documents[first];
            let of_text = planned(self.text_of(at), &mut plannings)?;
            let of_file = edits.entry(at.input).or_default();
            of_file.extend(self.outer(at.inline, of_text)?);
        }
        Ok(edits)
    }

    /// Edits of a text in a scalar as those of the file.
    fn outer(
        &self,
        inline: Option<usize>,
        edits: Vec<(Edit, usize)>,
    ) -> Result<Vec<(Edit, usize)>, String> {
        let Some(inline) = inline else {
            return Ok(edits);
        };
        let inline = &self.inline[inline];
        let holding = &self.sources.documents[inline.document];
        let text = self.text_of(holding);
        let embedded = Embedded::of(text, inline.node).ok_or("what holds it is no text")?;
        let (edits, wishes): (Vec<Edit>, Vec<usize>) = edits.into_iter().unzip();
        let translated = embedded.translate_all(&edits);
        let translated = translated.map_err(|(_, why)| format!("{why}: {}", why.help()))?;
        // Edits on one line are one edit of the file, which is told of the first of them.
        let wish = |position: usize| wishes[position.min(wishes.len() - 1)];
        let translated = translated.into_iter().enumerate();
        let translated = translated.map(|(position, edit)| (edit, wish(position)));
        self.outer(holding.inline, translated.collect())
    }

    /// The text that the offsets of a document count in.
    pub(super) fn text_of(&self, document: &Document<'n, 's>) -> &'s str {
        match document.inline {
            Some(inline) => self.inline[inline].text,
            None => self.files[document.input].text,
        }
    }

    /// The bytes of the file for those of a document, and the document of the file.
    pub(super) fn in_file(&self, document: usize, span: Span) -> (&Document<'n, 's>, Span) {
        let document = &self.sources.documents[document];
        let Some(inline) = document.inline else {
            return (document, span);
        };
        let inline = &self.inline[inline];
        let text = self.text_of(&self.sources.documents[inline.document]);
        let outer = match Embedded::of(text, inline.node) {
            Some(embedded) => embedded.outer(span.clone()).unwrap_or_else(|| {
                let start = embedded.place(span.start);
                start..embedded.place(span.end).max(start)
            }),
            None => inline.node.span.clone(),
        };
        self.in_file(inline.document, outer)
    }
}

/// What is to change in a document, and how that is tried.
struct Planning<'w, 'n, 's> {
    document: &'w Document<'n, 's>,
    changes: Vec<Change<'w, 's>>,
    /// The wish that each change is for.
    wishes: Vec<usize>,
    shared: Shared<'n, 's>,
    merged: Merged,
}

impl<'w, 'n, 's> Planning<'w, 'n, 's> {
    fn new(document: &'w Document<'n, 's>, wishes: &'w [Wish<'n, 's>], own: Vec<usize>) -> Self {
        let changes = own.iter().map(|&position| Change {
            slot: wishes[position].place.slot(),
            value: wishes[position].value.clone(),
        });
        Planning {
            document,
            changes: changes.collect(),
            wishes: own,
            shared: Shared::of(document.root),
            merged: Merged::Follows,
        }
    }

    /// Goes on to the other way to try; `false` where there is none.
    fn goes_on(&mut self) -> bool {
        let goes_on = self.merged == Merged::Follows && !self.shared.is_empty();
        if goes_on {
            self.merged = Merged::WrittenOut;
        }
        goes_on
    }

    fn edits(&self, text: &str) -> Result<Vec<(Edit, usize)>, String> {
        let planned = edit::plan(text, &self.changes, &[], &self.shared, self.merged);
        let planned = planned.map_err(|error| error.what)?.into_iter();
        let of_wish = |planned: Planned| (planned.edit, self.wishes[planned.change]);
        Ok(planned.map(of_wish).collect())
    }

    /// Compares the document with what it is among the documents of the edited text.
    fn check(&self, new: &[Node<'_>]) -> Result<(), String> {
        let new = new.get(self.document.ordinal);
        let new = new.ok_or("the document would be lost")?;
        let differs = |path| format!("the edit would change more than was planned, at {path}");
        edit::verify(self.document.root, new, &self.changes, None).map_err(differs)
    }
}

/// The edits of a text that change its documents as planned, sorted.
///
/// # Errors
/// Why there are none.
fn planned(
    text: &str,
    plannings: &mut [Planning<'_, '_, '_>],
) -> Result<Vec<(Edit, usize)>, String> {
    loop {
        let mut edits = Vec::new();
        for planning in &*plannings {
            edits.extend(planning.edits(text)?);
        }
        edits.sort_by_key(|(edit, _)| (edit.span.start, edit.span.end));
        let refused = check(text, &edits, plannings);
        if refused.is_empty() {
            return Ok(edits);
        }
        for (position, why) in refused {
            if !plannings[position].goes_on() {
                return Err(why);
            }
        }
    }
}

/// Reads the edited text again, and compares the documents that were to change; gives those that did
/// not change as planned: all of them where the text cannot be read.
fn check(
    text: &str,
    edits: &[(Edit, usize)],
    plannings: &[Planning<'_, '_, '_>],
) -> Vec<(usize, String)> {
    let mut alone: Vec<Edit> = edits.iter().map(|(edit, _)| edit.clone()).collect();
    let all = |why: &str| {
        let positions = 0..plannings.len();
        positions
            .map(|position| (position, why.to_owned()))
            .collect()
    };
    if edit::sort(&mut alone).is_err() {
        return all("two edits overlap");
    }
    let new = edit::apply(text, &alone);
    let documents = match parse::documents(&new) {
        Ok(documents) => documents,
        Err(error) => return all(&error.what),
    };
    let checked = plannings.iter().map(|one| one.check(&documents));
    let refused = checked
        .enumerate()
        .filter_map(|(position, checked)| Some((position, checked.err()?)));
    refused.collect()
}
