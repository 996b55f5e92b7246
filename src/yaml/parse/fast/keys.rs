//! Whether a mapping has a key twice.

use super::arena::OpenList;

/// Keys beyond this many in one mapping are not compared.
const MOST_COMPARED_KEYS: usize = 32;

/// Spreads marks that differ in few bits over all of them: the golden ratio of 64 bits.
const SPREAD: u64 = 0x9e37_79b9_7f4a_7c15;

/// Bits of the keys of one mapping: equal keys have the same.
#[derive(Debug, Default)]
pub(super) struct Seen(u64);

/// The keys of the mappings that are open, by a mark of each: equal keys have equal marks.
pub(super) struct OpenKeys<'s> {
    pub(super) marks: OpenList<'s, u64>,
    /// Whether a mapping may have a key twice; once it is so, keys are not looked at any more.
    pub(super) duplicates: bool,
}

impl OpenKeys<'_> {
    /// Opens a mapping.
    pub(super) fn open(&self) -> usize {
        self.marks.len()
    }

    /// Closes the mapping that was opened at `base`.
    pub(super) fn close(&mut self, base: usize) {
        self.marks.truncate(base);
    }

    /// Adds a key to the mapping that was opened at `base`, whose keys so far are `seen`.
    #[inline(always)]
    pub(super) fn add(&mut self, base: usize, seen: &mut Seen, key: &[u8]) {
        if self.duplicates {
            return;
        }
        let mark = mark(key);
        // Most keys have a bit of 64 that no other one has, and are new then.
        let bit = 1 << (mark.wrapping_mul(SPREAD) >> 58);
        let is_many = self.marks.len() >= base + MOST_COMPARED_KEYS;
        if seen.0 & bit != 0 || is_many {
            self.duplicates |= is_many || self.marks[base..].contains(&mark);
        }
        seen.0 |= bit;
        self.marks.push(|| mark);
    }
}

/// Both ends of a key, and its length.
#[inline(always)]
fn mark(key: &[u8]) -> u64 {
    let length = u64::try_from(key.len()).unwrap_or(u64::MAX);
    let ends = match (key.first_chunk(), key.last_chunk()) {
        (Some(first), Some(last)) => {
            u64::from_le_bytes(*first) ^ u64::from_le_bytes(*last).rotate_left(29)
        }
        _ => short_mark(key),
    };
    ends ^ length.rotate_left(53)
}

/// All bytes of a key of fewer than eight.
fn short_mark(key: &[u8]) -> u64 {
    match (key.first_chunk(), key.last_chunk()) {
        (Some(first), Some(last)) => {
            u64::from(u32::from_le_bytes(*first)) << 32 | u64::from(u32::from_le_bytes(*last))
        }
        _ => { key.iter() }.fold(0, |word, &byte| word << 8 | u64::from(byte)),
    }
}
