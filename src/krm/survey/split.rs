//! Where the items of a ResourceList or the documents of a stream begin, without reading them.
//!
//! If a text is split at a wrong place, some piece cannot be parsed by itself; the caller, which
//! parses all of them, notices.

use memchr::memmem::{self, Finder};

use crate::yaml::Span;
use crate::yaml::parse::{Embedding, Piece};

/// A ResourceList in block style, as far as it can be told without reading its items.
#[derive(Debug)]
pub(super) struct BlockList<'s> {
    input: &'s str,
    /// What is before the key `items`.
    pub(super) head: Span,
    /// The key `items`.
    pub(super) key: Span,
    /// Where the list begins, as the reference parser has it.
    pub(super) begin: usize,
    /// The first dash.
    dash: usize,
    /// The column of the dashes.
    indent: usize,
    /// A line break, and a dash at the items' column.
    next_dash: Finder<'static>,
    /// A line break, and a root key that may follow the items.
    behind: [Finder<'static>; 2],
}

/// A longer head is not that of a plain ResourceList.
const HEAD: usize = 1 << 16;

/// Finds the first item of a ResourceList; `None` where it is not written as most are.
pub(super) fn block_list(input: &str) -> Option<BlockList<'_>> {
    let bytes = input.as_bytes();
    let start = &bytes[..bytes.len().min(HEAD)];
    let key = memmem::find(start, b"\nitems:")? + 1;
    let mut line = key + "items:".len();
    // Only blank lines and comments may be between the key and the first dash.
    line += blanks(bytes, line);
    if bytes.get(line) != Some(&b'\n') {
        return None;
    }
    let (dash, indent) = loop {
        line = 1 + line + memchr::memchr(b'\n', &bytes[line..])?;
        let indent = blanks(bytes, line);
        match bytes.get(line + indent)? {
            b'\n' | b'#' => {}
            // A dash without a blank begins a word, which is a key here.
            b'-' if bytes.get(line + indent + 1) == Some(&b' ') => break (line + indent, indent),
            _ => return None,
        }
    };
    let begin = match indent {
        // The reference parser has such a list begin after its first dash.
        0 => dash + 1 + blanks(bytes, dash + 1),
        _ => dash,
    };
    // Behind a comment, only a parser knows where the first item begins.
    if matches!(bytes.get(begin), Some(b'#' | b'\n')) {
        return None;
    }
    Some(BlockList {
        input,
        head: 0..key,
        key: key..key + "items".len(),
        begin,
        dash,
        indent,
        next_dash: Finder::new(&format!("\n{:indent$}- ", "")).into_owned(),
        behind: ["\nfunctionConfig:", "\nresults:"].map(Finder::new),
    })
}

/// Bytes that are split in one go, and read while they are in the processor's cache.
const CHUNK: usize = 1 << 16;

impl BlockList<'_> {
    /// The chunks that are split each by itself, by where they begin.
    pub(super) fn chunks(&self) -> Vec<usize> {
        (self.dash..self.input.len()).step_by(CHUNK).collect()
    }

    /// The items whose dashes are on lines after a line break of a chunk: whole lines, up to the next
    /// dash. The last item has with it what follows the list, and there may be dashes in that, too.
    pub(super) fn items_in(&self, chunk: usize) -> Vec<Piece> {
        let bytes = self.input.as_bytes();
        let needle = self.next_dash.needle().len();
        // A line that begins in the chunk may end after it.
        let end = bytes.len().min(chunk + CHUNK + needle - 1);
        let before = needle - "- ".len();
        let first = (chunk == self.dash).then_some(chunk);
        let found = self.next_dash.find_iter(&bytes[chunk..end]);
        let found = found.map(|at| chunk + at + before);
        let mut dashes: Vec<usize> = first.into_iter().chain(found).collect();
        if !dashes.is_empty() {
            let behind = bytes.len().min(chunk + CHUNK);
            let next = self.next_dash.find(&bytes[behind..]);
            dashes.push(next.map_or(bytes.len(), |at| behind + at + before));
        }
        let items = dashes.windows(2).map(|dashes| Piece {
            span: dashes[0] - self.indent..dashes[1],
            embedding: Embedding::BlockItem,
        });
        items.collect()
    }

    /// The first line in a piece that may be a root key behind the items.
    pub(super) fn key_behind(&self, piece: &Piece) -> Option<usize> {
        let text = &self.input.as_bytes()[piece.span.clone()];
        let found = self.behind.iter().filter_map(|key| key.find(text));
        found.min().map(|at| piece.span.start + at + 1)
    }
}

fn blanks(bytes: &[u8], at: usize) -> usize {
    bytes[at..].iter().take_while(|byte| **byte == b' ').count()
}

/// Splits a stream at its markers `---`, and leaves empty documents out.
pub(super) fn documents(input: &str) -> Option<Vec<Piece>> {
    let bytes = input.as_bytes();
    let mut starts = vec![0];
    for at in memmem::find_iter(bytes, b"\n---") {
        match bytes.get(at + 4) {
            None | Some(b' ' | b'\n') => starts.push(at + 1),
            Some(b'\t' | b'\r') => return None,
            Some(_) => {}
        }
    }
    starts.push(bytes.len());
    let mut pieces: Vec<Piece> = Vec::new();
    let mut begin = 0;
    for pair in starts.windows(2) {
        let (start, end) = (pair[0], pair[1]);
        let text = &input[start..end];
        let is_marked = text.starts_with("---");
        if is_empty(text.strip_prefix("---").unwrap_or(text)) {
            // In a comment, too, a line may end by more than a line feed, and not all may stand.
            let is_common = |c: char| !c.is_control() || matches!(c, '\n' | '\t');
            let parts = ['\u{feff}', '\u{2028}', '\u{2029}', '\u{fffe}', '\u{ffff}'];
            if !text.chars().all(|c| is_common(c) && !parts.contains(&c)) {
                return None;
            }
            // An empty document ends after its marker, so that comments are the next one's.
            begin = if is_marked { start + 3 } else { 0 };
            continue;
        }
        pieces.push(Piece::document(begin.min(start)..end));
        begin = end;
    }
    (!pieces.is_empty()).then_some(pieces)
}

/// Whether there is nothing but blanks, line breaks and comments.
fn is_empty(text: &str) -> bool {
    let mut lines = text.split('\n');
    lines.all(|line| {
        let line = line.trim_start_matches(' ');
        line.is_empty() || line.starts_with('#')
    })
}
