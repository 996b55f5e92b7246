//! A fast path for unquoted keys and for values that end with their key's line, as most do;
//! [`super::block`] handles them too.

use super::holder::Token;
use super::scalar::{DOUBLE_STOPS, SINGLE_STOPS, STARTS, STOPS};
use super::{NOWHERE, Scan};
use crate::yaml::simd::{behind_blanks, first_of};

impl Scan<'_> {
    /// A key without quotes; the position moves to its colon. `None` leaves the position where it is.
    #[inline(always)]
    pub(super) fn key_on_line(&mut self) -> Option<Token> {
        let start = self.at;
        if !STARTS[usize::from(self.bytes[start])] {
            return None;
        }
        let colon = first_of(self.bytes, start, STOPS);
        // The first byte begins a word, so one is before the colon.
        let [last, b':', b' ' | b'\n', ..] = self.bytes.get(colon - 1..)? else {
            return None;
        };
        if *last == b' ' {
            return None;
        }
        self.at = colon;
        Some(Token {
            span: start..colon,
            quoted: None,
        })
    }

    /// The value after the colon of a key at `indent`, where it is a scalar that ends with its
    /// line; the position moves to the next token. `None` leaves the position where it is.
    #[inline(always)]
    pub(super) fn value_on_line(&mut self, indent: usize, colon: usize) -> Option<Token> {
        let start = colon + 2;
        let [b' ', first, ..] = *self.bytes.get(colon + 1..)? else {
            return None;
        };
        let is_plain = STARTS[usize::from(first)];
        let end = match first {
            _ if is_plain => first_of(self.bytes, start, STOPS),
            b'"' => self.closed(start, DOUBLE_STOPS)?,
            b'\'' => self.closed(start, SINGLE_STOPS)?,
            _ => return None,
        };
        let [last, b'\n', ..] = self.bytes.get(end - 1..)? else {
            return None;
        };
        if *last == b' ' {
            return None;
        }
        let line = end + 1;
        let at = behind_blanks(self.bytes, line);
        let column = match self.bytes.get(at) {
            None => NOWHERE,
            Some(b'\n' | b'#' | b'\t') => return None,
            Some(_) if at - line > indent => return None,
            Some(_) => at - line,
        };
        (self.at, self.column) = (at, column);
        Some(Token {
            span: start..end,
            quoted: (!is_plain).then_some(false),
        })
    }

    /// The end of a scalar in quotes that begins here, where the first of `stops` closes it.
    #[inline(always)]
    fn closed(&self, start: usize, stops: [u8; 4]) -> Option<usize> {
        let end = first_of(self.bytes, start + 1, stops);
        (self.bytes.get(end) == self.bytes.get(start)).then_some(end + 1)
    }
}
