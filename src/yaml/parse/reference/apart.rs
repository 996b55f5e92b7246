//! Scalars that go-yaml ends elsewhere or reads as another value, because of their tags, because of
//! lines that kyaml and kubectl take for document markers, or because of their columns.

use granit_parser as granit;
use memchr::memmem;

use super::faults::fault;
use super::separators::SEPARATORS;
use crate::yaml::scalar::{Type, core_type};
use crate::yaml::{Error, Span};

/// Refuses a scalar with a tag that kustomize and kubectl read otherwise than each other, or YAML 1.2.
///
/// Bytes that are carried are kept: whoever looks such a value up is refused there (`yaml::find`).
pub(super) fn by_tag(
    text: &str,
    span: &Span,
    (value, style): (&str, granit::ScalarStyle),
    tag: &granit::Tag,
    is_carried: bool,
) -> Result<(), Error> {
    let core = tag.suffix_in_namespace("tag:yaml.org,2002:");
    let (what, help) = match core.as_deref() {
        Some("binary") if is_carried => return Ok(()),
        Some("binary") => return Err(Error::bytes(span.start)),
        Some("timestamp") => (
            "kustomize and kubectl read a value with the tag `!!timestamp` each in their way",
            "take the tag out",
        ),
        Some("null") if core_type(value) != Type::Null => (
            "kubectl refuses a value with the tag `!!null`, which is nothing for kustomize",
            "take the tag out, or the value",
        ),
        None if style == granit::ScalarStyle::Plain
            && tag.parts() == ("", "!")
            && core_type(value) != Type::Text =>
        {
            (
                "a value with the tag `!` is text for kubectl, and none for kustomize",
                "take the tag out, or write quotes around the value",
            )
        }
        _ if span.is_empty() && is_glued(text, span.start) => (
            "the comma is part of the tag for kustomize and kubectl",
            "write a blank behind the tag",
        ),
        _ => return Ok(()),
    };
    Err(fault(span.start, what, help))
}

/// Whether a comma follows a tag without a blank.
fn is_glued(text: &str, at: usize) -> bool {
    let before = text[..at].trim_end_matches([' ', '\t']);
    before.len() == at && text[at..].starts_with(',')
}

/// Refuses a line of a scalar that kyaml and kubectl take for a marker: they look for `---` with
/// nothing after it that is more than a comment, or than what Unicode calls white.
pub(super) fn by_marker(text: &str, span: &Span) -> Result<(), Error> {
    // The parser has its own word for a marker that ends a scalar: only the text is searched.
    let bytes = &text.as_bytes()[span.clone()];
    let begins_line = span.start == 0 || text[..span.start].ends_with('\n');
    let first = (begins_line && bytes.starts_with(b"---")).then_some(span.start);
    let others = memmem::find_iter(bytes, b"\n---").map(|at| span.start + at + 1);
    let is_marker = |at: &usize| {
        let line = text[*at..].lines().next().unwrap_or_default();
        let behind = line["---".len()..].trim_start();
        behind.is_empty() || behind.starts_with('#')
    };
    let Some(at) = first.into_iter().chain(others).find(is_marker) else {
        return Ok(());
    };
    let what = "the line is a marker for kustomize and kubectl, and text for other readers";
    Err(fault(
        at,
        what,
        "write nothing behind `---`, or a blank and a comment",
    ))
}

/// Refuses the text of a block scalar at the first column, which kyaml leaves out.
pub(super) fn by_column(text: &str, span: &Span, value: &str) -> Result<(), Error> {
    let begins_line = text[..span.start].ends_with('\n');
    // The parser is shown blanks before a separator that begins a text.
    let is_at_margin = begins_line && !text[span.clone()].starts_with(SEPARATORS);
    if !is_at_margin || value.trim().is_empty() {
        return Ok(());
    }
    let what = "kustomize leaves out a text that begins at the first column";
    Err(fault(span.start, what, "indent the lines of the text"))
}

/// Whether a block scalar's value ends in a line break that the text lacks, since its last line is the
/// last of the text and does not end.
pub(super) fn ends_open(text: &str, span: &Span, value: &str) -> bool {
    let breaks = |text: &str| {
        let words = text.trim_end_matches([' ', '\t', '\r', '\n']);
        text[words.len()..].matches('\n').count()
    };
    // Of a text of blank lines alone, the parser's span may begin at the end of the header's line.
    let begins_line = text[..span.start].ends_with('\n');
    let header = usize::from(value.trim().is_empty() && !begins_line);
    span.end == text.len() && breaks(value) + header > breaks(&text[span.clone()])
}
