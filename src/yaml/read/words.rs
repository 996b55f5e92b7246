//! The parser's spans, tags, styles and faults in our own words.

use std::borrow::Cow;

use granit_parser as granit;

use super::DEPTH_LIMIT;
use crate::yaml::{Error, Span, Style, Tag};

/// The parser's word for a fault; in plainer words, with the remedy, for those that are met most.
pub(super) fn fault(error: &granit::ScanError) -> Error {
    let (what, help) = match error.kind() {
        granit::ErrorKind::UnknownAnchor => (
            "no anchor of this name stands before the alias".to_owned(),
            "define the anchor above, in the same document",
        ),
        granit::ErrorKind::RecursionLimitExceeded => (
            format!("collections are nested more than {DEPTH_LIMIT} deep"),
            "no Kubernetes resource is: look for an unclosed bracket or a stray dash",
        ),
        granit::ErrorKind::TabInIndentation
        | granit::ErrorKind::TabInBlockIndentation
        | granit::ErrorKind::TabNotAllowed => (
            error.kind().to_string(),
            "indent with blanks; tabs do not count in YAML",
        ),
        kind => (
            kind.to_string(),
            "the text is not YAML at this place: mend it",
        ),
    };
    Error {
        at: error.marker().byte_offset().unwrap_or(0),
        first: None,
        what,
        help: Some(help.to_owned()),
    }
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
