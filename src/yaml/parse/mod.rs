//! The entry point from text to nodes: the only module that knows that there are two parsers.
//!
//! The fast parser takes the YAML that people and tools write most and gives up on the rest; the
//! reference parser takes all of it and is the only one that says what is wrong.
//! Both give the same nodes with the same spans: `tests/fast.rs` holds them to that.
//!
//! - [`document`] reads a text that is one document, such as a configuration.
//! - [`documents`] reads every document of a text.
//! - [`Parser::piece`] reads one item or document of a larger text.
//! - [`Stream`] reads a text step by step, where its documents are too large to keep as nodes.
//! - [`flow_list`] splits a list in flow style, such as JSON, without reading its items.
//! - [`may_be_taken_elsewhere`] asks of a text that is refused here whether others refuse it, too.

mod fast;
mod reference;

pub use fast::{Arena, FlowList, FlowPair, PairValue, flow_list};
pub use reference::{Stream, StreamStep};

use super::{Error, Node, Span};

/// Which parsers may be used: both by default.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Parser {
    reference_only: bool,
}

/// What of a text becomes nodes. A block collection that does not may be left out ([`Node::is_left_out`]).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keep<'k> {
    /// All of it.
    All,
    /// At least so many levels of collections; the text of a block scalar at the deepest level may be
    /// empty, too.
    Levels(u32),
    /// At least the block collections that begin in one of these places, which are in order.
    At(&'k [Span]),
}

/// A part of a larger text that can be read by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// Its bytes in the larger text.
    pub span: Span,
    /// How it is part of that text.
    pub embedding: Embedding,
}

/// How a piece is part of a larger text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Embedding {
    /// A document, with or without its marker `---`, or lines of a mapping at the first column.
    Document,
    /// An item of a block list: whole lines from that of its dash on, or from its own first line on.
    BlockItem,
    /// A flow collection that is an item of a list.
    FlowItem,
}

/// What was read.
#[derive(Debug)]
pub struct Parsed<'s> {
    /// The root; its spans count in the larger text.
    pub root: Node<'s>,
    /// Whether nodes that are kept may share values by anchors and aliases.
    pub has_anchors: bool,
    /// Whether a key may be twice in one mapping: false only where none is.
    pub may_repeat_keys: bool,
    /// Whether every scalar is written in the text as it reads, but for quotes, blanks between words
    /// and escaped punctuation: no letter is escaped, and no value but a block scalar runs over lines.
    pub is_verbatim: bool,
}

impl Parser {
    /// The reference parser alone, which every other reading is tested against.
    pub fn reference_only() -> Self {
        Parser {
            reference_only: true,
        }
    }

    /// Whether no text is split before it is read, and none is read by several threads.
    pub(crate) fn reads_whole_texts(self) -> bool {
        self.reference_only
    }

    /// Reads a piece of a text by itself, in an arena where one is given.
    ///
    /// # Errors
    /// The piece is not YAML, or not one document or item; offsets count in `text`.
    pub fn piece<'s>(
        self,
        text: &'s str,
        piece: &Piece,
        keep: Keep<'s>,
        arena: Option<&'s Arena>,
    ) -> Result<Parsed<'s>, Error> {
        match self.common_piece(text, piece, keep, arena) {
            Some(parsed) => Ok(parsed),
            None => reference::piece(text, piece),
        }
    }

    /// As [`Self::piece`], of a piece that may go on beyond what is to be read. `end` finds where that ends, which
    /// takes as long as to read the piece, and so is asked only where the piece is not read as it is; the piece
    /// is cut there then.
    ///
    /// # Errors
    /// As [`Self::piece`].
    #[inline]
    pub(crate) fn piece_to_end<'s>(
        self,
        text: &'s str,
        piece: &mut Piece,
        end: impl FnOnce(&Piece) -> Option<usize>,
        keep: Keep<'s>,
        arena: Option<&'s Arena>,
    ) -> Result<Parsed<'s>, Error> {
        if let Some(parsed) = self.common_piece(text, piece, keep, arena) {
            return Ok(parsed);
        }
        let Some(end) = end(piece) else {
            return reference::piece(text, piece);
        };
        piece.span.end = end;
        self.piece(text, piece, keep, arena)
    }

    /// Reads a piece if it is written as most are; `None` for others, and where the reference parser alone is
    /// wanted.
    #[inline]
    fn common_piece<'s>(
        self,
        text: &'s str,
        piece: &Piece,
        keep: Keep<'s>,
        arena: Option<&'s Arena>,
    ) -> Option<Parsed<'s>> {
        if self.reference_only {
            return None;
        }
        fast::piece(text, piece, keep, arena)
    }
}

impl Piece {
    /// A whole text as one piece.
    pub fn whole(text: &str) -> Self {
        Piece::document(0..text.len())
    }

    /// A document at these bytes.
    pub fn document(span: Span) -> Self {
        Piece {
            span,
            embedding: Embedding::Document,
        }
    }

    /// This piece at the start of another text, where it has this length.
    pub fn moved_to_start(&self, length: usize) -> Self {
        Piece {
            span: 0..length,
            embedding: self.embedding,
        }
    }
}

/// Reads a text that must hold one document and nothing after it, such as a configuration.
///
/// # Errors
/// The text is not YAML, or holds no document or several.
pub fn document(text: &str) -> Result<Node<'_>, Error> {
    let parsed = Parser::default().piece(text, &Piece::whole(text), Keep::All, None)?;
    Ok(parsed.root)
}

/// Whether kustomize and kubectl may take a text that is refused here; where that is not known, it is
/// said that they do.
pub(crate) fn may_be_taken_elsewhere(text: &str) -> bool {
    reference::may_be_taken(text)
}

/// Reads every document of a text.
///
/// # Errors
/// The text is not YAML.
pub fn documents(text: &str) -> Result<Vec<Node<'_>>, Error> {
    documents_in(text, None)
}

/// As [`documents`], in an arena where one is given.
///
/// # Errors
/// As [`documents`].
pub(crate) fn documents_in<'s>(
    text: &'s str,
    arena: Option<&'s Arena>,
) -> Result<Vec<Node<'s>>, Error> {
    // Most files hold one document. One without a collection may be no document at all.
    let only = fast::piece(text, &Piece::whole(text), Keep::All, arena);
    match only.map(|parsed| parsed.root) {
        Some(root) if root.entries().is_some() || root.items().is_some() => Ok(vec![root]),
        _ => reference::documents(text),
    }
}
