//! Where go-yaml, with which kustomize, kubectl and Argo CD read, reads a text otherwise than YAML 1.2.
//!
//! Such a text is refused with its place, or read as go-yaml reads it: what is judged must be what
//! is deployed. `tests/go_yaml.rs` holds this against go-yaml itself.
//! Sources: go-yaml's scanner, whose line breaks are those of YAML 1.1, and kyaml's reader, which
//! splits a text at its markers before it is parsed.

use std::borrow::Cow;

use granit_parser as granit;

use super::apart;
use super::faults::fault;
use super::open::OpenCollections;
use super::separators::{
    BYTE_ORDER_MARK, Literal, SEPARATORS, is_inside, misplaced, without_indentation,
};
use super::tabs::Tabs;
use crate::yaml::{Error, Span};

/// The characters of a text that readers treat differently, and how far they were judged.
#[derive(Debug, Default)]
pub(super) struct ReaderDifferences {
    /// Separators and byte order marks, by where they begin.
    marks: Vec<usize>,
    /// How many of them were judged.
    judged: usize,
    /// A fault that no context makes good.
    fault: Option<Error>,
    tabs: Tabs,
    open: OpenCollections,
    /// Where a document was ended by `...`.
    ended: Option<usize>,
    /// The end of a line that is known to hold a comment before the characters that are left to judge.
    comment_end: usize,
}

impl ReaderDifferences {
    /// Searches the bytes of a text from `base` on.
    pub(super) fn of(text: &str, base: usize) -> Self {
        let bytes = &text.as_bytes()[base..];
        let at_character = memchr::memchr3_iter(0xc2, 0xe2, 0xef, bytes);
        let mut readers = ReaderDifferences::default();
        let mut next_line = None;
        for at in at_character.map(|at| base + at) {
            match text[at..].chars().next() {
                Some('\u{85}') => {
                    next_line = Some(at);
                    break;
                }
                Some(c) if SEPARATORS.contains(&c) => readers.marks.push(at),
                Some(BYTE_ORDER_MARK) if at > 0 => readers.marks.push(at),
                _ => {}
            }
        }
        readers.tabs = Tabs::of(text, base);
        readers.fault = lone_return(text, base).or_else(|| {
            next_line.map(|at| {
                fault(
                    at,
                    "the character next line (U+0085) ends a line for kustomize and kubectl",
                    "take it out, or write it as `\\N` in double quotes",
                )
            })
        });
        readers
    }

    /// Where the separators and byte order marks are.
    pub(super) fn marks(&self) -> &[usize] {
        &self.marks
    }

    /// Judges what an event shows; `value` is the text of a scalar, which is made as go-yaml reads it.
    ///
    /// # Errors
    /// go-yaml reads the text otherwise.
    pub(super) fn judge<'s>(
        &mut self,
        text: &str,
        event: granit::Event<'s>,
        span: &Span,
    ) -> Result<granit::Event<'s>, Error> {
        if let Some(fault) = self.fault.take() {
            return Err(fault);
        }
        use granit::Event;
        let is_scalar = matches!(event, Event::Scalar(..));
        self.tabs
            .before(text, span, is_scalar, self.open.is_flow())?;
        match &event {
            Event::DocumentEnd => self.ended = (!span.is_empty()).then_some(span.start),
            Event::DocumentStart(false, _) => {
                if let Some(at) = self.ended.take() {
                    let what = "kustomize and kubectl leave out the document behind `...`";
                    return Err(fault(at, what, "write `---` before it"));
                }
            }
            Event::DocumentStart(true, _) => {
                self.ended = None;
                on_last_line(text, span)?;
            }
            Event::MappingStart(style, anchor, _) | Event::SequenceStart(style, anchor, _) => {
                let is_mapping = matches!(event, Event::MappingStart(..));
                let is_flow = *style == granit::StructureStyle::Flow;
                self.open.begin(is_mapping, is_flow, *anchor != 0);
            }
            Event::MappingEnd | Event::SequenceEnd => self.open.end(),
            Event::Alias(_) => {
                self.open.node(None);
            }
            Event::Anchor(_, name) if name.contains(':') => {
                let what = "kustomize and kubectl end the anchor's name before the colon";
                return Err(fault(
                    span.start,
                    what,
                    "name it by letters, digits, - and _",
                ));
            }
            Event::Scalar(..) => {}
            Event::StreamEnd => self.comments(text, text.len())?,
            _ => {}
        }
        let Event::Scalar(value, style, anchor, tag) = event else {
            return Ok(event);
        };
        if self.open.is_flow() && style == granit::ScalarStyle::Plain {
            in_flow(text, span, anchor != 0 || tag.is_some())?;
        }
        if let Some(tag) = &tag {
            let is_carried = self.open.is_carried() && anchor == 0;
            apart::by_tag(text, span, (&value, style), tag, is_carried)?;
        }
        self.open.node(Some(&value));
        apart::by_marker(text, span)?;
        self.comments(text, span.start)?;
        let mut value = self.scalar(text, value, style, span)?;
        if matches!(
            style,
            granit::ScalarStyle::Literal | granit::ScalarStyle::Folded
        ) {
            apart::by_column(text, span, &value)?;
            if apart::ends_open(text, span, &value) {
                value.to_mut().pop();
            }
        }
        Ok(Event::Scalar(value, style, anchor, tag))
    }

    /// Judges the characters before an offset that no scalar holds: they are in comments.
    fn comments(&mut self, text: &str, end: usize) -> Result<(), Error> {
        while let Some(&at) = self.marks.get(self.judged).filter(|at| **at < end) {
            self.judged += 1;
            // A line may hold very many, so that each line is looked at once.
            if at >= self.comment_end {
                let bytes = text.as_bytes();
                let line = memchr::memrchr(b'\n', &bytes[..at]).map_or(0, |at| at + 1);
                if !text[line..at].contains('#') {
                    return Err(misplaced(text, at));
                }
                let rest = memchr::memchr(b'\n', &bytes[at..]);
                self.comment_end = rest.map_or(text.len(), |rest| at + rest);
            }
            let rest = text[at..self.comment_end].strip_prefix(SEPARATORS);
            let behind = rest.map(|rest| rest.trim_start_matches([' ', '\t', '\r']));
            // Another separator is judged in its turn.
            let ends = |behind: &str| {
                behind.is_empty() || behind.starts_with('#') || behind.starts_with(SEPARATORS)
            };
            if !behind.is_none_or(ends) {
                return Err(misplaced(text, at));
            }
        }
        Ok(())
    }

    /// Judges the characters of a scalar, and gives its text as go-yaml reads it.
    fn scalar<'s>(
        &mut self,
        text: &str,
        mut value: Cow<'s, str>,
        style: granit::ScalarStyle,
        span: &Span,
    ) -> Result<Cow<'s, str>, Error> {
        let first = self.judged;
        if self.marks.get(first).is_none_or(|at| *at >= span.end) {
            return Ok(value);
        }
        // The part of a plain key after a separator is a key of its own for go-yaml.
        let is_key = style == granit::ScalarStyle::Plain
            && text[span.end..].trim_start_matches(' ').starts_with(':');
        let literal = match style {
            granit::ScalarStyle::Literal => Literal::of(text, span, &value),
            _ => None,
        };
        while let Some(&at) = self.marks.get(self.judged).filter(|at| **at < span.end) {
            self.judged += 1;
            let is_read_alike = match style {
                granit::ScalarStyle::Literal => {
                    literal.is_some_and(|literal| literal.goes_on(text, at))
                }
                granit::ScalarStyle::Folded => !text[at..].starts_with(SEPARATORS),
                _ => is_inside(text, at, style, span, is_key),
            };
            if !is_read_alike {
                return Err(misplaced(text, at));
            }
        }
        let mut separators = self.marks[first..self.judged].iter();
        let has_separator = separators.any(|&at| text[at..].starts_with(SEPARATORS));
        if let Some(literal) = literal.filter(|_| has_separator) {
            let blanks = " ".repeat(literal.indent);
            for separator in SEPARATORS {
                let indented = format!("{separator}{blanks}");
                value = value
                    .replace(&indented, separator.encode_utf8(&mut [0; 4]))
                    .into();
            }
        }
        if style == granit::ScalarStyle::SingleQuoted && has_separator {
            value = without_indentation(&value).into();
        }
        Ok(value)
    }
}

/// A carriage return alone on a line with a marker: kyaml and kubectl look for the marker's end by
/// line feeds, and go-yaml by each line break.
fn lone_return(text: &str, base: usize) -> Option<Error> {
    let bytes = text.as_bytes();
    let mut line_start = base;
    let mut found = None;
    for at in memchr::memchr2_iter(b'\r', b'\n', &bytes[base..]).map(|at| base + at) {
        if bytes[at] == b'\n' {
            line_start = at + 1;
            found = None;
            continue;
        }
        if bytes.get(at + 1) == Some(&b'\n') {
            continue;
        }
        let is_marker =
            |start: usize| bytes[start..].starts_with(b"---") || bytes[start..].starts_with(b"...");
        let first = *found.get_or_insert(at);
        if first == at && is_marker(line_start) || is_marker(at + 1) {
            return Some(fault(
                at,
                "a carriage return alone ends the line of a marker for some readers only",
                "end each line with a line feed",
            ));
        }
    }
    None
}

/// Refuses a document on the line of its marker where that is the last line and does not end: kyaml
/// looks for a marker's line break, and takes one document of what is between two markers.
fn on_last_line(text: &str, marker: &Span) -> Result<(), Error> {
    let behind = text[marker.end..].trim_start_matches([' ', '\t']);
    if behind.is_empty() || behind.starts_with('#') || behind.contains('\n') {
        return Ok(());
    }
    let mut before = text[..marker.start].lines();
    let is_second =
        before.any(|line| !line.trim_start().is_empty() && !line.starts_with(['#', '%']));
    if !is_second {
        return Ok(());
    }
    let what =
        "kustomize leaves out the document on a marker's line that is the last and does not end";
    Err(fault(
        marker.start,
        what,
        "write it on a line of its own behind `---`",
    ))
}

/// Refuses a plain scalar in a flow collection at which go-yaml sees an indicator, or none.
fn in_flow(text: &str, span: &Span, has_properties: bool) -> Result<(), Error> {
    if has_properties && text[span.clone()].starts_with(':') {
        let what = "the colon behind an anchor or a tag ends a key for kustomize and kubectl";
        return Err(fault(span.start, what, "write quotes around the text"));
    }
    if text[span.clone()].starts_with('?') {
        let what = "`?` begins a key for kustomize and kubectl, and a text for other readers";
        return Err(fault(
            span.start,
            what,
            "write a blank behind it, or quotes around the text",
        ));
    }
    let is_glued = text[span.start..].starts_with(":}")
        || text[span.start..].starts_with(":]")
        || text[span.start..].starts_with(":,");
    if span.is_empty() && is_glued {
        let what = "the colon is part of the key for kustomize and kubectl";
        return Err(fault(span.start, what, "write a blank behind it"));
    }
    Ok(())
}
