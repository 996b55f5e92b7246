//! Block mappings and lists.

use super::build::{Build, Shape, Skipped};
use super::scalar::{End, KEY};
use super::{DEPTH, NOWHERE, Scan};
use crate::yaml::{Entry, Node, Span};

/// A key that was read; the position is at its colon.
pub(super) struct KeyToken {
    pub(super) span: Span,
    /// Whether it is quoted and has escapes; `None` where it is plain.
    pub(super) quoted: Option<bool>,
}

impl KeyToken {
    pub(super) fn node<'s>(self, scan: &Scan<'s>) -> Node<'s> {
        match self.quoted {
            None => Node::plain(scan, self.span),
            Some(escaped) => Node::quoted(scan, self.span, escaped),
        }
    }
}

/// What follows a dash, or is alone on a line.
enum Content<M> {
    /// A key, so that a mapping begins.
    Key(KeyToken),
    /// A scalar; the position is after it.
    Scalar(M),
}

impl<'s> Scan<'s> {
    /// A mapping, list or flow collection that is the first token of its line.
    pub(super) fn block_node<M: Build<'s>>(
        &mut self,
        indent: usize,
        levels: u32,
        depth: u32,
    ) -> Option<M> {
        match self.bytes[self.at] {
            b'-' if self.at_dash() => self.sequence(indent, false, levels, depth),
            b'{' | b'[' => self.flow_value(levels, depth),
            _ => {
                let key = self.key()?;
                self.mapping(indent, key, levels, depth)
            }
        }
    }

    pub(super) fn at_dash(&self) -> bool {
        self.bytes[self.at] == b'-' && matches!(self.byte(self.at + 1), b' ' | b'\n')
    }

    /// A key.
    #[inline(always)]
    fn key(&mut self) -> Option<KeyToken> {
        if let Some(key) = self.key_on_line() {
            return Some(key);
        }
        match self.content::<Skipped>()? {
            Content::Key(key) => Some(key),
            Content::Scalar(_) => None,
        }
    }

    /// A key or a scalar on one line.
    #[inline]
    fn content<M: Build<'s>>(&mut self) -> Option<Content<M>> {
        if matches!(self.bytes[self.at], b'"' | b'\'') {
            let (span, escaped) = self.quoted()?;
            if self.byte(self.at) != b':' {
                return Some(Content::Scalar(M::quoted(self, span, escaped)));
            }
            return Some(Content::Key(KeyToken {
                span,
                quoted: Some(escaped),
            }));
        }
        if !self.begins_plain() {
            return None;
        }
        let (span, end) = self.plain()?;
        Some(match end {
            End::Colon => Content::Key(KeyToken { span, quoted: None }),
            End::Line => Content::Scalar(M::plain(self, span)),
        })
    }

    /// The pairs of a mapping whose first key was read and whose keys are at the column `indent`.
    fn mapping<M: Build<'s>>(
        &mut self,
        indent: usize,
        first: KeyToken,
        levels: u32,
        depth: u32,
    ) -> Option<M> {
        if depth >= DEPTH {
            return None;
        }
        let (start, base) = (first.span.start, self.keys.open());
        let first_entry = self.scratch.entries.len();
        let keeps = M::KEEPS && levels > 0;
        let mut deepest = 0;
        let mut key = first;
        loop {
            let colon = self.at;
            if key.span.len() > KEY {
                return None;
            }
            self.note_key(base, &key);
            if keeps {
                let value = match self.value_on_line(indent, colon) {
                    Some(value) => value,
                    None => self.value_beyond::<Node<'s>>(indent, colon, levels, depth)?,
                };
                deepest = deepest.max(value.depth);
                let key = key.node(self);
                self.scratch.entries.push(Entry { key, value });
            } else {
                let value = match self.value_on_line(indent, colon) {
                    Some(value) => value,
                    None => self.value_beyond::<Skipped>(indent, colon, 0, depth)?,
                };
                deepest = deepest.max(value.depth());
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
        let span = start..self.at;
        let shape = Shape::Mapping(false);
        Some(M::collection(self, span, deepest, shape, first_entry))
    }

    #[inline]
    fn note_key(&mut self, base: usize, key: &KeyToken) {
        if self.keys.duplicates {
            return;
        }
        let span = &key.span;
        match key.quoted {
            None => self.keys.add(base, &self.bytes[span.clone()]),
            Some(escaped) => {
                self.keys.duplicates |= escaped;
                self.keys
                    .add(base, &self.bytes[span.start + 1..span.end - 1]);
            }
        }
    }

    /// The value after the colon of a key at `indent`, if the fast path does not handle it; the
    /// position moves to the next token.
    fn value_beyond<M: Build<'s>>(
        &mut self,
        indent: usize,
        colon: usize,
        levels: u32,
        depth: u32,
    ) -> Option<M> {
        self.at = colon + 1;
        if !matches!(self.byte(self.at), b' ' | b'\n') {
            return None;
        }
        while self.bytes.get(self.at) == Some(&b' ') {
            self.at += 1;
        }
        let below = levels.saturating_sub(1);
        match self.byte(self.at) {
            b'\n' | b'#' => {
                self.rest_from_blank()?;
                self.next_token()?;
                if self.column == NOWHERE || self.column < indent {
                    return Some(M::null(colon));
                }
                if self.column > indent {
                    let node = self.block_node(self.column, below, depth + 1)?;
                    return Some(node);
                }
                if self.at_dash() {
                    self.sequence(indent, true, below, depth + 1)
                } else {
                    Some(M::null(colon))
                }
            }
            b'&' => M::anchored(self, indent, depth),
            b'*' => M::alias(self, indent, depth),
            _ => self.inline(indent, levels, depth),
        }
    }

    /// A comment, or the end of the line, after a colon, a dash or blanks.
    fn rest_from_blank(&mut self) -> Option<()> {
        if self.byte(self.at) == b'#' {
            if self.bytes[self.at - 1] != b' ' {
                return None;
            }
            self.at = self.line_end(self.at);
        }
        Some(())
    }

    /// A scalar or flow collection on the line of its key or dash, whose column is `indent`.
    #[inline]
    pub(super) fn inline<M: Build<'s>>(
        &mut self,
        indent: usize,
        levels: u32,
        depth: u32,
    ) -> Option<M> {
        let node = match self.bytes[self.at] {
            b'|' | b'>' => return self.block_scalar(indent, levels),
            b'{' | b'[' => self.flow_node(levels.saturating_sub(1), depth + 1)?,
            _ => match self.content()? {
                Content::Scalar(node) => node,
                Content::Key(_) => return None,
            },
        };
        self.end_of_value(indent)?;
        Some(node)
    }

    /// From the end of a value to the next token, which must not be deeper than the value's key.
    #[inline]
    pub(super) fn end_of_value(&mut self, indent: usize) -> Option<()> {
        self.rest_of_line()?;
        self.next_token()?;
        (self.column == NOWHERE || self.column <= indent).then_some(())
    }

    /// A flow collection that is the first token of its line.
    fn flow_value<M: Build<'s>>(&mut self, levels: u32, depth: u32) -> Option<M> {
        let indent = self.column;
        let node = self.flow_node(levels, depth)?;
        self.rest_of_line()?;
        self.next_token()?;
        (self.column == NOWHERE || self.column < indent).then_some(node)
    }

    /// The items of a list whose dashes are at `indent`; `indentless` where its key is there too.
    fn sequence<M: Build<'s>>(
        &mut self,
        indent: usize,
        indentless: bool,
        levels: u32,
        depth: u32,
    ) -> Option<M> {
        if depth >= DEPTH {
            return None;
        }
        let mut start = self.at;
        if indentless {
            // Where the dashes are at the key's own column, the list begins after the first.
            start += 1 + self.blanks(start + 1);
            if self.byte(start) == b'\n' || self.byte(start) == b'#' {
                return None;
            }
        }
        let first_item = self.scratch.items.len();
        let mut deepest = 0;
        while self.column == indent && self.at_dash() {
            if M::KEEPS && levels > 0 {
                let item = self.item::<Node<'s>>(indent, levels, depth)?;
                deepest = deepest.max(item.depth);
                self.scratch.items.push(item);
            } else {
                let item = self.item::<Skipped>(indent, 0, depth)?;
                deepest = deepest.max(item.depth());
            }
        }
        let ends = self.column == NOWHERE || self.column < indent;
        if !(ends || indentless && self.column == indent) {
            return None;
        }
        let span = start..self.at;
        let shape = Shape::Sequence(false);
        Some(M::collection(self, span, deepest, shape, first_item))
    }

    /// The item after the dash at `indent`.
    fn item<M: Build<'s>>(&mut self, indent: usize, levels: u32, depth: u32) -> Option<M> {
        let line = self.at - indent;
        self.at += 1;
        while self.bytes.get(self.at) == Some(&b' ') {
            self.at += 1;
        }
        let column = self.at - line;
        let below = levels.saturating_sub(1);
        match self.byte(self.at) {
            b'\n' | b'#' => {
                self.rest_from_blank()?;
                self.next_token()?;
                if self.column == NOWHERE || self.column <= indent {
                    return None;
                }
                self.block_node(self.column, below, depth + 1)
            }
            b'|' | b'>' | b'{' | b'[' => self.inline(indent, levels, depth),
            b'-' if self.at_dash() => {
                self.column = column;
                self.sequence(column, false, below, depth + 1)
            }
            _ => {
                if let Some(key) = self.key_on_line() {
                    return self.mapping(column, key, below, depth + 1);
                }
                match self.content()? {
                    Content::Key(key) => self.mapping(column, key, below, depth + 1),
                    Content::Scalar(node) => {
                        self.end_of_value(indent)?;
                        Some(node)
                    }
                }
            }
        }
    }
}
