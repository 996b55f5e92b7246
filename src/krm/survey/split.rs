//! Where the items of a ResourceList or the documents of a stream begin, without reading them.
//!
//! If a text is split at a wrong place, some piece cannot be parsed by itself; the caller, which
//! parses all of them, notices.

use memchr::memmem::{self, Finder};

use crate::parallel;
use crate::yaml::Span;
use crate::yaml::parse::{Embedding, Piece};

/// A ResourceList in block style.
#[derive(Debug)]
pub(super) struct BlockList {
    /// What is before the key `items`.
    pub(super) head: Span,
    /// The key `items`.
    pub(super) key: Span,
    /// Where the list begins and ends, as the reference parser has it.
    pub(super) list: Span,
    /// The items: whole lines, the first of each with its dash.
    pub(super) items: Vec<Piece>,
    /// What follows the items; empty where nothing does.
    pub(super) tail: Span,
}

/// A longer head is not that of a plain ResourceList.
const HEAD: usize = 1 << 16;

/// Splits a ResourceList at the dashes of its items; `None` where it is not written as most are.
pub(super) fn block_list(input: &str) -> Option<BlockList> {
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
    let finders = Finders::at(indent);
    let chunks: Vec<usize> = (dash..bytes.len()).step_by(CHUNK).collect();
    let mut dashes = vec![dash];
    let mut behind = [None; 2];
    for found in parallel::map(&chunks, bytes.len(), |_, starts| {
        let mut found = LineStarts::default();
        starts
            .iter()
            .for_each(|&start| found.add(bytes, start, &finders));
        found
    }) {
        dashes.extend(found.dashes);
        behind = [found.behind[0].or(behind[0]), found.behind[1].or(behind[1])];
    }
    let tail = behind.iter().filter_map(|at| *at).min();
    let tail = tail.unwrap_or(bytes.len());
    dashes.truncate(dashes.partition_point(|&dash| dash <= tail));
    let ends = dashes[1..].iter().chain([&tail]);
    let items = dashes.iter().zip(ends).map(|(dash, &end)| Piece {
        span: dash - indent..end,
        embedding: Embedding::BlockItem,
    });
    let items = items.collect();
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
        head: 0..key,
        key: key..key + "items".len(),
        list: begin..tail,
        items,
        tail: tail..bytes.len(),
    })
}

/// Bytes that are searched in one go, while they are in the processor's cache.
const CHUNK: usize = 1 << 16;

/// Finds the beginnings of lines by which a list is split.
struct Finders {
    /// A line break, and a dash at the items' column.
    dash: Finder<'static>,
    /// A line break, and a root key that may follow the items.
    behind: [Finder<'static>; 2],
}

impl Finders {
    fn at(indent: usize) -> Self {
        Finders {
            dash: Finder::new(&format!("\n{:indent$}- ", "")).into_owned(),
            behind: ["\nfunctionConfig:", "\nresults:"].map(Finder::new),
        }
    }
}

/// What was found in some chunks, one after the other.
#[derive(Default)]
struct LineStarts {
    /// The dashes at the items' column.
    dashes: Vec<usize>,
    /// The last line of each of [`Finders::behind`], by where it begins.
    behind: [Option<usize>; 2],
}

impl LineStarts {
    /// Adds the lines that begin after a line break of the chunk at `start`.
    fn add(&mut self, bytes: &[u8], start: usize, finders: &Finders) {
        let chunk = |finder: &Finder<'_>| {
            // A line that begins in the chunk may end after it.
            let end = start + CHUNK + finder.needle().len() - 1;
            &bytes[start..end.min(bytes.len())]
        };
        let dash = finders.dash.needle().len() - "- ".len();
        let dashes = finders.dash.find_iter(chunk(&finders.dash));
        self.dashes.extend(dashes.map(|at| start + at + dash));
        for (finder, last) in finders.behind.iter().zip(&mut self.behind) {
            let lines = finder.find_iter(chunk(finder));
            *last = lines.last().map(|at| start + at + 1).or(*last);
        }
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
