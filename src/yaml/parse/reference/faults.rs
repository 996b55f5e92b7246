//! The parser's spans, tags, styles and faults in our own words.

use std::borrow::Cow;

use granit_parser as granit;

use super::DEPTH_LIMIT;
use crate::yaml::{Error, Span, Style, Tag};

/// A fault of ours.
pub(super) fn fault(at: usize, what: &str, help: &str) -> Error {
    Error {
        at,
        first: None,
        what: what.to_owned(),
        help: Some(help.to_owned()),
    }
}

/// The parser's word for a fault; in plainer words, with the remedy, for those that are met most.
pub(super) fn of_parser(kind: &granit::ErrorKind, at: usize, text: &str) -> Error {
    let (what, help) = match kind {
        granit::ErrorKind::UnknownAnchor if ends_with_colon(text, at) => (
            "no anchor of this name, which ends with the colon, stands before the alias".to_owned(),
            "put a blank between the name and the colon (go-yaml reads it without one, YAML does not)"
                .to_owned(),
        ),
        granit::ErrorKind::UnknownAnchor => (
            "no anchor of this name stands before the alias".to_owned(),
            "define the anchor above, in the same document".to_owned(),
        ),
        granit::ErrorKind::RecursionLimitExceeded => (
            format!("collections are nested more than {DEPTH_LIMIT} deep"),
            "no Kubernetes resource is: look for an unclosed bracket or a stray dash".to_owned(),
        ),
        granit::ErrorKind::SimpleKeyExpected
        | granit::ErrorKind::MappingValueNotAllowed
        | granit::ErrorKind::ExpectedFlowMappingSeparator
            if is_long_key(text, at) =>
        {
            (
                "a key is longer than YAML's 1024 characters".to_owned(),
                "no key of Kubernetes is: look for a missing quote or line break".to_owned(),
            )
        }
        kind => {
            let help = match forgiven_elsewhere(kind) {
                Some(remedy) => format!("{remedy} (kustomize may take it, YAML does not)"),
                None => "the text is not YAML at this place: fix it".to_owned(),
            };
            (kind.to_string(), help)
        }
    };
    Error {
        at,
        first: None,
        what,
        help: Some(help),
    }
}

/// Whether the alias at `at` is written as a key, its colon without a blank before it.
fn ends_with_colon(text: &str, at: usize) -> bool {
    let alias = text
        .get(at..)
        .and_then(|rest| rest.split_whitespace().next());
    alias.is_some_and(|alias| alias.ends_with(':'))
}

/// Whether a key that begins at `at`, or ends before the colon there, is too long for one.
fn is_long_key(text: &str, at: usize) -> bool {
    /// Of a key in quotes, which count.
    const LONG: usize = 1022;
    let Some((before, after)) = text.split_at_checked(at) else {
        return false;
    };
    let is_long = |key: &str| key.chars().count() > LONG;
    if !after.starts_with(':') {
        let line = after.lines().next().unwrap_or_default();
        return line.split_once(':').is_some_and(|(key, _)| is_long(key));
    }
    let before = before.trim_end_matches([' ', '\t']);
    let key = match before.strip_suffix(['"', '\'']) {
        Some(open) => open.rsplit(['"', '\'']).next(),
        None => before.rsplit(['\n', '{', ',']).next().map(str::trim),
    };
    key.is_some_and(is_long)
}

/// What to write in the place of what go-yaml, which kustomize and kubectl read with, forgives in
/// some places: files of people for whom all worked so far.
fn forgiven_elsewhere(kind: &granit::ErrorKind) -> Option<&'static str> {
    use granit::ErrorKind;
    Some(match kind {
        ErrorKind::TabInIndentation
        | ErrorKind::TabInBlockIndentation
        | ErrorKind::TabNotAllowed => "indent with blanks: tabs do not count",
        ErrorKind::CommentNotSeparated => {
            "write a blank before the `#` of a comment, and quotes around a text that holds one"
        }
        ErrorKind::UnknownQuotedScalarEscape => {
            "within double quotes write `'` without a backslash, and a backslash twice"
        }
        ErrorKind::InvalidQuotedScalarIndent => {
            "close the quote, or indent each line of the quoted text deeper than its key"
        }
        ErrorKind::InvalidBlockScalarIndent => {
            "take the blanks off the empty lines at the head of the text"
        }
        ErrorKind::PlainScalarStartsWithDashFlowIndicator => "write the lone dash in quotes",
        ErrorKind::InvalidTagTerminator => "write a blank behind the tag, and no comma",
        ErrorKind::MissingDocumentEndBeforeDirective => {
            "write a line `...` before the line that begins with `%`"
        }
        _ => return None,
    })
}

/// Whether go-yaml forgives a fault in some places.
pub(super) fn is_forgiven_elsewhere(kind: &granit::ErrorKind) -> bool {
    forgiven_elsewhere(kind).is_some()
}

pub(super) fn bytes(span: &granit::Span) -> Span {
    // The parser knows byte offsets for every string input; an empty span would be refused later
    // by the check of the edited text, never written.
    span.byte_range().unwrap_or(0..0)
}

pub(super) fn tag(tag: &granit::Tag) -> Tag {
    let (handle, suffix) = tag.parts();
    Tag {
        name: format!("{handle}{suffix}"),
        core: tag
            .suffix_in_namespace("tag:yaml.org,2002:")
            .map(Cow::into_owned),
    }
}

pub(super) fn style(style: granit::ScalarStyle) -> Style {
    match style {
        granit::ScalarStyle::Plain => Style::Plain,
        granit::ScalarStyle::SingleQuoted => Style::Single,
        granit::ScalarStyle::DoubleQuoted => Style::Double,
        granit::ScalarStyle::Literal => Style::Literal,
        granit::ScalarStyle::Folded => Style::Folded,
    }
}
