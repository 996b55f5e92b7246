//! The first pass, piece by piece and several at once, for inputs that can be cut without reading.
//!
//! It gives what [`super::survey::survey`] gives, or nothing: that one then reads the input, and
//! says what is wrong with it. `tests/quick.rs` holds the two against each other.

use memchr::memmem;

use crate::parallel;
use crate::yaml::fast::{self, Arena, Part, Stand};
use crate::yaml::{Entry, Kind, Node, Span, read};

use super::cut::{self, Piece, Seen};
use super::guess;
use super::list::{ListShape, RootEntry, Value, is_resource_list};
use super::pieces::{self, Guess, unseen};
use super::survey::{Notes, ResourceKind, Survey, is_own_version};
use super::unit::{Content, Kinds, Unit};

/// Reads the input once, or gives up.
pub fn survey(input: &str) -> Option<Survey<'_>> {
    let mut survey = outline(input)?;
    confirm_all(input, &mut survey)?;
    Some(survey)
}

/// Finds what [`survey`] finds, or gives up; the kinds of most units are guesses, to be confirmed
/// by whoever reads them.
pub fn outline(input: &str) -> Option<Survey<'_>> {
    match input.trim_start_matches([' ', '\n']).starts_with('{') {
        true => flow_list(input).or_else(|| stream(input)),
        false => block_list(input).or_else(|| stream(input)),
    }
}

fn block_list(input: &str) -> Option<Survey<'_>> {
    let cut = cut::block_list(input, || pieces::look(input))?;
    let head = fast::part(input, cut.head.clone(), Stand::Document, u32::MAX)?.root;
    let start = head.start();
    let at_margin = start == 0 || input.as_bytes()[start - 1] == b'\n';
    let (Kind::Mapping(pairs, false), true) = (head.kind, at_margin) else {
        return None;
    };
    let mut pairs = pairs.into_vec();
    if !pairs.iter().any(is_own_version) {
        return None;
    }
    let mut entries: Vec<RootEntry> = pairs.iter().map(RootEntry::of).collect();
    entries.push(RootEntry {
        key: cut.key,
        name: "items".to_owned(),
        value: cut.list,
        found: Value::List,
    });
    if !cut.tail.is_empty() {
        let tail = fast::part(input, cut.tail, Stand::Lines, u32::MAX)?.root;
        let Kind::Mapping(tail, false) = tail.kind else {
            return None;
        };
        entries.extend(tail.iter().map(RootEntry::of));
        pairs.extend(tail.into_vec());
    }
    let shape = ListShape {
        flow: false,
        start,
        end: input.len(),
        entries,
    };
    list(input, start..input.len(), pairs, shape, &cut.items)
}

fn flow_list(input: &str) -> Option<Survey<'_>> {
    let (span, found) = fast::outline(input, "items")?;
    let mut pairs = Vec::new();
    let mut entries = Vec::new();
    let mut items = None;
    for pair in found {
        let key = pair.key;
        match pair.value {
            Part::Node(value) => {
                let entry = Entry { key, value };
                entries.push(RootEntry::of(&entry));
                pairs.push(entry);
            }
            Part::Items(value, spans) => {
                if items.is_some() || !pairs.iter().any(is_own_version) {
                    return None;
                }
                let pieces = spans.into_iter().map(|span| Piece {
                    span,
                    stand: Stand::Flow,
                    only: false,
                });
                items = Some(unseen(pieces));
                entries.push(RootEntry {
                    key: key.start()..key.span.end,
                    name: "items".to_owned(),
                    value,
                    found: Value::List,
                });
            }
        }
    }
    let shape = ListShape {
        flow: true,
        start: span.start,
        end: span.end,
        entries,
    };
    list(input, span, pairs, shape, &items?)
}

/// A ResourceList of these pairs, with its items.
fn list<'s>(
    input: &'s str,
    span: Span,
    pairs: Vec<Entry<'s>>,
    shape: ListShape,
    items: &[Seen<Guess>],
) -> Option<Survey<'s>> {
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
    let Kind::Mapping(pairs, _) = root.kind else {
        return None;
    };
    let mut survey = pieces::units(input, items)?;
    let mut pairs = pairs.into_vec().into_iter();
    let config = pairs.find(|pair| pair.key.scalar() == Some("functionConfig"));
    survey.function_config = config
        .map(|pair| pair.value)
        .filter(|value| !value.is_null());
    survey.list = Some(shape);
    Some(survey)
}

fn stream(input: &str) -> Option<Survey<'_>> {
    pieces::units(input, &unseen(cut::documents(input)?))
}

/// Reads every unit whose kind is a guess; `None` where one is not as it was guessed.
pub fn confirm_all(input: &str, survey: &mut Survey<'_>) -> Option<()> {
    let (units, kinds) = (&survey.units, &survey.kinds);
    let batches = parallel::map(units, input.len(), |_, some| {
        let mut arena = Arena::default();
        let distinct = |unit: &Unit| match unit.guessed {
            Some(_) => {
                arena.clear();
                confirm(&arena, input, unit, kinds)
            }
            None => Some(unit.distinct),
        };
        some.iter().map(distinct).collect::<Option<Vec<bool>>>()
    });
    let distinct = batches.into_iter().collect::<Option<Vec<Vec<bool>>>>()?;
    for (unit, distinct) in survey.units.iter_mut().zip(distinct.into_iter().flatten()) {
        (unit.distinct, unit.guessed) = (distinct, None);
    }
    Some(())
}

/// Reads a unit whose kind is a guess, in an arena where that goes; says whether it is known that no
/// key stands twice in any of its mappings, or `None` where it is not as it was guessed.
pub fn confirm(arena: &Arena, input: &str, unit: &Unit, kinds: &[ResourceKind]) -> Option<bool> {
    if let Some(found) = confirm_fast(arena, input, unit, kinds) {
        return found;
    }
    let text = unit.text(input);
    let root = read::only_document(&text).ok()?;
    confirm_read(unit, &text, &root, kinds).map(|()| false)
}

/// As [`confirm`], where the fast reader takes the unit.
pub(crate) fn confirm_fast(
    arena: &Arena,
    input: &str,
    unit: &Unit,
    kinds: &[ResourceKind],
) -> Option<Option<bool>> {
    let stand = unit.guessed?;
    let document = fast::part_in(arena, input, unit.span.clone(), stand, KEPT)?;
    let root = document.root;
    let is_right = || {
        if document.duplicates {
            Notes::default().note(&root).ok()?;
        }
        let place = place(&piece(unit, stand), &root, unit.ordinal)?;
        let is_right = place.span == unit.span
            && !shows_less(&root)
            && guess::is_right(&root, &kinds[unit.kinds[0]]);
        is_right.then_some(!document.duplicates)
    };
    Some(is_right())
}

/// Whether a unit is as it was guessed, by its text as it is read alone and what
/// [`read::only_document`] made of it.
pub(crate) fn confirm_read(
    unit: &Unit,
    text: &str,
    root: &Node<'_>,
    kinds: &[ResourceKind],
) -> Option<()> {
    let mut notes = Notes::default();
    let piece = piece(unit, unit.guessed?);
    let found = of_the_other_reader(text, root, &piece, unit.ordinal, &mut notes)?;
    let is_right = found.span == unit.span
        && notes.gathered.len() == 0
        && notes.kinds.iter().eq([&kinds[unit.kinds[0]]]);
    is_right.then_some(())
}

/// A unit as it was cut.
fn piece(unit: &Unit, stand: Stand) -> Piece {
    Piece {
        span: unit.span.clone(),
        stand,
        only: false,
    }
}

/// The unit of a piece of which nothing is known.
pub(super) fn cut_out(piece: &Piece, ordinal: usize) -> Unit {
    Unit {
        span: piece.span.clone(),
        indent: match piece.stand {
            Stand::Item(column) => column,
            _ => 0,
        },
        ordinal,
        content: Content::Resource,
        kinds: Kinds::default(),
        distinct: false,
        guessed: None,
    }
}

/// Reads one piece, and notes what it gives.
pub(super) fn unit<'s>(
    input: &'s str,
    piece: &Piece,
    ordinal: usize,
    notes: &mut Notes<'s>,
) -> Option<Unit> {
    let span = piece.span.clone();
    let Some(mut document) = fast::part(input, span.clone(), piece.stand, KEPT) else {
        return by_the_other_reader(input, piece, ordinal, notes);
    };
    if gives_more(&document.root, &input[span.clone()]) {
        // What is skipped may have anchors, of which no nodes are made.
        let Some(all) = fast::part(input, span, piece.stand, u32::MAX) else {
            return by_the_other_reader(input, piece, ordinal, notes);
        };
        document = all;
    }
    let (root, distinct) = (document.root, !document.duplicates);
    let mut unit = place(piece, &root, ordinal)?;
    unit.distinct = distinct;
    unit.kinds = notes.note(&root).ok()?.into();
    notes.gathered.keep(root).ok()?;
    Some(unit)
}

/// Levels of a resource in which its kind and name stand.
const KEPT: u32 = 2;

/// Whether two levels of a resource show less than all of its kind and name.
pub(crate) fn shows_less(root: &Node<'_>) -> bool {
    let merges = |node: &Node<'_>| {
        node.entries()
            .is_some_and(|all| all.iter().any(Entry::is_merge))
    };
    merges(root) || root.get("metadata").ok().flatten().is_some_and(merges)
}

/// Whether a resource gives more than its kind, or shows less than all of it in two levels.
fn gives_more(root: &Node<'_>, text: &str) -> bool {
    if shows_less(root) {
        return true;
    }
    match root.get("kind").ok().flatten().and_then(Node::scalar) {
        Some("ServiceAccount" | "AgentProfile" | "RestoreImages") => true,
        Some("ConfigMap") => guess::gives_versions(text),
        Some(kind) => kind.ends_with("List"),
        None => false,
    }
}

/// A piece that the fast reader does not take.
fn by_the_other_reader(
    input: &str,
    piece: &Piece,
    ordinal: usize,
    notes: &mut Notes<'_>,
) -> Option<Unit> {
    let text = cut_out(piece, ordinal).text(input);
    let root = read::only_document(&text).ok()?;
    of_the_other_reader(&text, &root, piece, ordinal, notes)
}

/// As [`by_the_other_reader`], of a text that was read as `root`.
fn of_the_other_reader(
    text: &str,
    root: &Node<'_>,
    piece: &Piece,
    ordinal: usize,
    notes: &mut Notes<'_>,
) -> Option<Unit> {
    let has = |needle: &str| memmem::find(text.as_bytes(), needle.as_bytes()).is_some();
    // What directives, markers and other line breaks mean is for who reads the whole.
    let marked = has("\n---") && piece.stand != Stand::Document;
    if marked || has("\r") || has("\n%") || has("\n...") || text.starts_with('%') {
        return None;
    }
    let mut unit = cut_out(piece, ordinal);
    let starts = match piece.stand {
        Stand::Document => true,
        _ => root.start() == unit.indent,
    };
    if !starts || root.depth > DEPTH || gives_nodes(root) {
        return None;
    }
    if root.is_flow() && (piece.only || piece.stand != Stand::Document) {
        unit.span.end = unit.offset(root.span.end);
        unit.indent = 0;
    }
    place(piece, root, ordinal)?;
    unit.kinds = notes.note(root).ok()?.into();
    Some(unit)
}

/// Beyond this, the parser's limit may be met in the whole and not in a piece.
const DEPTH: u32 = 200;

/// Whether the root, or an item of its list, could be kept as a profile or a set of rules.
fn gives_nodes(root: &Node<'_>) -> bool {
    let kind = root.get("kind").ok().flatten().and_then(Node::scalar);
    kind.is_some_and(|kind| {
        matches!(kind, "AgentProfile" | "RestoreImages") || kind.ends_with("List")
    })
}

/// The unit of a root that is a resource, as the reader of the whole would place it.
fn place(piece: &Piece, root: &Node<'_>, ordinal: usize) -> Option<Unit> {
    root.entries()?;
    let (span, indent) = match piece.stand {
        Stand::Document if is_resource_list(root).ok()? => return None,
        // The parser says that a flow collection ends the document, and where the next begins then
        // is left to it.
        Stand::Document if root.is_flow() && !piece.only => return None,
        Stand::Document if root.is_flow() => (piece.span.start..root.span.end, 0),
        Stand::Document => (piece.span.clone(), 0),
        Stand::Item(column) if !root.is_flow() => (root.start()..root.span.end, column),
        _ => (root.start()..root.span.end, 0),
    };
    Some(Unit {
        span,
        indent,
        ..cut_out(piece, ordinal)
    })
}
