//! Which characters the fast parser takes.

use wide::u8x16;

use crate::yaml::simd::{self, within};

/// The last character of ASCII, and the only control that is not before the blank.
const DELETE: u8 = 0x7f;

/// Whether a text holds nothing but printable characters, tabs and line feeds, and no byte order
/// mark or other character over which readers of YAML part.
pub(super) fn plain(text: &str) -> bool {
    let bytes = text.as_bytes();
    // Counted from the tab on, what is before it comes last; counted from behind the line feed on, what is
    // between that and the blank comes first, and these two last.
    let (mut largest, mut smallest) = (u8x16::ZERO, u8x16::MAX);
    // Not by `for`, which would ask for each sixteen whether they are the last.
    simd::of(bytes, b' ').for_each(|bytes| {
        let from_tab = bytes - u8x16::splat(b'\t');
        largest = largest.max(from_tab);
        smallest = smallest.min(from_tab - u8x16::splat(2));
    });
    let all = |values: u8x16, first, last| within(values, first, last).to_bitmask() == 0xffff;
    let is_ascii = || all(largest, 0, DELETE - 1 - b'\t');
    let are_common =
        || memchr::memchr3_iter(0xc2, 0xe2, 0xef, bytes).all(|at| is_common(&bytes[at..]));
    let holds_delete = || memchr::memchr(DELETE, bytes).is_some();
    let holds_control =
        !all(largest, 0, u8::MAX - b'\t') || !all(smallest, b' ' - b'\t' - 2, u8::MAX);
    !holds_control && (is_ascii() || !holds_delete() && are_common())
}

/// Whether a character of several bytes is none of the C1 controls (which next line, U+0085, is
/// of), the line and paragraph separators, nor of the range that begins with the byte order mark.
fn is_common(bytes: &[u8]) -> bool {
    !matches!(
        bytes,
        [0xc2, 0x80..=0x9f, ..] | [0xe2, 0x80, 0xa8 | 0xa9, ..] | [0xef, ..]
    )
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn a_character_is_seen_wherever_it_stands() {
        let all = (0..0x300).chain(0x2000..0x2100).chain(0xfe00..0x10000);
        for c in all.filter_map(char::from_u32) {
            let is_control = c.is_control() && !matches!(c, '\n' | '\t');
            let is_refused = is_control
                || matches!(c, '\u{2028}' | '\u{2029}')
                || ('\u{f000}'..='\u{ffff}').contains(&c);
            for before in [0, 1, 15, 16, 31] {
                for behind in [0, 1, 15, 16] {
                    let text = format!("{}{c}{}", "a".repeat(before), "b".repeat(behind));
                    assert_eq!(plain(&text), !is_refused, "{text:?}");
                }
            }
        }
    }
}
