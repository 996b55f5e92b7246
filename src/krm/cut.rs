//! Where the items of a ResourceList or the documents of a stream begin, without reading them.
//!
//! What is cut wrongly cannot be read piece by piece, so that whoever reads all pieces finds out.

use memchr::memmem::{self, Finder};

use crate::parallel;
use crate::yaml::Span;
use crate::yaml::fast::Stand;

/// A piece that is read by itself.
#[derive(Debug, Clone)]
pub(super) struct Piece {
    pub(super) span: Span,
    pub(super) stand: Stand,
    /// Whether it is the only one of its text.
    pub(super) only: bool,
}

/// A ResourceList in block style.
#[derive(Debug)]
pub(super) struct BlockList {
    /// What stands before the key `items`.
    pub(super) head: Span,
    /// The key `items`.
    pub(super) key: Span,
    /// Where the list begins and ends, as the parser says it.
    pub(super) list: Span,
    /// The items, each behind its dash.
    pub(super) items: Vec<Piece>,
    /// What stands behind the items; empty where nothing does.
    pub(super) tail: Span,
}

/// A head longer than this holds more than a ResourceList's.
const HEAD: usize = 1 << 16;

/// Cuts a ResourceList at the dashes of its items.
pub(super) fn block_list(input: &str) -> Option<BlockList> {
    let bytes = input.as_bytes();
    let start = &bytes[..bytes.len().min(HEAD)];
    let key = memmem::find(start, b"\nitems:")? + 1;
    let mut line = key + "items:".len();
    // Only blank lines and comments may stand between the key and the first dash.
    line += blanks(bytes, line);
    if bytes.get(line) != Some(&b'\n') {
        return None;
    }
    let (dash, indent) = loop {
        line = 1 + line + memchr::memchr(b'\n', &bytes[line..])?;
        let indent = blanks(bytes, line);
        match bytes.get(line + indent)? {
            b'\n' | b'#' => {}
            b'-' => break (line + indent, indent),
            _ => return None,
        }
    };
    let mut dashes = vec![dash];
    let mut behind = [None; 2];
    let look = Look::at(indent);
    let chunks: Vec<usize> = (dash..bytes.len()).step_by(CHUNK).collect();
    for lines in parallel::map(&chunks, bytes.len(), |_, starts| {
        let mut lines = Lines::default();
        let all = starts.iter();
        all.for_each(|&start| lines.note(bytes, start, &look));
        lines
    }) {
        dashes.extend(lines.dashes);
        behind = [lines.behind[0].or(behind[0]), lines.behind[1].or(behind[1])];
    }
    let tail = behind.iter().filter_map(|at| *at).min();
    let tail = tail.unwrap_or(bytes.len());
    dashes.truncate(dashes.partition_point(|&dash| dash < tail));
    dashes.push(tail);
    let items: Vec<Piece> = dashes
        .windows(2)
        .map(|pair| item(bytes, pair[0], pair[1], indent))
        .collect();
    let begin = match indent {
        // The parser says that such a list begins behind its first dash.
        0 => items[0].span.start,
        _ => dash,
    };
    Some(BlockList {
        head: 0..key,
        key: key..key + "items".len(),
        list: begin..tail,
        items,
        tail: tail..bytes.len(),
    })
}

/// How many bytes are looked at in one go for the lines in them.
const CHUNK: usize = 1 << 16;

/// Looks for lines that matter.
struct Look {
    /// A line break, and a dash at the items' column.
    dash: Finder<'static>,
    /// A line break, and what may stand behind the items.
    behind: [Finder<'static>; 2],
}

impl Look {
    fn at(indent: usize) -> Self {
        Look {
            dash: Finder::new(&format!("\n{:indent$}- ", "")).into_owned(),
            behind: ["\nfunctionConfig:", "\nresults:"].map(Finder::new),
        }
    }
}

/// Lines that matter, by where they begin.
#[derive(Default)]
struct Lines {
    /// The dashes at the items' column.
    dashes: Vec<usize>,
    /// The last line of each of [`Look::behind`].
    behind: [Option<usize>; 2],
}

impl Lines {
    /// Notes the lines that begin behind a line break of the chunk at `start`.
    fn note(&mut self, bytes: &[u8], start: usize, look: &Look) {
        let found = |finder: &Finder<'_>| {
            // What begins in the chunk may end behind it.
            let end = start + CHUNK + finder.needle().len() - 1;
            &bytes[start..end.min(bytes.len())]
        };
        let dash = look.dash.needle().len() - "- ".len();
        let dashes = look.dash.find_iter(found(&look.dash));
        self.dashes.extend(dashes.map(|at| start + at + dash));
        for (finder, last) in look.behind.iter().zip(&mut self.behind) {
            let lines = finder.find_iter(found(finder));
            *last = lines.last().map(|at| start + at + 1).or(*last);
        }
    }
}

fn item(bytes: &[u8], dash: usize, end: usize, indent: usize) -> Piece {
    let start = dash + 1 + blanks(bytes, dash + 1);
    Piece {
        span: start.min(end)..end,
        stand: Stand::Item(start - dash + indent),
        only: false,
    }
}

fn blanks(bytes: &[u8], at: usize) -> usize {
    bytes[at..].iter().take_while(|byte| **byte == b' ').count()
}

/// Cuts a stream at its markers `---`, and leaves empty documents out.
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
            // An empty document ends behind its marker, so that comments are the next one's.
            begin = if is_marked { start + 3 } else { 0 };
            continue;
        }
        pieces.push(Piece {
            span: begin.min(start)..end,
            stand: Stand::Document,
            only: false,
        });
        begin = end;
    }
    if let [only] = &mut pieces[..] {
        only.only = true;
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
