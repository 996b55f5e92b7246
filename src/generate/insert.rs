//! Appends new objects, in the style of the list or stream that they join.

use crate::edit::{self, Edit};
use crate::error::{Error, Fault};
use crate::krm::list::{ListShape, RootValue};
use crate::krm::results::{self, EditedItems};
use crate::krm::survey::Survey;
use crate::krm::unit::{Unit, UnitContent};
use crate::yaml::parse::Parser;
use crate::yaml::{Node, Span};

use super::object::{Object, block, json};

/// The edits that put new objects into an input.
#[derive(Debug)]
pub(super) struct Insertion {
    pub(super) edits: Vec<Edit>,
    /// What becomes of the key `items`, for the edits that write `results` beside it.
    pub(super) items: EditedItems,
}

/// An insertion that leaves the key `items`, if there is one, as it is.
fn beside_others(edit: Edit) -> Insertion {
    Insertion {
        edits: vec![edit],
        items: EditedItems::Kept,
    }
}

/// An insertion that writes the value of the key `items`, and the key where it is missing.
fn with_items(edits: Vec<Edit>) -> Insertion {
    Insertion {
        edits,
        items: EditedItems::Made,
    }
}

/// The characters that end a line; a carriage return does so alone, too.
const LINE_BREAKS: [char; 2] = ['\n', '\r'];

/// The line break of an input.
pub(super) fn newline(input: &str) -> &'static str {
    if input.contains("\r\n") {
        "\r\n"
    } else if input.contains('\r') && !input.contains('\n') {
        "\r"
    } else {
        "\n"
    }
}

/// A text whose lines begin at a column; empty lines stay empty.
pub(super) fn indented(text: &str, column: usize) -> String {
    text.split_inclusive('\n')
        .map(|line| match line.trim_end() {
            "" => line.to_owned(),
            _ => format!("{:column$}{line}", ""),
        })
        .collect()
}

/// Appends objects to the input.
pub(super) fn add(
    input: &str,
    survey: &Survey<'_>,
    new: &[(&Object, serde_yaml::Value)],
) -> Result<Insertion, Error> {
    match &survey.list {
        Some(shape) => add_items(input, survey, shape, new),
        None => add_documents(input, survey, new),
    }
}

fn comment(object: &Object) -> String {
    let mut letters = object.comment.chars();
    let first = letters.next().map(|first| first.to_uppercase().to_string());
    format!("# {}{}.\n", first.unwrap_or_default(), letters.as_str())
}

fn add_documents(
    input: &str,
    survey: &Survey<'_>,
    new: &[(&Object, serde_yaml::Value)],
) -> Result<Insertion, Error> {
    let is_flow = |span: &Span| input[span.clone()].trim_start().starts_with('{');
    let mut units = survey.units.iter();
    let all_flow = !survey.units.is_empty() && units.all(|unit| is_flow(&unit.span));
    let newline = newline(input);
    let mut text = String::new();
    if !input.is_empty() && !input.ends_with(LINE_BREAKS) {
        text.push('\n');
    }
    for (index, (object, value)) in new.iter().enumerate() {
        if all_flow {
            text.push_str(&json(value));
            text.push('\n');
            continue;
        }
        if index > 0 || !survey.units.is_empty() {
            text.push_str("---\n");
        }
        text.push_str(&comment(object));
        text.push_str(&block(value)?);
    }
    let text = text.replace('\n', newline);
    Ok(beside_others(Edit::insert(input.len(), text)))
}

fn add_items(
    input: &str,
    survey: &Survey<'_>,
    shape: &ListShape,
    new: &[(&Object, serde_yaml::Value)],
) -> Result<Insertion, Error> {
    let entry = shape.entry("items");
    let is_list = entry.is_some_and(|entry| entry.found == RootValue::List);
    let is_empty = survey.units.is_empty() || count(input, survey)? == 0;
    let in_flow = entry.is_some_and(|entry| input[entry.value.clone()].starts_with('['));
    if shape.flow || (is_list && in_flow && !is_empty) {
        let objects: Vec<String> = new.iter().map(|(_, value)| json(value)).collect();
        return flow_items(input, survey, shape, &objects);
    }
    let newline = newline(input);
    let column = match entry.filter(|_| is_list && !is_empty) {
        Some(_) => block_column(input, first_start(input, survey)?)?,
        None => shape.indent(input),
    };
    let mut lines = String::new();
    for (object, value) in new {
        lines.push_str(&indented(&comment(object), column));
        let body = indented(&block(value)?, column + 2);
        lines.push_str(&format!("{:column$}- {}", "", body.trim_start()));
    }
    let insert = |at: usize, lines: String| {
        let lines = if input[..at].ends_with(LINE_BREAKS) {
            lines
        } else {
            format!("\n{}", lines.trim_end())
        };
        Edit::insert(at, lines.replace('\n', newline))
    };
    Ok(match entry {
        // After the last item's last line; comments that follow that line come after the new items.
        Some(_) if is_list && !is_empty => {
            let at = end_of_line(input, last_end(input, survey)?);
            beside_others(insert(at, lines))
        }
        Some(entry) => {
            let colon = results::colon_end(input, entry.key.end);
            let end = entry.value.end.max(colon);
            let old_value = Edit::replace(colon..end, "");
            with_items(vec![old_value, insert(end_of_line(input, end), lines)])
        }
        None => {
            lines.insert_str(0, &format!("{:column$}items:\n", ""));
            with_items(vec![insert(shape.end, lines)])
        }
    })
}

/// The offset after the line break of a line, or the end of the input.
fn end_of_line(input: &str, at: usize) -> usize {
    let line = memchr::memchr2(b'\n', b'\r', &input.as_bytes()[at..]);
    line.map_or(input.len(), |offset| {
        let end = at + offset + 1;
        end + usize::from(input[end - 1..].starts_with("\r\n"))
    })
}

/// The column of a block list's dashes: that of the dash before its first item; comments may come
/// between the two.
fn block_column(input: &str, first: usize) -> Result<usize, Error> {
    let mut end = first;
    loop {
        let line = input[..end]
            .rfind(LINE_BREAKS)
            .map_or(0, |newline| newline + 1);
        let text = &input[line..end];
        let words = text.trim_start_matches([' ', '\u{feff}']);
        if words.starts_with('-') {
            return Ok(text.len() - words.len());
        }
        if line == 0 || !(words.trim().is_empty() || words.starts_with('#')) {
            let what = "nothing can be added to a list of items whose dashes are not found";
            let help = "write each item behind a dash of its own";
            return Err(Error::Input(Fault::input(first, what, Some(help))));
        }
        end = line - 1;
    }
}

/// Where the first item begins.
fn first_start(input: &str, survey: &Survey<'_>) -> Result<usize, Error> {
    Ok(match survey.units.first() {
        Some(unit) if unit.content == UnitContent::ResourceList => {
            let items = items_of(input, survey.parser, unit)?;
            items.first().map_or(unit.span.start, |span| span.start)
        }
        Some(unit) => unit.span.start,
        None => 0,
    })
}

/// The items of a ResourceList that is one unit, each without what follows its last value.
fn items_of(input: &str, parser: Parser, unit: &Unit) -> Result<Vec<Span>, Error> {
    let unreadable = || {
        let what = "the items cannot be read";
        Error::Input(Fault::input(unit.span.start, what, None))
    };
    let root = unit.parse(parser, input, None);
    let root = root.map_err(|_| unreadable())?.root;
    let items = root.get("items").map_err(|_| unreadable())?;
    let items = items.and_then(Node::items).unwrap_or_default();
    let span =
        |item: &Node<'_>| item.start()..edit::value_end(unit.text(input), item, item.span.end);
    Ok(items.iter().map(span).collect())
}

fn flow_items(
    input: &str,
    survey: &Survey<'_>,
    shape: &ListShape,
    objects: &[String],
) -> Result<Insertion, Error> {
    let Some(entry) = shape.entry("items") else {
        let pair = format!("\"items\": [{}]", objects.join(", "));
        let edits = results::flow_pairs(input, shape, None, &[pair]);
        return Ok(with_items(edits.into_iter().collect()));
    };
    if entry.found == RootValue::Null {
        let list = format!("[{}]", objects.join(", "));
        let edit = if entry.value.is_empty() {
            let colon = results::colon_end(input, entry.key.end);
            Edit::insert(colon, format!(" {list}"))
        } else {
            Edit::replace(entry.value.clone(), list)
        };
        return Ok(with_items(vec![edit]));
    }
    if count(input, survey)? == 0 {
        let list = format!("[{}]", objects.join(", "));
        return Ok(beside_others(Edit::replace(entry.value.clone(), list)));
    }
    let at = last_end(input, survey)?;
    let start = survey.units.last().map_or(at, |unit| unit.span.start);
    let line = input[..start].rfind(LINE_BREAKS).map(|newline| newline + 1);
    let blanks = line.map(|line| &input[line..start]);
    let separator = match blanks.filter(|blanks| blanks.trim().is_empty()) {
        Some(blanks) => format!(",{}{blanks}", newline(input)),
        None => ", ".to_owned(),
    };
    let text: String = objects
        .iter()
        .map(|object| format!("{separator}{object}"))
        .collect();
    Ok(beside_others(Edit::insert(at, text)))
}

/// How many items there are; where anchors cross them they are one unit.
pub(super) fn count(input: &str, survey: &Survey<'_>) -> Result<usize, Error> {
    match survey.units.first() {
        Some(unit) if unit.content == UnitContent::ResourceList => {
            Ok(items_of(input, survey.parser, unit)?.len())
        }
        _ => Ok(survey.units.len()),
    }
}

/// Where the last item's last value ends.
fn last_end(input: &str, survey: &Survey<'_>) -> Result<usize, Error> {
    let Some(unit) = survey.units.last() else {
        return Ok(input.len());
    };
    if unit.content == UnitContent::ResourceList {
        let items = items_of(input, survey.parser, unit)?;
        return Ok(items.last().map_or(unit.span.end, |span| span.end));
    }
    let unreadable = |_| {
        let what = "the item cannot be read";
        Error::Input(Fault::input(unit.span.start, what, None))
    };
    let root = unit.parse(survey.parser, input, None);
    let root = root.map_err(unreadable)?.root;
    Ok(edit::value_end(unit.text(input), &root, root.span.end))
}
