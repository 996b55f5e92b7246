//! The survey piece by piece and several at once, for inputs that can be split without reading.
//!
//! It gives what [`super::whole`] gives, or nothing: that one then reads the input and says what is
//! wrong with it. `tests/quick.rs` holds the two against each other.

use crate::krm::list::{ListShape, RootEntry, configuration, is_resource_list};
use crate::parallel;
use crate::yaml::parse::{self, Arena, Embedding, Keep, PairValue, Parser, Piece};
use crate::yaml::{Entry, Kind, Node, Span};

use super::piece_reader::{PieceReader, Read};
use super::split::{self, BlockList};
use super::{Survey, is_own_version};

/// Surveys the input, or gives up.
pub(super) fn survey<'s>(input: &'s str, parser: Parser, arena: &mut Arena) -> Option<Survey<'s>> {
    let surveyed = if input.trim_start_matches([' ', '\n']).starts_with('{') {
        flow_list(input, parser)
    } else {
        block_list(input, parser)
    };
    surveyed.or_else(|| match &split::documents(input)?[..] {
        [only] => {
            let mut reading = PieceReader::new(input, parser, true, std::mem::take(arena));
            reading.read(only)?;
            let (read, used) = reading.into_parts();
            *arena = used;
            Some(read.into_survey())
        }
        several => units(input, parser, several),
    })
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
        let mut reading = PieceReader::new(input, parser, pieces.len() == 1, Arena::default());
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
        let mut reading = PieceReader::new(input, parser, false, Arena::default());
        for piece in chunks.iter().flat_map(|&chunk| list.items_in(chunk)) {
            let split_end = piece.span.end;
            let end = reading.item(list, piece)?;
            if end < split_end {
                return Some((reading.read, Some(end)));
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
