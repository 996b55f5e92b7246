//! Values printed, so that they are judged as any text.

use std::borrow::Cow;
use std::cell::Cell;
use std::fmt::Write;
use std::ops::Range;

use crate::yaml::parse::{Arena, Keep, Parser, Piece};
use crate::yaml::{Entry, Error, Kind, Node, Span, Style};

use super::BuildValue;

/// A value printed as JSON, with the values that begin at its offsets.
pub(in crate::tree) struct Printed<'v, 'n, 's> {
    pub(in crate::tree) text: String,
    /// What the text reads as; none where only a parser can tell.
    root: Option<Node<'v>>,
    /// Offsets in rising order.
    starts: Vec<(usize, &'v BuildValue<'n, 's>)>,
    /// How far the text that was asked for last has been gone through: where it begins, and the same place in
    /// what was printed and in the text. Most who ask go through a text once.
    last: Cell<Option<(usize, usize, usize)>>,
}

impl<'v, 'n, 's> Printed<'v, 'n, 's> {
    /// Prints a value; what its text reads as is in the arena.
    pub(in crate::tree) fn new(value: &'v BuildValue<'n, 's>, arena: &'v Arena) -> Self {
        let mut printing = Printing {
            text: String::with_capacity(2048),
            starts: Vec::with_capacity(128),
            arena,
            entries: Vec::with_capacity(32),
            items: Vec::with_capacity(8),
            is_read: true,
        };
        let root = printing.print(value, 0);
        Printed {
            root: printing.is_read.then_some(root),
            text: printing.text,
            starts: printing.starts,
            last: Cell::default(),
        }
    }

    /// What the text reads as, in an arena where it has to be parsed.
    ///
    /// # Errors
    /// The text is not YAML.
    pub(in crate::tree) fn node<'a>(
        &'a self,
        arena: &'a Arena,
    ) -> Result<Cow<'a, Node<'a>>, Error> {
        let parse = || {
            let whole = Piece::whole(&self.text);
            Parser::default().piece(&self.text, &whole, Keep::All, Some(arena))
        };
        let Some(root) = &self.root else {
            return Ok(Cow::Owned(parse()?.root));
        };
        debug_assert!(
            self.text.len() > DOUBTED || parse().is_ok_and(|read| same(&read.root, root)),
            "{} reads otherwise",
            self.text
        );
        Ok(Cow::Borrowed(root))
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
}

/// A value that is being printed.
struct Printing<'v, 'n, 's> {
    text: String,
    starts: Vec<(usize, &'v BuildValue<'n, 's>)>,
    arena: &'v Arena,
    /// The entries and items of what is open, of the innermost last.
    entries: Vec<Entry<'v>>,
    items: Vec<Node<'v>>,
    /// Whether it is known what the text reads as, so far.
    is_read: bool,
}

impl<'v, 'n, 's> Printing<'v, 'n, 's> {
    /// Prints a value so many levels deep, and says what it reads as.
    fn print(&mut self, value: &'v BuildValue<'n, 's>, level: u32) -> Node<'v> {
        let start = self.text.len();
        self.starts.push((start, value));
        let mut deepest = 0;
        let kind = match value {
            BuildValue::Scalar(scalar) if scalar.is_text => {
                if scalar.is_bytes {
                    self.text.push_str("!!binary ");
                }
                let is_simple = self.quoted(&scalar.text);
                self.is_read &= is_simple && !scalar.is_bytes;
                return leaf(start..self.text.len(), &scalar.text, Style::Double);
            }
            BuildValue::Scalar(scalar) => {
                let text = if value.is_null() {
                    "null"
                } else {
                    &*scalar.text
                };
                self.text.push_str(text);
                let is_word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'.';
                self.is_read &= !text.is_empty() && text.bytes().all(is_word);
                return leaf(start..self.text.len(), text, Style::Plain);
            }
            BuildValue::Mapping(pairs, _) => {
                self.text.push('{');
                let first = self.entries.len();
                for (position, (key, value)) in pairs.iter().enumerate() {
                    self.text.push_str(if position == 0 { "" } else { ", " });
                    let at = self.text.len();
                    let is_simple = self.quoted(key);
                    self.is_read &= is_simple && key.len() <= LONGEST;
                    let key = leaf(at..self.text.len(), key, Style::Double);
                    self.text.push_str(": ");
                    let value = self.print(value, level + 1);
                    deepest = deepest.max(value.depth);
                    self.entries.push(Entry { key, value });
                }
                self.text.push('}');
                Kind::Mapping(self.arena.list(&mut self.entries, first), true)
            }
            BuildValue::Sequence(items, _) => {
                self.text.push('[');
                let first = self.items.len();
                for (position, item) in items.iter().enumerate() {
                    self.text.push_str(if position == 0 { "" } else { ", " });
                    let item = self.print(item, level + 1);
                    deepest = deepest.max(item.depth);
                    self.items.push(item);
                }
                self.text.push(']');
                Kind::Sequence(self.arena.list(&mut self.items, first), true)
            }
        };
        self.is_read &= level < DEEPEST;
        Node {
            span: start..self.text.len(),
            before: 0,
            depth: deepest + 1,
            tag: None,
            kind,
        }
    }

    /// Prints text in double quotes, whatever is no plain letter of it escaped: `yaml::scalar::quote`
    /// is for people, and leaves characters that are no YAML as they are. Says whether nothing in it is written
    /// by its number.
    fn quoted(&mut self, text: &str) -> bool {
        let mut is_simple = true;
        self.text.push('"');
        let mut rest = text;
        let is_plain = |byte: u8| matches!(byte, b' '..=b'~') && byte != b'"' && byte != b'\\';
        // All bytes at once are looked at faster than one after the other.
        let is_all_plain = text.bytes().fold(true, |is, byte| is & is_plain(byte));
        while !is_all_plain && let Some(at) = rest.bytes().position(|byte| !is_plain(byte)) {
            let (plain, other) = rest.split_at(at);
            self.text.push_str(plain);
            let mut chars = other.chars();
            match chars.next() {
                Some(c @ ('"' | '\\')) => self.text.extend(['\\', c]),
                Some('\n') => self.text.push_str("\\n"),
                Some('\t') => self.text.push_str("\\t"),
                // Writing to a `String` never fails.
                Some(c) => {
                    is_simple = false;
                    let _ = write!(self.text, "\\U{:08x}", u32::from(c));
                }
                None => {}
            }
            rest = chars.as_str();
        }
        self.text.push_str(rest);
        self.text.push('"');
        is_simple
    }
}

/// Longer keys and deeper values are left to the parser, which may refuse them.
const LONGEST: usize = 256;
const DEEPEST: u32 = 32;

/// In builds for tests, shorter texts are parsed all the same.
const DOUBTED: usize = 1 << 14;

fn leaf(span: Span, text: &str, style: Style) -> Node<'_> {
    Node {
        span,
        before: 0,
        depth: 0,
        tag: None,
        kind: Kind::Scalar(Cow::Borrowed(text), style),
    }
}

/// Whether two nodes are the same, place by place.
fn same(one: &Node<'_>, other: &Node<'_>) -> bool {
    format!("{one:?}") == format!("{other:?}")
}

/// How many bytes a character takes where it is printed in quotes.
fn printed_length(c: char) -> usize {
    match c {
        '"' | '\\' | '\n' | '\t' => 2,
        ' '..='~' => 1,
        _ => "\\U00000000".len(),
    }
}
