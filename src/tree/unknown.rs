//! What a build holds that is not followed here, each with the place that brings it.

use std::sync::Arc;

use crate::yaml::Node;

use super::value::ListPass;

/// Something that is not followed.
#[derive(Debug, Clone)]
pub(super) struct Unknown<'n, 's> {
    /// Position of the document that brings it.
    pub(super) document: usize,
    /// Where in the document.
    pub(super) node: &'n Node<'s>,
    pub(super) what: Arc<str>,
}

impl<'n, 's> Unknown<'n, 's> {
    pub(super) fn new(document: usize, node: &'n Node<'s>, what: impl Into<Arc<str>>) -> Self {
        Unknown {
            document,
            node,
            what: what.into(),
        }
    }
}

/// What brings resources that are not known.
#[derive(Debug, Clone)]
pub(super) struct UnknownResources<'n, 's> {
    pub(super) how: BroughtBy,
    pub(super) unknown: Unknown<'n, 's>,
    /// The lists of images that go over these resources.
    pub(super) passes: Vec<ListPass>,
}

/// How resources are brought that are not known.
#[derive(Debug, Clone, Copy)]
pub(super) enum BroughtBy {
    /// By a remote base, a chart or a generator: only building it tells.
    Elsewhere,
    /// By a path that leads to none of the files that were read.
    Missing,
    /// By a file that is no YAML, of which the file itself tells.
    Unread,
    /// By a path that leads to nothing, which is told by itself.
    Absent,
    /// By a build that is too large to be followed.
    TooLarge,
}

impl<'n, 's> UnknownResources<'n, 's> {
    pub(super) fn new(how: BroughtBy, unknown: Unknown<'n, 's>) -> Self {
        UnknownResources {
            how,
            unknown,
            passes: Vec::new(),
        }
    }
}

/// A patch for a resource that is not known.
#[derive(Debug, Clone)]
pub(super) struct Unplaced {
    /// Position of its document.
    pub(super) document: usize,
    /// Position among the patches of the document.
    pub(super) part: usize,
    /// The lists of images that go over what it sets.
    pub(super) passes: Vec<ListPass>,
}
