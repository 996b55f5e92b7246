//! Findings as the `results` of a ResourceList, in the style of the list they go into.

use crate::edit::Edit;
use crate::finding::Finding;
use crate::parallel;

use super::list::{ListShape, RootEntry, Value};
use super::result;

/// What other edits make of a ResourceList's `items`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Items {
    /// They leave them as they are, or add to those that stand there.
    #[default]
    Kept,
    /// They write the list where there was none.
    Made,
}

/// The edits that put `results` at the end of a ResourceList, in the place of older ones, and give
/// it the `items` that every reader of it needs.
pub fn edits(input: &str, shape: &ListShape, findings: &[Finding]) -> Vec<Edit> {
    edits_beside(input, shape, findings, Items::Kept)
}

/// As [`edits`], beside other edits of `items`.
pub fn edits_beside(
    input: &str,
    shape: &ListShape,
    findings: &[Finding],
    made: Items,
) -> Vec<Edit> {
    let mut edits = Vec::new();
    let old = shape
        .entries
        .iter()
        .position(|entry| entry.name == "results");
    if let Some(position) = old {
        edits.push(Edit::replace(old_results(input, shape, position), ""));
    }
    let items = shape.entry("items");
    let is_null = |entry: &&RootEntry| entry.found == Value::Null && made == Items::Kept;
    if let Some(entry) = items.filter(is_null) {
        // `items:` and `items: null` say nothing, and some readers take that for no list at all.
        edits.push(match entry.value.is_empty() {
            true => Edit::insert(colon_end(input, entry.key.end), " []"),
            false => Edit::replace(entry.value.clone(), "[]"),
        });
    }
    let missing = items.is_none() && made == Items::Kept;
    if shape.flow {
        let mut pairs: Vec<String> = Vec::new();
        if missing {
            pairs.push("\"items\": []".to_owned());
        }
        if !findings.is_empty() {
            let results = written(findings, |finding, text| {
                if !text.is_empty() {
                    text.push_str(", ");
                }
                result::flow(finding, text);
            });
            pairs.push(format!("\"results\": [{}]", results.join(", ")));
        }
        edits.extend(flow_pairs(input, shape, old, &pairs));
        return edits;
    }
    let indent = shape.indent(input);
    let newline = if input.contains("\r\n") { "\r\n" } else { "\n" };
    let mut first = String::new();
    if missing {
        first.push_str(&format!("{:indent$}items: []\n", ""));
    }
    if !findings.is_empty() {
        first.push_str(&format!("{:indent$}results:\n", ""));
    }
    let mut parts = vec![first];
    parts.extend(written(findings, |finding, lines| {
        result::block(finding, indent, lines);
    }));
    if newline != "\n" {
        for part in &mut parts {
            *part = part.replace('\n', newline);
        }
    }
    if !input[..shape.end].ends_with('\n') {
        // The last line of the text has no end, and the new last line gets none.
        parts.retain(|part| !part.is_empty());
        if let Some(first) = parts.first_mut() {
            first.insert_str(0, newline);
        }
        if let Some(last) = parts.last_mut() {
            last.truncate(last.trim_end().len());
        }
    }
    let parts = parts.into_iter().filter(|part| !part.is_empty());
    edits.extend(parts.map(|part| Edit::insert(shape.end, part)));
    edits
}

/// Findings as `write` writes each behind those before: large, so in parts, several at once.
fn written(findings: &[Finding], write: impl Fn(&Finding, &mut String) + Sync) -> Vec<String> {
    parallel::map(findings, findings.len() * result::LENGTH, |_, some| {
        let mut text = String::with_capacity(some.len() * result::LENGTH);
        some.iter().for_each(|finding| write(finding, &mut text));
        text
    })
}

/// The edit that puts pairs behind the last one that stays, each on a line of its own where that
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
    let line = input[..last.key.start]
        .rfind('\n')
        .map(|newline| newline + 1);
    let blanks = line.map(|line| &input[line..last.key.start]);
    let separator = match blanks.filter(|blanks| blanks.trim().is_empty()) {
        Some(blanks) if input.contains("\r\n") => format!(",\r\n{blanks}"),
        Some(blanks) => format!(",\n{blanks}"),
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
    if entry.found != Value::List {
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

/// The bytes of an old `results` pair, without the comments behind it.
fn old_results(input: &str, shape: &ListShape, position: usize) -> crate::yaml::Span {
    let span = pair_span(input, shape, position);
    if shape.flow {
        return span;
    }
    // What stands at the root's own column behind the list is a comment on the next pair.
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
