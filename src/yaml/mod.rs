//! Source text as nodes with byte spans, so that an edit can name the bytes it replaces.
//!
//! [`read`] is the only module that knows the parser, and the reference; [`fast`] reads what is met
//! most, the same way; [`scalar`] knows how plain scalars read.
//! There is no emitter here for documents that were read: output is input plus edits.

pub mod fast;
mod find;
mod list;
mod node;
pub mod place;
pub mod read;
pub mod scalar;
mod sixteens;

pub use find::Found;
pub use list::List;
pub use node::{Entry, Kind, Node, Style, Tag};
pub use place::Place;

/// A range of byte offsets into the text that a node was read from.
pub type Span = std::ops::Range<usize>;

/// Reads a text that comes with the program and holds one document.
///
/// # Errors
/// The text is not YAML, which the tests would show.
pub fn own_document(text: &str) -> Result<Node<'_>, Error> {
    match fast::document(text) {
        Some(node) => Ok(node),
        None => read::only_document(text),
    }
}

/// What is wrong with a text as YAML, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what}")]
pub struct Error {
    /// Byte offset into the text that was read.
    pub at: usize,
    /// The other offset, where the fault is between two places.
    pub first: Option<usize>,
    /// The fault, lower case, without a final stop.
    pub what: String,
    /// What to do about it.
    pub help: Option<String>,
}

impl Error {
    /// A key that stands twice in a mapping.
    pub fn duplicate(key: &str, first: usize, second: usize) -> Self {
        Error {
            at: second,
            first: Some(first),
            what: format!("the key `{key}` stands twice in one mapping"),
            help: Some("readers disagree on which of the two counts: remove one".to_owned()),
        }
    }
}
