//! Where values end and how lines are laid out, read from the source text.

use memchr::{memchr2, memrchr2};

use crate::yaml::{Entry, Kind, Node, Style};

/// The offset after a pair's last byte; comments and blank lines after it do not belong to it.
pub(super) fn entry_end(text: &str, entry: &Entry<'_>) -> usize {
    // The span of a key that is a block collection goes on to the next token.
    let key_end = value_end(text, &entry.key, entry.key.span.end);
    value_end(text, &entry.value, key_end)
}

/// The offset after a value's last byte; `fallback` where the value is empty.
pub(crate) fn value_end(text: &str, node: &Node<'_>, fallback: usize) -> usize {
    match &node.kind {
        Kind::Alias(_) => node.span.end,
        Kind::Anchored(inner) => value_end(text, inner, node.start().max(fallback)),
        Kind::Scalar(..) if node.span.is_empty() => fallback,
        Kind::Scalar(value, Style::Literal | Style::Folded) => {
            let content = &text[node.span.clone()];
            let kept = if value.ends_with("\n\n") || value.trim_matches('\n').is_empty() {
                // `|+`: the blank lines are content, all but the last line break.
                let lines = content.trim_end_matches([' ', '\t']);
                let lines = lines.strip_suffix('\n').unwrap_or(lines);
                lines.strip_suffix('\r').unwrap_or(lines)
            } else {
                content.trim_end()
            };
            node.span.start + kept.len()
        }
        Kind::Mapping(_, true) | Kind::Sequence(_, true) | Kind::Scalar(..) => node.span.end,
        Kind::Mapping(entries, false) => entries
            .last()
            .map_or(fallback, |entry| entry_end(text, entry)),
        Kind::Sequence(items, false) => items
            .last()
            .map_or(fallback, |item| value_end(text, item, item.span.start)),
    }
}

/// The offset just after a node's anchor and tag, which begin at `start`.
pub(super) fn properties_end(text: &str, start: usize) -> usize {
    let mut end = start;
    loop {
        let at = token_start(text, end);
        if !text[at..].starts_with(['&', '!']) {
            return end;
        }
        let length = text[at..].find(|c: char| c.is_whitespace() || matches!(c, ',' | '}' | ']'));
        end = length.map_or(text.len(), |length| at + length);
    }
}

/// The offset of the next token: blanks, line breaks and comments are walked over.
pub(super) fn token_start(text: &str, start: usize) -> usize {
    let mut at = start;
    loop {
        at += text[at..].len() - text[at..].trim_start().len();
        if !text[at..].starts_with('#') {
            return at;
        }
        at = line_end(text, at);
    }
}

/// The offset of the line break that ends the line of `at`, or the end of the text.
pub(super) fn line_end(text: &str, at: usize) -> usize {
    memchr2(b'\n', b'\r', &text.as_bytes()[at..]).map_or(text.len(), |offset| at + offset)
}

/// The line break that the file uses at `at`: that of this line, else of the one before it.
pub(crate) fn line_break(text: &str, at: usize) -> &'static str {
    let bytes = text.as_bytes();
    let next = line_end(text, at);
    let before = || memrchr2(b'\n', b'\r', &bytes[..at]);
    let found = if next < bytes.len() {
        Some(next)
    } else {
        before()
    };
    match found.map(|at| (bytes[at], at)) {
        Some((b'\r', at)) if bytes.get(at + 1) == Some(&b'\n') => "\r\n",
        Some((b'\r', _)) => "\r",
        Some((_, at)) if at > 0 && bytes[at - 1] == b'\r' => "\r\n",
        _ => "\n",
    }
}

/// The text of the line before `at`.
pub(super) fn line_before(text: &str, at: usize) -> &str {
    let start = memrchr2(b'\n', b'\r', &text.as_bytes()[..at]).map_or(0, |newline| newline + 1);
    &text[start..at]
}

/// The column of `at` in bytes, from 0, a byte order mark aside.
pub(super) fn column(text: &str, at: usize) -> usize {
    line_before(text, at).trim_start_matches('\u{feff}').len()
}

/// The comment that follows on the line of a value.
pub fn trailing_comment<'t>(text: &'t str, value: &Node<'_>) -> Option<&'t str> {
    let target = value.target();
    if let Kind::Scalar(_, Style::Literal | Style::Folded) = target.kind {
        // The comment of a block scalar is on the line of its header.
        let first = line_before(text, target.span.start).len();
        let header_end = (target.span.start - first).saturating_sub(1);
        let header = line_before(text, header_end);
        return header.rfind(" #").map(|at| header[at + 1..].trim_end());
    }
    // Blanks alone are walked over, since a whole document may be on one line.
    let rest = &text[value_end(text, value, value.start())..];
    let rest = rest.trim_start_matches([' ', '\t', ',', '}', ']']);
    rest.starts_with('#').then(|| &rest[..line_end(rest, 0)])
}

/// The blanks before `at` if nothing else is before it on its line.
pub(super) fn blanks_before(text: &str, at: usize) -> Option<&str> {
    let before = text[..at].trim_end_matches([' ', '\t']);
    before
        .ends_with(['\n', '\r'])
        .then(|| &text[before.len()..at])
}
