//! Flow collections, which JSON consists of.

use super::build::{Build, Closed, CollectionShape, SkippedDepth};
use super::holder::Token;
use super::keys::Seen;
use super::scalar::KEY;
use super::{DEPTH, Scan};
use crate::yaml::{Entry, Node};

impl<'s> Scan<'s> {
    /// The collection that begins here; the position moves after it.
    pub(super) fn flow_node<M: Build<'s>>(&mut self, levels: u32, depth: u32) -> Option<M> {
        if depth >= DEPTH {
            return None;
        }
        match self.bytes.get(self.at)? {
            b'{' => self.flow_mapping(levels, depth),
            b'[' => self.flow_sequence(levels, depth),
            _ => None,
        }
    }

    fn flow_mapping<M: Build<'s>>(&mut self, levels: u32, depth: u32) -> Option<M> {
        let (start, base) = (self.at, self.keys.open());
        let first = self.entries.len();
        let (mut deepest, mut seen) = (0, Seen::default());
        self.at += 1;
        loop {
            self.flow_blanks();
            if self.bytes.get(self.at)? == &b'}' {
                break;
            }
            let key = self.flow_key(base, &mut seen)?;
            if M::KEEPS && levels > 0 {
                let value = self.flow_pair_value::<Node<'s>>(levels, depth)?;
                deepest = deepest.max(value.depth);
                let key = key.node(self);
                self.entries.push(|| Entry { key, value });
            } else {
                let value = self.flow_pair_value::<SkippedDepth>(0, depth)?;
                deepest = deepest.max(value.depth());
            }
            self.flow_comma(b'}')?;
        }
        self.keys.close(base);
        self.at += 1;
        let closed = Closed {
            span: start..self.at,
            first,
            depth: deepest + 1,
            shape: CollectionShape::Mapping(true),
        };
        Some(M::collection(self, closed))
    }

    /// The value after the colon at the position.
    #[inline]
    fn flow_pair_value<M: Build<'s>>(&mut self, levels: u32, depth: u32) -> Option<M> {
        let colon = self.at;
        self.at += 1;
        self.flow_blanks();
        match self.bytes.get(self.at)? {
            // go-yaml takes a colon that nothing parts from the bracket for a part of the key.
            b',' | b'}' if self.at == colon + 1 => None,
            b',' | b'}' => Some(M::null(colon)),
            _ => self.flow_scalar_or_node(levels, depth),
        }
    }

    fn flow_sequence<M: Build<'s>>(&mut self, levels: u32, depth: u32) -> Option<M> {
        let start = self.at;
        let first = self.items.len();
        let mut deepest = 0;
        self.at += 1;
        loop {
            self.flow_blanks();
            if self.bytes.get(self.at)? == &b']' {
                break;
            }
            if M::KEEPS && levels > 0 {
                let item = self.flow_scalar_or_node::<Node<'s>>(levels, depth)?;
                deepest = deepest.max(item.depth);
                self.items.push(|| item);
            } else {
                let item = self.flow_scalar_or_node::<SkippedDepth>(0, depth)?;
                deepest = deepest.max(item.depth());
            }
            // A colon would make the item a pair.
            self.flow_comma(b']')?;
        }
        self.at += 1;
        let closed = Closed {
            span: start..self.at,
            first,
            depth: deepest + 1,
            shape: CollectionShape::Sequence(true),
        };
        Some(M::collection(self, closed))
    }

    /// A key whose colon follows at once; the position moves to the colon.
    pub(super) fn flow_key(&mut self, base: usize, seen: &mut Seen) -> Option<Token> {
        let is_quoted = matches!(self.bytes[self.at], b'"' | b'\'');
        let (key, text) = if is_quoted {
            let (span, escaped) = self.quoted()?;
            self.keys.duplicates |= escaped;
            let text = span.start + 1..span.end - 1;
            let quoted = Some(escaped);
            (Token { span, quoted }, text)
        } else {
            if !self.begins_plain() {
                return None;
            }
            let span = self.flow_plain()?;
            let text = span.clone();
            (Token { span, quoted: None }, text)
        };
        if self.byte(self.at) != b':' || key.span.end != self.at || key.span.len() > KEY {
            return None;
        }
        self.keys.add(base, seen, self.bytes, text);
        Some(key)
    }

    pub(super) fn flow_scalar_or_node<M: Build<'s>>(
        &mut self,
        levels: u32,
        depth: u32,
    ) -> Option<M> {
        match *self.bytes.get(self.at)? {
            b'{' | b'[' => self.flow_node(levels.saturating_sub(1), depth + 1),
            b'"' | b'\'' => {
                let (span, escaped) = self.quoted()?;
                Some(M::quoted(self, span, escaped))
            }
            _ if self.begins_plain() => {
                let span = self.flow_plain()?;
                Some(M::plain(self, span))
            }
            _ => None,
        }
    }

    /// Skips a comma, or stops at the closing bracket.
    pub(super) fn flow_comma(&mut self, close: u8) -> Option<()> {
        self.flow_blanks();
        let byte = *self.bytes.get(self.at)?;
        if byte == b',' {
            self.at += 1;
            return Some(());
        }
        (byte == close).then_some(())
    }

    /// Over blanks, and over line breaks where the collection may run over lines.
    pub(super) fn flow_blanks(&mut self) {
        while let Some(byte) = self.bytes.get(self.at) {
            match byte {
                b' ' => self.at += 1,
                b'\n' if self.multiline_flow => self.at += 1,
                _ => return,
            }
        }
    }
}
