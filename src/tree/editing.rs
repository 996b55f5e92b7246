//! Changes of places in documents, as edits of the files that hold these.

use std::collections::BTreeMap;

use crate::edit::{self, Change, Edit, Merged, Shared, Value};
use crate::embedded::Embedded;
use crate::yaml::parse;
use crate::yaml::{Node, Span};

use super::sources::{Document, Sources};
use super::value::Place;

/// A value that a place should have.
#[derive(Debug, Clone)]
pub(super) struct Wish<'n, 's> {
    pub(super) place: Place<'n, 's>,
    pub(super) value: Value,
}

/// A text in a scalar of a document, which is a document itself.
#[derive(Debug)]
pub(super) struct Inline<'n, 's> {
    /// Position of the document that holds the scalar.
    pub(super) document: usize,
    /// The scalar.
    pub(super) node: &'n Node<'s>,
    /// What it says.
    pub(super) text: &'s str,
}

/// What edits are made of: documents and the texts that they are in.
#[derive(Clone, Copy)]
pub(super) struct Editor<'e, 'n, 's> {
    pub(super) sources: &'e Sources<'n, 's>,
    /// The texts of the files.
    pub(super) texts: &'e [&'s str],
    /// Which files are left out, and not to be edited.
    pub(super) excluded: &'e [bool],
    pub(super) inline: &'e [Inline<'n, 's>],
}

/// Edits of a file, each with the position of the wish that it is for.
pub(super) type FileEdits = BTreeMap<usize, Vec<(Edit, usize)>>;

impl<'n, 's> Editor<'_, 'n, 's> {
    /// The edits that fulfil wishes, by the position of the file. Each document is read again and
    /// compared.
    ///
    /// # Errors
    /// Why a wish cannot be fulfilled.
    pub(super) fn edits(&self, wishes: &[Wish<'n, 's>]) -> Result<FileEdits, String> {
        let mut by_document: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for (position, wish) in wishes.iter().enumerate() {
            by_document
                .entry(wish.place.document)
                .or_default()
                .push(position);
        }
        let mut edits = FileEdits::new();
        for (document, positions) in by_document {
            let planned = self.of_document(document, wishes, &positions)?;
            let input = self.sources.documents[document].input;
            edits.entry(input).or_default().extend(planned);
        }
        Ok(edits)
    }

    fn of_document(
        &self,
        document: usize,
        wishes: &[Wish<'n, 's>],
        positions: &[usize],
    ) -> Result<Vec<(Edit, usize)>, String> {
        let at = &self.sources.documents[document];
        if self.excluded.get(at.input) == Some(&true) {
            return Err("the file that says it is excluded".to_owned());
        }
        let text = self.text_of(at);
        let changes = positions.iter().map(|&position| Change {
            slot: wishes[position].place.slot(),
            value: wishes[position].value.clone(),
        });
        let changes: Vec<Change<'_, '_>> = changes.collect();
        let shared = Shared::of(at.root);
        let mut refusal = String::new();
        for merged in [Merged::Follows, Merged::WrittenOut] {
            let planned = edit::plan(text, &changes, &[], &shared, merged);
            let planned = planned.map_err(|error| error.what)?;
            let mut edits: Vec<(Edit, usize)> = planned
                .into_iter()
                .map(|planned| (planned.edit, positions[planned.change]))
                .collect();
            edits.sort_by_key(|(edit, _)| (edit.span.start, edit.span.end));
            match check(text, at.root, at.ordinal, &edits, &changes) {
                Ok(()) => return self.outer(at.inline, edits),
                Err(why) => refusal = why,
            }
            if shared.is_empty() {
                break;
            }
        }
        Err(refusal)
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
            None => self.texts[document.input],
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

/// Reads the edited text again, and compares the document that was to change.
fn check(
    text: &str,
    root: &Node<'_>,
    ordinal: usize,
    edits: &[(Edit, usize)],
    changes: &[Change<'_, '_>],
) -> Result<(), String> {
    let mut alone: Vec<Edit> = edits.iter().map(|(edit, _)| edit.clone()).collect();
    edit::sort(&mut alone).map_err(|_| "two edits overlap".to_owned())?;
    let new = edit::apply(text, &alone);
    let documents = parse::documents(&new).map_err(|error| error.what)?;
    let new_root = documents.get(ordinal).ok_or("the document would be lost")?;
    let differs = |path| format!("the edit would change more than was planned, at {path}");
    edit::verify(root, new_root, changes, None).map_err(differs)
}
