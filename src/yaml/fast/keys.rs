//! Whether a key stands twice in a mapping.

/// Keys beyond this many in one mapping are not compared.
const MANY: usize = 32;

/// The keys of the mappings that are open, by a mark of each: equal keys have equal marks.
#[derive(Debug, Default)]
pub(super) struct Keys {
    marks: Vec<u64>,
    /// Whether a key may stand twice in a mapping.
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
    pub(super) fn add(&mut self, base: usize, key: &[u8]) {
        let mark = mark(key);
        let others = &self.marks[base..];
        self.duplicates |= others.len() >= MANY || others.contains(&mark);
        self.marks.push(mark);
    }
}

/// Both ends of a key, and its length.
fn mark(key: &[u8]) -> u64 {
    let word = |bytes: &[u8]| {
        let mut word = [0; 8];
        word[..bytes.len()].copy_from_slice(bytes);
        u64::from_le_bytes(word)
    };
    let first = word(&key[..key.len().min(8)]);
    let last = word(&key[key.len().saturating_sub(8)..]);
    let length = u64::try_from(key.len()).unwrap_or(u64::MAX);
    first ^ last.rotate_left(29) ^ length.rotate_left(53)
}
