//! Where the items of a ResourceList or the documents of a stream begin, without reading them.
//!
//! What is cut wrongly cannot be read piece by piece, so that whoever reads all pieces finds out.

use std::ops::Range;

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

/// A piece, and what a look at it gave, if there was one and it gave anything.
pub(super) type Seen<T> = (Piece, Option<T>);

/// A ResourceList in block style.
#[derive(Debug)]
pub(super) struct BlockList<T> {
    /// What stands before the key `items`.
    pub(super) head: Span,
    /// The key `items`.
    pub(super) key: Span,
    /// Where the list begins and ends, as the parser says it.
    pub(super) list: Span,
    /// The items, each behind its dash.
    pub(super) items: Vec<Seen<T>>,
    /// What stands behind the items; empty where nothing does.
    pub(super) tail: Span,
}

/// A head longer than this holds more than a ResourceList's.
const HEAD: usize = 1 << 16;

/// Cuts a ResourceList at the dashes of its items. Each thread has a look at the items that it finds,
/// while their bytes are near; a few are left out.
pub(super) fn block_list<T: Send, L: FnMut(&Piece) -> Option<T>>(
    input: &str,
    looks: impl Fn() -> L + Sync,
) -> Option<BlockList<T>> {
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
    let item = |dashes: Range<usize>| item(bytes, dashes, indent);
    let lines = Lines::at(indent);
    let chunks: Vec<usize> = (dash..bytes.len()).step_by(CHUNK).collect();
    let mut items = Vec::new();
    let (mut open, mut behind) = (dash, [None; 2]);
    for run in parallel::map(&chunks, bytes.len(), |_, starts| {
        let (mut run, mut look) = (Run::default(), looks());
        for &start in starts {
            run.note(bytes, start, &lines, |dashes| {
                let piece = item(dashes);
                let seen = look(&piece);
                (piece, seen)
            });
        }
        run
    }) {
        if let Some(dashes) = run.dashes {
            items.push((item(open..dashes.start), None));
            items.extend(run.items);
            open = dashes.end;
        }
        behind = [run.behind[0].or(behind[0]), run.behind[1].or(behind[1])];
    }
    items.push((item(open..bytes.len()), None));
    let tail = behind.iter().filter_map(|at| *at).min();
    let tail = tail.unwrap_or(bytes.len());
    items.truncate(items.partition_point(|(item, _)| item.span.start <= tail));
    if let Some((last, seen)) = items.last_mut() {
        (last.span.end, *seen) = (tail, None);
    }
    let begin = match indent {
        // The parser says that such a list begins behind its first dash.
        0 => items.first()?.0.span.start,
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

/// Finds lines that matter.
struct Lines {
    /// A line break, and a dash at the items' column.
    dash: Finder<'static>,
    /// A line break, and what may stand behind the items.
    behind: [Finder<'static>; 2],
}

impl Lines {
    fn at(indent: usize) -> Self {
        Lines {
            dash: Finder::new(&format!("\n{:indent$}- ", "")).into_owned(),
            behind: ["\nfunctionConfig:", "\nresults:"].map(Finder::new),
        }
    }
}

/// What some chunks, one behind the other, show.
struct Run<I> {
    /// The first and the last dash at the items' column.
    dashes: Option<Range<usize>>,
    /// The items between them.
    items: Vec<I>,
    /// The last line of each of [`Lines::behind`], by where it begins.
    behind: [Option<usize>; 2],
}

impl<I> Default for Run<I> {
    fn default() -> Self {
        Run {
            dashes: None,
            items: Vec::new(),
            behind: [None; 2],
        }
    }
}

impl<I> Run<I> {
    /// Notes the lines that begin behind a line break of the chunk at `start`; `item` makes an item
    /// of its own dash and the next one's.
    fn note(
        &mut self,
        bytes: &[u8],
        start: usize,
        lines: &Lines,
        mut item: impl FnMut(Range<usize>) -> I,
    ) {
        let found = |finder: &Finder<'_>| {
            // What begins in the chunk may end behind it.
            let end = start + CHUNK + finder.needle().len() - 1;
            &bytes[start..end.min(bytes.len())]
        };
        let dash = lines.dash.needle().len() - "- ".len();
        for at in lines.dash.find_iter(found(&lines.dash)) {
            let dash = start + at + dash;
            let dashes = self.dashes.get_or_insert(dash..dash);
            if dashes.end < dash {
                self.items.push(item(dashes.end..dash));
                dashes.end = dash;
            }
        }
        for (finder, last) in lines.behind.iter().zip(&mut self.behind) {
            let lines = finder.find_iter(found(finder));
            *last = lines.last().map(|at| start + at + 1).or(*last);
        }
    }
}

/// The item between its own dash and the next one's, or the end.
fn item(bytes: &[u8], dashes: Range<usize>, indent: usize) -> Piece {
    let Range { start: dash, end } = dashes;
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
