//! Images passed to programs: in environment variables, in arguments, and in JSON kept as text.

use std::ops::Range;

use super::word::{AROUND, InlineValue, is_of_name, value_at, word_at};
use super::{ImageKey, Likely, Reference, is_versioned};

/// The images of the variable in whose name `IMAGE` was found at `at`: beside `name`, or under a key that
/// is the name itself, as in the data of a ConfigMap.
pub(super) fn of_variable(text: &str, at: usize) -> Vec<Likely> {
    let name = name_around(text, at);
    let value = match word_at(text, at, &text[at..name.end]) {
        Some(word) => value_at(text, word.value),
        None => beside_name(text, &name),
    };
    let Some(InlineValue { span, bare }) = value else {
        return Vec::new();
    };
    if is_versioned(&text[bare.clone()]) || holds_registry(&text[name], &text[bare.clone()]) {
        return vec![other(span.start, span)];
    }
    images_in(text, bare)
        .map(|image| other(span.start, image))
        .collect()
}

/// The images of the flag in whose name `mage` was found at `at`, after `=`.
pub(super) fn of_flag(text: &str, at: usize) -> Vec<Likely> {
    let bytes = text.as_bytes();
    let name = name_around(text, at);
    if !text[name.clone()].starts_with('-') || bytes.get(name.end) != Some(&b'=') {
        return Vec::new();
    }
    let from = name.end + 1;
    let end = text.floor_char_boundary(text.len().min(from + AROUND));
    let ends = |c: char| c.is_whitespace() || matches!(c, '"' | '\'');
    let value = text[from..end].split(ends).next().unwrap_or_default();
    let value = value.trim_end_matches([',', ']', '}']);
    // Whoever reads it reads the whole argument, with its quotes.
    let is_quoted = matches!(bytes[..name.start].last(), Some(b'"' | b'\''));
    let start = name.start - usize::from(is_quoted);
    images_in(text, from..from + value.len())
        .map(|image| other(start, image))
        .collect()
}

fn other(at: usize, span: Range<usize>) -> Likely {
    Likely {
        at,
        ..Likely::of(span, ImageKey::Other)
    }
}

/// The value of the key that ends in `mage` at `at`, in JSON whose quotes are escaped; its key, too.
pub(super) fn escaped(text: &str, at: usize) -> Option<(Range<usize>, InlineValue)> {
    let name = name_around(text, at);
    let value = text[name.end..].strip_prefix("\\\":")?.trim_start();
    let value = value.strip_prefix("\\\"")?;
    let from = text.len() - value.len();
    let end = text.floor_char_boundary(text.len().min(from + AROUND));
    let bare = text[from..end].split('\\').next()?;
    let span = from..from + bare.len();
    let value = InlineValue {
        bare: span.clone(),
        span,
    };
    is_versioned(bare).then_some((name, value))
}

/// The bytes of the name around a place.
fn name_around(text: &str, at: usize) -> Range<usize> {
    let bytes = text.as_bytes();
    let before = bytes[..at].iter().rev().take(AROUND);
    let after = bytes[at..].iter().take(AROUND);
    at - before.take_while(is_of_name).count()..at + after.take_while(is_of_name).count()
}

/// The `value` behind a `name`: on the next line, or after a comma.
fn beside_name(text: &str, name: &Range<usize>) -> Option<InlineValue> {
    let before = text[..name.start].trim_end_matches(['"', '\'']);
    let before = before.trim_end_matches(' ');
    let key = before.strip_suffix(':')?.trim_end_matches(['"', '\'']);
    let key = key.strip_suffix("name")?;
    if !key.is_empty() && !key.ends_with([' ', '{', ',', '"', '\'', '\n']) {
        return None;
    }
    let end = text.floor_char_boundary(text.len().min(name.end + AROUND));
    let after = text[name.end..end].trim_start_matches(['"', '\'']);
    let after = after.trim_start_matches(' ');
    let after = match after.strip_prefix(',') {
        Some(after) => after,
        None => after.strip_prefix(['\n', '\r'])?,
    };
    let value = after.trim_start().trim_start_matches(['"', '\'']);
    let value = value.strip_prefix("value")?;
    let value = value.trim_start_matches(['"', '\'']).strip_prefix(':')?;
    value_at(text, end - value.len())
}

/// The whole references in a text that may be a list of them.
fn images_in(text: &str, within: Range<usize>) -> impl Iterator<Item = Range<usize>> {
    let mut at = within.start;
    let parts = text[within].split([',', ';', ' ', '=']);
    parts.filter_map(move |part| {
        let span = at..at + part.len();
        at = span.end + 1;
        is_versioned(part).then_some(span)
    })
}

/// Whether a variable holds what comes before the names of images.
fn holds_registry(name: &str, text: &str) -> bool {
    let ends = ["REGISTRY", "REPOSITORY", "REPO", "PREFIX"];
    let mut rest = ends.iter().filter_map(|end| name.strip_suffix(end));
    rest.any(|rest| rest.ends_with("IMAGE_") || rest.ends_with("IMAGES_"))
        && Reference::parse(text).is_ok()
}
