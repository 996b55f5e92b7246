//! Edits of a document that stands in a scalar of another.

use crate::edit::Edit;
use crate::yaml::Node;

/// An edit of the text that a scalar says, as one of the text that the scalar is written in.
///
/// # Errors
/// Why the scalar cannot be edited so.
pub(super) fn translate(_: &str, _: &Node<'_>, _: &Edit) -> Result<Edit, String> {
    Err("it stands in a text".to_owned())
}
