//! Findings as the `results` of a ResourceList, in the style of the list they go into.

mod text;

use crate::edit::{Edit, line_break};
use crate::finding::Finding;

use super::list::{ListShape, RootEntry, RootValue};

pub(crate) use text::Results;
use text::ResultsStyle;

/// What other edits make of a ResourceList's `items`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum EditedItems {
    /// They leave them as they are, or add to those that are there.
    #[default]
    Kept,
    /// They write the list where there was none.
    Made,
}

/// The edits that put `results` at the end of a ResourceList, in the place of older ones, and give
/// it the `items` that every reader of it needs.
pub fn edits(input: &str, shape: &ListShape, findings: &[Finding]) -> Vec<Edit> {
    edits_beside(input, shape, findings, EditedItems::Kept)
}

/// As [`edits`], beside other edits of `items`.
pub fn edits_beside(
    input: &str,
    shape: &ListShape,
    findings: &[Finding],
    made: EditedItems,
) -> Vec<Edit> {
    let (mut edits, results) = plan(input, shape, findings, made);
    edits.extend(results.map(|results| results.edit(findings)));
    edits
}

/// As [`edits_beside`], but for the text of the results, which is written when it is wanted.
pub(crate) fn plan(
    input: &str,
    shape: &ListShape,
    findings: &[Finding],
    made: EditedItems,
) -> (Vec<Edit>, Option<Results>) {
    let mut edits = Vec::new();
    let old = shape
        .entries
        .iter()
        .position(|entry| entry.name == "results");
    if let Some(position) = old {
        edits.push(Edit::replace(old_results(input, shape, position), ""));
    }
    let items = shape.entry("items");
    let is_null = |entry: &&RootEntry| entry.found == RootValue::Null && made == EditedItems::Kept;
    if let Some(entry) = items.filter(is_null) {
        // `items:` and `items: null` say nothing, and some readers take that for no list at all.
        edits.push(if entry.value.is_empty() {
            Edit::insert(colon_end(input, entry.key.end), " []")
        } else {
            Edit::replace(entry.value.clone(), "[]")
        });
    }
    let missing = items.is_none() && made == EditedItems::Kept;
    let results = if shape.flow {
        in_flow(input, shape, findings, missing, old)
    } else {
        in_block(input, shape, findings, missing)
    };
    match results {
        Some(results) if findings.is_empty() => {
            edits.push(results.edit(findings));
            (edits, None)
        }
        results => (edits, results),
    }
}

fn in_flow(
    input: &str,
    shape: &ListShape,
    findings: &[Finding],
    missing: bool,
    old: Option<usize>,
) -> Option<Results> {
    let items = missing.then(|| "\"items\": []".to_owned());
    let results = (!findings.is_empty()).then(|| "\"results\": []".to_owned());
    let is_open = results.is_some();
    let pairs: Vec<String> = items.into_iter().chain(results).collect();
    let Edit { span, mut text } = flow_pairs(input, shape, old, &pairs)?;
    let after = if is_open {
        text.pop().map(String::from).unwrap_or_default()
    } else {
        String::new()
    };
    Some(Results {
        at: span.start,
        before: text,
        after,
        style: ResultsStyle::Flow,
    })
}

fn in_block(
    input: &str,
    shape: &ListShape,
    findings: &[Finding],
    missing: bool,
) -> Option<Results> {
    let indent = shape.indent(input);
    let newline = line_break(input, shape.end);
    let mut before = String::new();
    if missing {
        before.push_str(&format!("{:indent$}items: []{newline}", ""));
    }
    if !findings.is_empty() {
        before.push_str(&format!("{:indent$}results:{newline}", ""));
    }
    if before.is_empty() {
        return None;
    }
    // Where the last line of the text has no end, the new last line gets none.
    let ends = input[..shape.end].ends_with(['\n', '\r']);
    if !ends {
        before.insert_str(0, newline);
        if findings.is_empty() {
            before.truncate(before.trim_end().len());
        }
    }
    Some(Results {
        at: shape.end,
        before,
        after: String::new(),
        style: ResultsStyle::Block {
            indent,
            newline,
            ends,
        },
    })
}

/// The edit that puts pairs after the last one that stays, each on a line of its own where that
/// one has one.
pub(crate) fn flow_pairs(
    input: &str,
    shape: &ListShape,
    taken_out: Option<usize>,
    pairs: &[String],
) -> Option<Edit> {
    let (first, rest) = pairs.split_first()?;
    let entries = shape.entries.iter().enumerate();
    let mut kept = entries.filter(|(position, _)| Some(*position) != taken_out);
    let Some((_, last)) = kept.next_back() else {
        let others: String = rest.iter().map(|pair| format!(", {pair}")).collect();
        return Some(Edit::insert(shape.start + 1, format!("{first}{others}")));
    };
    let before = &input[..last.key.start];
    let line = before.trim_end_matches(|c: char| c != '\n' && c.is_whitespace());
    let blanks = line.ends_with('\n').then(|| &before[line.len()..]);
    let separator = match blanks {
        Some(blanks) => format!(",{}{blanks}", line_break(input, last.key.start)),
        None => ", ".to_owned(),
    };
    let pairs: String = pairs
        .iter()
        .map(|pair| format!("{separator}{pair}"))
        .collect();
    Some(Edit::insert(last.value.end, pairs))
}

/// The edit that leaves no items, for kustomize's `validators:`, which refuse a function that
/// gives back what it got (kustomize#5036).
pub fn without_items(input: &str, shape: &ListShape) -> Option<Edit> {
    let position = shape
        .entries
        .iter()
        .position(|entry| entry.name == "items")?;
    let entry = &shape.entries[position];
    if entry.found != RootValue::List {
        return None;
    }
    if input[entry.value.clone()].starts_with('[') {
        return Some(Edit::replace(entry.value.clone(), "[]"));
    }
    let end = pair_span(input, shape, position).end;
    let newline = if input[..end].ends_with("\r\n") {
        "\r\n"
    } else {
        "\n"
    };
    let ends_line = input[..end].ends_with('\n');
    let text = if ends_line {
        format!(" []{newline}")
    } else {
        " []".to_owned()
    };
    Some(Edit::replace(colon_end(input, entry.key.end)..end, text))
}

pub(crate) fn colon_end(input: &str, key_end: usize) -> usize {
    let colon = memchr::memchr(b':', &input.as_bytes()[key_end..]);
    key_end + colon.map_or(0, |offset| offset + 1)
}

/// The bytes of an old `results` pair, without the comments after it.
fn old_results(input: &str, shape: &ListShape, position: usize) -> crate::yaml::Span {
    let span = pair_span(input, shape, position);
    if shape.flow {
        return span;
    }
    // After the list, a comment at the root's own column belongs to the next pair.
    let indent = shape.indent(input);
    let mut end = span.start;
    for (number, line) in input[span.clone()].split_inclusive('\n').enumerate() {
        let blanks = line.len() - line.trim_start_matches(' ').len();
        let is_comment = blanks <= indent && line[blanks..].starts_with('#');
        if number > 0 && is_comment {
            break;
        }
        end += line.len();
    }
    span.start..end
}

/// The bytes of a root pair: in block style its lines, in flow style with one comma.
fn pair_span(input: &str, shape: &ListShape, position: usize) -> crate::yaml::Span {
    let entry = &shape.entries[position];
    let next = shape.entries.get(position + 1);
    if shape.flow {
        let before = position.checked_sub(1).map(|before| &shape.entries[before]);
        return match (before, next) {
            (Some(before), _) => before.value.end..entry.value.end,
            (None, Some(next)) => entry.key.start..next.key.start,
            (None, None) => entry.key.start..entry.value.end,
        };
    }
    let indent = shape.indent(input);
    let start = entry.key.start - indent;
    start..next.map_or(shape.end, |next| next.key.start - indent)
}
