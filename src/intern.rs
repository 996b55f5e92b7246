//! An interner for texts that thousands of findings have in common: kinds, and paths of fields.

use std::cell::RefCell;
use std::sync::Arc;

/// How many texts each thread remembers: more than most inputs have kinds and fields.
const REMEMBERED: usize = 16;

thread_local!(static KNOWN: RefCell<Vec<Arc<str>>> = const { RefCell::new(Vec::new()) });

/// Interns a text: returns the existing allocation if this thread interned an equal text recently.
pub(crate) fn intern(text: &str) -> Arc<str> {
    KNOWN.with_borrow_mut(|known| {
        if let Some(found) = known.iter().find(|found| ***found == *text) {
            return Arc::clone(found);
        }
        let new: Arc<str> = Arc::from(text);
        if known.len() == REMEMBERED {
            known.remove(0);
        }
        known.push(Arc::clone(&new));
        new
    })
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
