//! Bytes eight at a time.

const LOW: u64 = 0x0101_0101_0101_0101;
const HIGH: u64 = 0x8080_8080_8080_8080;

/// The eight bytes from here, where there are so many.
#[inline]
fn word(bytes: &[u8], at: usize) -> Option<u64> {
    let eight = bytes.get(at..)?.first_chunk()?;
    Some(u64::from_le_bytes(*eight))
}

/// Marks the bytes of a word that are zero by their highest bit; above the first of them, others may
/// be marked too.
#[inline]
fn zeros(word: u64) -> u64 {
    word.wrapping_sub(LOW) & !word & HIGH
}

/// The first byte from here that is one of four, or the end.
#[inline]
pub(super) fn first_of(bytes: &[u8], mut at: usize, wanted: [u8; 4]) -> usize {
    while let Some(word) = word(bytes, at) {
        let found = wanted.iter().fold(0, |found, &byte| {
            found | zeros(word ^ LOW.wrapping_mul(u64::from(byte)))
        });
        if found != 0 {
            return at + (found.trailing_zeros() / 8) as usize;
        }
        at += 8;
    }
    let rest = bytes.get(at..).unwrap_or_default();
    let found = rest.iter().position(|byte| wanted.contains(byte));
    found.map_or(bytes.len(), |offset| at + offset)
}

/// The first byte from here that is no blank, or the end.
#[inline]
pub(super) fn behind_blanks(bytes: &[u8], mut at: usize) -> usize {
    while let Some(word) = word(bytes, at) {
        let others = word ^ LOW.wrapping_mul(u64::from(b' '));
        if others != 0 {
            return at + (others.trailing_zeros() / 8) as usize;
        }
        at += 8;
    }
    while bytes.get(at) == Some(&b' ') {
        at += 1;
    }
    at
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
