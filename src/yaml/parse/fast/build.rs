//! What the parser builds of a value: a node, or only its depth where nodes are not kept.

use std::borrow::Cow;

use super::Scan;
use crate::yaml::{Kind, Node, Span, Style};

/// A value that was read.
pub(super) trait Build<'s>: Sized {
    /// Whether pairs and items are kept, as far as levels go.
    const KEEPS: bool;

    /// A scalar.
    fn leaf(span: Span, text: Cow<'s, str>, style: Style) -> Self;

    /// A scalar without quotes.
    fn plain(scan: &Scan<'s>, span: Span) -> Self;

    /// A scalar in quotes.
    fn quoted(scan: &Scan<'s>, span: Span, escaped: bool) -> Self;

    /// A collection that closes.
    fn collection(scan: &mut Scan<'s>, closed: Closed) -> Self;

    /// How deep values nest below this one.
    fn depth(&self) -> u32;

    /// What the reference parser makes of an absent value.
    fn null(at: usize) -> Self {
        Self::leaf(at..at, Cow::Borrowed("~"), Style::Plain)
    }
}

/// A collection that was read; its pairs or items are the open ones from `first` on.
pub(super) struct Closed {
    pub(super) span: Span,
    pub(super) first: usize,
    pub(super) depth: u32,
    pub(super) shape: CollectionShape,
}

/// What kind of collection closes, and whether it is in flow style.
#[derive(Clone, Copy)]
pub(super) enum CollectionShape {
    Mapping(bool),
    Sequence(bool),
}

impl<'s> Build<'s> for Node<'s> {
    const KEEPS: bool = true;

    #[inline(always)]
    fn leaf(span: Span, text: Cow<'s, str>, style: Style) -> Self {
        Node {
            span,
            before: 0,
            depth: 0,
            tag: None,
            kind: Kind::Scalar(text, style),
        }
    }

    #[inline(always)]
    fn plain(scan: &Scan<'s>, span: Span) -> Self {
        let text = &scan.text[span.clone()];
        Self::leaf(span, Cow::Borrowed(text), Style::Plain)
    }

    fn quoted(scan: &Scan<'s>, span: Span, escaped: bool) -> Self {
        let (text, style) = scan.unquoted(&span, escaped);
        Self::leaf(span, text, style)
    }

    #[inline(always)]
    fn collection(scan: &mut Scan<'s>, closed: Closed) -> Self {
        let Closed { first, .. } = closed;
        Node {
            span: closed.span,
            before: 0,
            depth: closed.depth,
            tag: None,
            kind: match closed.shape {
                CollectionShape::Mapping(flow) => Kind::Mapping(scan.entries.close(first), flow),
                CollectionShape::Sequence(flow) => Kind::Sequence(scan.items.close(first), flow),
            },
        }
    }

    fn depth(&self) -> u32 {
        self.depth
    }
}

/// A value that was read and is not kept, by its depth.
pub(super) struct SkippedDepth(u32);

impl<'s> Build<'s> for SkippedDepth {
    const KEEPS: bool = false;

    fn leaf(_: Span, _: Cow<'s, str>, _: Style) -> Self {
        SkippedDepth(0)
    }

    fn plain(_: &Scan<'s>, _: Span) -> Self {
        SkippedDepth(0)
    }

    fn quoted(_: &Scan<'s>, _: Span, _: bool) -> Self {
        SkippedDepth(0)
    }

    fn collection(_: &mut Scan<'s>, closed: Closed) -> Self {
        SkippedDepth(closed.depth)
    }

    fn depth(&self) -> u32 {
        self.0
    }
}
