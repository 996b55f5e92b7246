//! The survey piece by piece and several at once, for inputs that can be split without reading.
//!
//! It gives what [`super::whole`] gives, or nothing: that one then reads the input and says what is
//! wrong with it. `tests/quick.rs` holds the two against each other.

use memchr::memmem;

use crate::krm::list::{ListShape, RootEntry, configuration, is_resource_list};
use crate::krm::unit::{Unit, UnitContent};
use crate::parallel;
use crate::yaml::parse::{self, Arena, Embedding, Keep, PairValue, Parsed, Parser, Piece};
use crate::yaml::{Entry, Kind, Node, Span};

use super::notes::Notes;
use super::split::{self, BlockList};
use super::{Survey, is_own_version};

/// Surveys the input, or gives up.
pub(super) fn survey(input: &str, parser: Parser) -> Option<Survey<'_>> {
    let surveyed = if input.trim_start_matches([' ', '\n']).starts_with('{') {
        flow_list(input, parser)
    } else {
        block_list(input, parser)
    };
    surveyed.or_else(|| units(input, parser, &split::documents(input)?))
}

fn block_list(input: &str, parser: Parser) -> Option<Survey<'_>> {
    let list = split::block_list(input)?;
    let head = root_pairs(input, parser, list.head.clone())?;
    let start = head.first()?.key.start();
    let at_margin = start == 0 || input.as_bytes()[start - 1] == b'\n';
    if !at_margin || !head.iter().any(is_own_version) {
        return None;
    }
    let (units, tail) = items(input, parser, &list)?;
    let mut entries: Vec<RootEntry> = head.iter().map(RootEntry::of).collect();
    entries.push(RootEntry::of_items(list.key.clone(), list.begin..tail));
    let mut pairs = head;
    if tail < input.len() {
        let tail = root_pairs(input, parser, tail..input.len())?;
        entries.extend(tail.iter().map(RootEntry::of));
        pairs.extend(tail);
    }
    let shape = ListShape {
        flow: false,
        start,
        end: input.len(),
        entries,
    };
    let root = resource_list(start..input.len(), pairs, &shape)?;
    Some(listed(root, shape, units))
}

/// The pairs of a block mapping that some lines at the first column are.
fn root_pairs(input: &str, parser: Parser, span: Span) -> Option<Vec<Entry<'_>>> {
    let parsed = parser.piece(input, &Piece::document(span), Keep::All, None);
    let parsed = parsed.ok()?;
    // Give up: anchors may have aliases in the items, and text that only the reference parser accepts
    // may read differently if items follow.
    if parsed.has_anchors || !parsed.is_verbatim {
        return None;
    }
    match parsed.root.kind {
        Kind::Mapping(pairs, false) => Some(pairs.into_vec()),
        _ => None,
    }
}

fn flow_list(input: &str, parser: Parser) -> Option<Survey<'_>> {
    let list = parse::flow_list(input, "items")?;
    let mut pairs = Vec::new();
    let mut entries = Vec::new();
    let mut items = None;
    for pair in list.pairs {
        let key = pair.key;
        match pair.value {
            PairValue::Node(value) => {
                let entry = Entry { key, value };
                entries.push(RootEntry::of(&entry));
                pairs.push(entry);
            }
            PairValue::Items(value, spans) => {
                if items.is_some() || !pairs.iter().any(is_own_version) {
                    return None;
                }
                let pieces = spans.into_iter().map(|span| Piece {
                    span,
                    embedding: Embedding::FlowItem,
                });
                items = Some(pieces.collect::<Vec<Piece>>());
                entries.push(RootEntry::of_items(key.start()..key.span.end, value));
            }
        }
    }
    let shape = ListShape {
        flow: true,
        start: list.span.start,
        end: list.span.end,
        entries,
    };
    let root = resource_list(list.span, pairs, &shape)?;
    Some(listed(root, shape, units(input, parser, &items?)?))
}

/// The pairs of a root, where they are a ResourceList's.
fn resource_list<'s>(
    span: Span,
    pairs: Vec<Entry<'s>>,
    shape: &ListShape,
) -> Option<Vec<Entry<'s>>> {
    let root = Node {
        span,
        before: 0,
        depth: 0,
        tag: None,
        kind: Kind::Mapping(pairs.into(), shape.flow),
    };
    if !is_resource_list(&root).ok()? {
        return None;
    }
    shape.check().ok()?;
    match root.kind {
        Kind::Mapping(pairs, _) => Some(pairs.into_vec()),
        _ => None,
    }
}

/// The survey of a ResourceList of these pairs and units.
fn listed<'s>(pairs: Vec<Entry<'s>>, shape: ListShape, units: Survey<'s>) -> Survey<'s> {
    let mut pairs = pairs.into_iter();
    let config = pairs.find(|pair| pair.key.scalar() == Some("functionConfig"));
    Survey {
        function_config: config.and_then(|pair| configuration(pair.value)),
        list: Some(shape),
        ..units
    }
}

/// Why no more batches are read.
enum Stop {
    /// A piece cannot be read by itself.
    NotInPieces,
    /// The list has ended.
    Behind,
}

/// Reads each piece, several at once; `None` where one cannot be read by itself.
fn units<'s>(input: &'s str, parser: Parser, pieces: &[Piece]) -> Option<Survey<'s>> {
    let read = |_: usize, some: &[Piece]| {
        let mut reading = PieceReader::new(input, parser, pieces.len() == 1);
        some.iter().try_for_each(|piece| reading.read(piece))?;
        Some(reading.read)
    };
    let mut all = Read::default();
    let read: Result<(), Stop> = parallel::each(pieces, input.len(), read, |batch| {
        all.append(batch.ok_or(Stop::NotInPieces)?);
        Ok(())
    });
    read.is_ok().then(|| all.into_survey())
}

/// Splits a list and reads each item, several at once; gives where the list ends, too.
fn items<'s>(input: &'s str, parser: Parser, list: &BlockList<'s>) -> Option<(Survey<'s>, usize)> {
    let all_chunks = list.chunks();
    let read = |first: usize, chunks: &[usize]| {
        let mut reading = PieceReader::new(input, parser, false);
        for piece in chunks.iter().flat_map(|&chunk| list.items_in(chunk)) {
            let end = reading.item(list, piece)?;
            if end.is_some() {
                return Some((reading.read, end));
            }
        }
        // A list that grows as its items come would leave memory behind that it grew out of.
        if first == 0 {
            let others = all_chunks.len() / chunks.len() - 1;
            let foreseen = reading.read.units.len() * others;
            reading
                .read
                .units
                .reserve(foreseen.min(input.len() / SMALL));
        }
        Some((reading.read, None))
    };
    let (mut all, mut tail) = (Read::default(), input.len());
    let read = parallel::each(&all_chunks, input.len(), read, |batch| {
        let (batch, end) = batch.ok_or(Stop::NotInPieces)?;
        all.append(batch);
        // What follows was split as if it were items, and is none.
        end.map_or(Ok(()), |end| {
            tail = end;
            Err(Stop::Behind)
        })
    });
    match read {
        Err(Stop::NotInPieces) => None,
        Ok(()) | Err(Stop::Behind) => Some((all.into_survey(), tail)),
    }
}

/// Few items are smaller than this.
const SMALL: usize = 64;

/// What was read of some pieces, one after the other.
#[derive(Default)]
struct Read<'s> {
    /// Numbered from 0.
    units: Vec<Unit>,
    notes: Notes<'s>,
}

impl<'s> Read<'s> {
    /// Adds what was read of later pieces.
    fn append(&mut self, mut later: Read<'s>) {
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

    fn into_survey(self) -> Survey<'s> {
        Survey {
            units: self.units,
            ..self.notes.into_survey()
        }
    }
}

/// The state of one thread that surveys pieces.
struct PieceReader<'s> {
    input: &'s str,
    parser: Parser,
    /// Whether the piece is all that the input holds.
    is_only: bool,
    arena: Arena,
    read: Read<'s>,
}

/// Levels of a resource in which its kind and name are.
const IDENTITY: Keep<'_> = Keep::Levels(2);

/// Nesting beyond which the parser's limit may be met in the whole and not in a piece.
const DEPTH: u32 = 200;

impl<'s> PieceReader<'s> {
    fn new(input: &'s str, parser: Parser, is_only: bool) -> Self {
        PieceReader {
            input,
            parser,
            is_only,
            arena: Arena::default(),
            read: Read::default(),
        }
    }

    /// Reads one piece as far as its identity needs, and notes what it gives.
    fn read(&mut self, piece: &Piece) -> Option<()> {
        let arena = std::mem::take(&mut self.arena);
        let parsed = self.parser.piece(self.input, piece, IDENTITY, Some(&arena));
        let unit = self.unit(piece, parsed.ok()?)?;
        self.keep(unit, arena);
        Some(())
    }

    /// As [`Self::read`] an item of a list; gives where the list ends, if it does in this piece.
    fn item(&mut self, list: &BlockList<'_>, mut piece: Piece) -> Option<Option<usize>> {
        let arena = std::mem::take(&mut self.arena);
        let mut end = None;
        let fast = { self.parser }.piece_if_common(self.input, &piece, IDENTITY, Some(&arena));
        let parsed = match fast {
            Some(parsed) => parsed,
            // What follows the last item is no part of it, and may be long.
            None => {
                end = list.key_behind(&piece);
                piece.span.end = end.unwrap_or(piece.span.end);
                let parsed = self
                    .parser
                    .piece(self.input, &piece, IDENTITY, Some(&arena));
                parsed.ok()?
            }
        };
        let unit = self.unit(&piece, parsed)?;
        self.keep(unit, arena);
        Some(end)
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
                let piece = crate::krm::unit::item_piece(self.input, root)?;
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
