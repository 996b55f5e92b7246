//! A new pair in a mapping, in the mapping's own style.

use crate::yaml::scalar::{ScalarContext, write};
use crate::yaml::{Entry, Error, Node, Style};

use super::Edit;
use super::layout::{blanks_before, column, entry_end, line_break, line_end, trailing_comment};

/// How a mapping writes its pairs, so that a new one looks like them.
pub(super) struct PairStyle {
    /// The style of keys, which the new key and its value take: quoted in JSON.
    pub(super) quotes: Style,
    /// What is between key and value: `: `, or `:` in tight JSON.
    pub(super) colon: &'static str,
    /// Where the pair is.
    pub(super) context: ScalarContext,
}

impl PairStyle {
    /// The style of the pair `model` in `holder`.
    pub(super) fn of(text: &str, holder: &Node<'_>, model: &Entry<'_>) -> Self {
        let quotes = match model.key.target().kind {
            crate::yaml::Kind::Scalar(_, style @ (Style::Single | Style::Double)) => style,
            _ => Style::Plain,
        };
        let flow = holder.is_flow();
        let tight = flow
            && quotes != Style::Plain
            && text[model.key.span.end..].starts_with(':')
            && !text[model.key.span.end + 1..].starts_with([' ', '\t', '\r', '\n']);
        PairStyle {
            quotes,
            colon: if tight { ":" } else { ": " },
            context: if flow {
                ScalarContext::Flow
            } else {
                ScalarContext::Block
            },
        }
    }

    /// A scalar in this style.
    pub(super) fn scalar(&self, value: &str) -> String {
        write(value, self.quotes, self.context)
    }

    /// A scalar of a list in flow style.
    pub(super) fn flow_scalar(&self, value: &str) -> String {
        write(value, self.quotes, ScalarContext::Flow)
    }

    /// `key: value` with a value that is already YAML.
    pub(super) fn pair(&self, key: &str, value: &str) -> String {
        format!("{}{}{value}", self.scalar(key), self.colon)
    }

    /// `{name: a}, {name: b}`.
    pub(super) fn flow_names(&self, names: &[String]) -> String {
        let inner = PairStyle {
            context: ScalarContext::Flow,
            ..*self
        };
        let items: Vec<String> = names
            .iter()
            .map(|name| format!("{{{}}}", inner.pair("name", &inner.scalar(name))))
            .collect();
        items.join(self.comma())
    }

    fn comma(&self) -> &'static str {
        if self.colon == ":" { "," } else { ", " }
    }
}

/// Inserts `pair` after `model`, which is in `holder` itself; before it where that has no value in braces.
///
/// # Errors
/// The mapping is a single pair in a list, without braces.
pub(super) fn behind(
    text: &str,
    holder: &Node<'_>,
    model: &Entry<'_>,
    pair: impl FnOnce(&PairStyle) -> String,
) -> Result<Edit, Error> {
    let style = PairStyle::of(text, holder, model);
    let end = entry_end(text, model);
    let pair = pair(&style);
    if !holder.is_flow() {
        let at = line_end(text, end);
        let indent = column(text, holder.target().span.start);
        let line_break = line_break(text, at);
        return Ok(Edit::insert(
            at,
            format!("{line_break}{:indent$}{pair}", ""),
        ));
    }
    let start = holder.target().span.start;
    if !text[start..].starts_with('{') {
        return Err(Error {
            at: start,
            first: None,
            what: "a pair in a list has no braces, so that no other can stand beside it".to_owned(),
            help: Some("write `{` and `}` around it".to_owned()),
        });
    }
    let blanks = blanks_before(text, model.key.start());
    // A comma behind a colon alone may be read as the value.
    if model.value.start() == model.value.span.end {
        let comma = blanks.map_or(style.comma().to_owned(), |blanks| {
            format!(",{}{blanks}", line_break(text, end))
        });
        return Ok(Edit::insert(model.key.start(), format!("{pair}{comma}")));
    }
    // On a line with a comment, which may be a setter's marker, the new pair must not come between.
    if let Some(blanks) = blanks.filter(|_| trailing_comment(text, &model.value).is_none()) {
        let line_break = line_break(text, end);
        return Ok(Edit::insert(end, format!(",{line_break}{blanks}{pair}")));
    }
    Ok(Edit::insert(end, format!("{}{pair}", style.comma())))
}
