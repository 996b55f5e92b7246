//! Images that a mapping lists under names of their own: `override: {activator: …}`.

use super::keys;
use super::word::{AROUND, InlineValue, Word, value_at};

/// How far below its key a mapping is looked through.
const BELOW: usize = 4 * AROUND;

/// Adds the values of the mapping below a key.
pub(super) fn below(text: &str, word: &Word, found: &mut Vec<InlineValue>) {
    let end = text.floor_char_boundary(text.len().min(word.value + BELOW));
    let behind = &text[word.value..end];
    let start = behind.trim_start_matches(' ');
    if let Some(inside) = start.strip_prefix('{') {
        let inside = inside.split('}').next().unwrap_or_default();
        let mut at = word.value + (behind.len() - start.len()) + 1;
        for pair in inside.split(',') {
            found.extend(value_of(text, at, pair));
            at += pair.len() + 1;
        }
        return;
    }
    if !start.starts_with(['\n', '\r', '#']) {
        return;
    }
    for (from, line, _) in keys::lines(word, behind) {
        found.extend(value_of(text, from, line));
    }
}

/// The value of a pair that begins at `from`; after a quoted key, a colon needs no blank.
fn value_of(text: &str, from: usize, pair: &str) -> Option<InlineValue> {
    let quoted = || pair.find("\":").map(|quote| quote + 1);
    let colon = pair.find(": ").or_else(quoted)?;
    value_at(text, from + colon + 1)
}
