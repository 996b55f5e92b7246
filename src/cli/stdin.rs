//! Standard input, read to its end.
//!
//! Of a large file, most of that time goes into finding memory for it, page by page; several threads
//! find large pages sooner.

use std::io::{self, Read, StdinLock};

use super::encoding::Bytes;

/// Reads to the end.
///
/// # Errors
/// Standard input cannot be read.
pub(super) fn read(mut stdin: StdinLock<'_>) -> io::Result<Bytes> {
    let large = several_at_once();
    let mut rest = Vec::with_capacity(if large.is_some() { 0 } else { PIPE });
    // Input that is not a large file, or that was appended to the file meanwhile.
    stdin.read_to_end(&mut rest)?;
    Ok(match large {
        Some(large) if rest.is_empty() => large,
        Some(large) => [&large.bytes, &rest[..]].concat().into(),
        None => rest.into(),
    })
}

/// The capacity of a pipe; a smaller buffer would need more reads.
const PIPE: usize = 1 << 16;

/// Below this many bytes, starting threads costs more than they bring.
#[cfg(unix)]
const WORTH_IT: u64 = 1 << 20;

/// Reads a large file from its current position, with the rest of standard input after it; `None`
/// if it is not a large file, or is truncated meanwhile. The bytes are kept until the process ends.
#[cfg(unix)]
fn several_at_once() -> Option<Bytes> {
    use std::borrow::Cow;
    use std::fs::File;
    use std::io::{Seek, SeekFrom};
    use std::os::fd::AsFd;
    use std::os::unix::fs::FileExt;
    use std::sync::atomic::{AtomicBool, Ordering};

    use crate::parallel;

    let mut file = File::from(io::stdin().as_fd().try_clone_to_owned().ok()?);
    let metadata = file.metadata().ok()?;
    if !metadata.is_file() || metadata.len() < WORTH_IT {
        return None;
    }
    let start = file.stream_position().ok()?;
    let size = usize::try_from(metadata.len().checked_sub(start)?).ok()?;
    let mut room = room(size)?;
    let has_zero = AtomicBool::new(false);
    let read = |at: usize, some: &mut [u8]| {
        let mut at = start + u64::try_from(at).map_err(io::Error::other)?;
        for some in some.chunks_mut(IN_CACHE) {
            file.read_exact_at(some, at)?;
            at += u64::try_from(some.len()).map_err(io::Error::other)?;
            if memchr::memchr(0, some).is_some() {
                has_zero.store(true, Ordering::Relaxed);
            }
        }
        Ok::<(), io::Error>(())
    };
    parallel::fill(room.get_mut(..size)?, LARGE_PAGE, read).ok()?;
    file.seek(SeekFrom::Start(metadata.len())).ok()?;
    let room: &[u8] = Box::leak(Box::new(room));
    Some(Bytes {
        bytes: Cow::Borrowed(room.get(..size)?),
        has_zero: has_zero.into_inner(),
    })
}

/// A zeroed buffer of at least `size` bytes, in large pages if the system has them: mapping 512
/// small pages takes three times as long.
#[cfg(unix)]
fn room(size: usize) -> Option<memmap2::MmapMut> {
    let room = memmap2::MmapMut::map_anon(size.checked_next_multiple_of(LARGE_PAGE)?).ok()?;
    #[cfg(target_os = "linux")]
    let _ = room.advise(memmap2::Advice::HugePage);
    Some(room)
}

/// Bytes that are looked at while they are in the processor's cache, where they have just been read to.
#[cfg(unix)]
const IN_CACHE: usize = 1 << 18;

/// What most machines call a large page.
#[cfg(unix)]
const LARGE_PAGE: usize = 1 << 21;

#[cfg(not(unix))]
fn several_at_once() -> Option<Bytes> {
    None
}
