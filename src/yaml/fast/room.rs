//! Lists that one text after the other is read in, so that each finds them as large as it needs.

use std::cell::RefCell;

use crate::yaml::{Entry, Node};

/// More than most texts have open at once; a larger room is not kept.
const MANY: usize = 4096;

/// What of a text is open while it is read: nothing before and nothing after.
#[derive(Default)]
pub(super) struct Room<'s> {
    /// Pairs of the mappings that are open.
    pub(super) entries: Vec<Entry<'s>>,
    /// Items of the lists that are open.
    pub(super) items: Vec<Node<'s>>,
    /// Marks of the keys of the mappings that are open.
    pub(super) marks: Vec<u64>,
}

thread_local!(static ROOM: RefCell<Room<'static>> = const {
    RefCell::new(Room {
        entries: Vec::new(),
        items: Vec::new(),
        marks: Vec::new(),
    })
});

/// The thread's room, or where that is taken, a new one.
pub(super) fn take<'s>() -> Room<'s> {
    ROOM.take()
}

/// Gives a room back.
pub(super) fn give(room: &mut Room<'_>) {
    let Room {
        entries,
        items,
        marks,
    } = std::mem::take(room);
    ROOM.replace(Room {
        entries: emptied(entries),
        items: emptied(items),
        marks: emptied(marks),
    });
}

/// An empty list of the same room, for things that live longer: the standard library collects
/// things of one size in the place of others.
fn emptied<T, U>(mut list: Vec<T>) -> Vec<U> {
    list.clear();
    if list.capacity() > MANY {
        return Vec::new();
    }
    let nothing = list.into_iter().filter_map(|_| None);
    nothing.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_room_keeps_its_size() {
        let mut room = take();
        room.items.push(Node::default());
        room.items.reserve(1000);
        give(&mut room);
        let room = take();
        assert!(room.items.is_empty());
        assert!(room.items.capacity() >= 1000, "{}", room.items.capacity());
    }
}
