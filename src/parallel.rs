//! Work on many things at once, with results in the order of the things.
//!
//! The threads only compute: nothing here performs I/O.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError, mpsc};
use std::thread::Builder;

/// Below this many bytes of text, starting threads costs more time than they save.
const WORTH_IT: usize = 1 << 18;

/// No thread is started for fewer bytes than this: machines may have very many.
const SHARE: usize = WORTH_IT / 2;

/// How many batches each thread gets, so that all end at about the same time.
const BATCHES: usize = 16;

/// Runs `work` on batches of `things`, which amount to `bytes` of text, and returns the results in
/// order; `work` also receives the index of its batch's first element.
pub(crate) fn map<T: Sync, R: Send>(
    things: &[T],
    bytes: usize,
    work: impl Fn(usize, &[T]) -> R + Sync,
) -> Vec<R> {
    let threads = threads_for(bytes);
    if threads == 1 || things.len() < 2 {
        return vec![work(0, things)];
    }
    let size = things.len().div_ceil(threads * BATCHES);
    map_by(threads, size, things, work)
}

/// Runs `work` on chunks of `size` elements with `threads` threads, however many the machine can
/// run at once.
pub(crate) fn map_by<T: Sync, R: Send>(
    threads: usize,
    size: usize,
    things: &[T],
    work: impl Fn(usize, &[T]) -> R + Sync,
) -> Vec<R> {
    let next = AtomicUsize::new(0);
    let done = Mutex::new(Vec::new());
    let run = || {
        let mut own = Vec::new();
        while let Some((batch, some)) = take_batch(things, size, &next) {
            own.push((batch, work(batch * size, some)));
        }
        if let Ok(mut done) = done.lock() {
            done.append(&mut own);
        }
    };
    std::thread::scope(|scope| {
        // If no thread can be started, the current one does all the work.
        (1..threads).for_each(|_| drop(Builder::new().spawn_scoped(scope, run)));
        run();
    });
    let mut done = done.into_inner().unwrap_or_default();
    done.sort_unstable_by_key(|(batch, _)| *batch);
    done.into_iter().map(|(_, result)| result).collect()
}

/// The next batch of `size` things that no thread has claimed, with the batch's index.
fn take_batch<'t, T>(things: &'t [T], size: usize, next: &AtomicUsize) -> Option<(usize, &'t [T])> {
    let batch = next.fetch_add(1, Ordering::Relaxed);
    let rest = things.get(batch * size..).filter(|rest| !rest.is_empty())?;
    Some((batch, &rest[..size.min(rest.len())]))
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
        some.iter().enumerate().try_for_each(|(index, share)| {
            let mut share = share.lock().unwrap_or_else(PoisonError::into_inner);
            fill((first + index) * size, &mut share)
        })
    });
    filled.into_iter().collect()
}

/// Renders each chunk of `size` elements to text on several threads, and passes the texts to `take`
/// in order. `bytes` is the size of all `things`. Few finished texts wait at a time, and their
/// buffers are reused; `make` also receives the index of its chunk's first element.
///
/// # Errors
/// That of `take`, which ends the work.
pub(crate) fn in_turn<T: Sync, E>(
    things: &[T],
    size: usize,
    bytes: usize,
    make: impl Fn(usize, &[T], &mut String) + Sync,
    mut take: impl FnMut(&str) -> Result<(), E>,
) -> Result<(), E> {
    let batches = things.len().div_ceil(size);
    let threads = threads_for(bytes).min(batches);
    let next = AtomicUsize::new(0);
    let spare = Mutex::new(Vec::new());
    let lock = || spare.lock().unwrap_or_else(PoisonError::into_inner);
    // Renders the next chunk that no thread has claimed; returns it with its index.
    let made = || {
        let (batch, some) = take_batch(things, size, &next)?;
        let mut text: String = lock().pop().unwrap_or_default();
        text.clear();
        make(batch * size, some, &mut text);
        Some((batch, text))
    };
    std::thread::scope(|scope| {
        let (send, others) = mpsc::sync_channel(AHEAD);
        for _ in 1..threads {
            let send = send.clone();
            let make = move || while made().is_some_and(|made| send.send(made).is_ok()) {};
            let _ = Builder::new().spawn_scoped(scope, make);
        }
        drop(send);
        // Finished texts that wait for an earlier one. Instead of blocking on another thread, this
        // one renders more meanwhile: a wake-up takes longer than rendering a text.
        let mut early = BTreeMap::new();
        for batch in 0..batches {
            let text = loop {
                early.extend(others.try_iter());
                if let Some(text) = early.remove(&batch) {
                    break text;
                }
                let own = if early.len() < AHEAD { made() } else { None };
                // A thread that panicked renders no more texts; the scope reports the panic.
                let Some(made) = own.or_else(|| others.recv().ok()) else {
                    return Ok(());
                };
                early.extend([made]);
            };
            take(&text)?;
            lock().push(text);
        }
        Ok(())
    })
}

/// How many texts may be rendered ahead of their turn.
const AHEAD: usize = 8;

/// How many threads share the work on so many bytes.
fn threads_for(bytes: usize) -> usize {
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
            let numbers = bytes.iter().enumerate();
            assert!({ numbers }.all(|(at, byte)| at % 251 == usize::from(*byte)));
        }
        let mut bytes = vec![0; WORTH_IT];
        let fails = |start: usize, _: &mut [u8]| if start > 0 { Err(start) } else { Ok(()) };
        assert!(threads() == 1 || fill(&mut bytes, 1000, fails).is_err());
    }

    #[test]
    fn texts_are_taken_in_order_until_one_is_refused() {
        let make = |first: usize, some: &[usize], text: &mut String| {
            assert_eq!(some.first(), Some(&first));
            some.iter().for_each(|thing| *text += &format!("{thing} "));
        };
        for count in [0, 1, 2, 7, 8, 9, 100] {
            let things: Vec<usize> = (0..count).collect();
            let whole: Vec<String> = things.iter().map(|thing| format!("{thing} ")).collect();
            for bytes in [0, WORTH_IT, 4 * WORTH_IT] {
                let mut taken = String::new();
                let take = |text: &str| {
                    taken.push_str(text);
                    Ok::<(), ()>(())
                };
                assert_eq!(in_turn(&things, 4, bytes, make, take), Ok(()));
                assert_eq!(taken, whole.concat());
                let mut left = 3;
                let take = |text: &str| {
                    left -= 1;
                    if left == 0 {
                        Err(text.to_owned())
                    } else {
                        Ok(())
                    }
                };
                let refused = whole.chunks(4).nth(2).map(<[String]>::concat);
                assert_eq!(in_turn(&things, 4, bytes, make, take).err(), refused);
            }
        }
    }

    #[test]
    fn a_thread_that_panics_leaves_nobody_waiting() {
        let things: Vec<usize> = (0..100).collect();
        for wrong in [0, 4, 40, 96] {
            let make = |first: usize, _: &[usize], _: &mut String| assert_ne!(first, wrong);
            let all = || in_turn(&things, 4, WORTH_IT, make, |_| Ok::<(), ()>(()));
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
