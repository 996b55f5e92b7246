//! The filters of a JSONPath, compiled once, since a filter is evaluated at each value that its
//! path visits.

use jsonpath_rust::parser::model::{
    Comparable, Comparison, Filter, FilterAtom, FnArg, Literal, SingularQuery,
    SingularQuerySegment, Test, TestFunction,
};
use regex::{Regex, RegexBuilder};

use super::{PathFault, Step, Walk, select};
use crate::yaml::{Error, Node, scalar};

/// The most bytes that a compiled regular expression may take: some 300 characters that may each be
/// anything. `((a{1,100}){1,100}){1,100}` would take gigabytes.
const MAX_PATTERN: usize = 1 << 16;

/// A condition on `@`, the current value.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::field) enum Condition {
    Any(Vec<Condition>),
    All(Vec<Condition>),
    Not(Box<Condition>),
    /// The value exists.
    Exists(Vec<Step>),
    /// The value, compared with a literal.
    Compare(Vec<Step>, Operator, Literal),
    /// The value is text that matches a regular expression.
    Matches(Vec<Step>, Pattern),
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

/// The condition that a filter writes; `text` is the whole path.
pub(super) fn condition(filter: Filter, text: &str) -> Result<Condition, PathFault> {
    let all = |filters: Vec<Filter>| -> Result<Vec<Condition>, PathFault> {
        filters
            .into_iter()
            .map(|one| condition(one, text))
            .collect()
    };
    let negated = |inner: Condition, not: bool| {
        if not {
            Condition::Not(Box::new(inner))
        } else {
            inner
        }
    };
    Ok(match filter {
        Filter::Or(filters) => Condition::Any(all(filters)?),
        Filter::And(filters) => Condition::All(all(filters)?),
        Filter::Atom(FilterAtom::Filter { expr, not }) => negated(condition(*expr, text)?, not),
        Filter::Atom(FilterAtom::Test { expr, not }) => negated(test(*expr, text)?, not),
        Filter::Atom(FilterAtom::Comparison(comparison)) => compare(*comparison, text)?,
    })
}

fn test(test: Test, text: &str) -> Result<Condition, PathFault> {
    match test {
        Test::RelQuery(segments) => Ok(Condition::Exists(Step::all(segments, text)?)),
        Test::AbsQuery(_) => Err(absolute(text)),
        Test::Function(function) => match *function {
            TestFunction::Search(value, pattern) => matches(value, pattern, false, text),
            TestFunction::Match(value, pattern) => matches(value, pattern, true, text),
            other => Err(function_fault(&other, text)),
        },
    }
}

fn compare(comparison: Comparison, text: &str) -> Result<Condition, PathFault> {
    use Operator::{Differs, Equal, Greater, GreaterOrEqual, Less, LessOrEqual};
    // The operator, and the one that says the same with the sides exchanged.
    let (left, right, operator, exchanged) = match comparison {
        Comparison::Eq(left, right) => (left, right, Equal, Equal),
        Comparison::Ne(left, right) => (left, right, Differs, Differs),
        Comparison::Gt(left, right) => (left, right, Greater, Less),
        Comparison::Gte(left, right) => (left, right, GreaterOrEqual, LessOrEqual),
        Comparison::Lt(left, right) => (left, right, Less, Greater),
        Comparison::Lte(left, right) => (left, right, LessOrEqual, GreaterOrEqual),
    };
    match (left, right) {
        (Comparable::SingularQuery(query), Comparable::Literal(literal)) => Ok(Condition::Compare(
            singular(query, text)?,
            operator,
            literal,
        )),
        (Comparable::Literal(literal), Comparable::SingularQuery(query)) => Ok(Condition::Compare(
            singular(query, text)?,
            exchanged,
            literal,
        )),
        (Comparable::Function(function), _) | (_, Comparable::Function(function)) => {
            Err(function_fault(&function, text))
        }
        _ => Err(PathFault::at(
            text,
            "?",
            "a filter compares what `@` leads to with a text, a number, `true`, `false` or `null`",
        )),
    }
}

fn singular(query: SingularQuery, text: &str) -> Result<Vec<Step>, PathFault> {
    let SingularQuery::Current(segments) = query else {
        return Err(absolute(text));
    };
    let step = |segment| match segment {
        SingularQuerySegment::Name(name) => Step::name(&name),
        SingularQuerySegment::Index(index) => Step::index(index),
    };
    Ok(segments.into_iter().map(step).collect())
}

/// `match` asks for the whole text, `search` for a part of it.
fn matches(
    value: FnArg,
    pattern: FnArg,
    is_whole: bool,
    text: &str,
) -> Result<Condition, PathFault> {
    let name = if is_whole { "match" } else { "search" };
    let (FnArg::Test(value), FnArg::Literal(Literal::String(pattern))) = (value, pattern) else {
        let what = format!("`{name}` takes a path from `@` and a regular expression in quotes");
        return Err(PathFault::at(text, name, &what));
    };
    let Test::RelQuery(segments) = *value else {
        return Err(absolute(text));
    };
    let steps = Step::all(segments, text)?;
    let regex = RegexBuilder::new(&translated(&pattern, is_whole))
        .size_limit(MAX_PATTERN)
        .build();
    let regex = regex.map_err(|error| match error {
        regex::Error::CompiledTooBig(_) => PathFault::at(
            text,
            name,
            "the regular expression is too large: repetitions multiply",
        ),
        _ => PathFault::at(text, name, "this is not a regular expression (RFC 9485)"),
    })?;
    Ok(Condition::Matches(steps, Pattern(regex)))
}

/// An I-Regexp (RFC 9485) as the regex crate reads it, whose `.` is everything but LF.
fn translated(pattern: &str, is_whole: bool) -> String {
    let mut out = String::with_capacity(pattern.len() + 8);
    out.push_str(if is_whole { "^(?:" } else { "(?:" });
    let mut is_class = false;
    let mut letters = pattern.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => {
                out.push(letter);
                out.extend(letters.next());
                continue;
            }
            '.' if !is_class => {
                out.push_str(r"[^\n\r]");
                continue;
            }
            '[' => is_class = true,
            ']' => is_class = false,
            _ => {}
        }
        out.push(letter);
    }
    out.push_str(if is_whole { ")$" } else { ")" });
    out
}

fn absolute(text: &str) -> PathFault {
    let at = text.rfind('$').unwrap_or(0);
    PathFault {
        at,
        what: "a filter asks what `@` leads to, not `$`".to_owned(),
    }
}

fn function_fault(function: &TestFunction, text: &str) -> PathFault {
    let name = match function {
        TestFunction::Custom(name, _) => name,
        TestFunction::Length(_) => "length",
        TestFunction::Value(_) => "value",
        TestFunction::Count(_) => "count",
        TestFunction::Search(..) => "search",
        TestFunction::Match(..) => "match",
    };
    let what = format!("`{name}` is not read here: of the functions, `match` and `search` are");
    PathFault::at(text, name, &what)
}

impl Condition {
    /// Whether a value is as the condition asks.
    pub(super) fn holds(&self, node: &Node<'_>, walk: &mut Walk<'_>) -> Result<bool, Error> {
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
    steps: &'n [Step],
    node: &'n Node<'s>,
    walk: &mut Walk<'_>,
) -> Result<Vec<&'n Node<'s>>, Error> {
    let mut found = vec![node];
    for step in steps {
        let mut next = Vec::new();
        for node in found {
            next.extend(
                { select(step, node, walk)? }
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
