//! What holds a value: the key or dash that it is put under as soon as it is read.
//!
//! Only the depth of a value is handed from call to call: nodes would be copied each time.

use std::borrow::Cow;

use super::Scan;
use super::build::{Build, Closed};
use crate::yaml::{Entry, Node, Span, Style};

/// A key or a scalar on one line.
pub(super) struct Token {
    pub(super) span: Span,
    /// Whether it is quoted and has escapes; `None` where it is plain.
    pub(super) quoted: Option<bool>,
}

impl Token {
    #[inline(always)]
    pub(super) fn node<'s>(self, scan: &Scan<'s>) -> Node<'s> {
        match self.quoted {
            Some(true) => Node::quoted(scan, self.span, true),
            _ => self.literal(scan),
        }
    }

    /// As [`Self::node`], of what has no escapes.
    #[inline(always)]
    pub(super) fn literal<'s>(self, scan: &Scan<'s>) -> Node<'s> {
        let Span { start, end } = self.span;
        let (text, style) = if self.quoted.is_none() {
            (start..end, Style::Plain)
        } else if scan.bytes[start] == b'"' {
            (start + 1..end - 1, Style::Double)
        } else {
            (start + 1..end - 1, Style::Single)
        };
        Node::leaf(start..end, Cow::Borrowed(&scan.text[text]), style)
    }
}

/// What holds a value.
pub(super) enum Holder {
    /// A key that was read.
    Key(Token),
    /// The dash of an item.
    Dash,
}

impl<'s> Scan<'s> {
    /// Puts a value under its key or dash.
    #[inline(always)]
    pub(super) fn put(&mut self, holder: Holder, value: Node<'s>) {
        match holder {
            // Apart from the rest, so that the node is made where it is to stay.
            Holder::Key(key) if key.quoted != Some(true) => {
                let key = key.literal(self);
                self.entries.push(|| Entry { key, value });
            }
            Holder::Key(key) => self.put_escaped(key, value),
            Holder::Dash => self.items.push(|| value),
        }
    }

    /// Puts a scalar without escapes under its key.
    #[inline(always)]
    pub(super) fn put_pair(&mut self, key: Token, value: Token) {
        if key.quoted == Some(true) {
            let value = value.literal(self);
            return self.put_escaped(key, value);
        }
        let (key, value) = (key.literal(self), value.literal(self));
        self.entries.push(|| Entry { key, value });
    }

    #[inline(never)]
    fn put_escaped(&mut self, key: Token, value: Node<'s>) {
        let key = key.node(self);
        self.entries.push(|| Entry { key, value });
    }

    /// Puts a value under its key or dash where values are kept; gives its depth.
    #[inline]
    pub(super) fn put_if<const KEEPS: bool>(&mut self, holder: Holder, value: Node<'s>) -> u32 {
        let depth = value.depth;
        if KEEPS {
            self.put(holder, value);
        }
        depth
    }

    /// Puts a collection under its key or dash where values are kept; gives its depth.
    #[inline(always)]
    pub(super) fn put_closed<const KEEPS: bool>(&mut self, holder: Holder, closed: Closed) -> u32 {
        let depth = closed.depth;
        if KEEPS {
            let node = Node::collection(self, closed);
            self.put(holder, node);
        }
        depth
    }
}
