//! Flow collections, which JSON is made of.

use super::block::collection;
use super::scalar::null;
use super::{DEPTH, Scan};
use crate::yaml::{Entry, Kind, Node};

impl<'s> Scan<'s> {
    /// The collection that begins here; the reader goes behind it.
    pub(super) fn flow_node(&mut self, levels: u32, depth: u32) -> Option<Node<'s>> {
        if depth >= DEPTH {
            return None;
        }
        match self.bytes.get(self.at)? {
            b'{' => self.flow_mapping(levels, depth),
            b'[' => self.flow_sequence(levels, depth),
            _ => None,
        }
    }

    fn flow_mapping(&mut self, levels: u32, depth: u32) -> Option<Node<'s>> {
        let (start, base) = (self.at, self.keys.open());
        let first_entry = self.entries.len();
        let mut deepest = 0;
        self.at += 1;
        loop {
            self.flow_blanks();
            if self.bytes.get(self.at)? == &b'}' {
                break;
            }
            let key = self.flow_key(base, levels)?;
            let colon = self.at;
            self.at += 1;
            self.flow_blanks();
            let value = match self.bytes.get(self.at)? {
                b',' | b'}' => null(colon),
                _ => self.flow_scalar_or_node(levels, depth)?,
            };
            deepest = deepest.max(value.depth);
            if levels > 0 {
                self.entries.push(Entry { key, value });
            }
            self.flow_comma(b'}')?;
        }
        self.keys.close(base);
        self.at += 1;
        Some(collection(
            start..self.at,
            deepest,
            Kind::Mapping(self.entries.split_off(first_entry), true),
        ))
    }

    fn flow_sequence(&mut self, levels: u32, depth: u32) -> Option<Node<'s>> {
        let start = self.at;
        let first_item = self.items.len();
        let mut deepest = 0;
        self.at += 1;
        loop {
            self.flow_blanks();
            if self.bytes.get(self.at)? == &b']' {
                break;
            }
            let item = self.flow_scalar_or_node(levels, depth)?;
            deepest = deepest.max(item.depth);
            if levels > 0 {
                self.items.push(item);
            }
            // A colon would make the item a pair.
            self.flow_comma(b']')?;
        }
        self.at += 1;
        Some(collection(
            start..self.at,
            deepest,
            Kind::Sequence(self.items.split_off(first_item), true),
        ))
    }

    /// A key whose colon follows at once; the reader goes to the colon.
    pub(super) fn flow_key(&mut self, base: usize, levels: u32) -> Option<Node<'s>> {
        let is_quoted = matches!(self.bytes[self.at], b'"' | b'\'');
        let (key, text) = if is_quoted {
            let (span, escaped) = self.quoted()?;
            self.keys.duplicates |= escaped;
            let text = span.start + 1..span.end - 1;
            (self.quoted_node(span, escaped && levels > 0), text)
        } else {
            if !self.begins_plain() {
                return None;
            }
            let span = self.flow_plain()?;
            (self.plain_node(span.clone()), span)
        };
        if self.byte(self.at) != b':' || key.span.end != self.at || key.span.len() > 512 {
            return None;
        }
        self.keys.add(base, &self.bytes[text]);
        Some(key)
    }

    pub(super) fn flow_scalar_or_node(&mut self, levels: u32, depth: u32) -> Option<Node<'s>> {
        match *self.bytes.get(self.at)? {
            b'{' | b'[' => self.flow_node(levels.saturating_sub(1), depth + 1),
            b'"' | b'\'' => {
                let (span, escaped) = self.quoted()?;
                Some(self.quoted_node(span, escaped && levels > 0))
            }
            _ if self.begins_plain() => {
                let span = self.flow_plain()?;
                Some(self.plain_node(span))
            }
            _ => None,
        }
    }

    /// Over a comma, or to the bracket that closes.
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
                b'\n' if self.lines => self.at += 1,
                _ => return,
            }
        }
    }
}
