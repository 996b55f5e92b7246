//! Whether a mapping has a key twice.

use super::arena::OpenList;
use crate::yaml::Span;

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

    /// Adds a key, which is at these of the bytes, to the mapping that was opened at `base`, whose keys so
    /// far are `seen`.
    #[inline(always)]
    pub(super) fn add(&mut self, base: usize, seen: &mut Seen, bytes: &[u8], key: Span) {
        if self.duplicates {
            return;
        }
        let mark = mark(bytes, key);
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

/// Both ends of a key, and its length; without a branch by its length, which the processor cannot predict.
#[inline(always)]
fn mark(bytes: &[u8], key: Span) -> u64 {
    const WORD: usize = size_of::<u64>();
    let length = key.end - key.start;
    let own = if length < WORD {
        !(u64::MAX << (length * 8))
    } else {
        u64::MAX
    };
    // Of a shorter key, both ends are all of it, with what is behind it.
    let end = key.end.max(key.start + WORD);
    let ends = bytes
        .get(key.start..end)
        .and_then(|these| Some((these.first_chunk()?, these.last_chunk()?)));
    let (first, last) = match ends {
        Some((first, last)) => (u64::from_le_bytes(*first), u64::from_le_bytes(*last)),
        None => [last_word(bytes, key.start); 2].into(),
    };
    (first & own) ^ (last & own).rotate_left(29) ^ (length as u64).rotate_left(53)
}

/// The last bytes of a text, fewer than eight, with zeros behind them.
#[cold]
fn last_word(bytes: &[u8], at: usize) -> u64 {
    let last = bytes.get(at..).unwrap_or_default().iter().rev();
    last.fold(0, |word, &byte| word << 8 | u64::from(byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_keys_have_equal_marks_wherever_they_are() {
        let text = "abcdefghijklmnop";
        for start in 0..text.len() {
            for end in start..=text.len() {
                let of = |text: &str, at: usize| mark(text.as_bytes(), at..at + end - start);
                let key = &text[start..end];
                let alone = of(key, 0);
                assert_eq!(of(text, start), alone, "{key}");
                assert_eq!(of(&format!("{key}:\u{e9}"), 0), alone, "{key}");
                assert_eq!(of(&format!("xyz{key}"), 3), alone, "{key}");
                let others =
                    (start..end).map(|at| format!("{}_{}", &text[start..at], &text[at + 1..end]));
                // The middle of a longer key has no part in its mark.
                let others = others
                    .enumerate()
                    .filter(|(at, _)| *at < 8 || *at + 8 >= end - start);
                others.for_each(|(_, other)| assert_ne!(of(&other, 0), alone, "{key} {other}"));
            }
        }
    }
}
