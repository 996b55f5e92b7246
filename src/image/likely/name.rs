//! Images that are written as `image: {name: …}`.

use super::keys;
use super::word::{AROUND, InlineValue, Word, value_at, word_at};

/// The value of `name` in the mapping below a key.
pub(super) fn below(text: &str, word: &Word) -> Option<InlineValue> {
    const NAME: &str = "name";
    let end = text.floor_char_boundary(text.len().min(word.value + AROUND));
    let behind = &text[word.value..end];
    let start = behind.trim_start_matches(' ');
    if let Some(inside) = start.strip_prefix('{') {
        let inside = inside.split('}').next().unwrap_or_default();
        let from = word.value + (behind.len() - start.len()) + 1;
        let mut names = inside.match_indices(NAME);
        let name = names.find_map(|(at, _)| word_at(text, from + at, NAME))?;
        return (name.name(text) == NAME).then(|| value_at(text, name.value))?;
    }
    if !start.trim_start_matches(' ').starts_with(['\n', '\r', '#']) {
        return None;
    }
    for (from, line, column) in keys::lines(word, behind) {
        let bare = line[column..].strip_prefix(['"', '\'']);
        let bare = bare.unwrap_or(&line[column..]);
        let start = from + (line.len() - bare.len());
        let name = bare.starts_with(NAME).then(|| word_at(text, start, NAME));
        if let Some(name) = name.flatten().filter(|name| name.name(text) == NAME) {
            return value_at(text, name.value);
        }
    }
    None
}
