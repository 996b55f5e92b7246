//! The parser's spans, tags, styles and faults in our own words.

use std::borrow::Cow;

use granit_parser as granit;

use super::DEPTH_LIMIT;
use crate::yaml::{Error, Span, Style, Tag};

/// The parser's word for a fault; in plainer words, with the remedy, for those that are met most.
pub(super) fn fault(error: &granit::ScanError) -> Error {
    let kind = error.kind();
    let (what, help) = match kind {
        granit::ErrorKind::UnknownAnchor => (
            "no anchor of this name stands before the alias".to_owned(),
            "define the anchor above, in the same document".to_owned(),
        ),
        granit::ErrorKind::RecursionLimitExceeded => (
            format!("collections are nested more than {DEPTH_LIMIT} deep"),
            "no Kubernetes resource is: look for an unclosed bracket or a stray dash".to_owned(),
        ),
        kind => {
            let help = match forgiven_elsewhere(kind) {
                Some(remedy) => format!("{remedy} (kustomize may take it, YAML does not)"),
                None => "the text is not YAML at this place: mend it".to_owned(),
            };
            (kind.to_string(), help)
        }
    };
    Error {
        at: error.marker().byte_offset().unwrap_or(0),
        first: None,
        what,
        help: Some(help),
    }
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
