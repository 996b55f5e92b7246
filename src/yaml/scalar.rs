//! What a plain scalar reads as, and how to write text so that every reader sees text.

use wide::u8x16;

use super::simd::{self, are, within};

/// How a scalar is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// Without quotes.
    Plain,
    /// `'…'`.
    Single,
    /// `"…"`.
    Double,
    /// `|`.
    Literal,
    /// `>`.
    Folded,
}

/// What the YAML 1.2 core schema and go-yaml make of a plain scalar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Type {
    /// Nothing: empty, `~`, `null`.
    Null,
    /// `true`, `false`.
    Bool,
    /// An integer or a float.
    Number,
    /// Anything else.
    Text,
}

/// No word that means something is longer than `false`.
const LONGEST_WORD: usize = 5;

/// The type of a plain scalar in the YAML 1.2 core schema (chapter 10.3.2 of the specification), but
/// for numbers, which are go-yaml's.
pub fn core_type(text: &str) -> Type {
    match text {
        // No number begins with a letter.
        _ if text.len() > LONGEST_WORD && text.as_bytes()[0].is_ascii_alphabetic() => Type::Text,
        "" | "~" | "null" | "Null" | "NULL" => Type::Null,
        "true" | "True" | "TRUE" | "false" | "False" | "FALSE" => Type::Bool,
        _ if is_number(text) => Type::Number,
        _ => Type::Text,
    }
}

/// Whether go-yaml, with which kustomize and kubectl read, takes a plain scalar for a number: those
/// of YAML 1.2's core schema, and of YAML 1.1 those with underscores, in binary, or with a sign
/// before their base; but none that is too large.
fn is_number(text: &str) -> bool {
    if !text.starts_with(|first: char| first.is_ascii_digit() || "+-.".contains(first)) {
        return false;
    }
    if matches!(text, ".nan" | ".NaN" | ".NAN") {
        return true;
    }
    if text.contains('_') && !text.starts_with('.') {
        return is_number(&text.replace('_', ""));
    }
    let (is_negative, unsigned) = match text.strip_prefix(['+', '-']) {
        Some(rest) => (text.starts_with('-'), rest),
        None => (false, text),
    };
    if matches!(unsigned, ".inf" | ".Inf" | ".INF") {
        return true;
    }
    let (base, digits) = match unsigned.get(..2) {
        Some("0x" | "0X") => (16, &unsigned[2..]),
        Some("0o" | "0O") => (8, &unsigned[2..]),
        Some("0b" | "0B") => (2, &unsigned[2..]),
        _ => return is_decimal(unsigned),
    };
    // A second sign is none for go-yaml.
    let value = u64::from_str_radix(digits, base).ok();
    let value = value.filter(|_| !digits.starts_with('+'));
    let most = match (is_negative, unsigned.len() == text.len()) {
        (true, _) => i64::MIN.unsigned_abs(),
        (false, true) => u64::MAX,
        (false, false) => i64::MAX.unsigned_abs(),
    };
    value.is_some_and(|value| value <= most)
}

/// Whether a text is a decimal number without a sign that is not too large.
fn is_decimal(text: &str) -> bool {
    let are_digits = |digits: &str| digits.bytes().all(|byte| byte.is_ascii_digit());
    let some_digits = |digits: &str| !digits.is_empty() && are_digits(digits);
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (text, None),
    };
    let unsigned = exponent.map(|exponent| exponent.strip_prefix(['+', '-']).unwrap_or(exponent));
    let is_mantissa = match mantissa.split_once('.') {
        Some(("", fraction)) => some_digits(fraction),
        Some((whole, fraction)) => some_digits(whole) && are_digits(fraction),
        None => some_digits(mantissa),
    };
    is_mantissa && unsigned.is_none_or(some_digits) && text.parse::<f64>().is_ok_and(f64::is_finite)
}

/// Whether every reader takes the plain scalar `text` for text: YAML 1.2, YAML 1.1 and go-yaml.
///
/// Quotes the union, since readers differ: PyYAML reads `12:34` as 754, kustomize `1e3` as 1000.
pub fn reads_as_text(text: &str) -> bool {
    if core_type(text) != Type::Text || matches!(text, "=" | "<<") {
        return false;
    }
    // No number begins with a letter.
    if text.as_bytes()[0].is_ascii_alphabetic() {
        return !WORDS.iter().any(|word| word.eq_ignore_ascii_case(text));
    }
    let lower = text.to_ascii_lowercase();
    let unsigned = lower.strip_prefix(['+', '-']).unwrap_or(&lower);
    // Numbers of YAML 1.1: underscores, 0b, sexagesimals, dates. Whatever starts like a number and
    // holds nothing but what numbers and dates hold is quoted; that quotes too much at worst.
    let starts_like_number =
        unsigned.starts_with(|first: char| first.is_ascii_digit()) || unsigned.starts_with('.');
    let holds_number_marks = unsigned.bytes().all(
        |byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f' | b'x' | b'o' | b'_' | b'.' | b':' | b'+' | b'-'),
    );
    let timestamp = unsigned.len() >= 10
        && unsigned.as_bytes()[..4].iter().all(u8::is_ascii_digit)
        && unsigned.as_bytes()[4] == b'-';
    !(starts_like_number && (holds_number_marks || timestamp))
}

/// Words that some reader takes for a boolean or nothing, in whatever case.
const WORDS: [&str; 9] = ["y", "yes", "n", "no", "on", "off", "true", "false", "null"];

/// Whether YAML 1.1 takes a plain scalar for a boolean or nothing, which YAML 1.2 takes for text.
pub(crate) fn is_old_word(text: &str) -> bool {
    WORDS.iter().any(|word| word.eq_ignore_ascii_case(text))
}

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
fn is_common(text: &str, context: ScalarContext) -> bool {
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
fn unescaped(text: &str) -> usize {
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
fn may_be_plain(text: &str, context: ScalarContext) -> bool {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(write(text, Style::Plain, ScalarContext::Flow), expected);
    }

    #[test]
    fn text_that_a_reader_takes_for_something_else_is_quoted() {
        for text in [
            "12:30",
            "1.10",
            "0123",
            "0x1F",
            "0b11",
            "1_000",
            "1e3",
            ".5",
            "2024-01-01",
            "on",
            "yes",
            "y",
            "null",
            "~",
            "=",
            "<<",
            "553640e6",
            "",
            "Yes",
            "1:30.5",
            "-1",
            "+.inf",
            "2001-12-14t21:59:43.10-05:00",
            "190:20:30",
            ".nan",
        ] {
            check(text, &quote(text));
        }
    }

    #[test]
    fn a_character_is_seen_wherever_it_stands() {
        for c in (0..0x800)
            .chain(0x2000..0x2100)
            .chain(0xfe00..0x10000)
            .filter_map(char::from_u32)
        {
            let escaped = match c {
                '"' | '\\' => format!("\\{c}"),
                '\n' => "\\n".to_owned(),
                '\r' => "\\r".to_owned(),
                '\t' => "\\t".to_owned(),
                '\u{feff}' | '\u{2028}' | '\u{2029}' => format!("\\u{:04x}", u32::from(c)),
                c if c.is_control() => format!("\\u{:04x}", u32::from(c)),
                c => c.to_string(),
            };
            let is_bracket = matches!(c, '[' | ']');
            let common = c.is_ascii_alphanumeric() || "_./@:-".contains(c);
            for before in [0, 1, 15, 16, 17, 40] {
                for behind in [0, 1, 15, 16, 31] {
                    let around =
                        |text: &str| format!("{}{text}{}", "a".repeat(before), "b".repeat(behind));
                    let text = around(&c.to_string());
                    assert_eq!(quote(&text), format!("\"{}\"", around(&escaped)));
                    assert_eq!(is_common(&text, ScalarContext::Flow), common, "{text:?}");
                    assert_eq!(
                        is_common(&text, ScalarContext::Block),
                        common || is_bracket,
                        "{text:?}"
                    );
                }
            }
        }
    }

    #[test]
    fn references_stay_plain_where_they_can() {
        for text in [
            "nginx",
            "nginx:1.25",
            "localhost:5000/app",
            "ghcr.io/a/b@sha256:0123",
            "Always",
            "a-b_c",
            "1password/connect-api",
        ] {
            check(text, text);
        }
        check("[::1]:5000/x", "\"[::1]:5000/x\"");
        check("a: b", "\"a: b\"");
        check("a,b", "\"a,b\"");
        check("tab\there", "\"tab\\there\"");
    }
}
