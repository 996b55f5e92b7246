//! Whether a mapping has a key twice.

/// Keys beyond this many in one mapping are not compared.
const MOST_COMPARED_KEYS: usize = 32;

/// The keys of the mappings that are open, by a mark of each: equal keys have equal marks.
#[derive(Debug, Default)]
pub(super) struct Keys {
    pub(super) marks: Vec<u64>,
    /// Whether a mapping may have a key twice; once it is so, keys are not looked at any more.
    pub(super) duplicates: bool,
}

impl Keys {
    /// Opens a mapping.
    pub(super) fn open(&self) -> usize {
        self.marks.len()
    }

    /// Closes the mapping that was opened at `base`.
    pub(super) fn close(&mut self, base: usize) {
        self.marks.truncate(base);
    }

    /// Adds a key to the mapping that was opened at `base`.
    #[inline]
    pub(super) fn add(&mut self, base: usize, key: &[u8]) {
        if !self.duplicates {
            self.compare(base, key);
        }
    }

    fn compare(&mut self, base: usize, key: &[u8]) {
        let mark = mark(key);
        let others = &self.marks[base..];
        self.duplicates |= others.len() >= MOST_COMPARED_KEYS || others.contains(&mark);
        self.marks.push(mark);
    }
}

/// Both ends of a key, and its length.
fn mark(key: &[u8]) -> u64 {
    let (first, last) = match (key.first_chunk(), key.last_chunk()) {
        (Some(first), Some(last)) => (u64::from_le_bytes(*first), u64::from_le_bytes(*last)),
        _ => {
            let word = key
                .iter()
                .fold(0, |word, &byte| word << 8 | u64::from(byte));
            (word, 0)
        }
    };
    let length = u64::try_from(key.len()).unwrap_or(u64::MAX);
    first ^ last.rotate_left(29) ^ length.rotate_left(53)
}
