//! Paths to values in a document: the keys and indices that lead to them.

use std::cell::RefCell;
use std::fmt;
use std::sync::Arc;

use crate::intern::intern;

/// One step of a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Segment<'n> {
    /// A mapping's key.
    Key(&'n str),
    /// A list's index, from 0.
    Index(usize),
}

/// A path from a document's root, printed as `spec.containers[0].image`; many values keep the path of the
/// same holder.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Path<'n>(pub Arc<[Segment<'n>]>);

impl<'n> Path<'n> {
    /// The path of a key below this one.
    #[must_use]
    pub fn key(&self, key: &'n str) -> Self {
        self.with(Segment::Key(key))
    }

    /// The path of an item below this one.
    #[must_use]
    pub fn index(&self, index: usize) -> Self {
        self.with(Segment::Index(index))
    }

    /// The path of a value below this one.
    #[must_use]
    pub fn with(&self, segment: Segment<'n>) -> Self {
        self.to(std::iter::once(segment))
    }

    /// The path of a value that these keys lead to from here.
    #[must_use]
    pub fn keys(&self, keys: &[&'n str]) -> Self {
        self.to(keys.iter().copied().map(Segment::Key))
    }

    fn to(&self, steps: impl Iterator<Item = Segment<'n>>) -> Self {
        Path(self.0.iter().copied().chain(steps).collect())
    }

    /// The path without its first `count` segments.
    #[must_use]
    pub fn below(&self, count: usize) -> Self {
        Path(self.0[count.min(self.0.len())..].into())
    }
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_to(f, self.0.iter().copied())
    }
}

thread_local!(static TEXT: RefCell<String> = const { RefCell::new(String::new()) });

/// The text of a path of these segments; many resources have the same, so it is interned.
pub fn path_text<'n>(segments: impl Iterator<Item = Segment<'n>>) -> Arc<str> {
    TEXT.with_borrow_mut(|text| {
        text.clear();
        // A string takes whatever is written.
        let _ = write_to(text, segments);
        intern(text)
    })
}

fn write_to<'n>(
    out: &mut impl fmt::Write,
    segments: impl Iterator<Item = Segment<'n>>,
) -> fmt::Result {
    for (position, segment) in segments.enumerate() {
        match segment {
            Segment::Key(key) if position == 0 => out.write_str(key)?,
            Segment::Key(key) => {
                out.write_char('.')?;
                out.write_str(key)?;
            }
            Segment::Index(index) => write!(out, "[{index}]")?,
        }
    }
    Ok(())
}
