//! Renames and removes pairs of a mapping.

use crate::slot::Slot;
use crate::yaml::scalar::write;
use crate::yaml::{Entry, Error, Kind, Style};

use super::Edit;
use super::layout::{blanks_before, entry_end, line_end, trailing_comment};
use super::scalar::{context, replace_scalar};

/// Writes another key and value in the place of a pair.
///
/// # Errors
/// The pair is not the holder's own, or its value cannot be edited.
pub(super) fn rename(
    text: &str,
    slot: &Slot<'_, '_>,
    key: &str,
    value: &str,
) -> Result<Vec<Edit>, Error> {
    let entry = own(slot)?;
    let context = context(slot.holder.is_flow());
    let style = match entry.key.target().kind {
        Kind::Scalar(_, style @ (Style::Single | Style::Double)) => style,
        _ => Style::Plain,
    };
    let key = Edit::replace(entry.key.span.clone(), write(key, style, context));
    let value = replace_scalar(text, &entry.value, Some(entry), value, context)?;
    Ok(vec![key, value])
}

/// Takes a pair out: its lines in block style, or itself and a comma in flow style. A comment that is after
/// the pair stays, on the line by itself.
///
/// # Errors
/// The pair is not the holder's own, it is the only one, or a comment would go with it.
pub(super) fn remove(text: &str, slot: &Slot<'_, '_>) -> Result<Vec<Edit>, Error> {
    let entry = own(slot)?;
    let (start, end) = (entry.key.start(), entry_end(text, entry));
    let stays = |what: &str| Error {
        at: start,
        first: None,
        what: format!("`{}` cannot be taken out: {what}", slot.name()),
        help: Some("take it out by hand".to_owned()),
    };
    let entries = slot.holder.entries().unwrap_or_default();
    if entries.len() == 1 {
        return Err(stays("it is the only key"));
    }
    if slot.holder.is_flow() {
        let is_first = std::ptr::eq(&raw const entries[0], entry);
        let span = if is_first {
            let next = &entries[1];
            start..next.key.start()
        } else {
            let before = text[..start].trim_end();
            let comma = before
                .strip_suffix(',')
                .ok_or_else(|| stays("no comma is before it"))?;
            comma.trim_end().len()..end
        };
        return Ok(vec![Edit::replace(span, "")]);
    }
    let line = line_end(text, end);
    let after = &text[end..line];
    let is_commented = trailing_comment(text, &entry.value).is_some();
    if is_commented && !after.trim_start().starts_with('#') {
        return Err(stays("a comment is among its lines"));
    }
    let Some(blanks) = blanks_before(text, start) else {
        // On the line of a dash, the next pair takes its place.
        let next = entries[1].key.start();
        if !std::ptr::eq(&raw const entries[0], entry) || !text[end..next].trim().is_empty() {
            return Err(stays("a comment is between it and the next key"));
        }
        return Ok(vec![Edit::replace(start..next, "")]);
    };
    if is_commented {
        return Ok(vec![Edit::replace(
            start..line - after.trim_start().len(),
            "",
        )]);
    }
    let rest = &text[line..];
    let breaks = if rest.starts_with("\r\n") {
        2
    } else {
        rest.len().min(1)
    };
    Ok(vec![Edit::replace(start - blanks.len()..line + breaks, "")])
}

/// The pair of a slot, which no merge key brings.
fn own<'n, 's>(slot: &Slot<'n, 's>) -> Result<&'n Entry<'s>, Error> {
    match slot.find()? {
        Some(found) if !found.merged => Ok(found.entry),
        _ => Err(Error {
            at: slot.holder.span.start,
            first: None,
            what: format!("`{}` comes from a merge key, and stays", slot.name()),
            help: Some("write it out".to_owned()),
        }),
    }
}
