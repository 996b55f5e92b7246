//! The path to a value of the configuration.

use std::fmt;

use super::super::fault::short;

/// The path to a value, each step borrowed from the one before.
pub(in super::super) enum KeyTo<'a> {
    Root,
    Field(&'a KeyTo<'a>, &'a str),
    Index(&'a KeyTo<'a>, usize),
}

/// Prints `spec.registries[0].mirror`.
impl fmt::Display for KeyTo<'_> {
    // Called for every value that is kept with its place, so each step writes by itself: nested formats
    // would take a third of the time in which a profile is read.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            KeyTo::Root => Ok(()),
            KeyTo::Field(KeyTo::Root, name) => f.write_str(&short(name)),
            KeyTo::Field(above, name) => {
                above.fmt(f)?;
                f.write_str(".")?;
                f.write_str(&short(name))
            }
            KeyTo::Index(above, index) => {
                above.fmt(f)?;
                write!(f, "[{index}]")
            }
        }
    }
}
