//! TOML tables with the places of their values, whose order in the file counts.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::{ImportFault, LocatedText};

/// A value with its place.
pub(super) type Value<'i> = Spanned<DeValue<'i>>;

/// Reads a document.
///
/// # Errors
/// The text is not TOML.
pub(super) fn document(text: &str) -> Result<DeTable<'_>, ImportFault> {
    let parsed = DeTable::parse(text).map_err(|error| ImportFault {
        at: error.span().map_or(0, |span| span.start),
        what: format!("not TOML: {}", error.message()),
        help: None,
    })?;
    Ok(parsed.into_inner())
}

/// The value of a key.
pub(super) fn get<'t, 'i>(table: &'t DeTable<'i>, key: &str) -> Option<&'t Value<'i>> {
    let mut pairs = table.iter();
    pairs
        .find(|(name, _)| name.get_ref() == key)
        .map(|(_, value)| value)
}

/// A text, with its place after the quote.
pub(super) fn text<'t>(value: &'t Value<'_>) -> Option<LocatedText<'t>> {
    let text = value.get_ref().as_str()?;
    let span = value.span();
    let quotes = span.len().saturating_sub(text.len()) / 2;
    Some(LocatedText {
        text,
        at: span.start + quotes,
    })
}

/// The text of a key.
pub(super) fn text_of<'t>(table: &'t DeTable<'_>, key: &str) -> Option<LocatedText<'t>> {
    text(get(table, key)?)
}

/// Whether a key has the value `true`.
pub(super) fn is_true(table: &DeTable<'_>, key: &str) -> bool {
    get(table, key).is_some_and(|value| value.get_ref().as_bool() == Some(true))
}

/// The tables of an array of tables.
pub(super) fn tables<'t, 'i>(table: &'t DeTable<'i>, key: &str) -> Vec<(&'t DeTable<'i>, usize)> {
    let array = get(table, key).and_then(|value| value.get_ref().as_array());
    let values = array.into_iter().flatten();
    let tables = values.filter_map(|value| Some((value.get_ref().as_table()?, value.span().start)));
    tables.collect()
}
