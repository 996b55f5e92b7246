//! The fast parser, for the YAML that people and tools write most.
//!
//! It reads block mappings and lists, scalars on one line, block scalars, comments, and flow
//! collections such as JSON; anchors and aliases only after keys.
//! It gives up on everything else: other anchors, tags, directives, document markers within a
//! document, scalars over several lines, tabs between tokens, and all that is not YAML.
//! The reference parser then reads the text, so the fast parser has no errors of its own.
//! It must give the same nodes as the reference parser: `tests/fast.rs` holds it to that.

mod anchors;
mod arena;
mod block;
mod build;
mod chars;
mod flow;
mod flow_list;
mod holder;
mod keys;
mod line;
mod literal;
mod scalar;
mod sequence;

use super::{Embedding, Keep, Parsed, Piece};
use crate::yaml::simd::behind_blanks;
use crate::yaml::{Entry, Node, Span};
use anchors::Anchor;
use arena::OpenList;
use keys::OpenKeys;

pub use arena::Arena;
pub use flow_list::{FlowList, FlowPair, PairValue, flow_list};

/// Nesting beyond which the parser gives up.
const DEPTH: u32 = 100;

/// No next token: the text has ended.
const NOWHERE: usize = usize::MAX;

/// Reads a piece of a text, or gives up. Its nodes are built in the arena where one is given.
pub(super) fn piece<'s>(
    text: &'s str,
    piece: &Piece,
    keep: Keep<'s>,
    arena: Option<&'s Arena>,
) -> Option<Parsed<'s>> {
    let Piece { span, embedding } = piece;
    if !chars::plain(text.get(span.clone())?) {
        return None;
    }
    let mut scan = Scan::new(&text[..span.end], span.start, arena);
    let levels = match keep {
        Keep::All => u32::MAX,
        Keep::Levels(levels) => levels,
        Keep::At(places) => {
            scan.places = Some(places);
            u32::MAX
        }
    };
    scan.keeps_all = keep == Keep::All;
    // Where no levels are asked for, whoever looks a key up finds out whether it is there twice.
    scan.keys.duplicates = !matches!(keep, Keep::Levels(_));
    let root = match embedding {
        Embedding::Document => scan.document(levels)?,
        Embedding::BlockItem => scan.block_item(levels)?,
        Embedding::FlowItem => scan.flow_item(levels)?,
    };
    Some(Parsed {
        root,
        has_anchors: levels == u32::MAX && !scan.anchors.is_empty(),
        may_repeat_keys: scan.keys.duplicates,
        is_verbatim: true,
    })
}

/// The parser's position in a text, and what is open there.
struct Scan<'s> {
    text: &'s str,
    bytes: &'s [u8],
    at: usize,
    /// The column of the token at `at`, where it is the first of its line.
    column: usize,
    /// Whether flow collections may run over lines.
    multiline_flow: bool,
    keys: OpenKeys<'s>,
    anchors: Vec<Anchor<'s>>,
    /// Whether all levels become nodes.
    keeps_all: bool,
    /// The places of the block collections that become nodes, if not by their levels; those behind the
    /// position.
    places: Option<&'s [Span]>,
    /// Where nodes are allocated, if not each by itself.
    arena: Option<&'s Arena>,
    /// Pairs of the mappings that are open.
    entries: OpenList<'s, Entry<'s>>,
    /// Items of the lists that are open.
    items: OpenList<'s, Node<'s>>,
}

impl<'s> Scan<'s> {
    fn new(text: &'s str, at: usize, arena: Option<&'s Arena>) -> Self {
        Scan {
            text,
            bytes: text.as_bytes(),
            at,
            column: 0,
            multiline_flow: false,
            keys: OpenKeys {
                marks: OpenList::new(arena),
                duplicates: false,
            },
            anchors: Vec::new(),
            keeps_all: false,
            places: None,
            arena,
            entries: OpenList::new(arena),
            items: OpenList::new(arena),
        }
    }

    fn document(&mut self, levels: u32) -> Option<Node<'s>> {
        self.multiline_flow = true;
        self.first_token()?;
        self.root(levels)
    }

    /// An item of a block list: a list of one, or the value itself where its dash is on an earlier
    /// line.
    fn block_item(&mut self, levels: u32) -> Option<Node<'s>> {
        self.line_start(self.at)?;
        if self.column == NOWHERE || !self.at_dash() {
            return self.root(levels);
        }
        self.only_item(levels.saturating_add(1))
    }

    fn flow_item(&mut self, levels: u32) -> Option<Node<'s>> {
        self.multiline_flow = true;
        let item = self.flow_node(levels, 0)?;
        (self.at == self.bytes.len()).then_some(item)
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
                self.multiline_flow = false;
                self.block_root(self.column, levels)?
            }
        };
        (self.column == NOWHERE).then_some(node)
    }

    /// Whether the block collection that begins here becomes a node, where so many levels do.
    #[inline(always)]
    fn keeps(&mut self, start: usize, levels: u32) -> bool {
        levels > 0 && (self.places.is_none() || self.is_place(start))
    }

    #[inline(never)]
    fn is_place(&mut self, start: usize) -> bool {
        let Some(places) = self.places else {
            return true;
        };
        let passed = places.iter().take_while(|place| place.end <= start).count();
        let ahead = &places[passed..];
        self.places = Some(ahead);
        ahead.first().is_some_and(|place| place.start <= start)
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
