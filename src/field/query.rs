//! JSONPath (RFC 9535) on our own nodes: the paths that lead to images.
//!
//! jsonpath-rust parses them; their steps are taken in `step.rs`.

use jsonpath_rust::parser::errors::JsonPathError;
use jsonpath_rust::parser::parse_json_path;
use pest::error::InputLocation;

pub use super::step::PathFault;
use super::step::{PathStep, PathWalk, Selector, select};
use crate::krm::resource::Budget;
use crate::yaml::{Error, Node, Path};

/// The most bytes that a path may have: a filter is evaluated at each value, so the cost is the
/// length of the path times that of the text.
const MAX_LENGTH: usize = 1024;

/// A JSONPath whose last segment names a key, or every item of a list.
#[derive(Debug, Clone)]
pub struct KeyPath {
    /// The path as it is written.
    written: String,
    /// The segments before the last.
    parent: Vec<PathStep>,
    /// The key; `None` for `[*]`.
    pub(super) key: Option<String>,
}

/// Equal to another one by where it leads, in whatever way that is written.
impl PartialEq for KeyPath {
    fn eq(&self, other: &Self) -> bool {
        self.parent == other.parent && self.key == other.key
    }
}

impl KeyPath {
    /// Reads a path such as `$.spec.image` or `$.spec.images[*]`.
    ///
    /// # Errors
    /// The text is no JSONPath, or one that does not end in a name, or one whose steps could be
    /// multiplied beyond measure by aliases or by what it is asked of: it has descendants, or a
    /// filter with more than comparisons with literals and regular expressions.
    pub fn parse(text: &str) -> Result<Self, PathFault> {
        if text.len() > MAX_LENGTH {
            let what = format!("a path has no more than {MAX_LENGTH} bytes");
            return Err(PathFault { at: 0, what });
        }
        let query = parse_json_path(text).map_err(|error| fault(text, &error))?;
        let mut parent = PathStep::all(query.segments, text)?;
        let key = match parent.pop() {
            Some(PathStep::One(Selector::Name(key))) => Some(key),
            Some(PathStep::One(Selector::Wildcard)) => None,
            _ => {
                return Err(PathFault {
                    at: text.len(),
                    what: "the path must end in a name or in `[*]`".to_owned(),
                });
            }
        };
        Ok(KeyPath {
            written: text.to_owned(),
            parent,
            key,
        })
    }

    /// The keys that lead from the root to the value; `None` where it is not keys alone.
    pub fn names(&self) -> Option<Vec<String>> {
        let keys = self.parent.iter().map(|step| match step {
            PathStep::One(Selector::Name(key)) => Some(key.clone()),
            _ => None,
        });
        keys.chain(std::iter::once(self.key.clone())).collect()
    }

    /// Whether two paths have the same parent, so that their values are siblings.
    pub(super) fn is_beside(&self, other: &KeyPath) -> bool {
        self.parent == other.parent
    }

    /// The mappings or lists that hold the values.
    pub(super) fn holders<'n, 's>(
        &'n self,
        root: &'n Node<'s>,
        path: &Path<'n>,
        budget: &mut Budget,
    ) -> Result<Vec<(&'n Node<'s>, Path<'n>)>, Error> {
        let mut found = vec![(root, path.clone())];
        for step in &self.parent {
            let mut next = Vec::new();
            for (node, path) in found {
                let mut walk = PathWalk {
                    budget: &mut *budget,
                    path: &self.written,
                };
                for (segment, child) in select(step, node, &mut walk)? {
                    // Only a step that selects several values can multiply the work.
                    if !step.is_singular() {
                        budget.take(child.span.start)?;
                    }
                    next.push((child, path.with(segment)));
                }
            }
            found = next;
        }
        // The key itself is looked up in each, by whoever asks for the value.
        let mut walk = PathWalk {
            budget,
            path: &self.written,
        };
        for (node, _) in &found {
            walk.steps(node.keys(), node)?;
        }
        Ok(found)
    }

    /// The values in a document of a text of `bytes` bytes; none where aliases repeat too much.
    pub(crate) fn values_of<'n, 's>(
        &'n self,
        root: &'n Node<'s>,
        bytes: usize,
    ) -> Vec<&'n Node<'s>> {
        self.values(root, &mut Budget::new(bytes))
            .unwrap_or_default()
    }

    /// The values themselves.
    pub(super) fn values<'n, 's>(
        &'n self,
        root: &'n Node<'s>,
        budget: &mut Budget,
    ) -> Result<Vec<&'n Node<'s>>, Error> {
        let mut values = Vec::new();
        for (holder, _) in self.holders(root, &Path::default(), budget)? {
            match &self.key {
                Some(key) => values.extend(holder.get(key)?),
                None => values.extend(holder.items().unwrap_or_default()),
            }
        }
        Ok(values)
    }
}

fn fault(text: &str, error: &JsonPathError) -> PathFault {
    let at = match error {
        JsonPathError::PestError(error) => match error.location {
            InputLocation::Pos(at) | InputLocation::Span((at, _)) => at,
        },
        _ => 0,
    };
    PathFault {
        at: at.min(text.len()),
        what: "this is no JSONPath (RFC 9535)".to_owned(),
    }
}
