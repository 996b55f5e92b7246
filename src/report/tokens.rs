//! A line of YAML or JSON, cut into what may be shown of it (keys, structure, blanks) and what may not.
//!
//! The line is read by itself, since its document may be broken.
//! A text of the usual characters is a key where a key may be; all else is a value, so that a
//! line that goes on from the one before shows less, not more.

use std::ops::Range;

use crate::yaml::Span;

/// The most bytes of a key that is shown.
const LONGEST_KEY: usize = 80;

/// A piece of a line.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct LineToken {
    pub(super) span: Span,
    pub(super) kind: TokenKind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TokenKind {
    /// A key, structure or blanks.
    Open,
    /// An anchor, an alias or a tag; in a broken text, a value that someone forgot to quote.
    Name,
    /// A value, a comment, or a key of unusual characters.
    Value,
}

/// The tokens of a part of a line; they follow each other without a gap.
pub(super) fn tokens(text: &str, part: Range<usize>) -> Vec<LineToken> {
    let mut tokens = Vec::new();
    let mut place = LineState {
        may_be_key: true,
        is_first: true,
        is_comment: false,
    };
    let mut at = part.start;
    while at < part.end {
        let (length, kind) = next(&text[at..part.end], &mut place);
        tokens.push(LineToken {
            span: at..at + length,
            kind,
        });
        at += length;
    }
    tokens
}

/// Of a part whose beginning is in the middle of a line: the key that it ends with, and a value.
pub(super) fn nearest_key(text: &str, part: Range<usize>) -> Vec<LineToken> {
    let before = text[part.clone()].trim_end();
    let key = before
        .strip_suffix(':')
        .map(str::trim_end)
        .unwrap_or_default();
    let start = match key.strip_suffix('"') {
        Some(inner) => inner.rfind('"'),
        None => {
            let is_blank = |c: char| c.is_whitespace() || "{[,".contains(c);
            key.rfind(is_blank).map(|blank| blank + 1)
        }
    };
    let start = match start.filter(|&start| is_key(key[start..].trim_matches('"'))) {
        Some(start) => part.start + start,
        None => part.end,
    };
    let tokens = [
        (part.start..start, TokenKind::Value),
        (start..part.end, TokenKind::Open),
    ];
    let tokens = tokens.into_iter().filter(|(span, _)| !span.is_empty());
    tokens
        .map(|(span, kind)| LineToken { span, kind })
        .collect()
}

/// What may come next in a line.
struct LineState {
    /// Whether a key may: at the beginning, and after a bracket, comma or dash.
    may_be_key: bool,
    /// Whether nothing but blanks came before.
    is_first: bool,
    /// Whether a comment has begun, which goes on to the end of the line.
    is_comment: bool,
}

/// The length and kind of the first token of a text that is not empty.
fn next(text: &str, place: &mut LineState) -> (usize, TokenKind) {
    let blanks = text.len() - text.trim_start_matches([' ', '\t']).len();
    if blanks > 0 {
        return (blanks, TokenKind::Open);
    }
    if place.is_comment {
        return (text.len(), TokenKind::Value);
    }
    let is_first = std::mem::take(&mut place.is_first);
    if let Some(length) = structure(text, place) {
        return (length, TokenKind::Open);
    }
    let bytes = text.as_bytes();
    if bytes[0] == b'#' {
        place.is_comment = true;
        return (1, TokenKind::Open);
    }
    // An anchor, an alias or a tag; at the beginning of a line it may be text that goes on.
    if matches!(bytes[0], b'&' | b'*' | b'!') && !is_first {
        let is_end = |c: char| c.is_whitespace() || ",[]{}".contains(c);
        let length = text.find(is_end).unwrap_or(text.len());
        if is_key(text[1..length].trim_start_matches('!')) {
            return (length, TokenKind::Name);
        }
    }
    let (length, inner) = match bytes[0] {
        b'"' | b'\'' => quoted(text),
        _ => {
            let length = plain(text);
            (length, &text[..length])
        }
    };
    let behind = text[length..].trim_start_matches([' ', '\t']);
    let is_key = behind.starts_with(':') && place.may_be_key && is_key(inner);
    place.may_be_key = false;
    let kind = if is_key {
        TokenKind::Open
    } else {
        TokenKind::Value
    };
    (length, kind)
}

/// The length of an indicator of structure at the beginning.
fn structure(text: &str, place: &mut LineState) -> Option<usize> {
    let bytes = text.as_bytes();
    match bytes[0] {
        b'{' | b'[' | b',' => {
            place.may_be_key = true;
            Some(1)
        }
        b'}' | b']' | b':' => {
            place.may_be_key = false;
            Some(1)
        }
        b'-' | b'?' if is_end(&text[1..]) => Some(1),
        b'-' if text.starts_with("---") && is_end(&text[3..]) => Some(3),
        b'|' | b'>' => {
            let header = |b: &u8| matches!(b, b'+' | b'-' | b'0'..=b'9');
            let length = 1 + bytes[1..].iter().take_while(|b| header(b)).count();
            is_end(&text[length..]).then_some(length)
        }
        _ => None,
    }
}

fn is_end(text: &str) -> bool {
    text.is_empty() || text.starts_with([' ', '\t'])
}

/// The length of a quoted text at the beginning, and what is in its quotes.
fn quoted(text: &str) -> (usize, &str) {
    let bytes = text.as_bytes();
    let mut at = 1;
    while at < bytes.len() {
        match (bytes[0], bytes[at]) {
            (b'"', b'\\') => at += 1,
            (b'\'', b'\'') if bytes.get(at + 1) == Some(&b'\'') => at += 1,
            (quote, byte) if quote == byte => return (at + 1, &text[1..at]),
            _ => {}
        }
        at += 1;
    }
    (text.len(), "")
}

/// The length of a plain text at the beginning, without the blanks after it.
fn plain(text: &str) -> usize {
    let bytes = text.as_bytes();
    let ends = |at: usize| match bytes[at] {
        b',' | b']' | b'}' => true,
        b':' => is_end(&text[at + 1..]) || b",[]{}".contains(&bytes[at + 1]),
        b'#' => at > 0 && matches!(bytes[at - 1], b' ' | b'\t'),
        _ => false,
    };
    let end = (1..bytes.len()).find(|&at| ends(at)).unwrap_or(bytes.len());
    text[..end].trim_end_matches([' ', '\t']).len()
}

/// Whether this is a key by its characters, and no longer than keys are.
fn is_key(text: &str) -> bool {
    let is_usual =
        |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'/' | b'-' | b'$' | b'<');
    (1..=LONGEST_KEY).contains(&text.len()) && text.bytes().all(is_usual)
}

#[cfg(test)]
mod tests {
    use super::{TokenKind, nearest_key, tokens};

    fn masked(text: &str, tokens: &[super::LineToken]) -> String {
        let shown = tokens.iter().map(|token| match token.kind {
            TokenKind::Open | TokenKind::Name => &text[token.span.clone()],
            TokenKind::Value => "*",
        });
        shown.collect()
    }

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let tokens = tokens(text, 0..text.len());
        assert_eq!(
            tokens.iter().map(|token| token.span.len()).sum::<usize>(),
            text.len()
        );
        assert_eq!(masked(text, &tokens), expected);
    }

    #[test]
    fn keys_and_structure_stay() {
        check("  - name: a", "  - name: *");
        check("- {name: a, value: 'it''s, b: c'}", "- {name: *, value: *}");
        check(r#"{"a":"b\",\"c\":d","e":[1,"f"]}"#, r#"{"a":*,"e":[*,*]}"#);
        check(
            "--- {a: &b c, <<: *d, e: !!str f}",
            "--- {a: &b *, <<: *d, e: !!str *}",
        );
        check("a: >-", "a: >-");
        check("? a", "? *");
        check("a: b # c: d", "a: * # *");
    }

    #[test]
    fn what_may_be_a_value_is_none() {
        check("a: b: c", "a: *: *");
        check("tail\", image: b", "*, image: *");
        check("tail of a text", "*");
        check("user:password@host", "*");
        check("*tail", "*");
        check("\"tail, a: b", "*");
        check("a: p&ss", "a: *");
        check("é: ü", "*: *");
        check("a: #b: c", "a: #*");
    }

    #[test]
    fn only_the_nearest_key_is_known_in_the_middle() {
        let check = |text: &str, expected: &str| {
            assert_eq!(masked(text, &nearest_key(text, 0..text.len())), expected);
        };
        check(r#"t","a":"b","image":"#, r#"*"image":"#);
        check("t, a: b, image: ", "*image: ");
        check("t, a: b, - ", "*");
    }
}
