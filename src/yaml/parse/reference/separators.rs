//! Line and paragraph separators in scalars: which of them go-yaml, for which they end a line, reads as
//! text all the same.

use granit_parser as granit;

use super::faults::fault;
use crate::yaml::{Error, Span};

/// Line separator, paragraph separator: line breaks of YAML 1.1 that folding keeps.
pub(super) const SEPARATORS: [char; 2] = ['\u{2028}', '\u{2029}'];
pub(super) const BYTE_ORDER_MARK: char = '\u{feff}';

/// A text without the blanks after its separators, which are indentation for go-yaml.
pub(super) fn without_indentation(text: &str) -> String {
    let mut parts = text.split_inclusive(SEPARATORS);
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |made, part| made + part.trim_start_matches(' '))
}

/// Whether a separator has text on both sides of it in a scalar, so that folding keeps all of it; in
/// single quotes, as kustomize writes it, blanks may follow the separator.
pub(super) fn is_inside(
    text: &str,
    at: usize,
    style: granit::ScalarStyle,
    span: &Span,
    is_key: bool,
) -> bool {
    let quotes = usize::from(style != granit::ScalarStyle::Plain);
    let (start, end) = (span.start + quotes, span.end.saturating_sub(quotes));
    let Some(c) = text[at..].chars().next() else {
        return false;
    };
    if c == BYTE_ORDER_MARK {
        return at > span.start;
    }
    let is_space = |c: char| matches!(c, ' ' | '\t' | '\r' | '\n') || SEPARATORS.contains(&c);
    let before = text[start.min(at)..at].chars().next_back();
    let behind = at + c.len_utf8();
    let behind = &text[behind..end.max(behind)];
    let is_indented = style == granit::ScalarStyle::SingleQuoted && behind.starts_with(' ');
    // A mark after it could be an indicator at the head of a line, as `- ` or `---` are.
    let is_word = if is_indented {
        behind.trim_start_matches(' ').starts_with(|c| !is_space(c))
    } else {
        behind.starts_with(char::is_alphanumeric)
    };
    let is_marker = text[span.start..].starts_with("---");
    let is_indicator = style == granit::ScalarStyle::Plain && ends_indicator(&text[start..at]);
    !is_marker && !is_indicator && !is_key && before.is_some_and(|c| !is_space(c)) && is_word
}

/// Whether a line of plain text ends in what is no text where a line ends after it: the dash of an item,
/// the mark of a key, the colon of a pair.
fn ends_indicator(line: &str) -> bool {
    matches!(line, "-" | "?") || line.ends_with(':')
}

/// A literal block scalar whose header gives no indentation, or whose text begins with a separator.
#[derive(Debug, Clone, Copy)]
pub(super) struct Literal {
    pub(super) indent: usize,
    /// Where its last word ends; line breaks after it may be cut off.
    words_end: usize,
}

impl Literal {
    pub(super) fn of(text: &str, span: &Span, value: &str) -> Option<Self> {
        let header = memchr::memrchr(b'|', &text.as_bytes()[..span.start])?;
        let header = text[header..].lines().next()?;
        let line = memchr::memrchr(b'\n', &text.as_bytes()[..span.start])? + 1;
        let before = &text[line..span.start];
        let has_indicator = header.contains(|c: char| c.is_ascii_digit());
        let is_space = |c| matches!(c, ' ' | '\t' | '\r' | '\n') || SEPARATORS.contains(&c);
        let words = text[span.clone()].trim_end_matches(is_space);
        let is_plain = !has_indicator && before.bytes().all(|byte| byte == b' ');
        let indent = match text[span.start..].strip_prefix(SEPARATORS) {
            Some(behind) if before.is_empty() && value.starts_with(SEPARATORS) => {
                behind.len() - behind.trim_start_matches(' ').len()
            }
            _ if is_plain => before.len(),
            _ => 0,
        };
        (indent > 0).then_some(Literal {
            indent,
            words_end: span.start + words.len(),
        })
    }

    /// Whether the text goes on after a separator, at the scalar's indentation or on a later line.
    pub(super) fn goes_on(self, text: &str, at: usize) -> bool {
        let mut rest = text[at..].chars();
        if rest.next() == Some(BYTE_ORDER_MARK) {
            return true;
        }
        let rest = rest.as_str();
        if rest.starts_with('\n') || rest.starts_with(SEPARATORS) {
            return at < self.words_end;
        }
        let blanks = rest.len() - rest.trim_start_matches(' ').len();
        let behind = rest[blanks..].chars().next();
        blanks >= self.indent
            && behind.is_some_and(|c| !matches!(c, '\t' | '\r' | '\n') && !SEPARATORS.contains(&c))
    }
}

pub(super) fn misplaced(text: &str, at: usize) -> Error {
    match text[at..].chars().next() {
        Some(BYTE_ORDER_MARK) => fault(
            at,
            "a byte order mark inside the text is part of it for kustomize and kubectl",
            "take it out: it may stand at the first byte alone",
        ),
        Some('\u{2029}') => fault(
            at,
            "the paragraph separator (U+2029) ends a line for kustomize and kubectl",
            "take it out, or write it as `\\P` in double quotes",
        ),
        _ => fault(
            at,
            "the line separator (U+2028) ends a line for kustomize and kubectl",
            "take it out, or write it as `\\L` in double quotes",
        ),
    }
}
