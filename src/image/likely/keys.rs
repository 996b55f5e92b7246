//! The keys of a block mapping below a word, line by line.

use super::Word;

/// The lines of the keys directly below a word, in the text after it: the offset of each in the whole
/// text, the line, and the column of its key.
pub(super) fn lines<'t>(word: &Word, after: &'t str) -> Vec<(usize, &'t str, usize)> {
    let mut found = Vec::new();
    let mut at = word.value;
    let mut inner = None;
    for line in after.split_inclusive('\n') {
        let from = at;
        at += line.len();
        let key = line.trim_start_matches(' ');
        let column = line.len() - key.len();
        if from == word.value || key.trim().is_empty() || key.starts_with('#') {
            continue;
        }
        if column <= word.column {
            break;
        }
        if column == *inner.get_or_insert(column) {
            found.push((from, line, column));
        }
    }
    found
}
