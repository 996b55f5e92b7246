//! The words of a text that names of images, variables and keys consist of, as hashes;
//! `function/build.rs` shares this file with the program.

/// Whether a byte is part of a word: what is between slashes, colons, quotes and blanks.
const fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.')
}

const IS_WORD: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = is_word(byte as u8);
        byte += 1;
    }
    table
};

const OFFSET: u32 = 0x811c_9dc5;
const PRIME: u32 = 0x0100_0193;

/// Calls `found` with the hash of each word of a text (FNV-1a), until it says that it has enough.
pub(crate) fn each_hash(text: &[u8], mut found: impl FnMut(u32) -> bool) {
    let mut hash = OFFSET;
    for &byte in text {
        if IS_WORD[usize::from(byte)] {
            hash = (hash ^ u32::from(byte)).wrapping_mul(PRIME);
        } else if hash != OFFSET {
            if found(hash) {
                return;
            }
            hash = OFFSET;
        }
    }
    if hash != OFFSET {
        found(hash);
    }
}
