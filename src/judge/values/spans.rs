//! Where the bytes of documents that are inside others are in the outermost text.

use std::cell::OnceCell;

use crate::embedded::Embedded;
use crate::yaml::Span;

use super::ValuesDocument;

/// The documents, each text of another followed once, since many places are asked for.
pub(crate) struct Spans<'d, 'n, 's> {
    documents: &'d [ValuesDocument<'n, 's>],
    embedded: Vec<OnceCell<Option<Embedded>>>,
}

impl<'d, 'n, 's> Spans<'d, 'n, 's> {
    pub(crate) fn of(documents: &'d [ValuesDocument<'n, 's>]) -> Self {
        Spans {
            documents,
            embedded: documents.iter().map(|_| OnceCell::new()).collect(),
        }
    }

    /// The bytes of the outermost text for those of a document in it.
    pub(crate) fn outermost(&self, document: usize, span: Span) -> Span {
        let ValuesDocument { outer, begins, .. } = &self.documents[document];
        let Some((outer, slot)) = outer else {
            return span;
        };
        let span = begins + span.start..begins + span.end;
        let node = slot.node().ok().flatten();
        let followed = || node.and_then(|node| Embedded::of(self.documents[*outer].text, node));
        let span = match self.embedded[document].get_or_init(followed) {
            Some(embedded) => embedded.shown(span),
            None => node.map_or(slot.holder.span.start..slot.holder.span.start, |node| {
                node.span.clone()
            }),
        };
        self.outermost(*outer, span)
    }
}
