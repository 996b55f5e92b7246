//! Work on what is found, beside the search for it.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, PoisonError};

use super::{OnDrop, beside, lock, threads_for};

/// Runs `find` on this thread and `work` on the batches that it hands over, beside it on other threads where these
/// are worth it, and returns the results in the order of the batches. A batch counts as so many bytes of text;
/// where so many batches wait as `most`, this thread works on the next one itself before it goes on.
pub(crate) fn while_found<T: Send, R: Send>(
    bytes_of: impl Fn(&T) -> usize,
    most: usize,
    mut find: impl FnMut(&mut dyn FnMut(T)),
    work: impl Fn(T) -> R + Sync,
) -> Vec<R> {
    let shared = Mutex::new(Found {
        waiting: VecDeque::new(),
        results: Vec::new(),
        is_over: false,
    });
    let changed = Condvar::new();
    let keep = |batch: usize, result| lock(&shared).results[batch] = Some(result);
    let work_on_next = || {
        let next = lock(&shared).waiting.pop_front();
        next.map(|(batch, things)| keep(batch, work(things)))
    };
    let help = || {
        loop {
            let is_idle = |found: &mut Found<T, R>| found.waiting.is_empty() && !found.is_over;
            let waited = changed.wait_while(lock(&shared), is_idle);
            let mut found = waited.unwrap_or_else(PoisonError::into_inner);
            let Some((batch, things)) = found.waiting.pop_front() else {
                return;
            };
            drop(found);
            keep(batch, work(things));
        }
    };
    beside(&help, &mut |start| {
        let _over = OnDrop(|| {
            lock(&shared).is_over = true;
            changed.notify_all();
        });
        let (mut bytes, mut helpers) = (0, 1);
        find(&mut |things| {
            bytes += bytes_of(&things);
            while helpers < threads_for(bytes) && start() {
                helpers += 1;
            }
            let mut found = lock(&shared);
            let batch = found.results.len();
            found.results.push(None);
            found.waiting.push_back((batch, things));
            let is_full = found.waiting.len() >= most;
            drop(found);
            changed.notify_one();
            if is_full {
                work_on_next();
            }
        });
        while work_on_next().is_some() {}
    });
    let found = shared.into_inner().unwrap_or_else(PoisonError::into_inner);
    found.results.into_iter().flatten().collect()
}

/// What the threads share that work on what is found.
struct Found<T, R> {
    /// Batches that nobody works on yet, each with its position.
    waiting: VecDeque<(usize, T)>,
    /// The result of each batch, once it is there.
    results: Vec<Option<R>>,
    /// Whether no more batches will come.
    is_over: bool,
}

#[cfg(test)]
mod tests {
    use super::super::WORTH_IT;
    use super::*;

    #[test]
    fn what_is_found_is_worked_on_in_order() {
        for count in [0, 1, 2, 100] {
            for (bytes, most) in [(0, 1), (0, 8), (WORTH_IT, 1), (WORTH_IT, 4)] {
                let find = |hand_over: &mut dyn FnMut(usize)| (0..count).for_each(hand_over);
                let found = while_found(|_| bytes, most, find, |number| number * 2);
                let doubled: Vec<usize> = (0..count).map(|number| number * 2).collect();
                assert_eq!(found, doubled);
            }
        }
    }

    #[test]
    fn what_is_found_and_panics_leaves_nobody_waiting() {
        for wrong in [0, 4, 99] {
            let find = |hand_over: &mut dyn FnMut(usize)| (0..100).for_each(hand_over);
            let all = || while_found(|_| WORTH_IT, 4, find, |number| assert_ne!(number, wrong));
            assert!(std::panic::catch_unwind(all).is_err(), "{wrong}");
        }
    }
}
