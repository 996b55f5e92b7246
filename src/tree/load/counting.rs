//! What counts of the text of a kustomization: its first document, whatever follows.

use crate::yaml::parse::Arena;
use crate::yaml::{Error, Node, parse};

/// The documents of a kustomization.
pub(super) struct Counting<'a> {
    pub(super) documents: Vec<Node<'a>>,
    /// Whether what follows the first one is not YAML: kustomize does not read it.
    pub(super) is_cut: bool,
}

/// Reads a kustomization, in an arena where one is given.
///
/// # Errors
/// Its first document is not YAML.
pub(super) fn read<'a>(text: &'a str, arena: Option<&'a Arena>) -> Result<Counting<'a>, Error> {
    parse::documents_in(text, arena)
        .map(|documents| Counting {
            documents,
            is_cut: false,
        })
        .or_else(|error| first_alone(text, error.at).ok_or(error))
}

/// What a document begins or ends with.
const MARKERS: [&str; 2] = ["---", "..."];

/// The first document, where one that begins at or before an offset is not YAML.
fn first_alone(text: &str, at: usize) -> Option<Counting<'_>> {
    let before = text.get(..at).unwrap_or(text);
    let start = before.rfind('\n')? + 1;
    let line = text[start..].lines().next().unwrap_or_default();
    let is_marker = |line: &str| {
        let rest = MARKERS.iter().find_map(|marker| line.strip_prefix(marker));
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\t']))
    };
    let markers = MARKERS.iter().filter_map(|marker| {
        let mut lines = before[..start].rmatch_indices(marker).map(|(at, _)| at);
        lines.find(|at| before[..*at].ends_with('\n'))
    });
    let marker = if is_marker(line) {
        start
    } else {
        markers.max()?
    };
    let mut documents = parse::documents(&text[..marker]).ok()?;
    documents.truncate(1);
    (!documents.is_empty()).then_some(Counting {
        documents,
        is_cut: true,
    })
}
