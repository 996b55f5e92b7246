//! What a document should differ in: the planned changes in the order in which it is walked.

use crate::edit::{AddedValue, Change, TargetValue};
use crate::sort::sort_by;
use crate::yaml::{Path, Segment};

/// So many changes are looked through one by one, which costs less than halving them.
const FEW: usize = 8;

/// A value that should differ.
pub(super) struct PlannedValue<'c> {
    pub(super) path: Path<'c>,
    /// How many segments of the path are those of the one before, too.
    shared: usize,
    pub(super) value: ExpectedValue<'c>,
}

impl<'c> PlannedValue<'c> {
    fn new(path: Path<'c>, value: ExpectedValue<'c>) -> Self {
        PlannedValue {
            path,
            shared: 0,
            value,
        }
    }
}

/// What should be at a path afterwards.
#[derive(Clone, Copy)]
pub(super) enum ExpectedValue<'c> {
    Text(&'c str),
    Names(&'c [String]),
    AddedValue(&'c AddedValue),
    Absent,
}

/// The planned changes sorted by path, so that those below one value are contiguous.
pub(super) fn planned<'c>(changes: &'c [Change<'_, '_>]) -> Vec<PlannedValue<'c>> {
    let mut planned: Vec<PlannedValue<'_>> = Vec::with_capacity(changes.len());
    for change in changes {
        let path = change.slot.full_path();
        let value = match &change.value {
            TargetValue::Text(text) => ExpectedValue::Text(text),
            TargetValue::Names(names) => ExpectedValue::Names(names),
            TargetValue::Absent => ExpectedValue::Absent,
            TargetValue::Made(made) => ExpectedValue::AddedValue(made),
            TargetValue::Document(text, _) => ExpectedValue::Text(text),
            TargetValue::Renamed(key, text) => {
                let path = change.slot.path.key(key);
                let value = ExpectedValue::Text(text);
                planned.push(PlannedValue::new(path, value));
                ExpectedValue::Absent
            }
        };
        planned.push(PlannedValue::new(path, value));
    }
    sort_by(&mut planned, |a, b| a.path.0.cmp(&b.path.0));
    for index in 1..planned.len() {
        let [before, here] = [index - 1, index].map(|index| &planned[index].path.0);
        let segments = before.iter().zip(here.iter());
        let shared = segments.take_while(|(before, here)| before == here);
        planned[index].shared = shared.count();
    }
    planned
}

/// The changes that are planned at or below one segment of that depth.
pub(super) fn at_segment<'p, 'c>(
    planned: &'p [PlannedValue<'c>],
    depth: usize,
    segment: Segment<'_>,
) -> &'p [PlannedValue<'c>] {
    let is_there = |plan: &&PlannedValue<'_>| plan.path.0[depth] == segment;
    let start = if planned.len() > FEW {
        planned.partition_point(|plan| plan.path.0[depth] < segment)
    } else {
        let begins = |plan: &PlannedValue<'_>| plan.shared <= depth && is_there(&plan);
        planned.iter().position(begins).unwrap_or(planned.len())
    };
    let planned = &planned[start..];
    if planned.first().filter(is_there).is_none() {
        return &[];
    }
    let others = planned[1..].iter().take_while(|plan| plan.shared > depth);
    &planned[..=others.count()]
}

/// The changes that are planned at or below each segment of that depth, in order.
pub(super) fn runs<'p, 'c>(
    planned: &'p [PlannedValue<'c>],
    depth: usize,
) -> impl Iterator<Item = &'p [PlannedValue<'c>]> {
    planned.chunk_by(move |_, later| later.shared > depth)
}

/// Whether the plan removes any key, at any depth.
pub(super) fn is_any_removed(planned: &[PlannedValue<'_>]) -> bool {
    let mut values = planned.iter().map(|plan| plan.value);
    values.any(|value| matches!(value, ExpectedValue::Absent))
}

/// Whether the plan removes this key of the mapping at that depth.
pub(super) fn is_removed(planned: &[PlannedValue<'_>], depth: usize, key: Option<&str>) -> bool {
    let Some(key) = key else { return false };
    planned.iter().any(|plan| {
        matches!(plan.value, ExpectedValue::Absent)
            && plan.path.0.len() == depth + 1
            && plan.path.0[depth] == Segment::Key(key)
    })
}
