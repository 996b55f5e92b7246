//! Standard output, written from where its pieces are.

use std::fs::File;
use std::io::{self, BufWriter, ErrorKind, IoSlice, Write};

use super::encoding::Encoding;
use super::input::JoinedInput;
use crate::restore::Outcome;

/// Writes the output without copying the input; the results are rendered piece by piece as they are
/// written.
///
/// # Errors
/// Standard output cannot be written.
pub(super) fn write(outcome: &Outcome, input: &JoinedInput) -> io::Result<()> {
    if input.encoding != Encoding::Utf8 {
        let mut text = Vec::new();
        write_to(outcome, &input.text, &mut text)?;
        let text = String::from_utf8(text).map_err(io::Error::other)?;
        return io::stdout().write_all(&input.encoding.encode(&text));
    }
    match file() {
        Some(file) => write_to(outcome, &input.text, file),
        None => write_to(outcome, &input.text, io::stdout().lock()),
    }
}

/// Standard output as a file: [`io::Stdout`] searches all that it is given for the last line break,
/// and JSON on one line has none.
#[cfg(unix)]
fn file() -> Option<File> {
    use std::os::fd::AsFd;

    let descriptor = io::stdout().as_fd().try_clone_to_owned();
    descriptor.ok().map(File::from)
}

#[cfg(not(unix))]
fn file() -> Option<File> {
    None
}

/// Pieces smaller than this are buffered.
const GATHERED: usize = 1 << 16;

fn write_to(outcome: &Outcome, input: &str, out: impl Write) -> io::Result<()> {
    let mut out = BufWriter::with_capacity(GATHERED, out);
    let [before, behind] = outcome.around_results(input);
    write_pieces(before, &mut out)?;
    outcome.each_result(|part| out.write_all(part.as_bytes()))?;
    write_pieces(behind, &mut out)?;
    out.flush()
}

/// How many pieces a system call takes (`IOV_MAX` of Linux).
const AT_ONCE: usize = 1024;

/// Writes pieces from where they are.
fn write_pieces<'t>(pieces: impl Iterator<Item = &'t str>, out: &mut impl Write) -> io::Result<()> {
    let mut pieces = pieces.filter(|piece| !piece.is_empty()).peekable();
    while pieces.peek().is_some() {
        let some = pieces.by_ref().take(AT_ONCE);
        let mut some: Vec<IoSlice<'_>> = some.map(|piece| IoSlice::new(piece.as_bytes())).collect();
        let mut left = some.as_mut_slice();
        while !left.is_empty() {
            match out.write_vectored(left) {
                Ok(0) => return Err(ErrorKind::WriteZero.into()),
                Ok(written) => IoSlice::advance_slices(&mut left, written),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Takes a few bytes at a time, with interruptions, and then no more.
    struct Slow {
        taken: Vec<u8>,
        calls: usize,
        room: usize,
    }

    impl Write for Slow {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.write_vectored(&[IoSlice::new(bytes)])
        }

        fn write_vectored(&mut self, pieces: &[IoSlice<'_>]) -> io::Result<usize> {
            self.calls += 1;
            if self.calls.is_multiple_of(3) {
                return Err(ErrorKind::Interrupted.into());
            }
            let bytes = pieces.iter().flat_map(|piece| piece.iter().copied());
            let room = self.room.saturating_sub(self.taken.len()).min(5);
            let before = self.taken.len();
            self.taken.extend(bytes.take(room));
            Ok(self.taken.len() - before)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn pieces_are_written_whole_or_an_error_says_so() {
        let numbers: Vec<String> = (0..3000).map(|number| number.to_string()).collect();
        let pieces = || numbers.iter().flat_map(|number| [number.as_str(), "", "/"]);
        let whole: String = pieces().collect();
        for room in [usize::MAX, 0, 1, 1000, whole.len(), whole.len() - 1] {
            let (taken, calls) = (Vec::new(), 0);
            let mut slow = Slow { taken, calls, room };
            let written = write_pieces(pieces(), &mut slow).map_err(|error| error.kind());
            let is_enough = room >= whole.len();
            assert_eq!(written.is_ok(), is_enough, "{room}: {written:?}");
            assert_eq!(slow.taken, whole.as_bytes()[..whole.len().min(room)]);
        }
    }
}
