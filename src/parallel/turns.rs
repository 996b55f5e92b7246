//! Work on batches whose results are taken in order, while others are worked on.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex, PoisonError};

use super::{OnDrop, beside, lock};

/// Runs `work` on chunks of `size` elements with `threads` threads, and passes the results to `take` on
/// this one, in order. No more than `ahead` of them wait for their turn.
///
/// # Errors
/// That of `take`, which ends the work.
pub(crate) fn in_turn<T: Sync, R: Send, E>(
    things: &[T],
    size: usize,
    threads: usize,
    ahead: usize,
    work: impl Fn(usize, &[T]) -> R + Sync,
    mut take: impl FnMut(R) -> Result<(), E>,
) -> Result<(), E> {
    let batches = things.len().div_ceil(size);
    let results: Vec<Mutex<Option<R>>> = (0..batches).map(|_| Mutex::new(None)).collect();
    let work_on = |batch: usize| {
        let (first, end) = (batch * size, things.len().min((batch + 1) * size));
        let result = work(first, &things[first..end]);
        *lock(&results[batch]) = Some(result);
    };
    let mut taken = Ok(());
    batches_in_turn(batches, threads, ahead, &work_on, &mut |batch| {
        let result = lock(&results[batch]).take();
        taken = result.map_or(Ok(()), &mut take);
        taken.is_ok()
    });
    taken
}

/// As [`in_turn`], of batches that are known by their numbers alone, until `take` refuses one. It knows nothing of
/// what they are, so that the image has it once.
fn batches_in_turn(
    batches: usize,
    threads: usize,
    ahead: usize,
    work: &(dyn Fn(usize) + Sync),
    take: &mut dyn FnMut(usize) -> bool,
) {
    let next = AtomicUsize::new(0);
    let shared = Mutex::new(InOrder {
        early: Vec::new(),
        helpers: 0,
        is_over: false,
    });
    let changed = Condvar::new();
    // Works on the next batch that no thread has claimed.
    let work_on_next = || {
        let batch = next.fetch_add(1, Ordering::Relaxed);
        (batch < batches).then(|| {
            work(batch);
            batch
        })
    };
    let help = || {
        let _leaving = OnDrop(|| {
            let mut shared = lock(&shared);
            shared.helpers -= 1;
            // The result of a batch is missing for ever, so nobody is to wait for it.
            shared.is_over |= std::thread::panicking();
            drop(shared);
            changed.notify_all();
        });
        let is_full = |shared: &mut InOrder| !shared.is_over && shared.early.len() >= ahead;
        let may_go_on = || {
            let waited = changed.wait_while(lock(&shared), is_full);
            !waited.unwrap_or_else(PoisonError::into_inner).is_over
        };
        while may_go_on()
            && let Some(batch) = work_on_next()
        {
            lock(&shared).early.push(batch);
            changed.notify_all();
        }
    };
    beside(&help, &mut |start| {
        let _over = OnDrop(|| {
            lock(&shared).is_over = true;
            changed.notify_all();
        });
        for _ in 1..threads.min(batches) {
            lock(&shared).helpers += 1;
            // If no thread can be started, the current one does all the work.
            if !start() {
                lock(&shared).helpers -= 1;
            }
        }
        let mut is_all_claimed = false;
        for batch in 0..batches {
            loop {
                let mut now = lock(&shared);
                let mut early = now.early.iter();
                if let Some(at) = early.position(|index| *index == batch) {
                    now.early.swap_remove(at);
                    break;
                }
                // Instead of waiting for another thread, this one works meanwhile: a wake-up takes longer
                // than a small chunk.
                if !is_all_claimed && now.early.len() < ahead {
                    drop(now);
                    match work_on_next() {
                        Some(index) if index == batch => break,
                        Some(index) => lock(&shared).early.push(index),
                        None => is_all_claimed = true,
                    }
                    continue;
                }
                // A thread that panicked gives no more results; the scope reports the panic.
                if now.helpers == 0 || now.is_over {
                    return;
                }
                drop(changed.wait(now));
            }
            changed.notify_all();
            if !take(batch) {
                return;
            }
        }
    });
}

/// What the threads that work on batches share.
struct InOrder {
    /// Batches whose results wait for their turn.
    early: Vec<usize>,
    /// How many threads work beside the one that takes results.
    helpers: usize,
    /// Whether no more results are wanted.
    is_over: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_are_taken_in_order_until_one_is_refused() {
        let make = |first: usize, some: &[usize]| {
            assert_eq!(some.first(), Some(&first));
            let texts = some.iter().map(|thing| format!("{thing} "));
            texts.collect::<String>()
        };
        for count in [0, 1, 2, 7, 8, 9, 100] {
            let things: Vec<usize> = (0..count).collect();
            let whole: Vec<String> = things.iter().map(|thing| format!("{thing} ")).collect();
            for (threads, ahead) in [(1, 8), (2, 8), (2, 1), (4, 2), (4, usize::MAX)] {
                let mut taken = String::new();
                let take = |text: String| {
                    taken.push_str(&text);
                    Ok::<(), ()>(())
                };
                assert_eq!(in_turn(&things, 4, threads, ahead, make, take), Ok(()));
                assert_eq!(taken, whole.concat());
                let mut left = 3;
                let take = |text| {
                    left -= 1;
                    if left == 0 { Err(text) } else { Ok(()) }
                };
                let refused = whole.chunks(4).nth(2).map(<[String]>::concat);
                let taken = in_turn(&things, 4, threads, ahead, make, take);
                assert_eq!(taken.err(), refused);
            }
        }
    }

    #[test]
    fn a_thread_that_panics_leaves_nobody_waiting() {
        let things: Vec<usize> = (0..100).collect();
        for wrong in [0, 4, 40, 96] {
            let make = |first: usize, _: &[usize]| assert_ne!(first, wrong);
            for ahead in [1, 8, usize::MAX] {
                let all = || in_turn(&things, 4, 2, ahead, make, |()| Ok::<(), ()>(()));
                assert!(std::panic::catch_unwind(all).is_err(), "{wrong}");
            }
        }
    }
}
