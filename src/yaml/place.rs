//! Byte offsets to lines and columns, as people and editors count them.

use std::fmt;

use memchr::{memchr_iter, memrchr2};

/// A place in a text: line and column from 1, the column in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct LineColumn {
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
}

impl fmt::Display for LineColumn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.line, self.column)
    }
}

/// The place of the byte at `offset`; an offset beyond the text is its end.
pub fn place(text: &str, offset: usize) -> LineColumn {
    places(text, &[offset])[0]
}

/// The places of several offsets, in one pass over the text.
///
/// The result is in the order of `offsets`, which may be in any order.
pub fn places(text: &str, offsets: &[usize]) -> Vec<LineColumn> {
    let mut order: Vec<usize> = (0..offsets.len()).collect();
    order.sort_unstable_by_key(|&index| offsets[index]);
    let mut found = vec![LineColumn { line: 1, column: 1 }; offsets.len()];
    let bytes = text.as_bytes();
    let (mut line, mut column, mut scanned) = (1, 1, 0);
    for index in order {
        let offset = offsets[index].min(bytes.len());
        let between = &bytes[scanned..offset];
        let next = bytes.get(offset).copied();
        // A whole document may be on one line, so columns are counted on from the last place.
        let on_line = match last_break(between, next) {
            Some(end) => {
                column = 1;
                &between[end + 1..]
            }
            None => between,
        };
        let text = String::from_utf8_lossy(on_line);
        column += text.chars().filter(|c| *c != '\u{feff}').count();
        line += breaks(between, next);
        scanned = offset;
        found[index] = LineColumn { line, column };
    }
    found
}

/// How many lines end in `bytes`, before the byte `next`: at each LF, CRLF and CR, as in YAML.
fn breaks(bytes: &[u8], next: Option<u8>) -> usize {
    let is_lone = |&at: &usize| bytes.get(at + 1).copied().or(next) != Some(b'\n');
    memchr_iter(b'\n', bytes).count() + memchr_iter(b'\r', bytes).filter(is_lone).count()
}

/// Where the last of these breaks ends.
fn last_break(bytes: &[u8], next: Option<u8>) -> Option<usize> {
    let mut end = bytes.len();
    loop {
        let at = memrchr2(b'\n', b'\r', &bytes[..end])?;
        let is_crlf = bytes[at] == b'\r' && bytes.get(at + 1).copied().or(next) == Some(b'\n');
        if !is_crlf {
            return Some(at);
        }
        end = at;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters_and_skip_the_byte_order_mark() {
        let text = "\u{feff}é: x\nb: y\n";
        assert_eq!(place(text, 7), LineColumn { line: 1, column: 4 });
        assert_eq!(place(text, 12), LineColumn { line: 2, column: 4 });
        assert_eq!(place(text, 999), LineColumn { line: 3, column: 1 });
    }

    #[test]
    fn lines_end_at_each_kind_of_break() {
        let text = "a\rb\r\nc\n\rd";
        let at: Vec<usize> = (0..=text.len()).collect();
        let found: Vec<(usize, usize)> = places(text, &at)
            .iter()
            .map(|place| (place.line, place.column))
            .collect();
        let expected = [
            (1, 1),
            (1, 2),
            (2, 1),
            (2, 2),
            (2, 3),
            (3, 1),
            (3, 2),
            (4, 1),
            (5, 1),
            (5, 2),
        ];
        assert_eq!(found, expected);
        let alone = at.iter().map(|&at| place(text, at));
        assert!(alone.eq(places(text, &at)));
    }

    #[test]
    fn several_offsets_come_back_in_their_own_order() {
        let found = places("a\nb\nc\n", &[4, 0, 2]);
        let lines: Vec<usize> = found.iter().map(|place| place.line).collect();
        assert_eq!(lines, [3, 1, 2]);
    }
}
