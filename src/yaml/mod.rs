//! YAML as nodes with byte spans, so that an edit can name the bytes it replaces.
//!
//! [`parse`] is the one door from text to nodes; [`Node`] and its parts say what a text holds;
//! [`scalar`] knows how plain scalars are resolved and how text is quoted.
//! There is no emitter for documents that were read: output is input plus edits.

mod find;
mod list;
mod node;
pub mod parse;
mod path;
pub mod place;
pub mod scalar;
mod simd;

pub use find::{FoundPair, key_work};
pub use list::List;
pub use node::{Entry, Kind, Node, Tag};
pub use path::{Path, Segment, path_text};
pub use place::LineColumn;
pub use scalar::Style;

/// A range of byte offsets into the text that a node was read from.
pub type Span = std::ops::Range<usize>;

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
    /// A key that is in one mapping twice.
    pub fn duplicate(key: &str, first: usize, second: usize) -> Self {
        Error {
            at: second,
            first: Some(first),
            what: format!("the key `{key}` stands twice in one mapping"),
            help: Some("readers disagree on which of the two counts: remove one".to_owned()),
        }
    }

    /// A value with the tag `!!binary` where something is read from it.
    pub fn bytes(at: usize) -> Self {
        let what = "kubectl decodes a value with the tag `!!binary`, and kustomize does not";
        Error {
            at,
            first: None,
            what: what.to_owned(),
            help: Some("take the tag out, and write the value decoded".to_owned()),
        }
    }
}
