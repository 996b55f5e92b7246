//! Images that are written as `image: {name: …}`.

use super::{AROUND, InlineValue, Word, value_at, word_at};

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
    let mut at = word.value;
    let mut inner = None;
    for line in behind.split_inclusive('\n') {
        let from = at;
        at += line.len();
        let key = line.trim_start_matches(' ');
        let column = line.len() - key.len();
        if from == word.value || key.trim().is_empty() || key.starts_with('#') {
            continue;
        }
        if column <= word.column {
            return None;
        }
        if column == *inner.get_or_insert(column) {
            let bare = key.strip_prefix(['"', '\'']).unwrap_or(key);
            let start = from + column + (key.len() - bare.len());
            let name = bare.starts_with(NAME).then(|| word_at(text, start, NAME));
            if let Some(name) = name.flatten().filter(|name| name.name(text) == NAME) {
                return value_at(text, name.value);
            }
        }
    }
    None
}
