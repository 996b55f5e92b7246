//! What a plain scalar reads as, and (`write`) how text is written so that every reader sees text.

mod write;

pub(crate) use write::quote_to;
pub use write::{ScalarContext, quote, write, write_to};

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

#[cfg(test)]
mod tests {
    use super::write::is_common;
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
