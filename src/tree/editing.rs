//! Changes of places in documents, as edits of the files that hold these.

use std::collections::BTreeMap;

use crate::edit::{self, Change, DocumentChanges, DocumentEdit, Edit, TargetValue};
use crate::embedded::Embedded;
use crate::yaml::{Node, Span};

use super::sources::{InlineText, SourceDocument, Sources, TreeFile};
use super::value::DocumentSlot;

/// A value that a place should have.
#[derive(Debug, Clone)]
pub(super) struct DesiredValue<'n, 's> {
    pub(super) place: DocumentSlot<'n, 's>,
    pub(super) value: TargetValue,
}

/// What edits are built from: documents and the texts that they are in.
#[derive(Clone, Copy)]
pub(super) struct Editor<'e, 'n, 's> {
    pub(super) sources: &'e Sources<'n, 's>,
    pub(super) files: &'e [TreeFile<'s>],
    pub(super) inline: &'e [InlineText<'n, 's>],
}

/// Edits of a text, by its first document, each with the position of the wish that it is for.
pub(super) type TextEdits = BTreeMap<usize, Vec<(Edit, usize)>>;

/// Edits of a file, each with the position of the wish that it is for.
pub(super) type FileEdits = BTreeMap<usize, Vec<(Edit, usize)>>;

/// The text in a scalar that was asked for last.
#[derive(Default)]
pub(super) struct LastScalar {
    /// The document and the offset of the scalar.
    id: Option<(usize, usize)>,
    /// None for what is no text of several lines.
    embedded: Option<Embedded>,
}

/// What is to change in the documents of one text, and the wish that each change is for.
#[derive(Default)]
struct OfText<'w, 'n, 's> {
    documents: Vec<DocumentChanges<'w, 'n, 's>>,
    wishes: Vec<Vec<usize>>,
}

impl<'n, 's> Editor<'_, 'n, 's> {
    /// The edits that fulfil wishes, by the position of the file. Each text is read again, and its
    /// documents compared.
    ///
    /// # Errors
    /// Why a wish cannot be fulfilled.
    pub(super) fn edits(&self, wishes: &[DesiredValue<'n, 's>]) -> Result<FileEdits, String> {
        self.in_files(self.planned(wishes)?)
    }

    /// Edits of texts as edits of the files that these are in, by the position of the file.
    ///
    /// # Errors
    /// Why one cannot be made.
    pub(super) fn in_files(&self, planned: TextEdits) -> Result<FileEdits, String> {
        let mut edits = FileEdits::new();
        for (first, planned) in planned {
            let at = &self.sources.documents[first];
            let of_file = edits.entry(at.input).or_default();
            of_file.extend(self.outer(at.inline, planned)?);
        }
        Ok(edits)
    }

    /// The edits of texts that fulfil wishes, as [`Editor::edits`] makes them.
    ///
    /// # Errors
    /// Why a wish cannot be fulfilled.
    pub(super) fn planned(&self, wishes: &[DesiredValue<'n, 's>]) -> Result<TextEdits, String> {
        let mut by_document: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for (position, wish) in wishes.iter().enumerate() {
            let of_document = by_document.entry(wish.place.document).or_default();
            of_document.push(position);
        }
        // The documents of one text follow each other.
        let mut by_text: BTreeMap<usize, OfText<'_, 'n, 's>> = BTreeMap::new();
        for (document, positions) in by_document {
            let at = &self.sources.documents[document];
            let file = &self.files[at.input];
            if let Some(why) = file.left_out {
                return Err(format!("it is written in {}, which is {why}", file.shown));
            }
            if self.sources.cut.contains(&at.input) {
                let path = file.shown;
                return Err(format!(
                    "it is written in {path}, where what follows the first document is not YAML"
                ));
            }
            let changes = positions.iter().map(|&position| {
                let DesiredValue { place, value } = &wishes[position];
                Change {
                    slot: place.slot(),
                    value: self.as_document(place, value),
                }
            });
            let changes = DocumentChanges::new(at.root, at.ordinal, changes.collect());
            let of_text = by_text.entry(document - at.ordinal).or_default();
            of_text.documents.push(changes);
            of_text.wishes.push(positions);
        }
        let mut edits = TextEdits::new();
        for (first, mut of_text) in by_text {
            let text = self.text_of(&self.sources.documents[first]);
            let planned = edit::plan_documents(text, true, &mut of_text.documents)?;
            let of_wish = |of: DocumentEdit| (of.edit, of_text.wishes[of.document][of.change]);
            edits.insert(first, planned.into_iter().map(of_wish).collect());
        }
        Ok(edits)
    }

    /// What a text of several lines becomes, line by line where that is possible, so that its style and
    /// its comments stay.
    fn as_document(&self, place: &DocumentSlot<'n, 's>, value: &TargetValue) -> TargetValue {
        let edits = || {
            let TargetValue::Text(new) = value else {
                return None;
            };
            let old = place.node().text()?;
            let text = self.text_of(&self.sources.documents[place.document]);
            let embedded = Embedded::of(text, place.node())?;
            let edits = line_edits(old, new)?;
            let translated = embedded.translate_all(&edits).ok()?;
            Some(TargetValue::Document(new.clone(), translated))
        };
        edits().unwrap_or_else(|| value.clone())
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
        let embedded = self.embedded(inline).ok_or("what holds it is no text")?;
        let holding = &self.sources.documents[self.inline[inline].document];
        let (edits, wishes): (Vec<Edit>, Vec<usize>) = edits.into_iter().unzip();
        let translated = embedded.translate_all(&edits);
        let translated = translated.map_err(|(_, why)| format!("{why}: {}", why.help()))?;
        // Edits on one line are merged into one edit of the file, attributed to the wish of the
        // first.
        let wish = |position: usize| wishes[position.min(wishes.len() - 1)];
        let translated = translated.into_iter().enumerate();
        let translated = translated.map(|(position, edit)| (edit, wish(position)));
        self.outer(holding.inline, translated.collect())
    }

    /// Where the bytes of a text in a scalar stand.
    fn embedded(&self, inline: usize) -> Option<&Embedded> {
        let inline = &self.inline[inline];
        let of = || {
            let text = self.text_of(&self.sources.documents[inline.document]);
            Embedded::of(text, inline.node)
        };
        inline.embedded.get_or_init(of).as_ref()
    }

    /// The text that the offsets of a document count in.
    pub(super) fn text_of(&self, document: &SourceDocument<'n, 's>) -> &'s str {
        match document.inline {
            Some(inline) => self.inline[inline].text,
            None => self.files[document.input].text,
        }
    }

    /// Where the text begins that a document is in, in the document that holds it.
    pub(super) fn holder(&self, document: usize) -> Option<usize> {
        let inline = self.sources.documents[document].inline?;
        Some(self.inline[inline].node.span.start)
    }

    /// The bytes of a document for these bytes of a text of several lines in it; `last` is for one caller,
    /// who asks of one text after the other.
    pub(super) fn in_scalar(
        &self,
        last: &mut LastScalar,
        (document, scalar): (usize, &Node<'_>),
        inner: &Span,
    ) -> Option<Span> {
        let id = (document, scalar.span.start);
        if last.id != Some(id) {
            let is_long = scalar.text().is_some_and(|text| text.contains('\n'));
            let text = self.text_of(&self.sources.documents[document]);
            let embedded = is_long.then(|| Embedded::of(text, scalar)).flatten();
            (last.id, last.embedded) = (Some(id), embedded);
        }
        let embedded = last.embedded.as_ref()?;
        embedded.text().get(inner.clone())?;
        Some(embedded.shown(inner.clone()))
    }

    /// Where these bytes of a scalar's text are in the file.
    pub(super) fn in_text(&self, document: usize, scalar: &Node<'_>, at: &[usize]) -> Vec<usize> {
        let embedded = Embedded::of(self.text_of(&self.sources.documents[document]), scalar);
        let places = embedded.iter().flat_map(|embedded| {
            at.iter().map(|&at| {
                let place = embedded.place(at);
                self.in_file(document, place..place).1.start
            })
        });
        places.collect()
    }

    /// The bytes of the file for those of a document, and the document of the file.
    pub(super) fn in_file(&self, document: usize, span: Span) -> (&SourceDocument<'n, 's>, Span) {
        let document = &self.sources.documents[document];
        let Some(inline) = document.inline else {
            return (document, span);
        };
        let outer = match self.embedded(inline) {
            Some(embedded) => embedded.shown(span),
            None => self.inline[inline].node.span.clone(),
        };
        self.in_file(self.inline[inline].document, outer)
    }
}

/// The edits that make one text of several lines another: in each line, what differs between its start
/// and its end; where lines are added, all that differs between the first lines and the last.
fn line_edits(old: &str, new: &str) -> Option<Vec<Edit>> {
    // One line with its end is a block, too.
    if !old.contains('\n') {
        return None;
    }
    let lines = old.split_inclusive('\n').count();
    if lines != new.split_inclusive('\n').count() {
        return Some(vec![between(old, new)]);
    }
    let mut edits = Vec::new();
    let mut at = 0;
    for (old, new) in old.split_inclusive('\n').zip(new.split_inclusive('\n')) {
        if old != new {
            let same = |(one, other): &(char, char)| one == other;
            let starts = old.chars().zip(new.chars()).take_while(same);
            let start: usize = starts.map(|(one, _)| one.len_utf8()).sum();
            let (rest, new_rest) = (&old[start..], &new[start..]);
            let ends = rest.chars().rev().zip(new_rest.chars().rev());
            let end: usize = ends.take_while(same).map(|(one, _)| one.len_utf8()).sum();
            edits.push(Edit {
                span: at + start..at + old.len() - end,
                text: new_rest[..new_rest.len() - end].to_owned(),
            });
        }
        at += old.len();
    }
    Some(edits)
}

/// The edit that makes one text another: what is between the whole lines that both begin with, and those that
/// both end in.
fn between(old: &str, new: &str) -> Edit {
    let same = |(one, other): &(&str, &str)| one == other;
    let starts = old.split_inclusive('\n').zip(new.split_inclusive('\n'));
    let start: usize = starts.take_while(same).map(|(line, _)| line.len()).sum();
    let (rest, new_rest) = (&old[start..], &new[start..]);
    let ends = rest
        .split_inclusive('\n')
        .rev()
        .zip(new_rest.split_inclusive('\n').rev());
    let end: usize = ends.take_while(same).map(|(line, _)| line.len()).sum();
    Edit {
        span: start..old.len() - end,
        text: new_rest[..new_rest.len() - end].to_owned(),
    }
}
