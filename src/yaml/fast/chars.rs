//! Which characters the fast reader takes.

/// Whether a text holds nothing but printable characters, tabs and line feeds, and no byte order
/// mark or other character at which readers differ.
pub(super) fn plain(text: &str) -> bool {
    let bytes = text.as_bytes();
    let mut ascii = true;
    for chunk in bytes.chunks(4096) {
        let (mut high, mut control) = (0, false);
        for &byte in chunk {
            high |= byte;
            control |= (byte < b' ') & (byte != b'\n') & (byte != b'\t') | (byte == 0x7f);
        }
        if control {
            return false;
        }
        ascii &= high < 0x80;
    }
    ascii || memchr::memchr3_iter(0xc2, 0xe2, 0xef, bytes).all(|at| is_common(&bytes[at..]))
}

/// Whether a character of several bytes is none of the C1 controls (which next line, U+0085, is
/// of), the line and paragraph separators, nor of the range that begins with the byte order mark.
fn is_common(bytes: &[u8]) -> bool {
    !matches!(
        bytes,
        [0xc2, 0x80..=0x9f, ..] | [0xe2, 0x80, 0xa8 | 0xa9, ..] | [0xef, ..]
    )
}
