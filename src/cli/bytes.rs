//! Standard input in memory that is quickly had.
//!
//! A large text costs more to find room for than to copy: the system hands memory out page by page,
//! and clears each. Linux does that for 512 pages at once where it is asked to.

use std::fs::File;
use std::io::{self, ErrorKind, Read};

use memmap2::{MmapMut, MmapOptions};

/// Below this many bytes, room is cheap.
const FEW: usize = 1 << 22;

/// Room for what a pipe brings: addresses, of which only those written to become memory.
const PIPED: usize = 1 << (usize::BITS / 2);

/// What standard input brought.
pub(super) enum Bytes {
    Few(Vec<u8>),
    /// Room, and how much of it is filled.
    Many(MmapMut, usize),
}

impl Bytes {
    /// Reads to the end.
    ///
    /// # Errors
    /// The source cannot be read.
    pub(super) fn read(source: &mut impl Read, size: Option<usize>) -> io::Result<Self> {
        let mut few = Vec::new();
        source.take(FEW as u64).read_to_end(&mut few)?;
        if few.len() < FEW {
            return Ok(Bytes::Few(few));
        }
        // One more, so that the end shows itself.
        let room = size.map_or(PIPED, |size| size.max(FEW).saturating_add(1));
        let Some(mut room) = roomy(room) else {
            source.read_to_end(&mut few)?;
            return Ok(Bytes::Few(few));
        };
        let mut filled = few.len();
        room[..filled].copy_from_slice(&few);
        while filled < room.len() {
            match source.read(&mut room[filled..]) {
                Ok(0) => return Ok(Bytes::Many(room, filled)),
                Ok(more) => filled += more,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        let mut all = room.to_vec();
        drop(room);
        source.read_to_end(&mut all)?;
        Ok(Bytes::Few(all))
    }

    pub(super) fn into_vec(self) -> Vec<u8> {
        match self {
            Bytes::Few(bytes) => bytes,
            Bytes::Many(room, filled) => room[..filled].to_vec(),
        }
    }

    pub(super) fn as_slice(&self) -> &[u8] {
        match self {
            Bytes::Few(bytes) => bytes,
            Bytes::Many(room, filled) => &room[..*filled],
        }
    }
}

/// How many bytes standard input has, where it is a file.
#[cfg(unix)]
pub(super) fn size_of_stdin() -> Option<usize> {
    use std::os::fd::AsFd;
    let stdin = io::stdin().as_fd().try_clone_to_owned().ok()?;
    let metadata = File::from(stdin).metadata().ok()?;
    usize::try_from(metadata.len())
        .ok()
        .filter(|_| metadata.is_file())
}

#[cfg(not(unix))]
pub(super) fn size_of_stdin() -> Option<usize> {
    None
}

fn roomy(size: usize) -> Option<MmapMut> {
    let room = MmapOptions::new().len(size).no_reserve_swap().map_anon();
    let room = room.ok()?;
    #[cfg(target_os = "linux")]
    {
        // Without it, all is as before, only slower.
        let _ = room.advise(memmap2::Advice::HugePage);
    }
    Some(room)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives at most 100,000 bytes at once, and is interrupted now and then.
    struct Dripping<'b>(&'b [u8], u32);

    impl Read for Dripping<'_> {
        fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
            self.1 += 1;
            if self.1.is_multiple_of(7) {
                return Err(ErrorKind::Interrupted.into());
            }
            let count = room.len().min(100_000);
            self.0.read(&mut room[..count])
        }
    }

    #[test]
    fn all_bytes_come_whatever_size_was_told() {
        let bytes: Vec<u8> = (0..3 * FEW as u32 + 1).map(|at| (at % 251) as u8).collect();
        for length in [0, 1, FEW - 1, FEW, FEW + 1, bytes.len()] {
            for told in [None, Some(0), Some(length), Some(2 * FEW), Some(4 * FEW)] {
                let wanted = &bytes[..length];
                let read = Bytes::read(&mut Dripping(wanted, 0), told).expect("bytes");
                assert!(read.as_slice() == wanted, "{length} bytes, told {told:?}");
            }
        }
    }

    #[test]
    fn what_cannot_be_read_is_said() {
        struct Broken;
        impl Read for Broken {
            fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
                Err(io::Error::other("broken"))
            }
        }
        let bytes = vec![b'a'; FEW];
        for length in [0, FEW] {
            let mut source = bytes[..length].chain(Broken);
            let error = Bytes::read(&mut source, None).err().expect("an error");
            assert_eq!(error.to_string(), "broken");
        }
    }
}
