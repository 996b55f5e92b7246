//! Images in documents that stand in one line, as texts in double quotes whose line breaks are escaped.

use std::ops::Range;

use super::word::{AROUND, PARTS, is_of_name};
use super::{Reference, is_versioned};

/// The name of the key that holds the byte at `at`, and its value on its escaped line, which may be empty.
fn line(text: &str, at: usize) -> Option<(Range<usize>, Range<usize>)> {
    let bytes = text.as_bytes();
    let before = bytes[..at].iter().rev().take(AROUND);
    let mut start = at - before.take_while(is_of_name).count();
    if bytes[..start].ends_with(b"\\") && bytes[start] == b'n' {
        start += 1;
    } else {
        let indent = text[..start].trim_end_matches([' ', '-']);
        let is_line = indent.ends_with("\\n") || start == indent.len() && indent.ends_with('"');
        is_line.then_some(())?;
    }
    let after = bytes[at..].iter().take(AROUND);
    let end = at + after.take_while(is_of_name).count();
    let rest = text[end..].strip_prefix(':')?;
    let limit = text.floor_char_boundary(text.len().min(end + AROUND));
    let from = text.len() - rest.trim_start_matches(' ').len();
    let value = text[from.min(limit)..limit]
        .split(['\\', '"', '\n', '\r'])
        .next()?;
    (start <= at).then(|| (start..end, from..from + value.trim_end().len()))
}

/// The whole reference under the key around `at`, and the bytes of that.
pub(super) fn image(text: &str, at: usize) -> Option<(Range<usize>, Range<usize>)> {
    line(text, at).filter(|(_, value)| is_versioned(&text[value.clone()]))
}

/// The repository under the key around `at`, below a key of an image or beside another part of one.
pub(super) fn repository(text: &str, at: usize) -> Option<Range<usize>> {
    let (name, value) = line(text, at).filter(|(name, _)| &text[name.clone()] == "repository")?;
    let is_name =
        text[value.clone()].contains('/') && Reference::parse(&text[value.clone()]).is_ok();
    let above = text[..name.start]
        .trim_end_matches(' ')
        .strip_suffix("\\n")?;
    let end = text.floor_char_boundary(text.len().min(value.end + AROUND));
    let next = text[value.end..end]
        .strip_prefix("\\n")
        .map(str::trim_start);
    let has_part = |line: &str| {
        let key = line.split_once(':');
        key.is_some_and(|(key, _)| PARTS.contains(&key))
    };
    (is_name && (above.ends_with("mage:") || next.is_some_and(has_part))).then_some(value)
}
