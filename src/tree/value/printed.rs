//! Values printed, so that they are judged as any text.

use std::cell::Cell;
use std::fmt::Write;
use std::ops::Range;

use super::BuildValue;

/// A value printed as JSON, with the values that begin at its offsets.
pub(in crate::tree) struct Printed<'v, 'n, 's> {
    pub(in crate::tree) text: String,
    /// Offsets in rising order.
    starts: Vec<(usize, &'v BuildValue<'n, 's>)>,
    /// How far the text that was asked for last has been gone through: where it begins, and the same place in
    /// what was printed and in the text. Most who ask go through a text once.
    last: Cell<Option<(usize, usize, usize)>>,
}

impl<'v, 'n, 's> Printed<'v, 'n, 's> {
    pub(in crate::tree) fn new(value: &'v BuildValue<'n, 's>) -> Self {
        let mut printed = Printed {
            text: String::with_capacity(1024),
            starts: Vec::with_capacity(64),
            last: Cell::default(),
        };
        printed.print(value);
        printed
    }

    /// The value that begins at an offset of the text.
    pub(in crate::tree) fn value_at(&self, offset: usize) -> Option<&'v BuildValue<'n, 's>> {
        let found = self
            .starts
            .binary_search_by_key(&offset, |(start, _)| *start);
        found.ok().map(|position| self.starts[position].1)
    }

    /// The text that bytes of what was printed are of, if they begin within one, and which of its bytes these
    /// are.
    pub(in crate::tree) fn in_text(
        &self,
        span: &Range<usize>,
    ) -> Option<(&'v BuildValue<'n, 's>, Range<usize>)> {
        let behind = self
            .starts
            .partition_point(|(start, _)| *start <= span.start);
        let (start, value) = *self.starts.get(behind.checked_sub(1)?)?;
        let BuildValue::Scalar(scalar) = value else {
            return None;
        };
        let first = start + "\"".len();
        if !scalar.is_text || scalar.is_bytes || span.start < first {
            return None;
        }
        let text = &*scalar.text;
        let (mut printed, mut at) = match self.last.get() {
            Some((of, printed, at)) if of == start && printed <= span.start => (printed, at),
            _ => (first, 0),
        };
        let mut go_to = |end: usize| {
            while printed < end {
                let next = text[at..].chars().next()?;
                printed += printed_length(next);
                at += next.len_utf8();
            }
            Some((printed, at))
        };
        let (printed, from) = go_to(span.start)?;
        self.last.set(Some((start, printed, from)));
        let to = go_to(span.end).map_or(text.len(), |(_, to)| to);
        Some((value, from..to))
    }

    fn print(&mut self, value: &'v BuildValue<'n, 's>) {
        self.starts.push((self.text.len(), value));
        match value {
            BuildValue::Scalar(scalar) if scalar.is_text => {
                if scalar.is_bytes {
                    self.text.push_str("!!binary ");
                }
                self.quoted(&scalar.text);
            }
            BuildValue::Scalar(_) if value.is_null() => self.text.push_str("null"),
            BuildValue::Scalar(scalar) => self.text.push_str(&scalar.text),
            BuildValue::Mapping(pairs, _) => {
                self.text.push('{');
                for (position, (key, value)) in pairs.iter().enumerate() {
                    self.text.push_str(if position == 0 { "" } else { ", " });
                    self.quoted(key);
                    self.text.push_str(": ");
                    self.print(value);
                }
                self.text.push('}');
            }
            BuildValue::Sequence(items, _) => {
                self.text.push('[');
                for (position, item) in items.iter().enumerate() {
                    self.text.push_str(if position == 0 { "" } else { ", " });
                    self.print(item);
                }
                self.text.push(']');
            }
        }
    }

    /// Prints text in double quotes, whatever is no plain letter of it escaped: `yaml::scalar::quote`
    /// is for people, and leaves characters that are no YAML as they are.
    fn quoted(&mut self, text: &str) {
        self.text.push('"');
        let mut rest = text;
        let is_plain = |byte: u8| matches!(byte, b' '..=b'~') && byte != b'"' && byte != b'\\';
        while let Some(at) = rest.bytes().position(|byte| !is_plain(byte)) {
            let (plain, other) = rest.split_at(at);
            self.text.push_str(plain);
            let mut chars = other.chars();
            match chars.next() {
                Some(c @ ('"' | '\\')) => self.text.extend(['\\', c]),
                Some('\n') => self.text.push_str("\\n"),
                Some('\t') => self.text.push_str("\\t"),
                // Writing to a `String` never fails.
                Some(c) => {
                    let _ = write!(self.text, "\\U{:08x}", u32::from(c));
                }
                None => {}
            }
            rest = chars.as_str();
        }
        self.text.push_str(rest);
        self.text.push('"');
    }
}

/// How many bytes a character takes where it is printed in quotes.
fn printed_length(c: char) -> usize {
    match c {
        '"' | '\\' | '\n' | '\t' => 2,
        ' '..='~' => 1,
        _ => "\\U00000000".len(),
    }
}
