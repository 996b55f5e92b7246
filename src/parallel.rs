//! Work on many things at once, with results in the order of the things.
//!
//! The threads only compute: nothing here performs I/O.

mod found;
mod turns;

use std::convert::Infallible;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread::Builder;

pub(crate) use found::while_found;
pub(crate) use turns::in_turn;

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
