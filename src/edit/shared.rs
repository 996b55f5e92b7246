//! Anchors and their aliases in a document: values that are written once and count several times.

use std::collections::HashMap;

use crate::sort::sort_by_key;
use crate::yaml::{Kind, Node, Span};

/// An alias, and whether it is in a flow collection.
#[derive(Debug, Clone, Copy)]
pub(super) struct Alias<'n, 's> {
    pub(super) node: &'n Node<'s>,
    pub(super) in_flow: bool,
}

/// The aliases of a document by the node that they name.
#[derive(Debug, Default)]
pub struct Shared<'n, 's> {
    aliases: HashMap<*const Node<'s>, Vec<Alias<'n, 's>>>,
    spans: Vec<Span>,
}

impl<'n, 's> Shared<'n, 's> {
    /// Finds the aliases of a document.
    pub fn of(root: &'n Node<'s>) -> Self {
        let mut shared = Shared::default();
        shared.walk(root, false);
        shared
    }

    /// Whether the document has no alias.
    pub fn is_empty(&self) -> bool {
        self.aliases.is_empty()
    }

    pub(super) fn aliases_of(&self, anchor: &Node<'s>) -> &[Alias<'n, 's>] {
        let target = std::ptr::from_ref(anchor.target());
        self.aliases.get(&target).map_or(&[], Vec::as_slice)
    }

    fn walk(&mut self, node: &'n Node<'s>, in_flow: bool) {
        match &node.kind {
            Kind::Alias(target) => {
                let target = target.target();
                self.spans.push(target.span.clone());
                let aliases = self.aliases.entry(std::ptr::from_ref(target));
                aliases.or_default().push(Alias { node, in_flow });
            }
            Kind::Anchored(inner) => self.walk(inner, in_flow),
            Kind::Scalar(..) => {}
            Kind::Sequence(items, flow) => items.iter().for_each(|item| self.walk(item, *flow)),
            Kind::Mapping(entries, flow) => entries.iter().for_each(|entry| {
                self.walk(&entry.key, *flow);
                self.walk(&entry.value, *flow);
            }),
        }
    }

    /// The bytes that aliases repeat, merged and in order.
    pub fn spans(&self) -> Vec<Span> {
        let mut spans = self.spans.clone();
        sort_by_key(&mut spans, |span| (span.start, span.end));
        let mut merged: Vec<Span> = Vec::new();
        for span in spans {
            match merged.last_mut() {
                Some(last) if span.start < last.end => last.end = last.end.max(span.end),
                _ => merged.push(span),
            }
        }
        merged
    }
}

/// Whether the node is inside bytes that aliases repeat, as [`Shared::spans`] gives them.
pub fn stands_in_shared(spans: &[Span], node: &Node<'_>) -> bool {
    let start = node.target().span.start;
    let index = spans.partition_point(|span| span.end <= start);
    spans.get(index).is_some_and(|span| span.contains(&start))
}
