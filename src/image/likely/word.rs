//! The words of a text around a key: the text before a colon, and the value after it.

use std::ops::Range;

use memchr::{memchr_iter, memrchr2};

use super::is_template;

/// How far around a key its line, its neighbours and its value are looked for, so that a text of one
/// line takes linear time.
pub(super) const AROUND: usize = 512;

/// The keys that make an image of a `repository` beside them.
pub(super) const PARTS: [&str; 4] = ["tag", "digest", "registry", "pullPolicy"];

/// A key in a text.
pub(super) struct Word {
    /// Its name, quotes left out.
    pub(super) name: Range<usize>,
    /// Its column in bytes, of its quotes if it has any, and where its line begins; the line may
    /// begin further away than is looked for.
    pub(super) column: usize,
    pub(super) line: usize,
    /// Where its value begins, or blanks before it.
    pub(super) value: usize,
}

impl Word {
    pub(super) fn name<'t>(&self, text: &'t str) -> &'t str {
        &text[self.name.clone()]
    }
}

/// Whether a byte may be in the name of a key.
pub(super) fn is_of_name(byte: &&u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.')
}

/// The key that ends with `end`, which was found at `at`; none in a comment, and none where it is no
/// key.
pub(super) fn word_at(text: &str, at: usize, end: &str) -> Option<Word> {
    let bytes = text.as_bytes();
    let name_end = at + end.len();
    let before = bytes[..at].iter().rev().take(AROUND);
    let start = at - before.take_while(is_of_name).count();
    let quote = bytes
        .get(name_end)
        .filter(|byte| matches!(byte, b'"' | b'\''));
    let opened = start.checked_sub(1).map(|at| bytes[at]);
    let first = match quote {
        Some(quote) if opened == Some(*quote) => start - 1,
        Some(_) => return None,
        None => start,
    };
    let around = first.checked_sub(1).map(|at| bytes[at]);
    let is_key = around.is_none_or(|byte| byte.is_ascii_whitespace() || b"{,[".contains(&byte));
    let behind = name_end + usize::from(quote.is_some());
    let blanks = bytes[behind..]
        .iter()
        .take_while(|byte| **byte == b' ')
        .count();
    let colon = behind + blanks;
    let next = bytes.get(colon + 1);
    let ends = quote.is_some() || next.is_none_or(u8::is_ascii_whitespace);
    if !is_key || bytes.get(colon) != Some(&b':') || !ends {
        return None;
    }
    let from = text.ceil_char_boundary(first.saturating_sub(AROUND));
    let line = memrchr2(b'\n', b'\r', &bytes[from..first]).map_or(from, |at| from + at + 1);
    let is_comment = |at: usize| at == 0 || bytes[line + at - 1].is_ascii_whitespace();
    if memchr_iter(b'#', &bytes[line..first]).any(is_comment) {
        return None;
    }
    Some(Word {
        name: start..name_end,
        column: first - line,
        line,
        value: colon + 1,
    })
}

/// A value on the line of its key.
pub(super) struct InlineValue {
    pub(super) span: Range<usize>,
    /// Its text without quotes.
    pub(super) bare: Range<usize>,
}

/// The scalar after a key, on the same line.
pub(super) fn value_at(text: &str, from: usize) -> Option<InlineValue> {
    let end = text.floor_char_boundary(text.len().min(from + AROUND));
    let line = text[from..end].split(['\n', '\r']).next()?;
    let mut start = from + line.len() - line.trim_start().len();
    let mut rest = line.trim_start();
    // A tag or an anchor comes before the value.
    while rest.starts_with(['!', '&']) {
        let (_, value) = rest.split_once(' ')?;
        start += rest.len() - value.trim_start().len();
        rest = value.trim_start();
    }
    let first = rest.chars().next()?;
    if let '"' | '\'' = first {
        let length = rest[1..].find(first)?;
        return Some(InlineValue {
            span: start..start + length + 2,
            bare: start + 1..start + 1 + length,
        });
    }
    let opens_template = rest.starts_with("{{");
    if !opens_template && matches!(first, '{' | '[' | '*' | '|' | '>' | '#' | '-') {
        return None;
    }
    let mut bare = rest.split(" #").next().unwrap_or(rest);
    if !is_template(bare) {
        bare = bare.split([',', '}', ']']).next().unwrap_or(bare);
    }
    let span = start..start + bare.trim_end().len();
    (!span.is_empty()).then(|| InlineValue {
        bare: span.clone(),
        span,
    })
}

/// Whether a `repository` is that of an image: another part of one is beside it, or the key above says
/// so.
pub(super) fn has_parts(text: &str, word: &Word) -> bool {
    let start = word.line + word.column;
    if text[word.line..start].contains('{') {
        let open = text[..start].rfind('{').unwrap_or(start);
        let end = text.floor_char_boundary(text.len().min(start + AROUND));
        let inside = text[open..end].split('}').next().unwrap_or_default();
        let is_part = |part: &str| {
            inside.contains(&format!("{part}:")) || inside.contains(&format!("{part}\":"))
        };
        let above = text[..open].trim_end().trim_end_matches([':', '"', '\'']);
        return PARTS.into_iter().any(is_part) || above.ends_with("mage");
    }
    let from = text.ceil_char_boundary(word.line.saturating_sub(AROUND));
    let end = text.floor_char_boundary(text.len().min(start + AROUND));
    for line in text[from..word.line].lines().rev() {
        match beside(line, word.column) {
            LineRelation::Key(key) if PARTS.contains(&key) => return true,
            LineRelation::Above(key) if key.ends_with("mage") => return true,
            LineRelation::Above(_) => break,
            _ => {}
        }
    }
    for line in text[start..end].lines().skip(1) {
        match beside(line, word.column) {
            LineRelation::Key(key) if PARTS.contains(&key) => return true,
            LineRelation::Above(_) => break,
            _ => {}
        }
    }
    false
}

/// How a nearby line relates to a key.
enum LineRelation<'t> {
    /// Another key of the same mapping.
    Key(&'t str),
    /// A key that holds the mapping, or a line after the mapping.
    Above(&'t str),
    /// Something within the mapping, or nothing.
    Inside,
}

fn beside(line: &str, column: usize) -> LineRelation<'_> {
    let key = line.trim_start_matches([' ', '-']);
    let at = line.len() - key.len();
    let name = key.split(':').next().unwrap_or_default();
    let name = name.trim_matches(['"', '\'']);
    if key.trim().is_empty() || key.starts_with('#') || at > column {
        LineRelation::Inside
    } else if at == column {
        LineRelation::Key(name)
    } else {
        LineRelation::Above(name)
    }
}
