//! Tabs after an indicator of a block collection, such as `-`: go-yaml refuses them.
//!
//! Its scanner skips tabs only where no key can begin, and after an indicator one can.

use std::collections::VecDeque;

use super::faults::fault;
use crate::yaml::{Error, Span};

/// The tabs of a text that are not judged yet.
#[derive(Debug, Default)]
pub(super) struct Tabs {
    /// In order.
    left: VecDeque<usize>,
    /// Where the last scalar ends: the blanks after a plain one are no part of its span, and of its text.
    text_end: usize,
}

impl Tabs {
    /// The tabs of a text from `base` on: the first of each line, if only blanks and indicators come
    /// before it.
    pub(super) fn of(text: &str, base: usize) -> Self {
        let bytes = &text.as_bytes()[base..];
        let mut found = VecDeque::new();
        let mut from = 0;
        for at in memchr::memchr_iter(b'\t', bytes) {
            let line = memchr::memrchr2(b'\n', b'\r', &bytes[from..at]);
            let is_first = from == 0 || line.is_some();
            let line = line.map_or(from, |line| from + line + 1);
            if is_first && is_indicators(&bytes[line..at]) {
                found.push_back(base + at);
            }
            from = at + 1;
        }
        Tabs {
            left: found,
            text_end: base,
        }
    }

    /// Judges the tabs before the end of an event; those within a scalar are text, and those in a flow
    /// collection are blanks.
    ///
    /// # Errors
    /// There is a tab that go-yaml refuses.
    pub(super) fn before(
        &mut self,
        text: &str,
        span: &Span,
        is_scalar: bool,
        is_in_flow: bool,
    ) -> Result<(), Error> {
        while let Some(&at) = self.left.front() {
            let is_text = is_scalar && span.contains(&at);
            if at >= span.start && !is_text {
                break;
            }
            self.left.pop_front();
            let ends_text = || text[self.text_end..at].trim().is_empty();
            if !is_text && !is_in_flow && !ends_text() {
                let what = "kustomize and kubectl refuse a tab between a dash and its item";
                return Err(fault(at, what, "write spaces"));
            }
        }
        if is_scalar {
            self.text_end = span.end;
        }
        Ok(())
    }
}

/// Whether the start of a line consists of indicators of block collections, each with a blank or the end
/// after it.
fn is_indicators(start: &[u8]) -> bool {
    let mut words = start
        .split(|byte| *byte == b' ')
        .filter(|word| !word.is_empty());
    let is_indicator = |word: &[u8]| matches!(word, b"-" | b"?" | b":");
    words.next().is_some_and(is_indicator) && words.all(is_indicator)
}
