//! Scalars on one line.

use std::borrow::Cow;

use super::Scan;
use crate::yaml::simd::first_of;
use crate::yaml::{Span, Style};

/// The parser gives up on a longer key, since the reference parser has a limit.
pub(super) const KEY: usize = 512;

/// What a plain scalar in block style ended at.
pub(super) enum PlainEnd {
    /// A colon that a value may follow: this is a key.
    Colon,
    /// The end of its line, or a comment.
    Line,
}

/// Whether a byte is one of these.
const fn table(stops: &[u8]) -> [bool; 256] {
    let mut table = [false; 256];
    let mut index = 0;
    while index < stops.len() {
        table[stops[index] as usize] = true;
        index += 1;
    }
    table
}

/// Bytes at which a plain scalar may end.
pub(super) const STOPS: [u8; 4] = *b"\n:#\t";
/// Bytes at which a plain scalar in a flow collection may end.
static FLOW_STOPS: [bool; 256] = table(b"\n:#\t,[]{}");
/// Bytes at which a scalar in double quotes ends, or is more than its bytes.
pub(super) const DOUBLE_STOPS: [u8; 4] = *b"\n\t\"\\";
/// Bytes at which a scalar in single quotes ends, or is more than its bytes; the quote twice, since
/// four are looked for.
pub(super) const SINGLE_STOPS: [u8; 4] = *b"\n\t''";
/// Bytes that a plain scalar may begin with, whatever follows.
pub(super) static STARTS: [bool; 256] = {
    let mut starts =
        table(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_/$()+~^;<=");
    let mut byte = 0x80;
    while byte < starts.len() {
        starts[byte] = true;
        byte += 1;
    }
    starts
};

/// The first byte of the table from here, or the end.
#[inline]
fn next(bytes: &[u8], at: usize, stops: &[bool; 256]) -> usize {
    let mut rest = bytes[at..].iter();
    let found = rest.position(|&byte| stops[usize::from(byte)]);
    found.map_or(bytes.len(), |offset| at + offset)
}

impl<'s> Scan<'s> {
    /// Whether a plain scalar that this parser takes may begin here.
    #[inline(always)]
    pub(super) fn begins_plain(&self) -> bool {
        STARTS[usize::from(self.bytes[self.at])] || self.begins_with_mark()
    }

    fn begins_with_mark(&self) -> bool {
        match self.bytes[self.at] {
            b'.' => !self.bytes[self.at..].starts_with(b"..."),
            b'-' => {
                let next = self.byte(self.at + 1);
                next.is_ascii_alphanumeric()
                    || matches!(next, b'/' | b'.' | b'_')
                    || next == b'-'
                        && self.byte(self.at + 2) != b'-'
                        && !matches!(self.byte(self.at + 2), b'\n' | b' ' | b'\t')
            }
            _ => false,
        }
    }

    /// A plain scalar in block style, from here to `: `, a comment or the end of the line.
    #[inline(always)]
    pub(super) fn plain(&mut self) -> Option<(Span, PlainEnd)> {
        let start = self.at;
        let at = first_of(self.bytes, start, STOPS);
        // Nearly always the first that may end it does.
        if at > start && self.bytes[at - 1] != b' ' {
            let end = match self.bytes.get(at) {
                Some(b'\n') => Some(PlainEnd::Line),
                Some(b':') if matches!(self.bytes.get(at + 1), Some(b' ' | b'\n')) => {
                    Some(PlainEnd::Colon)
                }
                _ => None,
            };
            if let Some(end) = end {
                self.at = at;
                return Some((start..at, end));
            }
        }
        self.plain_beyond(at)
    }

    /// As [`Self::plain`], where the first byte that may end it is there.
    #[inline(never)]
    fn plain_beyond(&mut self, mut at: usize) -> Option<(Span, PlainEnd)> {
        let start = self.at;
        loop {
            match self.bytes.get(at) {
                None | Some(b'\n') => break,
                Some(b':') if matches!(self.byte(at + 1), b' ' | b'\n' | b'\t') => {
                    // The parser gives up on a blank before the colon.
                    let is_legal = self.bytes[at - 1] != b' ';
                    self.at = at;
                    return is_legal.then_some((start..at, PlainEnd::Colon));
                }
                Some(b'#') if self.bytes[at - 1] == b' ' => break,
                Some(b'\t') => return None,
                Some(_) => at += 1,
            }
            at = first_of(self.bytes, at, STOPS);
        }
        self.at = self.trimmed(at);
        Some((start..self.at, PlainEnd::Line))
    }

    /// A plain scalar in a flow collection.
    pub(super) fn flow_plain(&mut self) -> Option<Span> {
        let start = self.at;
        let mut at = start;
        loop {
            at = next(self.bytes, at, &FLOW_STOPS);
            match self.bytes.get(at)? {
                b',' | b']' | b'}' | b'\n' => break,
                b':' => match self.byte(at + 1) {
                    b' ' => break,
                    next if next.is_ascii_alphanumeric() || matches!(next, b'/' | b'-' | b'.') => {
                        at += 1;
                    }
                    _ => return None,
                },
                b'#' if self.bytes[at - 1] != b' ' => at += 1,
                _ => return None,
            }
        }
        let end = self.trimmed(at);
        self.at = at;
        Some(start..end)
    }

    /// `end` without the blanks before it.
    fn trimmed(&self, mut end: usize) -> usize {
        while end > 0 && self.bytes[end - 1] == b' ' {
            end -= 1;
        }
        end
    }

    /// A quoted scalar on one line: its bytes, and whether it has escapes.
    #[inline(always)]
    pub(super) fn quoted(&mut self) -> Option<(Span, bool)> {
        let start = self.at;
        let first = self.bytes[start];
        if first == b'"' {
            let end = first_of(self.bytes, start + 1, DOUBLE_STOPS);
            if self.bytes.get(end) == Some(&b'"') {
                self.at = end + 1;
                return Some((start..end + 1, false));
            }
        }
        self.quoted_beyond(first)
    }

    /// As [`Self::quoted`], with this quote, where more than its closing quote may be in it.
    #[inline(never)]
    fn quoted_beyond(&mut self, quote: u8) -> Option<(Span, bool)> {
        let start = self.at;
        let escaped = match quote {
            b'"' => self.double()?,
            _ => self.single()?,
        };
        Some((start..self.at, escaped))
    }

    fn double(&mut self) -> Option<bool> {
        let mut at = self.at + 1;
        let mut escaped = false;
        loop {
            at = first_of(self.bytes, at, DOUBLE_STOPS);
            match self.bytes.get(at)? {
                b'"' => break,
                b'\\' => {
                    let (_, length) = unescaped(&self.bytes[at + 1..])?;
                    escaped = true;
                    at += 1 + length;
                }
                _ => return None,
            }
        }
        self.at = at + 1;
        Some(escaped)
    }

    fn single(&mut self) -> Option<bool> {
        let mut at = self.at + 1;
        let mut escaped = false;
        loop {
            at = first_of(self.bytes, at, SINGLE_STOPS);
            match self.bytes.get(at)? {
                b'\'' if self.byte(at + 1) == b'\'' => {
                    escaped = true;
                    at += 2;
                }
                b'\'' => break,
                _ => return None,
            }
        }
        self.at = at + 1;
        Some(escaped)
    }

    /// The text of a quoted scalar, and its style.
    pub(super) fn unquoted(&self, span: &Span, escaped: bool) -> (Cow<'s, str>, Style) {
        let inner = &self.text[span.start + 1..span.end - 1];
        let double = self.bytes[span.start] == b'"';
        let text = match (escaped, double) {
            (false, _) => Cow::Borrowed(inner),
            (true, false) => self.text_of(inner.replace("''", "'")),
            (true, true) => self.text_of(decoded(inner)),
        };
        (text, if double { Style::Double } else { Style::Single })
    }
}

/// The character of an escape, by what follows the backslash, and how many bytes of that are its own.
///
/// Of those by number, it knows the ones that JSON encoders write to be safe in HTML (Go's
/// `encoding/json`, Gson), none of which is a letter, a digit or a mark in a name.
fn unescaped(behind: &[u8]) -> Option<(char, usize)> {
    Some(match behind.first()? {
        b'"' => ('"', 1),
        b'\\' => ('\\', 1),
        b'/' => ('/', 1),
        b'n' => ('\n', 1),
        b't' => ('\t', 1),
        b'r' => ('\r', 1),
        b'u' => match behind.get(1..5)? {
            b"0026" => ('&', 5),
            b"0027" => ('\'', 5),
            b"003c" | b"003C" => ('<', 5),
            b"003d" | b"003D" => ('=', 5),
            b"003e" | b"003E" => ('>', 5),
            _ => return None,
        },
        _ => return None,
    })
}

fn decoded(text: &str) -> String {
    let mut decoded = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = memchr::memchr(b'\\', rest.as_bytes()) {
        decoded.push_str(&rest[..at]);
        let Some((character, length)) = unescaped(&rest.as_bytes()[at + 1..]) else {
            break;
        };
        decoded.push(character);
        rest = &rest[at + 1 + length..];
    }
    decoded.push_str(rest);
    decoded
}
