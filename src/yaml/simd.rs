//! SIMD: bytes compared sixteen at a time.

use wide::u8x16;

/// Bytes sixteen at a time, the last of them filled up with this one.
pub(super) fn of(bytes: &[u8], fill: u8) -> impl Iterator<Item = u8x16> {
    let (chunks, rest) = bytes.as_chunks();
    let last = (!rest.is_empty()).then(|| filled_up(rest, fill));
    chunks.iter().copied().map(u8x16::new).chain(last)
}

/// The first sixteen bytes, filled up with this one where there are fewer; `None` where none is left.
#[inline]
pub(super) fn first(bytes: &[u8], fill: u8) -> Option<u8x16> {
    match bytes.first_chunk() {
        Some(these) => Some(u8x16::new(*these)),
        None => (!bytes.is_empty()).then(|| filled_up(bytes, fill)),
    }
}

fn filled_up(bytes: &[u8], fill: u8) -> u8x16 {
    let mut all = [fill; 16];
    all[..bytes.len()].copy_from_slice(bytes);
    u8x16::new(all)
}

/// Which bytes are this one.
#[inline]
pub(super) fn are(bytes: u8x16, byte: u8) -> u8x16 {
    bytes.simd_eq(u8x16::splat(byte))
}

/// Which bytes lie between these two, or are one of them.
#[inline]
pub(super) fn within(bytes: u8x16, first: u8, last: u8) -> u8x16 {
    let offset = bytes - u8x16::splat(first);
    offset.min(u8x16::splat(last - first)).simd_eq(offset)
}

/// The first byte from here that is one of four, or the end.
#[inline]
pub(super) fn first_of(bytes: &[u8], at: usize, wanted: [u8; 4]) -> usize {
    let Some(mut rest) = bytes.get(at..) else {
        return bytes.len();
    };
    while let Some((these, behind)) = rest.split_first_chunk() {
        let these = u8x16::new(*these);
        let found = wanted
            .iter()
            .fold(u8x16::ZERO, |found, &byte| found | are(these, byte));
        match found.to_bitmask() {
            0 => rest = behind,
            found => return bytes.len() - rest.len() + found.trailing_zeros() as usize,
        }
    }
    let found = rest.iter().position(|byte| wanted.contains(byte));
    found.map_or(bytes.len(), |offset| bytes.len() - rest.len() + offset)
}

/// The first byte from here that is no blank, or the end.
#[inline]
pub(super) fn behind_blanks(bytes: &[u8], at: usize) -> usize {
    let Some(mut rest) = bytes.get(at..) else {
        return at;
    };
    while let Some((these, behind)) = rest.split_first_chunk() {
        match are(u8x16::new(*these), b' ').to_bitmask() {
            0xffff => rest = behind,
            blanks => return bytes.len() - rest.len() + blanks.trailing_ones() as usize,
        }
    }
    let blanks = rest.iter().take_while(|byte| **byte == b' ').count();
    bytes.len() - rest.len() + blanks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_found_is_the_first() {
        let bytes = b"        \n:#\t\x0b\x0a\x09;:\x80\xba#                 :";
        for end in 0..=bytes.len() {
            for start in 0..=end {
                let text = &bytes[..end];
                let first = |is: fn(u8) -> bool| {
                    let found = text[start..].iter().position(|byte| is(*byte));
                    found.map_or(end, |offset| start + offset)
                };
                let stop = first(|byte| matches!(byte, b'\n' | b':' | b'#' | b'\t'));
                assert_eq!(first_of(text, start, *b"\n:#\t"), stop);
                assert_eq!(behind_blanks(text, start), first(|byte| byte != b' '));
            }
        }
    }
}
