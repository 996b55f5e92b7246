//! The filters of a JSONPath, compiled once, since a filter is evaluated at each value that its
//! path visits.

mod compile;

use jsonpath_rust::parser::model::Literal;
use regex::Regex;

use super::{PathStep, PathWalk, select};
use crate::yaml::{Error, Node, scalar};

pub(super) use compile::condition;

/// A condition on `@`, the current value.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::field) enum Condition {
    Any(Vec<Condition>),
    All(Vec<Condition>),
    Not(Box<Condition>),
    /// The value exists.
    Exists(Vec<PathStep>),
    /// The value, compared with a literal.
    Compare(Vec<PathStep>, Operator, Literal),
    /// The value is text that matches a regular expression.
    Matches(Vec<PathStep>, Pattern),
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::field) enum Operator {
    Equal,
    Differs,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// A regular expression, equal to another one by what is written.
#[derive(Debug, Clone)]
pub(in crate::field) struct Pattern(Regex);

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.0.as_str() == other.0.as_str()
    }
}

impl Condition {
    /// Whether a value is as the condition asks.
    pub(super) fn holds(&self, node: &Node<'_>, walk: &mut PathWalk<'_>) -> Result<bool, Error> {
        match self {
            Condition::Any(conditions) => {
                for condition in conditions {
                    if condition.holds(node, walk)? {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
            Condition::All(conditions) => {
                for condition in conditions {
                    if !condition.holds(node, walk)? {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            Condition::Not(condition) => Ok(!condition.holds(node, walk)?),
            Condition::Exists(steps) => Ok(!found(steps, node, walk)?.is_empty()),
            Condition::Compare(steps, operator, literal) => {
                Ok(operator.holds(found(steps, node, walk)?.first().copied(), literal))
            }
            Condition::Matches(steps, Pattern(regex)) => {
                let [value] = found(steps, node, walk)?[..] else {
                    return Ok(false);
                };
                let Some(text) = value.text() else {
                    return Ok(false);
                };
                walk.steps(text.len(), node)?;
                Ok(regex.is_match(text))
            }
        }
    }
}

/// What steps lead to from a value.
fn found<'n, 's>(
    steps: &'n [PathStep],
    node: &'n Node<'s>,
    walk: &mut PathWalk<'_>,
) -> Result<Vec<&'n Node<'s>>, Error> {
    let mut found = vec![node];
    for step in steps {
        let mut next = Vec::new();
        for node in found {
            next.extend(
                select(step, node, walk)?
                    .into_iter()
                    .map(|(_, child)| child),
            );
        }
        found = next;
    }
    Ok(found)
}

impl Operator {
    /// Whether the comparison of a value, if there is one, with a literal holds: a missing value
    /// equals no literal, and only numbers and texts have an order.
    fn holds(self, node: Option<&Node<'_>>, literal: &Literal) -> bool {
        let is_equal = || node.is_some_and(|node| is_equal(node, literal));
        let order = || node.and_then(|node| order(node, literal));
        match self {
            Operator::Equal => is_equal(),
            Operator::Differs => !is_equal(),
            Operator::Less => order().is_some_and(std::cmp::Ordering::is_lt),
            Operator::Greater => order().is_some_and(std::cmp::Ordering::is_gt),
            Operator::LessOrEqual => is_equal() || order().is_some_and(std::cmp::Ordering::is_lt),
            Operator::GreaterOrEqual => {
                is_equal() || order().is_some_and(std::cmp::Ordering::is_gt)
            }
        }
    }
}

fn is_equal(node: &Node<'_>, literal: &Literal) -> bool {
    match literal {
        Literal::Null => node.is_null(),
        Literal::Bool(expected) => match (node.text(), node.scalar()) {
            (None, Some("true" | "True" | "TRUE")) => *expected,
            (None, Some("false" | "False" | "FALSE")) => !*expected,
            _ => false,
        },
        Literal::Int(_) | Literal::Float(_) | Literal::String(_) => {
            order(node, literal).is_some_and(std::cmp::Ordering::is_eq)
        }
    }
}

fn order(node: &Node<'_>, literal: &Literal) -> Option<std::cmp::Ordering> {
    let expected = match literal {
        Literal::String(expected) => return Some(node.text()?.cmp(expected)),
        // No more than 2^53, as RFC 9535 bounds it: exact.
        Literal::Int(expected) => *expected as f64,
        Literal::Float(expected) => *expected,
        Literal::Bool(_) | Literal::Null => return None,
    };
    number(node)?.partial_cmp(&expected)
}

fn number(node: &Node<'_>) -> Option<f64> {
    let text = node.scalar().filter(|_| node.text().is_none())?;
    let is_number = scalar::core_type(text) == scalar::Type::Number;
    is_number.then(|| text.parse().ok())?
}
