//! An interner for texts that thousands of findings have in common: kinds, and paths of fields.

use std::cell::RefCell;
use std::sync::Arc;

/// How many texts each thread remembers: more than most inputs have kinds and fields.
const REMEMBERED: usize = 256;

/// Longer texts are not remembered: few findings have them in common.
const LONGEST: usize = 256;

thread_local!(static KNOWN: RefCell<Vec<Option<Arc<str>>>> = const { RefCell::new(Vec::new()) });

/// Interns a text: returns the existing allocation if this thread interned an equal text recently, and
/// since then none that takes its slot.
pub(crate) fn intern(text: &str) -> Arc<str> {
    if text.len() > LONGEST {
        return Arc::from(text);
    }
    KNOWN.with_borrow_mut(|known| {
        if known.is_empty() {
            known.resize(REMEMBERED, None);
        }
        let slot = &mut known[slot(text)];
        match slot {
            Some(found) if **found == *text => Arc::clone(found),
            _ => Arc::clone(slot.insert(Arc::from(text))),
        }
    })
}

/// The only slot in which a text may be.
fn slot(text: &str) -> usize {
    let add = |sum: usize, byte: u8| (sum ^ usize::from(byte)).wrapping_mul(0x0100_0193);
    let sum = text.bytes().fold(text.len(), add);
    (sum ^ (sum >> 16)) % REMEMBERED
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_texts_share_an_allocation() {
        let first = intern("spec.image");
        assert!(Arc::ptr_eq(&first, &intern("spec.image")));
        for number in 0..2 * REMEMBERED {
            assert_eq!(&*intern(&number.to_string()), number.to_string());
        }
        assert_eq!(first, intern("spec.image"));
    }
}
