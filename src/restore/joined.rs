//! The joined output read again, in builds for tests and fuzzing.
//!
//! Each edited unit is read again by itself in every build, and its last line has to stay, so that
//! the joined text reads as its units do; here that is held against the whole output.

use crate::edit::{self, Edit};
use crate::krm::survey::{Survey, survey};
use crate::krm::unit::Unit;

/// Whether an output holds the units of its input, in order, each with its own edits and no other.
///
/// # Errors
/// The difference, in words.
pub(crate) fn check(input: &str, before: &Survey<'_>, edits: &[Edit]) -> Result<(), String> {
    let output = edit::apply(input, edits);
    let after =
        survey(&output, before.parser).map_err(|error| format!("it is refused: {error}"))?;
    if before.units.len() != after.units.len() {
        let (before, after) = (before.units.len(), after.units.len());
        return Err(format!("it holds {after} units, not {before}"));
    }
    for (old, new) in before.units.iter().zip(&after.units) {
        let kinds = |survey: &Survey<'_>, unit: &Unit| {
            let kinds = unit.kinds.iter().map(|&kind| survey.kinds[kind].clone());
            kinds.collect::<Vec<_>>()
        };
        if kinds(before, old) != kinds(&after, new) {
            return Err(format!("unit {} is of another kind", old.ordinal));
        }
        let expected = with_edits(input, old, edits);
        if output[new.piece.span.clone()] != expected {
            return Err(format!("unit {} holds another text", old.ordinal));
        }
    }
    Ok(())
}

/// A unit's text with its own edits.
fn with_edits(input: &str, unit: &Unit, edits: &[Edit]) -> String {
    let span = &unit.piece.span;
    let first = edits.partition_point(|edit| edit.span.end < span.start);
    let own = edits[first..].iter();
    let own = own.take_while(|edit| edit.span.end <= span.end);
    let own: Vec<Edit> = own
        .filter(|edit| edit.span.start >= span.start)
        .cloned()
        .collect();
    edit::apply_from(&input[..span.end], span.start, &own)
}
