//! Values that are the same at a glance: most are, and need no look at what is planned.

use crate::yaml::{Kind, Node};

/// The texts that the document before and after were read from, where neither holds an anchor: the
/// same text at the same column is the same value then, without a look at each of its parts.
#[derive(Debug, Clone, Copy)]
pub struct Texts<'t> {
    /// The text before.
    pub old: &'t str,
    /// The text after.
    pub new: &'t str,
}

impl Texts<'_> {
    /// Whether two collections of one kind have the same text at the same column.
    pub(super) fn are_same(&self, old: &Node<'_>, new: &Node<'_>) -> bool {
        let column = |text: &str, at: usize| {
            let newline = memchr::memrchr(b'\n', &text.as_bytes()[..at]);
            at - newline.map_or(0, |newline| newline + 1)
        };
        old.scalar().is_none()
            && std::mem::discriminant(&old.kind) == std::mem::discriminant(&new.kind)
            && self.old[old.span.clone()] == self.new[new.span.clone()]
            && (old.is_flow() && new.is_flow()
                || column(self.old, old.span.start) == column(self.new, new.span.start))
    }
}

/// A fast path: whether two values are equal and neither has anchors, merge keys or tags. Most are,
/// and the check needs no state.
pub(super) fn is_plainly_same(old: &Node<'_>, new: &Node<'_>) -> bool {
    if old.tag.is_some() || new.tag.is_some() || new.is_left_out() {
        return false;
    }
    match (&old.kind, &new.kind) {
        (Kind::Scalar(before, style), Kind::Scalar(after, new_style)) => {
            style == new_style && before == after
        }
        (Kind::Sequence(before, _), Kind::Sequence(after, _)) => {
            before.len() == after.len()
                && before
                    .iter()
                    .zip(after)
                    .all(|(old, new)| is_plainly_same(old, new))
        }
        (Kind::Mapping(before, _), Kind::Mapping(after, _)) => {
            before.len() == after.len()
                && before.iter().zip(after).all(|(old, new)| {
                    !old.is_merge()
                        && is_plainly_same(&old.key, &new.key)
                        && is_plainly_same(&old.value, &new.value)
                })
        }
        _ => false,
    }
}
