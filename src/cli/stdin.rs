//! Standard input, read to its end.
//!
//! Of a large file, most of that time goes into finding memory for it, page by page; several threads
//! find it sooner.

use std::io::{self, Read, StdinLock};

/// Reads to the end.
///
/// # Errors
/// Standard input cannot be read.
pub(super) fn read(mut stdin: StdinLock<'_>) -> io::Result<Vec<u8>> {
    let mut bytes = several_at_once().unwrap_or_else(|| Vec::with_capacity(PIPE));
    // All of what is no large file, and what has come since.
    stdin.read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// What a pipe holds; less room is filled in small steps.
const PIPE: usize = 1 << 16;

/// Below this many bytes, starting threads costs more than they bring.
#[cfg(unix)]
const WORTH_IT: u64 = 1 << 20;

/// The bytes of a large file from where it stands, and standard input behind them; `None` where it
/// is none, or becomes shorter meanwhile.
#[cfg(unix)]
fn several_at_once() -> Option<Vec<u8>> {
    use std::fs::File;
    use std::io::{Seek, SeekFrom};
    use std::os::fd::AsFd;
    use std::os::unix::fs::FileExt;

    use crate::parallel;

    let mut file = File::from(io::stdin().as_fd().try_clone_to_owned().ok()?);
    let metadata = file.metadata().ok()?;
    if !metadata.is_file() || metadata.len() < WORTH_IT {
        return None;
    }
    let start = file.stream_position().ok()?;
    let size = usize::try_from(metadata.len().checked_sub(start)?).ok()?;
    let mut bytes = vec![0; size];
    let read = |at: usize, some: &mut [u8]| {
        let at = u64::try_from(at).map_err(io::Error::other)?;
        file.read_exact_at(some, start + at)
    };
    parallel::fill(&mut bytes, read).ok()?;
    file.seek(SeekFrom::Start(metadata.len())).ok()?;
    Some(bytes)
}

#[cfg(not(unix))]
fn several_at_once() -> Option<Vec<u8>> {
    None
}
