//! A scalar in the place of another, in the style of the place.

use crate::yaml::scalar::{ScalarContext, write};
use crate::yaml::{Entry, Error, Kind, Node, Style};

use super::Edit;
use super::layout::{line_end, properties_end, token_start, value_end};

/// Writes `value` in the place of a scalar, in the scalar's style.
pub(super) fn replace_scalar(
    text: &str,
    node: &Node<'_>,
    entry: Option<&Entry<'_>>,
    value: &str,
    context: ScalarContext,
) -> Result<Edit, Error> {
    let fresh = fresh_style(entry, context);
    if node.is_alias() {
        let new = write(value, fresh, context);
        return Ok(Edit::replace(node.span.clone(), new));
    }
    let target = node.target();
    let span = target.span.clone();
    match &target.kind {
        Kind::Scalar(old, Style::Literal | Style::Folded)
            if entry.is_some() && (old.is_empty() || old.ends_with('\n')) =>
        {
            let entry = entry.expect("an entry, as the guard says");
            let new = write(value, fresh, context);
            Ok(instead_of_block(text, entry, target, &new))
        }
        Kind::Scalar(_, Style::Literal | Style::Folded) if !span.is_empty() => {
            let end = value_end(text, target, span.end);
            Ok(Edit::replace(span.start..end, value))
        }
        // An anchor without a value, perhaps with a tag that says text.
        Kind::Scalar(_, Style::Plain)
            if span.is_empty()
                && matches!(node.kind, Kind::Anchored(_))
                && (target.tag.is_none() || target.text().is_some()) =>
        {
            let at = properties_end(text, node.start());
            let new = write(value, fresh, context);
            Ok(Edit::insert(at, format!(" {new}")))
        }
        // A tag of another type than string is replaced together with the value; an anchor stays.
        Kind::Scalar(_, Style::Plain) if target.text().is_none() && target.tag.is_some() => Ok(
            instead_of_tagged(text, target, &write(value, fresh, context)),
        ),
        Kind::Scalar(_, Style::Plain) if span.is_empty() && target.tag.is_some() => {
            let end = properties_end(text, target.start());
            let new = write(value, fresh, context);
            Ok(Edit::replace(target.start()..end, new))
        }
        Kind::Scalar(_, style) if !span.is_empty() => {
            let style = if *style == Style::Plain {
                fresh
            } else {
                *style
            };
            let new = write(value, style, context);
            Ok(Edit::replace(span, new))
        }
        Kind::Scalar(..) if entry.is_some() && node.start() == span.start => {
            let entry = entry.expect("an entry, as the guard says");
            Ok(instead_of(text, entry, &write(value, fresh, context)))
        }
        _ => Err(Error {
            at: node.span.start,
            first: None,
            what: format!(
                "{} is {}, and cannot be edited",
                entry
                    .and_then(|entry| entry.key.scalar())
                    .unwrap_or("the value"),
                node.describe()
            ),
            help: Some("write it as one value".to_owned()),
        }),
    }
}

/// The style of a scalar that is not quoted yet: plain, but quoted where the key is, in JSON.
fn fresh_style(entry: Option<&Entry<'_>>, context: ScalarContext) -> Style {
    match entry.map(|entry| &entry.key.target().kind) {
        Some(Kind::Scalar(_, style @ (Style::Single | Style::Double)))
            if context == ScalarContext::Flow =>
        {
            *style
        }
        _ => Style::Plain,
    }
}

/// Writes `new` in the place of a whole block scalar, its header included, since the block would end
/// in a line break or has no line that could hold a text. The header's comment stays.
fn instead_of_block(text: &str, entry: &Entry<'_>, target: &Node<'_>, new: &str) -> Edit {
    let start = token_start(text, properties_end(text, behind_colon(text, entry)));
    let header = text[start..].find(char::is_whitespace);
    let header_end = header.map_or(text.len(), |length| start + length);
    if target.span.start <= start || target.span.is_empty() {
        return Edit::replace(start..header_end, new);
    }
    let comment = text[header_end..line_end(text, header_end)].trim_end();
    let end = value_end(text, target, header_end);
    Edit::replace(start..end, format!("{new}{comment}"))
}

/// Writes the header of a literal block in the place of a scalar that says nothing, and where that ended.
pub(super) fn instead_of_lines(text: &str, entry: &Entry<'_>, node: &Node<'_>) -> (Edit, usize) {
    match &node.kind {
        Kind::Scalar(_, Style::Literal | Style::Folded) => {
            let header = instead_of_block(text, entry, node, "|");
            let end = header.span.end;
            (header, end)
        }
        _ if node.span.is_empty() => {
            let at = behind_colon(text, entry);
            (Edit::insert(at, " |"), at)
        }
        _ => (Edit::replace(node.span.clone(), "|"), node.span.end),
    }
}

/// Writes `new` in the place of a plain value whose tag would be wrong for it; an anchor stays.
pub(super) fn instead_of_tagged(text: &str, target: &Node<'_>, new: &str) -> Edit {
    let span = &target.span;
    let behind = properties_end(text, target.start());
    let end = if span.is_empty() { behind } else { span.end };
    let mut properties = text[target.start()..behind].split_whitespace();
    let anchor = properties.find(|property| property.starts_with('&'));
    let anchor = anchor.map_or(String::new(), |anchor| format!("{anchor} "));
    Edit::replace(target.start()..end, format!("{anchor}{new}"))
}

/// Writes `new` in the place of a null, which may have no bytes of its own.
pub(super) fn instead_of(text: &str, entry: &Entry<'_>, new: &str) -> Edit {
    let span = &entry.value.target().span;
    if !span.is_empty() {
        return Edit::replace(span.clone(), new);
    }
    Edit::insert(behind_colon(text, entry), format!(" {new}"))
}

fn behind_colon(text: &str, entry: &Entry<'_>) -> usize {
    let colon = memchr::memchr(b':', &text.as_bytes()[entry.key.span.end..]);
    entry.key.span.end + colon.map_or(0, |offset| offset + 1)
}

pub(super) fn context(flow: bool) -> ScalarContext {
    if flow {
        ScalarContext::Flow
    } else {
        ScalarContext::Block
    }
}
