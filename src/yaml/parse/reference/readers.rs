//! Where go-yaml, with which kustomize, kubectl and Argo CD read, reads a text otherwise than YAML 1.2.
//!
//! Such a text is refused with its place, or read as go-yaml reads it: what is judged must be what
//! is deployed. `tests/go_yaml.rs` holds this against go-yaml itself.
//! Sources: go-yaml's scanner, whose line breaks are those of YAML 1.1, and kyaml's reader, which
//! splits a text at its markers before it is parsed.

use std::borrow::Cow;

use granit_parser as granit;

use crate::yaml::{Error, Span};

/// Line separator, paragraph separator: line breaks of YAML 1.1 that folding keeps.
const SEPARATORS: [char; 2] = ['\u{2028}', '\u{2029}'];
const BYTE_ORDER_MARK: char = '\u{feff}';

/// The characters of a text over which readers part, and how far they were judged.
#[derive(Debug, Default)]
pub(super) struct Readers {
    /// Separators and byte order marks, by where they begin.
    marks: Vec<usize>,
    /// How many of them were judged.
    judged: usize,
    /// A fault that no context makes good.
    fault: Option<Error>,
    /// Whether each open collection is in flow style.
    open: Vec<bool>,
    /// Where a document was ended by `...`.
    ended: Option<usize>,
    /// The end of a line that is known to hold a comment before the characters that are left to judge.
    comment_end: usize,
}

impl Readers {
    /// Searches the bytes of a text from `base` on.
    pub(super) fn of(text: &str, base: usize) -> Self {
        let bytes = &text.as_bytes()[base..];
        let at_character = memchr::memchr3_iter(0xc2, 0xe2, 0xef, bytes);
        let mut readers = Readers::default();
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
        match &event {
            Event::DocumentEnd => self.ended = (!span.is_empty()).then_some(span.start),
            Event::DocumentStart(false, _) => {
                if let Some(at) = self.ended.take() {
                    let what = "kustomize and kubectl leave out the document behind `...`";
                    return Err(fault(at, what, "write `---` before it"));
                }
            }
            Event::DocumentStart(true, _) => self.ended = None,
            Event::MappingStart(style, ..) | Event::SequenceStart(style, ..) => {
                self.open.push(*style == granit::StructureStyle::Flow);
            }
            Event::MappingEnd | Event::SequenceEnd => {
                self.open.pop();
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
        if self.open.last() == Some(&true) && style == granit::ScalarStyle::Plain {
            in_flow(text, span)?;
        }
        self.comments(text, span.start)?;
        let value = self.scalar(text, value, style, span)?;
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
        // The part of a plain key behind a separator is a key of its own for go-yaml.
        let is_key = style == granit::ScalarStyle::Plain
            && text[span.end..].trim_start_matches(' ').starts_with(':');
        while let Some(&at) = self.marks.get(self.judged).filter(|at| **at < span.end) {
            self.judged += 1;
            let is_read_alike = match style {
                granit::ScalarStyle::Literal => literal_indent(text, span)
                    .is_some_and(|indent| goes_on_at(text, at, indent, span.end)),
                granit::ScalarStyle::Folded => !text[at..].starts_with(SEPARATORS),
                _ => is_inside(text, at, style, span, is_key),
            };
            if !is_read_alike {
                return Err(misplaced(text, at));
            }
        }
        let separators = self.marks[first..self.judged].iter();
        let has_separator = { separators }.any(|&at| text[at..].starts_with(SEPARATORS));
        if style == granit::ScalarStyle::Literal
            && has_separator
            && let Some(indent) = literal_indent(text, span)
        {
            let blanks = " ".repeat(indent);
            for separator in SEPARATORS {
                let indented = format!("{separator}{blanks}");
                value = value
                    .replace(&indented, separator.encode_utf8(&mut [0; 4]))
                    .into();
            }
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

/// Refuses a plain scalar in a flow collection at which go-yaml sees an indicator, or none.
fn in_flow(text: &str, span: &Span) -> Result<(), Error> {
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

/// Whether a separator has text on both sides of it in a scalar, so that folding keeps all of it.
fn is_inside(text: &str, at: usize, style: granit::ScalarStyle, span: &Span, is_key: bool) -> bool {
    let quotes = usize::from(style != granit::ScalarStyle::Plain);
    let (start, end) = (span.start + quotes, span.end.saturating_sub(quotes));
    let Some(c) = text[at..].chars().next() else {
        return false;
    };
    if c == BYTE_ORDER_MARK {
        return at > span.start;
    }
    let is_space = |c: char| matches!(c, ' ' | '\t' | '\r' | '\n') || SEPARATORS.contains(&c);
    let before = text[start.min(at)..at].chars().next_back();
    let behind = text[at + c.len_utf8()..end.max(at + c.len_utf8())]
        .chars()
        .next();
    // A mark behind it could be an indicator at the head of a line, as `- ` or `---` are.
    let is_word = |c: char| c.is_alphanumeric();
    let is_marker = text[span.start..].starts_with("---");
    !is_marker && !is_key && before.is_some_and(|c| !is_space(c)) && behind.is_some_and(is_word)
}

/// The indentation of a literal block scalar whose header gives none.
fn literal_indent(text: &str, span: &Span) -> Option<usize> {
    let header = memchr::memrchr(b'|', &text.as_bytes()[..span.start])?;
    let header = text[header..].lines().next()?;
    let line = memchr::memrchr(b'\n', &text.as_bytes()[..span.start])? + 1;
    let before = &text[line..span.start];
    let has_indicator = header.contains(|c: char| c.is_ascii_digit());
    (!has_indicator && before.bytes().all(|byte| byte == b' ')).then_some(before.len())
}

/// Whether the line behind a separator goes on at an indentation.
fn goes_on_at(text: &str, at: usize, indent: usize, end: usize) -> bool {
    let mut rest = text[at..end].chars();
    if rest.next() == Some(BYTE_ORDER_MARK) {
        return true;
    }
    let rest = rest.as_str();
    let blanks = rest.len() - rest.trim_start_matches(' ').len();
    let behind = rest[blanks..].chars().next();
    blanks >= indent
        && indent > 0
        && behind.is_some_and(|c| !matches!(c, '\t' | '\r' | '\n') && !SEPARATORS.contains(&c))
}

fn misplaced(text: &str, at: usize) -> Error {
    match text[at..].chars().next() {
        Some(BYTE_ORDER_MARK) => fault(
            at,
            "a byte order mark inside the text is part of it for kustomize and kubectl",
            "take it out: it may stand at the first byte alone",
        ),
        Some('\u{2029}') => fault(
            at,
            "the paragraph separator (U+2029) ends a line for kustomize and kubectl",
            "take it out, or write it as `\\P` in double quotes",
        ),
        _ => fault(
            at,
            "the line separator (U+2028) ends a line for kustomize and kubectl",
            "take it out, or write it as `\\L` in double quotes",
        ),
    }
}

fn fault(at: usize, what: &str, help: &str) -> Error {
    Error {
        at,
        first: None,
        what: what.to_owned(),
        help: Some(help.to_owned()),
    }
}
