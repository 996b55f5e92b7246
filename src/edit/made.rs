//! Writes a new collection or text where there was no value, in the style of the surrounding text.

use crate::slot::Slot;
use crate::yaml::scalar::{ScalarContext, write};
use crate::yaml::{Entry, Error, Kind, Node, Style};

use super::insert::{PairStyle, behind};
use super::layout::{column, line_break, line_end, value_end};
use super::{AddedValue, Edit};

/// How far values are indented where the text around them does not show it.
const USUAL_STEP: usize = 2;

/// Writes a value where there is none, or in the place of a null or of an empty collection.
///
/// # Errors
/// The place has a value already, or an anchor shares it.
pub(super) fn plan(text: &str, slot: &Slot<'_, '_>, made: &AddedValue) -> Result<Vec<Edit>, Error> {
    let (holder, key) = (slot.holder, slot.name());
    let entries = holder.entries().unwrap_or_default();
    if holder.is_null() {
        return Ok(vec![at_end(text, key, made)]);
    }
    match slot.find()? {
        Some(found) if found.merged || !is_nothing(&found.entry.value) => Err(Error {
            at: found.entry.key.span.start,
            first: None,
            what: format!("`{key}` is {}", found.entry.value.describe()),
            help: None,
        }),
        Some(found) => Ok(instead(text, holder, found.entry, made)),
        None => match entries.last() {
            Some(last) => {
                let lines = Lines::of(text, holder, last);
                let edit = behind(text, holder, last, |style| {
                    lines.pair(style, key, made, holder.is_flow())
                })?;
                Ok(vec![edit])
            }
            None => Ok(vec![in_empty(text, holder, key, made)]),
        },
    }
}

/// Whether a value is empty: a null, or a collection without values.
pub(super) fn is_nothing(node: &Node<'_>) -> bool {
    let is_empty = match &node.kind {
        Kind::Mapping(entries, _) => entries.is_empty(),
        Kind::Sequence(items, _) => items.is_empty(),
        _ => node.is_null() && !node.is_alias(),
    };
    is_empty && node.tag.is_none() && !matches!(node.kind, Kind::Anchored(_))
}

const PLAIN_FLOW: PairStyle = PairStyle {
    quotes: Style::Plain,
    colon: ": ",
    context: ScalarContext::Flow,
};

/// Writes the first pair of a mapping that is `{}`, in the quotes of the key that it is the value of.
pub(super) fn in_empty(text: &str, holder: &Node<'_>, key: &str, made: &AddedValue) -> Edit {
    let start = holder.target().span.start;
    let before = text[..start].trim_end().strip_suffix(':');
    let style = match before.map(str::as_bytes).and_then(<[u8]>::last) {
        Some(b'"') => PairStyle {
            quotes: Style::Double,
            ..PLAIN_FLOW
        },
        _ => PLAIN_FLOW,
    };
    Edit::insert(start + 1, style.pair(key, &flow(&style, made)))
}

/// Writes a pair at the end of a text that says nothing, behind its comments.
fn at_end(text: &str, key: &str, made: &AddedValue) -> Edit {
    let style = PairStyle {
        context: ScalarContext::Block,
        ..PLAIN_FLOW
    };
    let lines = Lines {
        line_break: line_break(text, text.len()),
        indent: 0,
        step: USUAL_STEP,
    };
    let pair = lines.pair(&style, key, made, false);
    let new = if text.is_empty() || text.ends_with('\n') {
        pair + lines.line_break
    } else {
        [lines.line_break, &pair].concat()
    };
    Edit::insert(text.len(), new)
}

/// Writes a text of several lines where there is none, or in the place of one that says nothing: as a
/// literal block, where one is allowed.
///
/// # Errors
/// Something else is there, or an anchor shares it.
pub(crate) fn text_of_lines(
    text: &str,
    slot: &Slot<'_, '_>,
    value: &str,
) -> Result<Vec<Edit>, Error> {
    let (holder, key) = (slot.holder, slot.name());
    let quoted = || write(value, Style::Double, ScalarContext::Flow);
    let Some(found) = slot.find()? else {
        let last = holder.entries().unwrap_or_default().last();
        let Some(last) = last else {
            let made = AddedValue::Text(value.to_owned());
            return Ok(vec![in_empty(text, holder, key, &made)]);
        };
        let lines = Lines::of(text, holder, last);
        let mut edit = behind(text, holder, last, |style| {
            if holder.is_flow() {
                style.pair(key, &quoted())
            } else {
                format!("{}: |{}", style.scalar(key), lines.block(value))
            }
        })?;
        if !holder.is_flow() && edit.span.start == text.len() {
            edit.text.push_str(lines.line_break);
        }
        return Ok(vec![edit]);
    };
    let (entry, node) = (found.entry, &found.entry.value);
    let is_own = matches!(node.kind, Kind::Scalar(..)) && node.tag.is_none() && !found.merged;
    if !is_own || !matches!(node.scalar().map(str::trim), Some("" | "{}" | "null" | "~")) {
        return Err(Error {
            at: entry.key.span.start,
            first: None,
            what: format!(
                "`{key}` is {}, and has a tag, an anchor or a merge key",
                node.describe()
            ),
            help: Some("write the text as a literal block, with `|`".to_owned()),
        });
    }
    if holder.is_flow() {
        return Ok(vec![super::scalar::instead_of(text, entry, &quoted())]);
    }
    let lines = Lines::of(text, holder, entry);
    let (header, end) = super::scalar::instead_of_lines(text, entry, node);
    let at = line_end(text, end);
    let mut block = lines.block(value);
    if at == text.len() {
        block.push_str(lines.line_break);
    }
    Ok(vec![header, Edit::insert(at, block)])
}

fn instead(text: &str, holder: &Node<'_>, entry: &Entry<'_>, made: &AddedValue) -> Vec<Edit> {
    let style = PairStyle::of(text, holder, entry);
    let span = &entry.value.span;
    if holder.is_flow() {
        return vec![super::scalar::instead_of(text, entry, &flow(&style, made))];
    }
    let lines = Lines::of(text, holder, entry);
    let new = lines.value(&style, made);
    let colon = memchr::memchr(b':', &text.as_bytes()[entry.key.span.end..]);
    let colon = entry.key.span.end + colon.map_or(0, |offset| offset + 1);
    if span.is_empty() {
        // The new lines go after the rest of the line, such as a comment.
        let at = match made {
            AddedValue::Text(_) => colon,
            _ => line_end(text, colon),
        };
        return vec![Edit::insert(at, new)];
    }
    let end = value_end(text, &entry.value, span.end);
    let after = line_end(text, end);
    if text[end..after].trim().is_empty() {
        return vec![Edit::replace(colon..end, new)];
    }
    // What follows on the line stays on it, in front of the new lines.
    vec![Edit::replace(colon..end, ""), Edit::insert(after, new)]
}

/// How new lines are laid out.
struct Lines {
    line_break: &'static str,
    /// The column of the holder's keys.
    indent: usize,
    /// How much deeper the values of a mapping are.
    step: usize,
}

impl Lines {
    fn of(text: &str, holder: &Node<'_>, model: &Entry<'_>) -> Self {
        let indent = column(text, holder.target().span.start);
        let mut steps = holder
            .entries()
            .unwrap_or_default()
            .iter()
            .filter_map(|entry| {
                let value = entry.value.target();
                let is_block = !value.is_flow() && value.entries().is_some();
                let column = column(text, value.span.start);
                (is_block && column > indent).then(|| column - indent)
            });
        Lines {
            line_break: line_break(text, model.key.span.end),
            indent,
            step: steps.next().unwrap_or_else(|| step_of(text)),
        }
    }

    /// `key:` with a value, to go after another pair.
    fn pair(&self, style: &PairStyle, key: &str, made: &AddedValue, is_flow: bool) -> String {
        if is_flow {
            return style.pair(key, &flow(style, made));
        }
        format!("{}:{}", style.scalar(key), self.value(style, made))
    }

    /// What to write after the colon of a key of the holder.
    fn value(&self, style: &PairStyle, made: &AddedValue) -> String {
        let mut out = String::new();
        self.write(style, made, self.indent, &mut out);
        out
    }

    /// The lines of a text in a literal block, deeper than the holder's keys.
    fn block(&self, value: &str) -> String {
        let indent = self.indent + self.step;
        let lines = value.lines().map(|line| match line {
            "" => self.line_break.to_owned(),
            line => format!("{}{:indent$}{line}", self.line_break, ""),
        });
        lines.collect()
    }

    fn write(&self, style: &PairStyle, made: &AddedValue, indent: usize, out: &mut String) {
        let block = PairStyle {
            colon: ": ",
            ..*style
        };
        match made {
            AddedValue::Text(text) => {
                out.push(' ');
                out.push_str(&block.scalar(text));
            }
            AddedValue::List(items) => {
                for item in items {
                    out.push_str(&format!("{}{:indent$}- ", self.line_break, ""));
                    match item {
                        AddedValue::Mapping(pairs) => {
                            let pairs = pairs
                                .iter()
                                .map(|(key, value)| block.pair(key, &flow(&block, value)));
                            let deeper = format!("{}{:2$}", self.line_break, "", indent + 2);
                            out.push_str(&pairs.collect::<Vec<_>>().join(&deeper));
                        }
                        other => out.push_str(&flow(&block, other)),
                    }
                }
            }
            AddedValue::Mapping(pairs) => {
                let indent = indent + self.step;
                for (key, value) in pairs {
                    let key = block.scalar(key);
                    out.push_str(&format!("{}{:indent$}{key}:", self.line_break, ""));
                    self.write(style, value, indent, out);
                }
            }
        }
    }
}

/// How far the first indented line of a text is indented.
fn step_of(text: &str) -> usize {
    let mut lines = text
        .lines()
        .map(|line| (line, line.trim_start_matches(' ')));
    let first = lines.find(|(line, rest)| {
        line.len() > rest.len() && !rest.is_empty() && !rest.starts_with(['-', '#'])
    });
    let step = first.map(|(line, rest)| line.len() - rest.len());
    step.filter(|step| *step <= 8).unwrap_or(USUAL_STEP)
}

/// A value in one line.
fn flow(style: &PairStyle, made: &AddedValue) -> String {
    let style = &PairStyle {
        context: ScalarContext::Flow,
        ..*style
    };
    let comma = if style.colon == ":" { "," } else { ", " };
    match made {
        AddedValue::Text(text) => style.scalar(text),
        AddedValue::List(items) => {
            let items: Vec<String> = items.iter().map(|item| flow(style, item)).collect();
            format!("[{}]", items.join(comma))
        }
        AddedValue::Mapping(pairs) => {
            let pairs = pairs.iter();
            let pairs = pairs.map(|(key, value)| style.pair(key, &flow(style, value)));
            format!("{{{}}}", pairs.collect::<Vec<_>>().join(comma))
        }
    }
}

/// Whether a value is exactly what was to be written.
pub(super) fn is_made(node: &Node<'_>, made: &AddedValue) -> bool {
    match made {
        AddedValue::Text(text) => node.text() == Some(text),
        AddedValue::List(items) => node.items().is_some_and(|nodes| {
            nodes.len() == items.len()
                && nodes
                    .iter()
                    .zip(items)
                    .all(|(node, made)| is_made(node, made))
        }),
        AddedValue::Mapping(pairs) => node.entries().is_some_and(|entries| {
            let same = |(entry, (key, made)): (&Entry<'_>, &(String, AddedValue))| {
                entry.key.scalar() == Some(key) && is_made(&entry.value, made)
            };
            entries.len() == pairs.len() && entries.iter().zip(pairs).all(same)
        }),
    }
}
