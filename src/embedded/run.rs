//! A run: bytes that are the same in a scalar's decoded text and in the outer text.

/// Bytes that are equal in the inner and the outer text, on one line.
#[derive(Debug, Clone, Copy)]
pub(super) struct Run {
    /// Where they begin in the inner text.
    pub(super) inner: usize,
    /// Where they begin in the outer text.
    pub(super) outer: usize,
    /// How many they are; none for an escape, a fold, or an empty line.
    pub(super) len: usize,
    /// Where their line begins in the outer text, or the scalar where it begins on that line.
    pub(super) line: usize,
}

impl Run {
    /// The beginning of a text, at an outer offset.
    pub(super) fn at(outer: usize) -> Self {
        Run {
            inner: 0,
            outer,
            len: 0,
            line: outer,
        }
    }

    /// Where an inner byte of the run is, or the end of the run.
    pub(super) fn outer_of(&self, inner: usize) -> Option<usize> {
        let offset = inner.checked_sub(self.inner)?;
        (offset <= self.len).then_some(self.outer + offset)
    }
}
