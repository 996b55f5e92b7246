//! A fast reader of the YAML that people and tools write most: text to the nodes that
//! [`super::read`] gives, spans included, or nothing.
//!
//! It knows block mappings and lists, scalars on one line, block scalars, comments, and flow
//! collections, which JSON is too; and behind keys, in what is not kept, anchors and aliases.
//! Whatever else it meets (anchors elsewhere, tags, directives, document markers, values over several
//! lines, tabs between tokens, what is no YAML at all) makes it give up, and the reader behind
//! [`super::read`] decides. So it has no errors of its own, and it must never take what that one
//! refuses, nor read it otherwise: `tests/fast.rs` holds it to that.

mod anchors;
mod arena;
mod block;
mod chars;
mod flow;
mod keys;
mod line;
mod literal;
mod made;
mod outline;
mod room;
mod scalar;

use super::sixteens::behind_blanks;
use super::{Kind, Node, Span};
use anchors::Anchors;
use keys::Keys;
use room::Room;

pub use arena::Arena;
pub use outline::{Pair, Part, outline};

/// Nesting beyond which the text is left to the other reader.
const DEPTH: u32 = 100;

/// No next token: the text has ended.
const NOWHERE: usize = usize::MAX;

/// What was read of a text.
#[derive(Debug)]
pub struct Document<'s> {
    /// The root; collections deeper than was asked for stand as empty ones.
    pub root: Node<'s>,
    /// Whether a key may stand twice in a mapping: false only where none does.
    pub duplicates: bool,
}

/// Reads a text that holds one document, or gives up.
pub fn document(text: &str) -> Option<Node<'_>> {
    let mut scan = Scan::without(text, &[])?;
    scan.only_document()
}

/// As [`document`], in an arena; the collections under these keys, below the first level, are read
/// but not kept: they stand as empty ones.
pub fn lean<'s>(
    arena: &'s Arena,
    text: &'s str,
    left_out: &'static [&'static str],
) -> Option<Node<'s>> {
    let mut scan = Scan::without(text, left_out)?;
    scan.arena = Some(arena);
    scan.only_document()
}

/// Reads the lines of a block mapping that a text is, from the key of a pair on, as [`lean`] would
/// at this column and depth, or gives up.
pub fn pairs<'s>(
    text: &'s str,
    column: usize,
    depth: u32,
    left_out: &'static [&'static str],
) -> Option<Node<'s>> {
    let mut scan = Scan::without(text, left_out)?;
    scan.column = column;
    let node: Node<'_> = scan.block_node(column, u32::MAX, depth)?;
    let is_all = scan.column == NOWHERE && matches!(node.kind, Kind::Mapping(_, false));
    is_all.then_some(node)
}

/// Reads the flow mapping that a text is, as [`lean`] would at this depth, or gives up. `lines` says
/// whether it may run over lines, as it may where the document's root is in flow style.
pub fn flow_mapping<'s>(
    text: &'s str,
    lines: bool,
    depth: u32,
    left_out: &'static [&'static str],
) -> Option<Node<'s>> {
    let mut scan = Scan::without(text, left_out)?;
    scan.lines = lines;
    let node: Node<'_> = scan.flow_node(u32::MAX, depth)?;
    let is_all = scan.at == text.len() && matches!(node.kind, Kind::Mapping(_, true));
    is_all.then_some(node)
}

/// What a part of a text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stand {
    /// A document, its marker `---` before it or not.
    Document,
    /// Lines of a mapping that begin at the first column.
    Lines,
    /// What stands behind a dash, at this column.
    Item(usize),
    /// A flow collection among others.
    Flow,
}

/// Reads a part of a text, with offsets that count in the whole of it, or gives up.
///
/// What stands in collections nested deeper than `levels` is read, but not kept, and no text of
/// block scalars at the deepest level.
pub fn part(text: &str, span: Span, stand: Stand, levels: u32) -> Option<Document<'_>> {
    part_of(text, span, stand, levels, None)
}

/// As [`part`], in an arena.
pub fn part_in<'s>(
    arena: &'s Arena,
    text: &'s str,
    span: Span,
    stand: Stand,
    levels: u32,
) -> Option<Document<'s>> {
    part_of(text, span, stand, levels, Some(arena))
}

fn part_of<'s>(
    text: &'s str,
    span: Span,
    stand: Stand,
    levels: u32,
    arena: Option<&'s Arena>,
) -> Option<Document<'s>> {
    if !chars::plain(text.get(span.clone())?) {
        return None;
    }
    let mut scan = Scan::new(&text[..span.end], span.start);
    scan.arena = arena;
    match stand {
        Stand::Document => {
            scan.lines = true;
            scan.first_token()?;
        }
        Stand::Lines => scan.line_start(span.start)?,
        Stand::Item(column) => scan.column = column,
        Stand::Flow => {
            scan.lines = true;
            let root = scan.flow_node(levels, 0)?;
            let whole = scan.at == span.end;
            return whole.then(|| scan.document(root));
        }
    }
    let root = scan.root(levels)?;
    Some(scan.document(root))
}

/// Keys whose collections are not kept, and a bit for each length of one.
#[derive(Clone, Copy, Default)]
struct LeftOut {
    keys: &'static [&'static str],
    lengths: u64,
}

impl LeftOut {
    fn new(keys: &'static [&'static str]) -> Self {
        let lengths = keys
            .iter()
            .fold(0, |bits, key| bits | 1 << (key.len() % 64));
        LeftOut { keys, lengths }
    }

    #[inline]
    fn has(&self, key: &[u8]) -> bool {
        self.lengths >> (key.len() % 64) & 1 == 1
            && self.keys.iter().any(|name| name.as_bytes() == key)
    }
}

/// Where the reader stands.
struct Scan<'s> {
    text: &'s str,
    bytes: &'s [u8],
    at: usize,
    /// The column of the token at `at`, where it is the first of its line.
    column: usize,
    /// Whether flow collections may run over lines.
    lines: bool,
    keys: Keys,
    anchors: Anchors,
    /// Keys whose collections are not kept.
    left_out: LeftOut,
    /// Where nodes are made, if not each by itself.
    arena: Option<&'s Arena>,
    /// Pairs and items of the collections that are open, so that each is moved to a list of its own
    /// size when it closes.
    room: Room<'s>,
}

impl Drop for Scan<'_> {
    fn drop(&mut self) {
        self.room.marks = std::mem::take(&mut self.keys.marks);
        room::give(&mut self.room);
    }
}

impl<'s> Scan<'s> {
    fn new(text: &'s str, at: usize) -> Self {
        let mut room: Room<'s> = room::take();
        Scan {
            text,
            bytes: text.as_bytes(),
            at,
            column: 0,
            lines: false,
            keys: Keys {
                marks: std::mem::take(&mut room.marks),
                duplicates: false,
            },
            anchors: Vec::new(),
            left_out: LeftOut::default(),
            arena: None,
            room,
        }
    }

    /// At the start of a text of which all is kept but the collections under these keys, so that
    /// whoever looks keys up finds those that stand twice; `None` where it has characters that this
    /// reader does not take.
    fn without(text: &'s str, left_out: &'static [&'static str]) -> Option<Self> {
        if !chars::plain(text) {
            return None;
        }
        let mut scan = Scan::new(text, 0);
        scan.left_out = LeftOut::new(left_out);
        scan.keys.duplicates = true;
        Some(scan)
    }

    fn only_document(&mut self) -> Option<Node<'s>> {
        self.lines = true;
        self.first_token()?;
        self.root(u32::MAX)
    }

    fn document(self, root: Node<'s>) -> Document<'s> {
        Document {
            root,
            duplicates: self.keys.duplicates,
        }
    }

    fn root(&mut self, levels: u32) -> Option<Node<'s>> {
        if self.column == NOWHERE {
            return None;
        }
        let node = match self.bytes.get(self.at)? {
            b'{' | b'[' => {
                let node = self.flow_node(levels, 0)?;
                self.rest_of_line()?;
                self.next_token()?;
                node
            }
            _ => {
                self.lines = false;
                self.block_node(self.column, levels, 0)?
            }
        };
        (self.column == NOWHERE).then_some(node)
    }

    /// The byte at an offset; a line break where the text has ended.
    #[inline]
    fn byte(&self, at: usize) -> u8 {
        self.bytes.get(at).copied().unwrap_or(b'\n')
    }

    /// Goes to the first token of a document, over its marker.
    fn first_token(&mut self) -> Option<()> {
        self.line_start(self.at)?;
        let is_marker = self.column == 0 && self.bytes[self.at..].starts_with(b"---");
        if !is_marker {
            return Some(());
        }
        self.at += 3;
        self.rest_of_line()?;
        self.next_token()
    }

    /// From the end of a line to the next token, over blank lines and comments.
    #[inline]
    fn next_token(&mut self) -> Option<()> {
        self.line_start(self.at + 1)
    }

    /// From the start of a line to its first token, or that of a later line.
    fn line_start(&mut self, mut line: usize) -> Option<()> {
        loop {
            let at = behind_blanks(self.bytes, line);
            match self.bytes.get(at) {
                None => {
                    self.at = self.bytes.len();
                    self.column = NOWHERE;
                    return Some(());
                }
                Some(b'\n') => line = at + 1,
                Some(b'#') => line = self.line_end(at) + 1,
                Some(b'\t') => return None,
                Some(_) => {
                    self.at = at;
                    self.column = at - line;
                    return Some(());
                }
            }
        }
    }

    /// The offset of the line break that ends the line of `at`, or the end of the text.
    fn line_end(&self, at: usize) -> usize {
        let found = memchr::memchr(b'\n', &self.bytes[at..]);
        found.map_or(self.bytes.len(), |offset| at + offset)
    }

    /// Over blanks and a comment to the end of the line.
    #[inline]
    fn rest_of_line(&mut self) -> Option<()> {
        let start = self.at;
        while self.bytes.get(self.at) == Some(&b' ') {
            self.at += 1;
        }
        match self.bytes.get(self.at) {
            None | Some(b'\n') => Some(()),
            Some(b'#') if self.at > start => {
                self.at = self.line_end(self.at);
                Some(())
            }
            Some(_) => None,
        }
    }
}
