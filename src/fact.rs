//! Facts: what a file of a vendor's repository says in support of a profile, and whether it still
//! does.

use regex::Regex;

use crate::field::query::KeyPath;
use crate::yaml::{Node, parse};

/// A file of a public repository.
#[derive(Debug, Clone)]
pub struct FactSource {
    /// The repository on GitHub: `OWNER/REPO`.
    pub repository: String,
    /// The commit that was read.
    pub commit: String,
    /// The file's path in the repository.
    pub path: String,
    /// What it says.
    pub statements: Vec<Statement>,
}

/// What a file says at one place.
#[derive(Debug, Clone)]
pub struct Statement {
    /// Where.
    pub place: FactLocator,
    /// The value that was there; empty text means none.
    pub value: String,
    /// What follows from it for the profile.
    pub says: String,
}

/// Where a value is in a file.
#[derive(Debug, Clone)]
pub enum FactLocator {
    /// In a document of data: the path as it is written, and as it is read.
    JsonPath(String, KeyPath),
    /// On a line of other text, in the pattern's group if it has one.
    Line(Regex),
}

/// What a file says today.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FactState {
    /// The recorded value.
    Holds,
    /// Another value, the first that was found.
    Moved(String),
    /// Nothing is at the place.
    Vanished,
}

impl FactLocator {
    /// The place as it is written.
    pub fn written(&self) -> &str {
        match self {
            FactLocator::JsonPath(written, _) => written,
            FactLocator::Line(pattern) => pattern.as_str(),
        }
    }
}

/// Looks up every statement of a source in its file. The documents are parsed once; in a file that
/// cannot be parsed as data, no path finds a value.
pub fn look_up(source: &FactSource, text: &str) -> Vec<FactState> {
    let is_data = |statement: &Statement| matches!(statement.place, FactLocator::JsonPath(..));
    let documents = if source.statements.iter().any(is_data) {
        parse::documents(text).unwrap_or_default()
    } else {
        Vec::new()
    };
    let statements = source.statements.iter();
    statements
        .map(|statement| match &statement.place {
            FactLocator::JsonPath(_, path) => {
                verdict(&statement.value, in_data(&documents, path, text))
            }
            FactLocator::Line(pattern) => verdict(&statement.value, on_lines(text, pattern)),
        })
        .collect()
}

/// One place may be in several documents, or on several lines; it is enough that one says the same.
fn verdict<'t>(wanted: &str, found: impl Iterator<Item = &'t str>) -> FactState {
    let mut first = None;
    for value in found {
        if value == wanted {
            return FactState::Holds;
        }
        first.get_or_insert(value);
    }
    first.map_or(FactState::Vanished, |first| {
        FactState::Moved(first.to_owned())
    })
}

fn in_data<'n>(
    documents: &'n [Node<'_>],
    path: &'n KeyPath,
    text: &str,
) -> impl Iterator<Item = &'n str> {
    let length = text.len();
    let values = documents
        .iter()
        .flat_map(move |document| path.values_of(document, length));
    values.filter_map(|value| {
        if value.is_null() {
            Some("")
        } else {
            value.scalar()
        }
    })
}

fn on_lines<'t>(text: &'t str, pattern: &'t Regex) -> impl Iterator<Item = &'t str> {
    text.lines().filter_map(|line| {
        let found = pattern.captures(line)?;
        let group = found.get(1).or_else(|| found.get(0))?;
        Some(group.as_str())
    })
}
