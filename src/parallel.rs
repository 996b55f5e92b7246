//! Work on many things at once, with results in the order of the things.
//!
//! Threads of the standard library: they compute, and nothing here waits for the world.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Below this many bytes of text, starting threads costs more than they bring.
const WORTH_IT: usize = 1 << 18;

/// How many batches each thread gets, so that all end at about the same time.
const BATCHES: usize = 16;

/// Does `work` on batches of `things`, which stand for `bytes` of text, and gives its results in
/// order; `work` gets the position of its first thing too.
pub(crate) fn map<T: Sync, R: Send>(
    things: &[T],
    bytes: usize,
    work: impl Fn(usize, &[T]) -> R + Sync,
) -> Vec<R> {
    let threads = match bytes < WORTH_IT {
        true => 1,
        false => std::thread::available_parallelism().map_or(1, usize::from),
    };
    if threads == 1 || things.len() < 2 {
        return vec![work(0, things)];
    }
    let size = things.len().div_ceil(threads * BATCHES);
    let next = AtomicUsize::new(0);
    let done = Mutex::new(Vec::new());
    let run = || {
        let mut own = Vec::new();
        loop {
            let batch = next.fetch_add(1, Ordering::Relaxed);
            let Some(rest) = things.get(batch * size..).filter(|rest| !rest.is_empty()) else {
                break;
            };
            let some = &rest[..size.min(rest.len())];
            own.push((batch, work(batch * size, some)));
        }
        if let Ok(mut done) = done.lock() {
            done.append(&mut own);
        }
    };
    std::thread::scope(|scope| {
        (1..threads).for_each(|_| drop(scope.spawn(run)));
        run();
    });
    let mut done = done.into_inner().unwrap_or_default();
    done.sort_unstable_by_key(|(batch, _)| *batch);
    done.into_iter().map(|(_, result)| result).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_come_in_order_and_nothing_is_left_out() {
        for count in [0, 1, 2, 31, 32, 33, 1000] {
            let things: Vec<usize> = (0..count).collect();
            for bytes in [0, WORTH_IT] {
                let sums = map(&things, bytes, |first, some| {
                    assert_eq!(some.first().copied().unwrap_or(first), first);
                    some.to_vec()
                });
                assert_eq!(sums.concat(), things);
            }
        }
    }
}
