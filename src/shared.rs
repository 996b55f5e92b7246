//! Texts that thousands of findings have in common: kinds, and paths of fields.

use std::cell::RefCell;
use std::sync::Arc;

/// So many of a thread's texts are remembered: more than most inputs have kinds and fields.
const MANY: usize = 16;

thread_local!(static KNOWN: RefCell<Vec<Arc<str>>> = const { RefCell::new(Vec::new()) });

/// The text, kept once where it came before not long ago.
pub(crate) fn shared(text: &str) -> Arc<str> {
    KNOWN.with_borrow_mut(|known| {
        if let Some(found) = known.iter().find(|found| ***found == *text) {
            return Arc::clone(found);
        }
        let new: Arc<str> = Arc::from(text);
        if known.len() == MANY {
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
    fn texts_that_come_again_are_one() {
        let first = shared("spec.image");
        assert!(Arc::ptr_eq(&first, &shared("spec.image")));
        for number in 0..2 * MANY {
            assert_eq!(&*shared(&number.to_string()), number.to_string());
        }
        assert_eq!(first, shared("spec.image"));
    }
}
