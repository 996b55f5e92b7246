//! Block mappings, and the values of their keys.

use super::build::{Build, Closed, CollectionShape};
use super::holder::{Holder, Token};
use super::keys::Seen;
use super::scalar::{KEY, PlainEnd};
use super::{DEPTH, NOWHERE, Scan};
use crate::yaml::{Node, Span};

impl<'s> Scan<'s> {
    /// The root of a text, as a block collection whose keys or dashes are at `indent`.
    pub(super) fn block_root(&mut self, indent: usize, levels: u32) -> Option<Node<'s>> {
        self.block::<true>(Holder::Dash, indent, levels, 0)?;
        self.items.pop()
    }

    /// A mapping, list or flow collection that is the first token of its line.
    #[inline(always)]
    pub(super) fn block<const KEEPS: bool>(
        &mut self,
        holder: Holder,
        indent: usize,
        levels: u32,
        depth: u32,
    ) -> Option<u32> {
        let closed = match self.bytes[self.at] {
            b'-' if self.at_dash() => self.list_of::<KEEPS>(indent, false, levels, depth)?,
            b'{' | b'[' => return self.flow_value::<KEEPS>(holder, levels, depth),
            _ => {
                let key = self.key()?;
                self.mapping_of::<KEEPS>(indent, key, levels, depth)?
            }
        };
        Some(self.put_closed::<KEEPS>(holder, closed))
    }

    /// A mapping, whose pairs are kept if it is and levels are left.
    #[inline(always)]
    pub(super) fn mapping_of<const KEEPS: bool>(
        &mut self,
        indent: usize,
        first: Token,
        levels: u32,
        depth: u32,
    ) -> Option<Closed> {
        let (start, first_entry) = (first.span.start, self.entries.len());
        let depth = if KEEPS && self.keeps(start, levels) {
            self.mapping::<true>(indent, first.span, first.quoted, levels, depth)?
        } else {
            self.mapping::<false>(indent, first.span, first.quoted, 0, depth)?
        };
        Some(Closed {
            span: start..self.at,
            first: first_entry,
            depth,
            shape: CollectionShape::Mapping(false),
        })
    }

    /// A key.
    #[inline(always)]
    fn key(&mut self) -> Option<Token> {
        if let Some(key) = self.key_on_line() {
            return Some(key);
        }
        let (key, end) = self.content()?;
        matches!(end, PlainEnd::Colon).then_some(key)
    }

    /// A key or a scalar on one line; the position is at the colon of a key, or after the scalar.
    pub(super) fn content(&mut self) -> Option<(Token, PlainEnd)> {
        if matches!(self.bytes[self.at], b'"' | b'\'') {
            let (span, escaped) = self.quoted()?;
            let quoted = Some(escaped);
            let end = match self.byte(self.at) {
                b':' => PlainEnd::Colon,
                _ => PlainEnd::Line,
            };
            return Some((Token { span, quoted }, end));
        }
        if !self.begins_plain() {
            return None;
        }
        let (span, end) = self.plain()?;
        Some((Token { span, quoted: None }, end))
    }

    /// The pairs of a mapping whose first key, of this span, was read and whose keys are at the column
    /// `indent`; gives its depth. What goes by registers costs less than a token that goes by the stack.
    fn mapping<const KEEPS: bool>(
        &mut self,
        indent: usize,
        span: Span,
        quoted: Option<bool>,
        levels: u32,
        depth: u32,
    ) -> Option<u32> {
        if depth >= DEPTH {
            return None;
        }
        let base = self.keys.open();
        let (mut deepest, mut seen) = (0, Seen::default());
        let mut key = Token { span, quoted };
        loop {
            let colon = self.at;
            if key.span.end - key.span.start > KEY {
                return None;
            }
            if !self.keys.duplicates {
                self.note_key(base, &mut seen, &key);
            }
            if let Some(value) = self.value_on_line(indent, colon) {
                if KEEPS {
                    self.put_pair(key, value);
                }
            } else {
                let key = Holder::Key(key);
                let below = self.value_beyond::<KEEPS>(key, indent, colon, levels, depth)?;
                deepest = deepest.max(below);
            }
            if self.column != indent {
                break;
            }
            key = self.key()?;
        }
        if self.column != NOWHERE && self.column > indent {
            return None;
        }
        self.keys.close(base);
        Some(deepest + 1)
    }

    #[inline(always)]
    fn note_key(&mut self, base: usize, seen: &mut Seen, key: &Token) {
        let Span { start, end } = key.span;
        let quote = usize::from(key.quoted.is_some());
        self.keys.duplicates |= key.quoted == Some(true);
        let text = start + quote..end - quote;
        self.keys.add(base, seen, self.bytes, text);
    }

    /// The value after the colon of a key at `indent`, if the fast path does not handle it; the
    /// position moves to the next token.
    fn value_beyond<const KEEPS: bool>(
        &mut self,
        key: Holder,
        indent: usize,
        colon: usize,
        levels: u32,
        depth: u32,
    ) -> Option<u32> {
        self.at = colon + 1;
        // Most values that do not fit on the line of their key begin on the next one.
        if self.byte(self.at) != b'\n' {
            if self.byte(self.at) != b' ' {
                return None;
            }
            while self.bytes.get(self.at) == Some(&b' ') {
                self.at += 1;
            }
            match self.byte(self.at) {
                b'\n' | b'#' => self.rest_from_blank()?,
                b'&' => return self.anchored::<KEEPS>(key, indent, levels, depth),
                b'*' => return self.alias::<KEEPS>(key, indent, depth),
                _ => return self.inline::<KEEPS>(key, indent, levels, depth),
            }
        }
        self.next_token()?;
        let below = levels.saturating_sub(1);
        if self.column == NOWHERE || self.column < indent {
            return Some(self.put_if::<KEEPS>(key, Node::null(colon)));
        }
        if self.column > indent {
            return self.block::<KEEPS>(key, self.column, below, depth + 1);
        }
        if self.at_dash() {
            let closed = self.list_of::<KEEPS>(indent, true, below, depth + 1)?;
            Some(self.put_closed::<KEEPS>(key, closed))
        } else {
            Some(self.put_if::<KEEPS>(key, Node::null(colon)))
        }
    }

    /// A comment, or the end of the line, after a colon, a dash or blanks.
    pub(super) fn rest_from_blank(&mut self) -> Option<()> {
        if self.byte(self.at) == b'#' {
            if self.bytes[self.at - 1] != b' ' {
                return None;
            }
            self.at = self.line_end(self.at);
        }
        Some(())
    }

    /// A scalar or flow collection on the line of its key or dash, whose column is `indent`.
    pub(super) fn inline<const KEEPS: bool>(
        &mut self,
        holder: Holder,
        indent: usize,
        levels: u32,
        depth: u32,
    ) -> Option<u32> {
        match self.bytes[self.at] {
            b'|' | b'>' => {
                let text = self.block_scalar(indent, levels)?;
                return Some(self.put_if::<KEEPS>(holder, text));
            }
            b'{' | b'[' => {
                let node: Node<'s> = self.flow_node(levels.saturating_sub(1), depth + 1)?;
                self.end_of_value(indent)?;
                return Some(self.put_if::<KEEPS>(holder, node));
            }
            _ => {}
        }
        let (scalar, PlainEnd::Line) = self.content()? else {
            return None;
        };
        self.end_of_value(indent)?;
        if KEEPS {
            let node = scalar.node(self);
            self.put(holder, node);
        }
        Some(0)
    }

    /// From the end of a value to the next token, which must not be deeper than the value's key.
    #[inline]
    pub(super) fn end_of_value(&mut self, indent: usize) -> Option<()> {
        self.rest_of_line()?;
        self.next_token()?;
        (self.column == NOWHERE || self.column <= indent).then_some(())
    }

    /// A flow collection that is the first token of its line.
    fn flow_value<const KEEPS: bool>(
        &mut self,
        holder: Holder,
        levels: u32,
        depth: u32,
    ) -> Option<u32> {
        let indent = self.column;
        let node: Node<'s> = self.flow_node(levels, depth)?;
        self.rest_of_line()?;
        self.next_token()?;
        let ends = self.column == NOWHERE || self.column < indent;
        ends.then(|| self.put_if::<KEEPS>(holder, node))
    }
}
