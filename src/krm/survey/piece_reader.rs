//! The pieces that one thread surveys, each read by itself as far as its identity needs.

use memchr::memmem;

use crate::krm::list::is_resource_list;
use crate::krm::unit::{Unit, UnitContent, item_piece};
use crate::yaml::parse::{Arena, Embedding, Keep, Parsed, Parser, Piece};
use crate::yaml::{Entry, Node};

use super::Survey;
use super::notes::Notes;
use super::split::BlockList;

/// What was read of some pieces, one after the other.
#[derive(Default)]
pub(super) struct Read<'s> {
    /// Numbered from 0.
    pub(super) units: Vec<Unit>,
    notes: Notes<'s>,
}

impl<'s> Read<'s> {
    /// Adds what was read of later pieces.
    pub(super) fn append(&mut self, mut later: Read<'s>) {
        if self.units.is_empty() {
            *self = later;
            return;
        }
        let positions = self.notes.merge(later.notes);
        for unit in &mut later.units {
            unit.ordinal += self.units.len();
            let kinds = unit.kinds.iter_mut();
            kinds.for_each(|kind| *kind = positions[*kind]);
        }
        self.units.append(&mut later.units);
    }

    pub(super) fn into_survey(self) -> Survey<'s> {
        Survey {
            units: self.units,
            ..self.notes.into_survey()
        }
    }
}

/// The state of one thread that surveys pieces.
pub(super) struct PieceReader<'s> {
    input: &'s str,
    parser: Parser,
    /// Whether the piece is all that the input holds.
    is_only: bool,
    arena: Arena,
    pub(super) read: Read<'s>,
}

/// Levels of a resource in which its kind and name are.
const IDENTITY: Keep<'_> = Keep::Levels(2);

/// Nesting beyond which the parser's limit may be met in the whole and not in a piece.
const DEPTH: u32 = 200;

impl<'s> PieceReader<'s> {
    pub(super) fn new(input: &'s str, parser: Parser, is_only: bool, arena: Arena) -> Self {
        PieceReader {
            input,
            parser,
            is_only,
            arena,
            read: Read::default(),
        }
    }

    /// What was read, and the arena, for other pieces.
    pub(super) fn into_parts(self) -> (Read<'s>, Arena) {
        (self.read, self.arena)
    }

    /// Reads one piece as far as its identity needs, and notes what it gives.
    pub(super) fn read(&mut self, piece: &Piece) -> Option<()> {
        let arena = std::mem::take(&mut self.arena);
        let parsed = self.parser.piece(self.input, piece, IDENTITY, Some(&arena));
        let unit = self.unit(piece, parsed.ok()?)?;
        self.keep(unit, arena);
        Some(())
    }

    /// As [`Self::read`] an item of a list; gives where its piece ends, which is earlier than it was split if the
    /// list ends in it.
    pub(super) fn item(&mut self, list: &BlockList<'_>, mut piece: Piece) -> Option<usize> {
        let arena = std::mem::take(&mut self.arena);
        let end = |piece: &Piece| list.key_behind(piece);
        let parsed = self
            .parser
            .piece_to_end(self.input, &mut piece, end, IDENTITY, Some(&arena));
        let unit = self.unit(&piece, parsed.ok()?)?;
        self.keep(unit, arena);
        Some(piece.span.end)
    }

    fn keep(&mut self, unit: Unit, mut arena: Arena) {
        arena.clear();
        self.arena = arena;
        self.read.units.push(unit);
    }

    /// The unit that was read in a piece.
    fn unit(&mut self, piece: &Piece, parsed: Parsed<'_>) -> Option<Unit> {
        if !parsed.is_verbatim && !self.reads_as_in_the_whole(piece, &parsed) {
            return None;
        }
        let unit = self.placed(piece, &parsed)?;
        let text = &self.input[piece.span.clone()];
        if !gives_more(&parsed.root, text) {
            return self.noted(unit, &parsed.root);
        }
        let parsed = self.parser.piece(self.input, piece, Keep::All, None).ok()?;
        let is_plain = parsed.is_verbatim && !parsed.has_anchors;
        if !is_plain && !self.reads_as_in_the_whole(piece, &parsed) {
            return None;
        }
        let unit = self.noted(unit, &parsed.root)?;
        self.read.notes.gathered.keep(parsed.root).ok()?;
        Some(unit)
    }

    fn noted(&mut self, unit: Unit, root: &Node<'_>) -> Option<Unit> {
        let kinds = self.read.notes.note(root).ok()?;
        Some(Unit { kinds, ..unit })
    }

    /// Whether a piece that only the reference parser takes certainly reads as it does among the
    /// others.
    fn reads_as_in_the_whole(&self, piece: &Piece, parsed: &Parsed<'_>) -> bool {
        let text = &self.input[piece.span.clone()];
        let has = |needle: &str| memmem::find(text.as_bytes(), needle.as_bytes()).is_some();
        // What directives, markers and other line breaks mean depends on what is around them.
        let has_marker = has("\n---") && piece.embedding != Embedding::Document;
        !has_marker
            && !has("\r")
            && !has("\n%")
            && !has("\n...")
            && !text.starts_with('%')
            && parsed.root.depth <= DEPTH
            && !keeps_nodes(&parsed.root)
    }

    /// The unit of a root that is a resource, with the span that it has in the whole.
    fn placed(&self, piece: &Piece, parsed: &Parsed<'_>) -> Option<Unit> {
        let root = &parsed.root;
        root.entries()?;
        let own = root.start()..root.span.end;
        let (span, piece) = match piece.embedding {
            Embedding::Document if is_resource_list(root).ok()? => return None,
            // A flow collection ends its document, and where the next one begins is for whoever
            // reads the whole.
            Embedding::Document if root.is_flow() && !self.is_only => return None,
            Embedding::Document if root.is_flow() => {
                let span = piece.span.start..root.span.end;
                (span.clone(), Piece::document(span))
            }
            Embedding::Document => (piece.span.clone(), piece.clone()),
            Embedding::BlockItem | Embedding::FlowItem => {
                let piece = item_piece(self.input, root)?;
                (own, piece)
            }
        };
        Some(Unit {
            span,
            piece,
            ordinal: self.read.units.len(),
            content: UnitContent::Resource,
            kinds: Default::default(),
            is_searchable: parsed.is_verbatim && !parsed.may_repeat_keys,
        })
    }
}

/// Whether a resource contributes more than its kind, or its identity is not complete within two
/// levels.
fn gives_more(root: &Node<'_>, text: &str) -> bool {
    let merges = |node: &Node<'_>| {
        node.entries()
            .is_some_and(|all| all.iter().any(Entry::is_merge))
    };
    let metadata = root.get("metadata").ok().flatten();
    if merges(root) || metadata.is_some_and(merges) {
        return true;
    }
    // What the API server gave may be a controller of what follows.
    if metadata.is_some_and(|metadata| !matches!(metadata.get("uid"), Ok(None))) {
        return true;
    }
    match root.get("kind").ok().flatten().and_then(Node::scalar) {
        Some("ServiceAccount" | "AgentProfile" | "RestoreImages") => true,
        Some("ConfigMap") => memmem::find(text.as_bytes(), b"versions.json").is_some(),
        // What Flux' objects say of charts.
        Some("HelmChart") => true,
        Some(kind) => kind.ends_with("List") || kind.ends_with("Repository"),
        None => false,
    }
}

/// Whether the root, or an item of its list, could be kept as a profile or a set of rules.
fn keeps_nodes(root: &Node<'_>) -> bool {
    let kind = root.get("kind").ok().flatten().and_then(Node::scalar);
    kind.is_some_and(|kind| {
        matches!(kind, "AgentProfile" | "RestoreImages") || kind.ends_with("List")
    })
}
