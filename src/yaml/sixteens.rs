//! Bytes sixteen at a time.

use wide::u8x16;

/// Bytes sixteen at a time, the last of them filled up with this one.
pub(super) fn of(bytes: &[u8], fill: u8) -> impl Iterator<Item = u8x16> {
    let (chunks, rest) = bytes.as_chunks();
    let mut last = [fill; 16];
    last[..rest.len()].copy_from_slice(rest);
    let last = (!rest.is_empty()).then_some(last);
    chunks.iter().copied().chain(last).map(u8x16::new)
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
