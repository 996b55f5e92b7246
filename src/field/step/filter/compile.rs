//! Makes a [`Condition`] of a filter as the parser of JSONPath gives it.

use jsonpath_rust::parser::model::{
    Comparable, Comparison, Filter, FilterAtom, FnArg, Literal, SingularQuery,
    SingularQuerySegment, Test, TestFunction,
};
use regex::RegexBuilder;

use super::super::{PathFault, PathStep};
use super::{Condition, Operator, Pattern};

/// The most bytes that a compiled regular expression may take: some 300 characters that may each be
/// anything. `((a{1,100}){1,100}){1,100}` would take gigabytes.
const MAX_PATTERN: usize = 1 << 16;

/// The condition that a filter writes; `text` is the whole path.
pub(in crate::field) fn condition(filter: Filter, text: &str) -> Result<Condition, PathFault> {
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
        Test::RelQuery(segments) => Ok(Condition::Exists(PathStep::all(segments, text)?)),
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

fn singular(query: SingularQuery, text: &str) -> Result<Vec<PathStep>, PathFault> {
    let SingularQuery::Current(segments) = query else {
        return Err(absolute(text));
    };
    let step = |segment| match segment {
        SingularQuerySegment::Name(name) => PathStep::name(&name),
        SingularQuerySegment::Index(index) => PathStep::index(index),
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
    let steps = PathStep::all(segments, text)?;
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
