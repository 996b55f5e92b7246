//! What a build does to an image on its way.

use std::ops::{Deref, DerefMut};
use std::sync::Arc;

/// What a build does to an image between its place and what comes out.
#[derive(Debug, Clone, Default)]
pub(in crate::tree) struct Trace {
    /// The lists of images that it goes through, in order.
    pub(in crate::tree) lists: Vec<ListPass>,
    /// Those that it goes through in newer versions of kustomize alone.
    pub(in crate::tree) later: Vec<ListPass>,
    /// The image before these lists, set once it has been run through them.
    pub(in crate::tree) origin: Option<String>,
    /// Whether an entry of these lists meets it.
    pub(in crate::tree) is_met: bool,
    /// The tag or digest that lists give it, with its sign, where that is filled in elsewhere.
    pub(in crate::tree) filled_in: Option<String>,
    /// What may change it that is not followed.
    pub(in crate::tree) unknown: Option<Arc<str>>,
    /// Whether a replacement or an operation has put it where it is, from elsewhere.
    pub(in crate::tree) is_copy: bool,
}

/// What a build does to an image, with nothing kept where that is nothing.
#[derive(Debug, Clone, Default)]
pub(in crate::tree) struct Traced(Option<Box<Trace>>);

static UNTRACED: Trace = Trace {
    lists: Vec::new(),
    later: Vec::new(),
    origin: None,
    is_met: false,
    filled_in: None,
    unknown: None,
    is_copy: false,
};

impl From<Option<Box<Trace>>> for Traced {
    fn from(trace: Option<Box<Trace>>) -> Self {
        Traced(trace)
    }
}

impl Deref for Traced {
    type Target = Trace;

    fn deref(&self) -> &Trace {
        self.0.as_deref().unwrap_or(&UNTRACED)
    }
}

impl DerefMut for Traced {
    fn deref_mut(&mut self) -> &mut Trace {
        self.0.get_or_insert_default()
    }
}

/// One list of images, run over one image.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(in crate::tree) struct ListPass {
    /// Position among the lists of the tree.
    pub(in crate::tree) list: usize,
    /// Whether each entry is applied twice, as kustomize does to pods and their templates.
    pub(in crate::tree) is_twice: bool,
}
