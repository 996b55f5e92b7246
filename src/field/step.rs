//! The steps of a JSONPath, and what each of them selects of a value.
//!
//! jsonpath-rust parses a path, and the steps are taken here, because each one counts against a
//! budget: paths come with manifests, and aliases can make a short text represent a long one.

mod filter;

use jsonpath_rust::parser::model::{self, Segment as Parsed};

use crate::krm::resource::Budget;
use crate::quote;
use crate::yaml::{Error, Node, Segment};

use filter::{Condition, condition};

/// What is wrong with a JSONPath.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PathFault {
    /// Byte offset in the path.
    pub at: usize,
    /// The fault: lower case, no final stop.
    pub what: String,
}

impl PathFault {
    /// A fault where `word` is in the path first.
    pub(super) fn at(text: &str, word: &str, what: &str) -> Self {
        PathFault {
            at: text.find(word).unwrap_or(0),
            what: what.to_owned(),
        }
    }
}

/// What is selected of a value, in the order of the selectors.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum PathStep {
    One(Selector),
    Several(Vec<Selector>),
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Selector {
    Name(String),
    Wildcard,
    /// The position in a list; a negative one counts from its end.
    Index(i64),
    /// Start, end and stride, as written.
    Slice(Option<i64>, Option<i64>, Option<i64>),
    Filter(Condition),
}

impl PathStep {
    pub(super) fn name(name: &str) -> Self {
        PathStep::One(Selector::Name(name.to_owned()))
    }

    pub(super) fn index(index: i64) -> Self {
        PathStep::One(Selector::Index(index))
    }

    /// The steps of a path that was parsed from `text`.
    pub(super) fn all(segments: Vec<Parsed>, text: &str) -> Result<Vec<PathStep>, PathFault> {
        let step = |segment| match segment {
            Parsed::Selector(one) => Ok(PathStep::One(selector(one, text)?)),
            Parsed::Selectors(several) => {
                let several = several.into_iter().map(|one| selector(one, text));
                Ok(PathStep::Several(several.collect::<Result<_, _>>()?))
            }
            Parsed::Descendant(_) => {
                let what = "descendants (`..`) are not read: name the way";
                Err(PathFault::at(text, "..", what))
            }
        };
        segments.into_iter().map(step).collect()
    }

    /// Whether at most one value is selected.
    pub(super) fn is_singular(&self) -> bool {
        matches!(self, PathStep::One(Selector::Name(_) | Selector::Index(_)))
    }

    fn selectors(&self) -> &[Selector] {
        match self {
            PathStep::One(one) => std::slice::from_ref(one),
            PathStep::Several(several) => several,
        }
    }
}

fn selector(parsed: model::Selector, text: &str) -> Result<Selector, PathFault> {
    Ok(match parsed {
        model::Selector::Name(name) => Selector::Name(name),
        model::Selector::Wildcard => Selector::Wildcard,
        model::Selector::Index(index) => Selector::Index(index),
        model::Selector::Slice(start, end, stride) => Selector::Slice(start, end, stride),
        model::Selector::Filter(filter) => Selector::Filter(condition(filter, text)?),
    })
}

/// Characters of a path that a message repeats.
const MAX_QUOTED: usize = 60;

/// A path on its way through a resource.
pub(super) struct PathWalk<'b> {
    pub(super) budget: &'b mut Budget,
    /// The path as it is written.
    pub(super) path: &'b str,
}

impl PathWalk<'_> {
    /// Takes the steps at a node from the budget.
    pub(super) fn steps(&mut self, count: usize, at: &Node<'_>) -> Result<(), Error> {
        if self.budget.step(count) {
            return Ok(());
        }
        Err(Error {
            at: at.start(),
            first: None,
            what: format!(
                "the path `{}` takes more steps here than paths may for the bytes of this text",
                quote::short(self.path, MAX_QUOTED)
            ),
            help: Some(
                "give fewer paths, or a shorter one: in `fields` of the configuration, or in `helm` \
                 of a profile"
                    .to_owned(),
            ),
        })
    }
}

/// The values that a step selects, each with its own segment.
pub(super) fn select<'n, 's>(
    step: &'n PathStep,
    node: &'n Node<'s>,
    walk: &mut PathWalk<'_>,
) -> Result<Vec<(Segment<'n>, &'n Node<'s>)>, Error> {
    let mut found = Vec::new();
    for selector in step.selectors() {
        match selector {
            Selector::Name(key) => {
                walk.steps(node.keys(), node)?;
                found.extend(node.get(key)?.map(|child| (Segment::Key(key), child)));
            }
            Selector::Wildcard => found.extend(children(node, walk)?),
            Selector::Index(index) => {
                let items = node.items().unwrap_or_default();
                if let Ok(index) = usize::try_from(position(*index, items.len())) {
                    let item = items.get(index);
                    found.extend(item.map(|item| (Segment::Index(index), item)));
                }
            }
            Selector::Slice(start, end, stride) => {
                let items = node.items().unwrap_or_default();
                let positions = slice(*start, *end, stride.unwrap_or(1), items.len());
                walk.steps(positions.len(), node)?;
                let item = |index: usize| (Segment::Index(index), &items[index]);
                found.extend(positions.into_iter().map(item));
            }
            Selector::Filter(condition) => {
                for (segment, child) in children(node, walk)? {
                    if condition.holds(child, walk)? {
                        found.push((segment, child));
                    }
                }
            }
        }
    }
    Ok(found)
}

/// All values of a mapping or list.
fn children<'n, 's>(
    node: &'n Node<'s>,
    walk: &mut PathWalk<'_>,
) -> Result<Vec<(Segment<'n>, &'n Node<'s>)>, Error> {
    let entries = node.entries().unwrap_or_default();
    let items = node.items().unwrap_or_default();
    walk.steps(entries.len() + items.len(), node)?;
    for entry in entries {
        entry.value.refuse_bytes()?;
    }
    let values = entries
        .iter()
        .filter_map(|entry| Some((Segment::Key(entry.key.scalar()?), &entry.value)));
    let items = items
        .iter()
        .enumerate()
        .map(|(index, item)| (Segment::Index(index), item));
    Ok(values.chain(items).collect())
}

/// A position that may count from the end, from the beginning.
fn position(index: i64, length: usize) -> i64 {
    let length = i64::try_from(length).unwrap_or(i64::MAX);
    if index < 0 {
        index.saturating_add(length)
    } else {
        index
    }
}

/// The positions of a slice (RFC 9535, 2.3.4.2).
fn slice(start: Option<i64>, end: Option<i64>, stride: i64, length: usize) -> Vec<usize> {
    let last = i64::try_from(length).unwrap_or(i64::MAX);
    let bound = |given: Option<i64>, default: i64| given.map_or(default, |at| position(at, length));
    let mut found = Vec::new();
    let mut at = match stride {
        1.. => bound(start, 0).clamp(0, last),
        _ => bound(start, last - 1).clamp(-1, last - 1),
    };
    let end = match stride {
        1.. => bound(end, last).clamp(0, last),
        _ => bound(end, -1).clamp(-1, last - 1),
    };
    while stride > 0 && at < end || stride < 0 && at > end {
        found.extend(usize::try_from(at));
        at = at.saturating_add(stride);
    }
    found
}
