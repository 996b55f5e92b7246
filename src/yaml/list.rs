//! The pairs of a mapping, or the items of a list.

use std::fmt;
use std::ops::Deref;

/// Values side by side, as a slice.
#[derive(Clone)]
pub enum List<'s, T> {
    /// In a list of their own.
    Own(Vec<T>),
    /// Lent by the arena that they were read into.
    Lent(&'s [T]),
}

impl<T: Clone> List<'_, T> {
    /// The values, in a list of their own.
    pub fn into_vec(self) -> Vec<T> {
        match self {
            List::Own(own) => own,
            List::Lent(lent) => lent.to_vec(),
        }
    }
}

impl<T> Deref for List<'_, T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        match self {
            List::Own(own) => own,
            List::Lent(lent) => lent,
        }
    }
}

impl<'l, T> IntoIterator for &'l List<'_, T> {
    type Item = &'l T;
    type IntoIter = std::slice::Iter<'l, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<T> From<Vec<T>> for List<'_, T> {
    fn from(own: Vec<T>) -> Self {
        List::Own(own)
    }
}

/// As a slice: whose the values are makes no difference.
impl<T: fmt::Debug> fmt::Debug for List<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}
