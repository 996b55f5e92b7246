//! A text for the parser in which lines that YAML 1.2 calls too shallow seem deep enough.
//!
//! go-yaml, with which kustomize, kubectl and Argo CD read, takes two kinds of lines that YAML 1.2
//! forbids and that have one meaning:
//!
//! - a line of a quoted text that is no deeper than the text's key;
//! - a line of a literal block scalar that begins with a line separator, as kustomize writes it.
//!
//! granit-parser refuses them by their column alone, and no blank before such a line is part of a
//! value. So it is shown blanks there that the text does not have. Its offsets count the bytes of
//! the text, which these blanks have no part in: spans and values are exact.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::rc::Rc;

use granit_parser as granit;

use super::separators::SEPARATORS;

/// Blanks by the offset of the character that they are before.
pub(super) type Blanks = BTreeMap<usize, usize>;

/// The deepest column that a line is brought to: each blank of a line costs a step.
const DEEPEST: usize = 64;

/// The text, and the position in it.
pub(super) struct Shallow<'s> {
    text: &'s str,
    at: usize,
    /// Blanks that are left to show at the position.
    pending: usize,
    blanks: Blanks,
    /// Where the quoted scalar ends that was met last.
    quoted_end: usize,
    /// Where the first shallow line is, of the quoted scalar that was met last.
    shallow: Rc<Cell<Option<usize>>>,
    /// The indentation of the block scalar that was met last.
    indent: usize,
    window: usize,
}

impl<'s> Shallow<'s> {
    pub(super) fn new(text: &'s str, blanks: Blanks, shallow: Rc<Cell<Option<usize>>>) -> Self {
        let mut input = Shallow {
            text,
            at: 0,
            pending: 0,
            blanks,
            quoted_end: 0,
            shallow,
            indent: 0,
            window: 0,
        };
        input.arrive();
        input
    }

    /// Shows the blanks before the character at the position.
    fn arrive(&mut self) {
        if let Some(&count) = self.blanks.get(&self.at) {
            self.pending = count;
        }
    }

    /// Looks ahead from the first word of a quoted scalar, and makes its shallow lines deeper.
    fn meet_quoted(&mut self, single: bool) {
        if self.at < self.quoted_end {
            return;
        }
        self.quoted_end = quoted_end(&self.text.as_bytes()[self.at..], single)
            .map_or(self.text.len(), |length| self.at + length);
        let text = self.text;
        let shown = self.blanks.get(&self.at);
        let deep = depth_behind(text, self.at) + shown.copied().unwrap_or(0);
        let mut first = shown.map(|_| self.at);
        let mut line = self.at;
        while let Some(length) = memchr::memchr(b'\n', &text.as_bytes()[line..self.quoted_end]) {
            line += length + 1;
            let Some((at, count)) = missing(&text[..self.quoted_end], line, deep) else {
                continue;
            };
            first.get_or_insert(at);
            self.blanks.insert(at, count);
        }
        if first.is_some() {
            self.shallow.set(first);
        }
    }

    /// Looks past the end of a line of a block scalar, and indents a line that begins with a separator.
    fn meet_block_line(&mut self) {
        let bytes = self.text.as_bytes();
        let line = memchr::memrchr(b'\n', &bytes[..self.at]).map_or(0, |at| at + 1);
        // The parser has read the indentation, and no more.
        if self.at > line {
            self.indent = self.at - line;
        }
        let mut next = memchr::memchr(b'\n', &bytes[self.at..]).map(|length| self.at + length);
        while let Some(at) = next {
            let line = at + 1;
            if self.text[line..].starts_with(SEPARATORS) {
                self.blanks.insert(line, self.indent.min(DEEPEST));
            }
            next = self.text[line..].starts_with('\n').then_some(line);
        }
    }
}

/// The missing blanks of a line that begins with a separator, after the header of a literal block
/// scalar: as many as follow the separator, where kustomize writes the indentation.
pub(super) fn at_head(text: &str, line: usize) -> Option<(usize, usize)> {
    let header = text[..line].lines().next_back()?;
    let (_, indicators) = header.rsplit_once('|')?;
    let behind = text[line..].trim_start_matches(SEPARATORS);
    let count = behind.len() - behind.trim_start_matches(' ').len();
    let is_header = indicators.len() <= 2 && { indicators.bytes() }
        .all(|byte| matches!(byte, b'1'..=b'9' | b'+' | b'-'));
    (is_header && count > 0).then(|| (line, count.min(DEEPEST)))
}

/// The blanks that a line of a quoted scalar lacks, and the offset of its first word.
pub(super) fn missing(text: &str, line: usize, deep: usize) -> Option<(usize, usize)> {
    let rest = &text[line..];
    let words = rest.trim_start_matches([' ', '\t']);
    let column = rest.len() - words.len();
    // A document may end there, for all that the quote is open.
    let is_marker = column == 0 && (words.starts_with("---") || words.starts_with("..."));
    let is_blank = words.starts_with(['\n', '\r']) || words.is_empty();
    (column < deep && !is_marker && !is_blank).then(|| (line + column, deep - column))
}

/// The column that the lines after a place in a quoted scalar must reach: one more than that of its
/// key, which is the first thing on its line but for dashes, or as deep as a line of its own.
pub(super) fn depth_behind(text: &str, at: usize) -> usize {
    let line = memchr::memrchr(b'\n', &text.as_bytes()[..at]).map_or(0, |at| at + 1);
    let mut bytes = text[line..at].bytes();
    let key = bytes.position(|byte| !matches!(byte, b' ' | b'-' | b'?' | b':'));
    key.map_or(at - line, |key| key + 1).min(DEEPEST)
}

/// The length up to the quote that closes a scalar.
fn quoted_end(bytes: &[u8], single: bool) -> Option<usize> {
    let mut at = 0;
    loop {
        at += if single {
            memchr::memchr(b'\'', bytes.get(at..)?)?
        } else {
            memchr::memchr2(b'"', b'\\', bytes.get(at..)?)?
        };
        match bytes[at] {
            b'\\' => at += 2,
            b'\'' if bytes.get(at + 1) == Some(&b'\'') => at += 2,
            _ => return Some(at),
        }
    }
}

impl granit::Input for Shallow<'_> {
    fn lookahead(&mut self, count: usize) {
        self.window = self.window.max(count);
    }

    fn buflen(&self) -> usize {
        self.window
    }

    fn bufmaxlen(&self) -> usize {
        16
    }

    fn raw_read_ch(&mut self) -> char {
        let c = self.peek();
        self.skip();
        c
    }

    fn raw_read_non_breakz_ch(&mut self) -> Option<char> {
        let c = self.peek();
        if matches!(c, '\n' | '\r' | '\0') {
            return None;
        }
        self.skip();
        Some(c)
    }

    fn skip(&mut self) {
        if self.pending > 0 {
            self.pending -= 1;
            return;
        }
        if let Some(c) = self.text[self.at..].chars().next() {
            self.at += c.len_utf8();
            self.arrive();
        }
    }

    fn skip_n(&mut self, count: usize) {
        for _ in 0..count {
            self.skip();
        }
    }

    fn peek(&self) -> char {
        if self.pending > 0 {
            return ' ';
        }
        self.text[self.at..].chars().next().unwrap_or('\0')
    }

    fn peek_nth(&self, n: usize) -> char {
        let Some(mut left) = n.checked_sub(self.pending) else {
            return ' ';
        };
        for (offset, c) in self.text[self.at..].char_indices() {
            let blanks = self.blanks.get(&(self.at + offset)).filter(|_| offset > 0);
            let blanks = blanks.copied().unwrap_or(0);
            if left < blanks {
                return ' ';
            }
            left -= blanks;
            if left == 0 {
                return c;
            }
            left -= 1;
        }
        '\0'
    }

    /// A NUL in the text does not end it: what follows it would not be read.
    fn next_is_z(&self) -> bool {
        self.at == self.text.len()
    }

    fn byte_offset(&self) -> Option<usize> {
        Some(self.at)
    }

    fn slice_bytes(&self, start: usize, end: usize) -> Option<&str> {
        self.text.get(start..end)
    }

    fn fetch_block_scalar_line(&mut self, out: &mut String) -> usize {
        self.meet_block_line();
        let mut count = 0;
        while let Some(c) = self.raw_read_non_breakz_ch() {
            out.push(c);
            count += 1;
        }
        count
    }

    /// Takes nothing: the parser asks at each word of a quoted scalar, and nowhere else.
    fn take_quoted_scalar_chunk(&mut self, single: bool) -> (&str, usize) {
        self.meet_quoted(single);
        ("", 0)
    }
}

impl<'s> granit::BorrowedInput<'s> for Shallow<'s> {
    fn slice_borrowed(&self, start: usize, end: usize) -> Option<&'s str> {
        self.text.get(start..end)
    }
}
