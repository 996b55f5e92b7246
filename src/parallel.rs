//! Work on many things at once, with results in the order of the things.
//!
//! The threads only compute: nothing here performs I/O.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread::Builder;

/// Below this many bytes of text, starting threads costs more time than they save.
const WORTH_IT: usize = 1 << 18;

/// No thread is started for fewer bytes than this: machines may have very many.
const SHARE: usize = WORTH_IT / 2;

/// How many batches each thread gets, so that all end at about the same time.
const BATCHES: usize = 32;

/// Runs `work` on batches of `things`, which amount to `bytes` of text, and returns the results in
/// order; `work` also receives the index of its batch's first element.
pub(crate) fn map<T: Sync, R: Send>(
    things: &[T],
    bytes: usize,
    work: impl Fn(usize, &[T]) -> R + Sync,
) -> Vec<R> {
    let mut all = Vec::new();
    let Ok(()) = each(things, bytes, work, |result| {
        all.push(result);
        Ok::<(), Infallible>(())
    });
    all
}

/// As [`map`], but passes each result to `take` as soon as those before it are there, so that what is made
/// of them is made beside the work, and in the memory that they leave.
///
/// # Errors
/// That of `take`, which ends the work.
pub(crate) fn each<T: Sync, R: Send, E>(
    things: &[T],
    bytes: usize,
    work: impl Fn(usize, &[T]) -> R + Sync,
    mut take: impl FnMut(R) -> Result<(), E>,
) -> Result<(), E> {
    let threads = threads_for(bytes);
    if threads == 1 || things.len() < 2 {
        return take(work(0, things));
    }
    let size = things.len().div_ceil(threads * BATCHES);
    in_turn(things, size, threads, usize::MAX, work, take)
}

/// Runs `work` on chunks of `size` elements with `threads` threads, however many the machine can
/// run at once.
#[cfg(feature = "mirror")]
pub(crate) fn map_by<T: Sync, R: Send>(
    threads: usize,
    size: usize,
    things: &[T],
    work: impl Fn(usize, &[T]) -> R + Sync,
) -> Vec<R> {
    let mut all = Vec::new();
    let Ok(()) = in_turn(things, size, threads, usize::MAX, work, |result| {
        all.push(result);
        Ok::<(), Infallible>(())
    });
    all
}

/// Frees things that take so many bytes: where each is made of very many parts, that takes as long as reading
/// them.
pub(crate) fn free<T: Send>(mut things: Vec<T>, bytes: usize) {
    let size = things.len().div_ceil(threads_for(bytes)).max(1);
    let mut shares = Vec::new();
    while things.len() > size {
        shares.push(things.split_off(things.len() - size));
    }
    let helpers = shares.len();
    let shares = Mutex::new(shares);
    let free_next = || {
        // Nobody waits for the lock while these are freed.
        let next = lock(&shares).pop();
        drop(next);
    };
    beside(&free_next, &mut |start| {
        // If no thread can be started, the things are freed with what was to run on it.
        for _ in 0..helpers {
            start();
        }
        things.clear();
    });
}

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

/// Fills a buffer in chunks of `size` bytes in parallel; `fill` also receives the offset of each
/// chunk.
///
/// # Errors
/// A chunk could not be filled.
pub(crate) fn fill<E: Send>(
    bytes: &mut [u8],
    size: usize,
    fill: impl Fn(usize, &mut [u8]) -> Result<(), E> + Sync,
) -> Result<(), E> {
    let count = bytes.len();
    let shares: Vec<Mutex<&mut [u8]>> = bytes.chunks_mut(size).map(Mutex::new).collect();
    let filled = map(&shares, count, |first, some| {
        some.iter()
            .enumerate()
            .try_for_each(|(index, share)| fill((first + index) * size, &mut lock(share)))
    });
    filled.into_iter().collect()
}

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

/// Runs `work` on this thread, which may start as many others as it wants that run `help`, and is told whether one
/// could be; ends when all have. It knows nothing of what they work on, so that the image has it once.
fn beside(help: &(dyn Fn() + Sync), work: &mut dyn FnMut(&mut dyn FnMut() -> bool)) {
    std::thread::scope(|scope| {
        work(&mut || Builder::new().spawn_scoped(scope, help).is_ok());
    });
}

/// What threads share, whether one of them panicked or not.
pub(crate) fn lock<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Does something at the end of a scope, by a panic too.
struct OnDrop<F: Fn()>(F);

impl<F: Fn()> Drop for OnDrop<F> {
    fn drop(&mut self) {
        (self.0)();
    }
}

/// How many threads share the work on so many bytes.
pub(crate) fn threads_for(bytes: usize) -> usize {
    if bytes < WORTH_IT {
        1
    } else {
        threads().min(bytes / SHARE)
    }
}

/// How many threads run at once; asked once, since the answer takes dozens of system calls.
fn threads() -> usize {
    static THREADS: OnceLock<usize> = OnceLock::new();
    *THREADS.get_or_init(|| std::thread::available_parallelism().map_or(1, usize::from))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_is_filled_by_its_position() {
        for length in [0, 1, 2, WORTH_IT - 1, WORTH_IT, 2 * WORTH_IT + 1] {
            let mut bytes = vec![0; length];
            let count = |start: usize, share: &mut [u8]| {
                let numbers = start..start + share.len();
                for (byte, number) in share.iter_mut().zip(numbers) {
                    *byte = u8::try_from(number % 251).map_err(|_| "no byte")?;
                }
                Ok::<(), &str>(())
            };
            assert_eq!(fill(&mut bytes, 1000, count), Ok(()));
            let mut numbers = bytes.iter().enumerate();
            assert!(numbers.all(|(at, byte)| at % 251 == usize::from(*byte)));
        }
        let mut bytes = vec![0; WORTH_IT];
        let fails = |start: usize, _: &mut [u8]| if start > 0 { Err(start) } else { Ok(()) };
        assert!(threads() == 1 || fill(&mut bytes, 1000, fails).is_err());
    }

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

    #[test]
    fn results_come_in_order_and_nothing_is_left_out() {
        for count in [0, 1, 2, 31, 32, 33, 1000] {
            let things: Vec<usize> = (0..count).collect();
            for bytes in [0, WORTH_IT, 4 * WORTH_IT] {
                let sums = map(&things, bytes, |first, some| {
                    assert_eq!(some.first().copied().unwrap_or(first), first);
                    some.to_vec()
                });
                assert_eq!(sums.concat(), things);
            }
        }
    }
}
