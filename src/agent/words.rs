//! The words of a text that names of images, variables and keys consist of, as hashes;
//! `function/build.rs` shares this file with the program.

/// The bytes of words, in lower case, since the case of hosts means nothing; 0 for what is between words:
/// slashes, colons, quotes and blanks.
const IN_WORDS: [u8; 256] = {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 128 {
        let this = byte as u8;
        if this.is_ascii_alphanumeric() || matches!(this, b'-' | b'_' | b'.') {
            table[byte] = this.to_ascii_lowercase();
        }
        byte += 1;
    }
    table
};

const OFFSET: u32 = 0x811c_9dc5;
const PRIME: u32 = 0x0100_0193;

/// Calls `found` with the hash of each word of a text (FNV-1a).
pub(crate) fn each_hash(text: &[u8], mut found: impl FnMut(u32)) {
    let mut hash = OFFSET;
    for &byte in text {
        match IN_WORDS[usize::from(byte)] {
            0 => {
                if hash != OFFSET {
                    found(hash);
                    hash = OFFSET;
                }
            }
            letter => hash = (hash ^ u32::from(letter)).wrapping_mul(PRIME),
        }
    }
    if hash != OFFSET {
        found(hash);
    }
}
