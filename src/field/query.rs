//! JSONPath on our own nodes: RFC 9535 by jsonpath-rust, one segment at a time.
//!
//! One at a time, because what a step finds is bounded by the budget of the text, aliases or not, and
//! because the path of what is found must be made of the document's own keys.

use std::collections::HashMap;

use jsonpath_rust::parser::errors::JsonPathError;
use jsonpath_rust::parser::model::{JpQuery, Segment as Step, Selector};
use jsonpath_rust::parser::parse_json_path;
use jsonpath_rust::query::js_path_process;
use jsonpath_rust::query::queryable::Queryable;
use pest::error::InputLocation;

use crate::krm::resource::Budget;
use crate::yaml::{Entry, Error, Kind, List, Node, Path, Segment, Style, scalar};

/// A JSONPath whose last segment names a key, or every item of a list.
#[derive(Debug, Clone, PartialEq)]
pub struct KeyPath {
    /// The segments before the last.
    parent: Vec<Step>,
    /// The key; `None` for `[*]`.
    pub(super) key: Option<String>,
}

/// What is wrong with a JSONPath.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PathFault {
    /// Byte offset in the path.
    pub at: usize,
    /// The fault: lower case, no final stop.
    pub what: String,
}

impl KeyPath {
    /// Reads a path such as `$.spec.image` or `$.spec.images[*]`.
    ///
    /// # Errors
    /// The text is no JSONPath, or one that does not end in a name, or that has descendants, which
    /// aliases could multiply beyond measure.
    pub fn parse(text: &str) -> Result<Self, PathFault> {
        let mut query = parse_json_path(text).map_err(|error| fault(text, &error))?;
        let refuse = |what: &str| PathFault {
            at: text.len(),
            what: what.to_owned(),
        };
        if query
            .segments
            .iter()
            .any(|step| matches!(step, Step::Descendant(_)))
        {
            let at = text.find("..").unwrap_or(0);
            let what = "descendants (`..`) are not read: name the way".to_owned();
            return Err(PathFault { at, what });
        }
        let key = match query.segments.pop() {
            Some(Step::Selector(Selector::Name(key))) => Some(key),
            Some(Step::Selector(Selector::Wildcard)) => None,
            _ => return Err(refuse("the path must end in a name or in `[*]`")),
        };
        let parent = query.segments;
        Ok(KeyPath { parent, key })
    }

    /// The same path below another place, a path of names.
    #[must_use]
    pub fn below(&self, names: &[&str]) -> Self {
        let wildcard = |name: &str| match name {
            "*" => Step::Selector(Selector::Wildcard),
            name => Step::name(name),
        };
        let place = names.iter().map(|name| wildcard(name));
        KeyPath {
            parent: place.chain(self.parent.iter().cloned()).collect(),
            key: self.key.clone(),
        }
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
                for (segment, child) in children(node, step)? {
                    // A name gives one value at most: only what gives several can multiply.
                    if !matches!(step, Step::Selector(Selector::Name(_))) {
                        budget.take(child.span.start)?;
                    }
                    next.push((child, path.with(segment)));
                }
            }
            found = next;
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

/// The children that one segment selects, each with its own segment.
fn children<'n, 's>(
    node: &'n Node<'s>,
    step: &'n Step,
) -> Result<Vec<(Segment<'n>, &'n Node<'s>)>, Error> {
    if let Step::Selector(Selector::Name(key)) = step {
        let child = node.get(key)?;
        return Ok(child
            .map(|child| (Segment::Key(key.as_str()), child))
            .into_iter()
            .collect());
    }
    let mut segments: HashMap<*const Node<'s>, Segment<'n>> = HashMap::new();
    for entry in node.entries().unwrap_or_default() {
        if let Some(key) = entry.key.scalar() {
            segments.insert(std::ptr::from_ref(&entry.value), Segment::Key(key));
        }
    }
    for (index, item) in node.items().unwrap_or_default().iter().enumerate() {
        segments.insert(std::ptr::from_ref(item), Segment::Index(index));
    }
    let query = JpQuery::new(vec![step.clone()]);
    let selected = js_path_process(&query, node).unwrap_or_default();
    let selected = selected.into_iter().map(|found| found.val());
    Ok(selected
        .filter_map(|child| Some((*segments.get(&std::ptr::from_ref(child))?, child)))
        .collect())
}

/// Nodes as jsonpath-rust sees them: aliases followed, merge keys applied.
impl Queryable for Node<'_> {
    fn get(&self, key: &str) -> Option<&Self> {
        Node::get(self, key).ok().flatten()
    }

    fn as_array(&self) -> Option<&Vec<Self>> {
        match &self.target().kind {
            Kind::Sequence(List::Own(items), _) => Some(items),
            // A unit that is queried is not read into an arena (`Judge::queries`).
            Kind::Sequence(List::Lent(_), _) => {
                debug_assert!(false, "a query of nodes in an arena");
                None
            }
            _ => None,
        }
    }

    fn as_object(&self) -> Option<Vec<(&str, &Self)>> {
        let pair = |entry: &'_ Entry<'_>| entry.key.scalar().is_some();
        let entries = self.entries()?.iter().filter(|entry| pair(entry));
        Some(
            entries
                .map(|entry| (entry.key.scalar().unwrap_or_default(), &entry.value))
                .collect(),
        )
    }

    fn as_str(&self) -> Option<&str> {
        self.text()
    }

    fn as_i64(&self) -> Option<i64> {
        self.number().and_then(|text| text.parse().ok())
    }

    fn as_f64(&self) -> Option<f64> {
        self.number().and_then(|text| text.parse().ok())
    }

    fn as_bool(&self) -> Option<bool> {
        match (self.text(), self.scalar()) {
            (None, Some("true" | "True" | "TRUE")) => Some(true),
            (None, Some("false" | "False" | "FALSE")) => Some(false),
            _ => None,
        }
    }

    fn null() -> Self {
        Node::default()
    }
}

impl Node<'_> {
    fn number(&self) -> Option<&str> {
        let text = self.scalar().filter(|_| self.text().is_none())?;
        (scalar::core_type(text) == scalar::Type::Number).then_some(text)
    }

    fn of_text(text: String, style: Style) -> Self {
        Node {
            kind: Kind::Scalar(text.into(), style),
            ..Node::default()
        }
    }
}

/// Nodes that filters compare with; they are in no document.
impl From<&str> for Node<'_> {
    fn from(text: &str) -> Self {
        Node::of_text(text.to_owned(), Style::Double)
    }
}

impl From<String> for Node<'_> {
    fn from(text: String) -> Self {
        Node::of_text(text, Style::Double)
    }
}

impl From<bool> for Node<'_> {
    fn from(value: bool) -> Self {
        Node::of_text(value.to_string(), Style::Plain)
    }
}

impl From<i64> for Node<'_> {
    fn from(value: i64) -> Self {
        Node::of_text(value.to_string(), Style::Plain)
    }
}

impl From<f64> for Node<'_> {
    fn from(value: f64) -> Self {
        Node::of_text(value.to_string(), Style::Plain)
    }
}

impl<'s> From<Vec<Node<'s>>> for Node<'s> {
    fn from(items: Vec<Node<'s>>) -> Self {
        Node {
            kind: Kind::Sequence(items.into(), true),
            ..Node::default()
        }
    }
}

/// Whether two values are equal, in whatever style they are written.
impl PartialEq for Node<'_> {
    fn eq(&self, other: &Self) -> bool {
        match (&self.target().kind, &other.target().kind) {
            (Kind::Scalar(a, _), Kind::Scalar(b, _)) => {
                a == b && self.text().is_some() == other.text().is_some()
            }
            (Kind::Sequence(a, _), Kind::Sequence(b, _)) => a[..] == b[..],
            (Kind::Mapping(a, _), Kind::Mapping(b, _)) => {
                let same = |(a, b): (&Entry<'_>, &Entry<'_>)| a.key == b.key && a.value == b.value;
                a.len() == b.len() && a.iter().zip(b).all(same)
            }
            _ => false,
        }
    }
}
