//! Why the work could not be done: what is at fault, its place, and what to do about it.

use crate::yaml;

/// The text that a place lies in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// The ResourceList or stream.
    Input,
    /// The file of this position among those that are read together.
    File(usize),
    /// The configuration, where it is a text of its own.
    Config,
    /// A profile that is compiled in; a fault there is a defect that the tests would show.
    Builtin(String),
}

/// One fault with its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The text that `at` counts in.
    pub origin: Origin,
    /// Byte offset of the fault.
    pub at: usize,
    /// The other offset, where the fault is between two places.
    pub first: Option<usize>,
    /// The key or field at fault, `spec.registries[0].mirror`; empty where there is none.
    pub key: Box<str>,
    /// What is wrong: lower case, no final stop.
    pub what: String,
    /// What to do about it.
    pub help: Option<String>,
    /// The next fault of the same text, where it was read on.
    pub next: Option<Box<Fault>>,
}

/// Why nothing is written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The input is not YAML, or not a ResourceList or stream of Kubernetes resources.
    #[error("{}", .0.what)]
    Input(Fault),
    /// The configuration cannot be followed.
    #[error("{}", .0.what)]
    Config(Fault),
    /// The edited text does not hold what was planned, so nothing is written.
    #[error("{}", .0.what)]
    Edit(Fault),
}

impl Error {
    /// A YAML fault of the input, whose offsets count in all of it.
    pub fn yaml(error: yaml::Error) -> Self {
        Error::Input(Fault::yaml(Origin::Input, error))
    }

    /// The fault, whichever kind of error it is.
    pub fn fault(&self) -> &Fault {
        let (Error::Input(fault) | Error::Config(fault) | Error::Edit(fault)) = self;
        fault
    }
}

impl Fault {
    /// A fault of the input at a byte offset.
    pub fn input(at: usize, what: impl Into<String>, help: Option<&str>) -> Self {
        Fault {
            origin: Origin::Input,
            at,
            first: None,
            key: Box::default(),
            what: what.into(),
            help: help.map(str::to_owned),
            next: None,
        }
    }

    /// A YAML fault in `origin`.
    pub fn yaml(origin: Origin, error: yaml::Error) -> Self {
        Fault {
            origin,
            at: error.at,
            first: error.first,
            key: Box::default(),
            what: error.what,
            help: error.help,
            next: None,
        }
    }
}
