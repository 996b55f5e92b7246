//! The encodings of a YAML stream: text is judged and edited in UTF-8, and written in the encoding
//! that it was read in.

use std::borrow::Cow;
use std::str::Utf8Error;

/// An encoding that go-yaml tells by the byte order mark (`yaml_parser_determine_encoding`); a text
/// without one is UTF-8.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Encoding {
    #[default]
    Utf8,
    Utf16LittleEndian,
    Utf16BigEndian,
}

/// Input bytes that are to be decoded.
#[derive(Debug)]
pub(super) struct Bytes {
    pub(super) bytes: Cow<'static, [u8]>,
    /// Whether a zero is among them.
    pub(super) has_zero: bool,
}

impl From<Vec<u8>> for Bytes {
    fn from(bytes: Vec<u8>) -> Self {
        Bytes {
            has_zero: memchr::memchr(0, &bytes).is_some(),
            bytes: Cow::Owned(bytes),
        }
    }
}

/// Why bytes are no text.
#[derive(Debug)]
pub(super) struct NoText {
    /// The text before the fault.
    pub(super) before: String,
    pub(super) is_utf_16: bool,
    pub(super) what: String,
    pub(super) help: &'static str,
}

impl Encoding {
    /// The encoding that begins with the bytes' mark.
    pub(super) fn of(bytes: &[u8]) -> Self {
        match bytes {
            [0xff, 0xfe, ..] => Encoding::Utf16LittleEndian,
            [0xfe, 0xff, ..] => Encoding::Utf16BigEndian,
            _ => Encoding::Utf8,
        }
    }

    /// The text of bytes in this encoding; a byte order mark is kept as its first character, so that
    /// [`Encoding::encode`] gives the same bytes again.
    ///
    /// # Errors
    /// The bytes are not in this encoding; they are UTF-16 without a mark, which go-yaml does not read;
    /// or UTF-16 of several documents, of which kustomize, kubectl and Argo CD read the first alone,
    /// since they split before they decode.
    pub(super) fn decode(self, bytes: Bytes) -> Result<Cow<'static, str>, NoText> {
        let unit = match self {
            Encoding::Utf8 => return utf_8(bytes),
            Encoding::Utf16LittleEndian => u16::from_le_bytes,
            Encoding::Utf16BigEndian => u16::from_be_bytes,
        };
        let bytes = bytes.bytes;
        let (units, rest) = bytes.as_chunks();
        let no_text = |before: String, what: String| NoText {
            before,
            is_utf_16: true,
            what,
            help: HELP,
        };
        if let Some(at) = read_as_break(&bytes) {
            let units = bytes[..at].as_chunks().0.iter().map(|bytes| unit(*bytes));
            let before = char::decode_utf16(units).map(|unit| unit.unwrap_or('\u{fffd}'));
            let what = "engines take bytes of this character of UTF-16 for a line break";
            return Err(no_text(before.collect(), what.to_owned()));
        }
        let mut text = String::with_capacity(bytes.len());
        for character in char::decode_utf16(units.iter().map(|bytes| unit(*bytes))) {
            match character {
                Ok(character) => text.push(character),
                Err(error) => {
                    let unit = error.unpaired_surrogate();
                    let what = format!("0x{unit:04x} is half of a character of UTF-16");
                    return Err(no_text(text, what));
                }
            }
        }
        if !rest.is_empty() {
            let what = "the text is UTF-16, and its last character lacks a byte";
            return Err(no_text(text, what.to_owned()));
        }
        if let Some(at) = second_document(&text) {
            text.truncate(at);
            let what = "another document begins, and engines read the first of a UTF-16 text alone";
            return Err(no_text(text, what.to_owned()));
        }
        Ok(text.into())
    }

    /// The bytes of a text in this encoding.
    pub(super) fn encode(self, text: &str) -> Cow<'_, [u8]> {
        let bytes = match self {
            Encoding::Utf8 => return text.as_bytes().into(),
            Encoding::Utf16LittleEndian => u16::to_le_bytes,
            Encoding::Utf16BigEndian => u16::to_be_bytes,
        };
        text.encode_utf16().flat_map(bytes).collect()
    }
}

const HELP: &str = "convert the text to UTF-8";

/// Where bytes of other characters read as a line break of Windows or as a mark between documents:
/// kyaml and kubectl look for these in bytes, before go-yaml decodes them. In UTF-16 neither a line
/// break nor a mark has its bytes side by side.
fn read_as_break(bytes: &[u8]) -> Option<usize> {
    let breaks = memchr::memmem::find(bytes, b"\r\n");
    let marks = memchr::memmem::find(bytes, b"\n---");
    breaks.into_iter().chain(marks).min()
}

/// Where a document begins that is not the first.
fn second_document(text: &str) -> Option<usize> {
    let mut is_within = false;
    let mut at = 0;
    for line in text.split_inclusive(['\n', '\r']) {
        let content = line.trim_start_matches('\u{feff}').trim_end();
        let is_marker =
            content == "---" || content.starts_with("--- ") || content.starts_with("---\t");
        if is_marker && is_within {
            return Some(at);
        }
        is_within |= is_marker || !(content.is_empty() || content.starts_with(['#', '%']));
        at += line.len();
    }
    None
}

fn utf_8(bytes: Bytes) -> Result<Cow<'static, str>, NoText> {
    if bytes.has_zero && is_utf_16_manifest(&bytes.bytes) {
        let what = "the text is UTF-16 without a byte order mark, which engines do not read";
        return Err(NoText {
            before: String::new(),
            is_utf_16: true,
            what: what.to_owned(),
            help: HELP,
        });
    }
    match bytes.bytes {
        Cow::Borrowed(bytes) => {
            let refuse = |error: Utf8Error| no_utf_8(bytes, error.valid_up_to());
            str::from_utf8(bytes).map(Cow::Borrowed).map_err(refuse)
        }
        Cow::Owned(bytes) => String::from_utf8(bytes)
            .map(Cow::Owned)
            .map_err(|error| no_utf_8(error.as_bytes(), error.utf8_error().valid_up_to())),
    }
}

/// Why bytes are no UTF-8, of which so many are.
fn no_utf_8(bytes: &[u8], valid: usize) -> NoText {
    NoText {
        before: String::from_utf8_lossy(&bytes[..valid]).into_owned(),
        is_utf_16: false,
        what: format!("the byte 0x{:02x} is not UTF-8", bytes[valid]),
        help: HELP,
    }
}

/// Whether the bytes are a manifest in UTF-16, as far as its first field tells.
fn is_utf_16_manifest(bytes: &[u8]) -> bool {
    let field: Vec<u8> = "apiVersion".bytes().flat_map(|byte| [byte, 0]).collect();
    let without_last_zero = &field[..field.len() - 1];
    memchr::memmem::find(bytes, without_last_zero).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_read_and_written_in_its_encoding() {
        let text = "\u{feff}a: é 日 \u{1f600}\r\n\u{2028}b";
        for encoding in [
            Encoding::Utf8,
            Encoding::Utf16LittleEndian,
            Encoding::Utf16BigEndian,
        ] {
            let bytes = encoding.encode(text).into_owned();
            assert_eq!(Encoding::of(&bytes), encoding);
            let decoded = encoding.decode(bytes.into()).expect("a text");
            assert_eq!(decoded, text);
        }
    }
}
