//! Stable sorting by one copy of the standard library's code: every further copy, one for each type and
//! comparison, adds three thousand bytes to the program.
//!
//! Sorts that run for every unit or image that is judged keep a copy of their own, which is a little faster;
//! those of units that are edited use the shared one, since edits are few and mostly in order already.

use std::cmp::Ordering;

/// Sorts things by their own order.
pub(crate) fn sort<T: Ord>(things: &mut [T]) {
    sort_by(things, T::cmp);
}

/// Sorts things by a key that is made anew for each comparison.
pub(crate) fn sort_by_key<T, K: Ord>(things: &mut [T], mut key: impl FnMut(&T) -> K) {
    sort_by(things, |a, b| key(a).cmp(&key(b)));
}

/// Sorts things by a key that is made once for each of them.
pub(crate) fn sort_by_cached_key<T, K: Ord>(things: &mut [T], key: impl FnMut(&T) -> K) {
    let keys: Vec<K> = things.iter().map(key).collect();
    if let Some(order) = order(keys.len(), &mut |a, b| keys[a].cmp(&keys[b])) {
        reorder(things, order);
    }
}

/// Sorts things by a comparison.
pub(crate) fn sort_by<T>(things: &mut [T], mut compare: impl FnMut(&T, &T) -> Ordering) {
    if let Some(order) = order(things.len(), &mut |a, b| compare(&things[a], &things[b])) {
        reorder(things, order);
    }
}

/// Puts things into an ordered map or set one after the other, for those that are small or made once: `collect`
/// sorts them first, by a copy of its own for each type.
pub(crate) fn gather<C: Default + Extend<T>, T>(things: impl Iterator<Item = T>) -> C {
    let mut all = C::default();
    all.extend(things);
    all
}

/// The positions of so many things in their order, unless they are in it already. `compare` compares the
/// things at two positions.
fn order(count: usize, compare: &mut dyn FnMut(usize, usize) -> Ordering) -> Option<Vec<usize>> {
    if (1..count).all(|at| compare(at - 1, at).is_le()) {
        return None;
    }
    let mut order: Vec<usize> = (0..count).collect();
    order.sort_by(|&a, &b| compare(a, b));
    Some(order)
}

/// Permutes in place: position `i` gets the thing that was at `from[i]`.
pub(crate) fn reorder<T>(things: &mut [T], mut from: Vec<usize>) {
    for start in 0..from.len() {
        let mut at = start;
        while from[at] != start {
            let next = from[at];
            things.swap(at, next);
            from[at] = at;
            at = next;
        }
        from[at] = at;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Hostile orders, each with many keys that are equal.
    #[test]
    fn sorts_as_the_standard_library_does() {
        let of = |count: usize, key: fn(usize) -> usize| -> Vec<(usize, usize)> {
            (0..count).map(|at| (key(at), at)).collect()
        };
        let lists = [
            of(0, |at| at),
            of(1, |at| at),
            of(2, |at| 1 - at),
            of(100, |at| at / 3),
            of(100, |at| 99 - at),
            of(1000, |at| at * 7919 % 101),
            of(1000, |at| usize::from(at == 0)),
        ];
        for list in lists {
            let mut expected = list.clone();
            expected.sort_by_key(|&(key, _)| key);
            let (mut by, mut by_key, mut by_cached_key, mut own) =
                (list.clone(), list.clone(), list.clone(), list.clone());
            sort_by(&mut by, |a, b| a.0.cmp(&b.0));
            sort_by_key(&mut by_key, |&(key, _)| key);
            sort_by_cached_key(&mut by_cached_key, |&(key, _)| key);
            sort(&mut own);
            for sorted in [by, by_key, by_cached_key, own] {
                assert_eq!(sorted, expected);
            }
        }
    }
}
