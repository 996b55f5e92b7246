//! Writes text as a scalar that every reader reads as that text.

use wide::u8x16;

use super::{LONGEST_WORD, Style, reads_as_text};
use crate::yaml::simd::{self, are, within};

/// Where a scalar is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScalarContext {
    /// In a block collection.
    Block,
    /// In `{}` or `[]`.
    Flow,
}

/// Whether all bytes mean nothing in a plain scalar, but for a colon at the end: letters, digits and
/// `_./@:-`, and in block style brackets.
pub(super) fn is_common(text: &str, context: ScalarContext) -> bool {
    let [open, close] = match context {
        ScalarContext::Block => *b"[]",
        ScalarContext::Flow => *b"__",
    };
    simd::of(text.as_bytes(), b'_').all(|bytes| {
        let letters = within(bytes | u8x16::splat(0x20), b'a', b'z');
        // `-./`, the digits and `:` are side by side in ASCII.
        let marks = within(bytes, b'-', b':') | are(bytes, b'_') | are(bytes, b'@');
        let all = letters | marks | are(bytes, open) | are(bytes, close);
        all.to_bitmask() == 0xffff
    })
}

/// How many bytes before the first that may not be in double quotes as it is.
///
/// What begins with one of the last three may be a control character or a mark that readers drop.
pub(super) fn unescaped(text: &str) -> usize {
    let mut count = 0;
    for bytes in simd::of(text.as_bytes(), b'"') {
        let escaped = [0x7f, b'"', b'\\', 0xc2, 0xe2, 0xef].into_iter();
        let all = escaped.fold(within(bytes, 0, b' ' - 1), |all, byte| {
            all | are(bytes, byte)
        });
        match all.to_bitmask() {
            0 => count += 16,
            escaped => return count + escaped.trailing_zeros() as usize,
        }
    }
    count
}

/// Whether `text` may be without quotes and still be read back as the same text.
pub(super) fn may_be_plain(text: &str, context: ScalarContext) -> bool {
    let Some(first) = text.chars().next() else {
        return false;
    };
    // Most names, paths and references.
    if first.is_ascii_alphabetic() && is_common(text, context) {
        return !text.ends_with(':') && (text.len() > LONGEST_WORD || reads_as_text(text));
    }
    // Most sentences.
    if text.contains(": ") {
        return false;
    }
    let starts_ok = !"-?:,[]{}#&*!|>'\"%@` ".contains(first)
        || (matches!(first, '-' | '?' | ':')
            && text[1..]
                .starts_with(|next: char| !next.is_whitespace() && !",[]{}".contains(next)));
    starts_ok
        && reads_as_text(text)
        && !text.ends_with([' ', ':'])
        && !text.contains(" #")
        && !text.starts_with("---")
        && !text.starts_with("...")
        && !text.chars().any(char::is_control)
        && !text.contains(['\u{feff}', '\u{2028}', '\u{2029}', '\u{85}'])
        && (context == ScalarContext::Block || !text.contains([',', '[', ']', '{', '}']))
}

/// `text` as a scalar in the style wanted, or double-quoted where that style cannot hold it.
pub fn write(text: &str, style: Style, context: ScalarContext) -> String {
    let mut written = String::with_capacity(text.len() + 2);
    write_to(&mut written, text, style, context);
    written
}

/// As [`write`], appended to what is written.
pub fn write_to(written: &mut String, text: &str, style: Style, context: ScalarContext) {
    match style {
        Style::Single if !text.chars().any(char::is_control) => {
            written.push('\'');
            written.push_str(&text.replace('\'', "''"));
            written.push('\'');
        }
        Style::Plain if may_be_plain(text, context) => written.push_str(text),
        _ => quote_to(written, text),
    }
}

/// `text` in double quotes with the escapes that YAML and JSON share.
pub fn quote(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quote_to(&mut quoted, text);
    quoted
}

/// As [`quote`], appended to what is written.
pub(crate) fn quote_to(quoted: &mut String, text: &str) {
    quoted.push('"');
    let mut rest = text;
    loop {
        let (same, behind) = rest.split_at(unescaped(rest));
        quoted.push_str(same);
        let mut chars = behind.chars();
        let Some(c) = chars.next() else { break };
        rest = chars.as_str();
        match c {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            '\u{feff}' | '\u{2028}' | '\u{2029}' => {
                quoted.push_str(&format!("\\u{:04x}", u32::from(c)));
            }
            c if c.is_control() => quoted.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => quoted.push(c),
        }
    }
    quoted.push('"');
}
