//! A unit's text as it is read: by the reference, by the fast reader, or by that one in part.

use crate::edit::{Change, Value};
use crate::field::pod;
use crate::krm::resource::Segment;
use crate::krm::unit::Unit;
use crate::yaml::{self, Node, fast, read};

use super::{Part, Reading, Work};

/// A unit's text, and what was read of it.
#[derive(Clone, Copy)]
pub(super) struct Source<'n, 's> {
    pub(super) text: &'n str,
    pub(super) root: &'n Node<'s>,
    pub(super) how: How,
}

/// How a unit's text was read.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum How {
    /// By the reference.
    Plain,
    /// By the fast reader, which takes no anchors where all is kept.
    Fast,
    /// By the fast reader, without the collections under these keys, the only ones that may have
    /// anchors and aliases.
    Lean(&'static [&'static str]),
}

impl<'n, 's> Source<'n, 's> {
    pub(super) fn new(text: &'n str, root: &'n Node<'s>, how: How) -> Self {
        Source { text, root, how }
    }
}

/// The first document of a text, and how it was read.
pub(super) fn document(
    text: &str,
    reading: Reading,
) -> Result<Option<(Node<'_>, How)>, yaml::Error> {
    if reading == Reading::Fast
        && let Some(root) = fast::document(text)
    {
        return Ok(Some((root, How::Fast)));
    }
    Ok(read::document(text)?.map(|root| (root, How::Plain)))
}

/// The document that a text is, fast where that goes, and how it was read.
pub(super) fn alone(text: &str) -> Result<(Node<'_>, How), yaml::Error> {
    match fast::document(text) {
        Some(root) => Ok((root, How::Fast)),
        None => Ok((read::only_document(text)?, How::Plain)),
    }
}

/// The keys whose collections need not be kept to judge a unit; none where all must be.
pub(super) fn left_out(work: &Work<'_>, part: &Part<'_>, unit: &Unit) -> &'static [&'static str] {
    let [kind] = unit.kinds[..] else { return &[] };
    let kind = &part.survey.kinds[kind];
    let (group, version) = (&kind.group, &kind.version);
    let mut custom = work.config.fields.of(group, version, &kind.kind);
    match work.reading {
        Reading::Fast
            if unit.guessed.is_some()
                && pod::keeps_images(group, &kind.kind)
                && custom.next().is_none() =>
        {
            pod::without_images(&work.config.carriers)
        }
        _ => &[],
    }
}

/// Whether a change puts a scalar in the place of one, or behind one, so that it can be planned
/// where collections were left out.
pub(super) fn is_of_scalars(change: &Change<'_, '_>) -> bool {
    let slot = &change.slot;
    let is_scalar = |key| {
        let found = slot.holder.get(key).ok().flatten();
        found.is_some_and(|node| node.scalar().is_some())
    };
    let Segment::Key(key) = slot.at else {
        return false;
    };
    matches!(change.value, Value::Text(_)) && (is_scalar(key) || is_scalar(slot.after))
}
