//! The places in files that exceptions can name: a file, a field, or a resource by the name that it has
//! there.

use std::sync::Arc;

use crate::finding::{Aspect, ResourceRef};
use crate::slot::Slot;

/// A place in a file, as findings name it.
#[derive(Debug, Clone, Default)]
pub struct Place {
    /// The file's path from the folder at which paths of the configuration begin; `None` where it is not
    /// known.
    pub file: Option<Arc<str>>,
    /// The path in the document.
    pub field: Arc<str>,
    /// The resource that the document is; `None` where that is the one that is judged.
    pub resource: Option<ResourceRef>,
}

/// Finds the place that decides an aspect of what is in a slot.
pub(super) type Finder<'w> = dyn Fn(&Slot<'_, '_>, Aspect) -> Option<Place> + 'w;

/// Where the text that is judged comes from.
#[derive(Clone, Copy)]
pub enum TextOrigin<'w> {
    /// It is of one file, whose path is here where it is known.
    Here(Option<&'w str>),
    /// It was made of several files.
    Found(&'w Finder<'w>),
}
