//! Changes of values, planned as replacements of bytes, applied in one pass, and checked.
//!
//! A [`Change`] says what a value should be; [`plan`] turns changes into [`Edit`]s; [`apply`]
//! copies what lies between them; [`verify`] reads the result again and compares it by value.

mod compose;
mod documents;
mod insert;
mod layout;
mod made;
mod pair;
mod places;
mod plan;
mod scalar;
mod secrets;
mod shared;
mod verify;

pub(crate) use compose::Composed;
pub(crate) use documents::{DocumentChanges, DocumentEdit, plan_documents, with_help};
pub use layout::trailing_comment;
pub(crate) use layout::{line_break, value_end};
pub(crate) use made::text_of_lines;
pub use places::places;
pub use plan::{MergedValue, PlannedEdit, plan};
pub use shared::{Shared, stands_in_shared};
pub use verify::{Texts, verify};

use std::cmp::Reverse;

use crate::slot::Slot;
use crate::yaml::Span;

/// Replace these bytes by that text.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Edit {
    /// The bytes to replace; empty for an insertion.
    pub span: Span,
    /// The new text.
    pub text: String,
}

impl Edit {
    pub(crate) fn replace(span: Span, text: impl Into<String>) -> Self {
        Edit {
            span,
            text: text.into(),
        }
    }

    pub(crate) fn insert(at: usize, text: impl Into<String>) -> Self {
        Edit::replace(at..at, text)
    }
}

/// A value that should differ from what is written.
#[derive(Debug, Clone)]
pub struct Change<'n, 's> {
    /// Where it is, or would be.
    pub slot: Slot<'n, 's>,
    /// What should be there.
    pub value: TargetValue,
}

/// What should be under a key.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum TargetValue {
    /// Text.
    Text(String),
    /// A list of `{name: …}`, or of names where such are listed: what is there, then these.
    Names(Vec<String>),
    /// A new value with values of its own, where there is no value yet.
    Made(AddedValue),
    /// Text that is a document itself: the new text, and the edits that make it.
    Document(String, Vec<Edit>),
    /// Text under another key, in the place of this one.
    Renamed(String, String),
    /// No value: the key is removed as well.
    Absent,
}

/// A new value.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum AddedValue {
    /// Text.
    Text(String),
    /// A list.
    List(Vec<AddedValue>),
    /// A mapping.
    Mapping(Vec<(String, AddedValue)>),
}

/// The edits that a finding asks for: in order, each once.
pub(crate) fn of_finding(mut edits: Vec<Edit>) -> Box<[Edit]> {
    crate::sort::sort_by_key(&mut edits, order);
    edits.dedup();
    edits.into()
}

/// Where an edit comes among others. Of what is inserted at one place, a value comes first, which continues
/// the line that ends there; then the deepest lines, and an item before a key of the same depth.
pub(crate) fn order(edit: &Edit) -> (usize, usize, Reverse<usize>) {
    let lines = edit.text.trim_start_matches(['\r', '\n']);
    let line = lines.trim_start_matches(' ');
    let depth = match (edit.span.is_empty(), lines.len() < edit.text.len()) {
        (true, true) => 2 * (lines.len() - line.len()) + usize::from(line.starts_with("- ")),
        (true, false) => usize::MAX,
        (false, _) => 0,
    };
    (edit.span.start, edit.span.end, Reverse(depth))
}

/// Sorts edits and refuses overlaps; insertions at one place that are alike keep their order.
///
/// # Errors
/// The offset where two edits overlap.
pub fn sort(edits: &mut [Edit]) -> Result<(), usize> {
    // Most places differ, so that the texts, each somewhere else in memory, are left alone.
    edits.sort_by(|a, b| {
        let place = a.span.start.cmp(&b.span.start);
        place.then_with(|| order(a).cmp(&order(b)))
    });
    match edits
        .windows(2)
        .find(|pair| pair[1].span.start < pair[0].span.end)
    {
        Some(pair) => Err(pair[1].span.start),
        None => Ok(()),
    }
}

/// The text from an offset on with sorted edits applied, all of them after it, as pieces: what lies
/// between the edits is borrowed.
pub(crate) fn pieces_from<'t>(
    text: &'t str,
    from: usize,
    edits: &'t [Edit],
) -> impl Iterator<Item = &'t str> {
    let starts = std::iter::once(from).chain(edits.iter().map(|edit| edit.span.end));
    let ends = edits
        .iter()
        .map(|edit| (edit.span.start, edit.text.as_str()))
        .chain(std::iter::once((text.len(), "")));
    starts
        .zip(ends)
        .flat_map(|(start, (end, new))| [&text[start..end], new])
}

/// The text with sorted edits applied.
pub fn apply(text: &str, edits: &[Edit]) -> String {
    apply_from(text, 0, edits)
}

/// As [`apply`], of the text from an offset on; all edits are after it.
pub fn apply_from(text: &str, from: usize, edits: &[Edit]) -> String {
    let new: usize = edits.iter().map(|edit| edit.text.len()).sum();
    let mut applied = String::with_capacity(text.len() - from + new);
    applied.extend(pieces_from(text, from, edits));
    applied
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn output_is_input_plus_edits() {
        let mut edits = vec![
            Edit::insert(6, "!"),
            Edit::replace(0..1, "A"),
            Edit::insert(6, "?"),
        ];
        sort(&mut edits).expect("no overlap");
        assert_eq!(apply("abcdef", &edits), "Abcdef!?");
    }

    #[test]
    fn overlapping_edits_are_refused() {
        let mut edits = vec![Edit::replace(0..3, "x"), Edit::replace(2..4, "y")];
        assert_eq!(sort(&mut edits), Err(2));
    }
}
