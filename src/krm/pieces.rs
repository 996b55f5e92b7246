//! Pieces of an input to units: what a look at a piece says of it, and what reading it does.

use std::sync::Arc;

use crate::parallel;

use super::cut::{Piece, Seen};
use super::guess::Look;
use super::quick::{cut_out, unit};
use super::survey::{Notes, ResourceKind, Survey};
use super::unit::Unit;

/// What a look at a piece gives, unless it must be read for that to be known: its kind.
pub(super) type Guess = Arc<ResourceKind>;

/// What looks at pieces of an input, one after the other.
pub(super) fn look(input: &str) -> impl FnMut(&Piece) -> Option<Guess> {
    let mut look = Look::at(0);
    move |piece| look.kind_of(input, piece)
}

/// Pieces at which nobody looked yet.
pub(super) fn unseen(pieces: impl IntoIterator<Item = Piece>) -> Vec<Seen<Guess>> {
    pieces.into_iter().map(|piece| (piece, None)).collect()
}

/// What a piece is at which nobody had looked, or which had to be read.
enum Found {
    /// Of this kind, as it seems.
    Seen(Guess),
    /// A unit, its kinds as the notes of its batch count them.
    Read(Unit),
}

/// The units of the pieces; those whose kind is not known are looked at, and read where that is not
/// enough, several at once.
pub(super) fn units<'s>(input: &'s str, pieces: &[Seen<Guess>]) -> Option<Survey<'s>> {
    let all = pieces.iter().enumerate();
    let left: Vec<(usize, &Piece)> = all
        .filter(|(_, (_, seen))| seen.is_none())
        .map(|(ordinal, (piece, _))| (ordinal, piece))
        .collect();
    let bytes = left.iter().map(|(_, piece)| piece.span.len()).sum();
    let batches = parallel::map(&left, bytes, |_, some| {
        let (mut notes, mut look) = (Notes::default(), look(input));
        let found = some.iter().map(|&(ordinal, piece)| {
            Some(match look(piece) {
                Some(kind) => Found::Seen(kind),
                None => Found::Read(unit(input, piece, ordinal, &mut notes)?),
            })
        });
        let found: Option<Vec<Found>> = found.collect();
        found.map(|found| (found, notes))
    });
    let mut batches = batches.into_iter();
    let mut found = Vec::new().into_iter();
    let mut count = Count::default();
    let mut units = Vec::with_capacity(pieces.len());
    for (ordinal, (piece, seen)) in pieces.iter().enumerate() {
        if let Some(kind) = seen {
            units.push(guessed(piece, ordinal, count.kind(kind)));
            continue;
        }
        let found = loop {
            if let Some(found) = found.next() {
                break found;
            }
            let (of_batch, notes) = batches.next()??;
            count.open(notes);
            found = of_batch.into_iter();
        };
        units.push(match found {
            Found::Seen(kind) => guessed(piece, ordinal, count.kind(&kind)),
            Found::Read(mut unit) => {
                let kinds = unit.kinds.iter_mut();
                kinds.for_each(|kind| *kind = count.noted(*kind));
                unit
            }
        });
    }
    Some(Survey {
        units,
        kinds: count.all.kinds,
        gathered: count.all.gathered,
        ..Survey::default()
    })
}

fn guessed(piece: &Piece, ordinal: usize, kind: usize) -> Unit {
    Unit {
        kinds: kind.into(),
        guessed: Some(piece.stand),
        ..cut_out(piece, ordinal)
    }
}

/// Counts kinds in the order of their first pieces, whatever threads found them.
#[derive(Default)]
struct Count<'s> {
    all: Notes<'s>,
    /// Kinds that came not long ago: each batch has its own copies.
    recent: Vec<(Arc<ResourceKind>, usize)>,
    /// The kinds that a batch noted, and their positions as far as they came.
    noted: Vec<(ResourceKind, Option<usize>)>,
}

/// More kinds than most batches find.
const MANY: usize = 32;

impl<'s> Count<'s> {
    fn kind(&mut self, kind: &Arc<ResourceKind>) -> usize {
        let recent = self.recent.iter();
        let found = recent.rev().find(|(known, _)| Arc::ptr_eq(known, kind));
        if let Some((_, position)) = found {
            return *position;
        }
        let position = self.all.kind(ResourceKind::clone(kind));
        if self.recent.len() == MANY {
            self.recent.clear();
        }
        self.recent.push((Arc::clone(kind), position));
        position
    }

    /// Goes on with what another batch noted.
    fn open(&mut self, notes: Notes<'s>) {
        self.all.gathered.take(notes.gathered);
        self.noted = notes.kinds.into_iter().map(|kind| (kind, None)).collect();
    }

    /// The position of a kind that the batch counts as this one.
    fn noted(&mut self, own: usize) -> usize {
        let (kind, position) = &mut self.noted[own];
        *position.get_or_insert_with(|| self.all.kind(kind.clone()))
    }
}
