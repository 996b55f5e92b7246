//! Scratch buffers, reused between texts, so that none has to grow anew for each.

use std::cell::RefCell;

use crate::yaml::{Entry, Node};

/// Elements beyond which a buffer is not kept: more than most texts have open at once.
const LARGEST_KEPT: usize = 4096;

/// The open pairs, items and keys of a text; empty before it is read and after.
#[derive(Default)]
pub(super) struct Scratch<'s> {
    /// Pairs of the mappings that are open.
    pub(super) entries: Vec<Entry<'s>>,
    /// Items of the lists that are open.
    pub(super) items: Vec<Node<'s>>,
    /// Marks of the keys of the mappings that are open.
    pub(super) marks: Vec<u64>,
}

thread_local!(static SCRATCH: RefCell<Scratch<'static>> = const {
    RefCell::new(Scratch {
        entries: Vec::new(),
        items: Vec::new(),
        marks: Vec::new(),
    })
});

/// The thread's buffers, or new ones where those are in use.
pub(super) fn take<'s>() -> Scratch<'s> {
    SCRATCH.take()
}

/// Gives buffers back.
pub(super) fn give_back(scratch: &mut Scratch<'_>) {
    let Scratch {
        entries,
        items,
        marks,
    } = std::mem::take(scratch);
    SCRATCH.replace(Scratch {
        entries: emptied(entries),
        items: emptied(items),
        marks: emptied(marks),
    });
}

/// The buffer emptied, for elements of another lifetime: the standard library collects elements of
/// the same size in place, so that the capacity stays.
fn emptied<T, U>(mut list: Vec<T>) -> Vec<U> {
    list.clear();
    if list.capacity() > LARGEST_KEPT {
        return Vec::new();
    }
    let nothing = list.into_iter().filter_map(|_| None);
    nothing.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_buffer_keeps_its_capacity() {
        let mut scratch = take();
        scratch.items.push(Node::default());
        scratch.items.reserve(1000);
        give_back(&mut scratch);
        let scratch = take();
        assert!(scratch.items.is_empty());
        assert!(
            scratch.items.capacity() >= 1000,
            "{}",
            scratch.items.capacity()
        );
    }
}
