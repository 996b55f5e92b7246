//! Bytes sixteen at a time.

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
