//! What a build holds that is not followed here, each with the place that brings it.

use std::sync::Arc;

use crate::yaml::Node;

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
pub(super) enum Open<'n, 's> {
    /// A remote base, a chart or a generator: only building it tells.
    Elsewhere(Unknown<'n, 's>),
    /// A path that leads to none of the files.
    Missing(Unknown<'n, 's>),
    /// A build that is too large to be followed.
    TooLarge(Unknown<'n, 's>),
}

impl<'n, 's> Open<'n, 's> {
    pub(super) fn unknown(&self) -> &Unknown<'n, 's> {
        match self {
            Open::Elsewhere(unknown) | Open::Missing(unknown) | Open::TooLarge(unknown) => unknown,
        }
    }
}
