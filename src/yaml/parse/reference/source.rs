//! The events of a text, by granit-parser; it is asked again where it refuses what go-yaml takes
//! with one meaning, or where one JSON document follows another.

use std::cell::Cell;
use std::rc::Rc;

use granit_parser as granit;

use super::DEPTH_LIMIT;
use super::faults;
use super::separators::SEPARATORS;
use super::shallow::{Blanks, Shallow, at_head, depth_behind, missing};
use crate::yaml::{Error, Span};

/// How many times a text is read again for lines that are too shallow.
const ROUNDS: usize = 64;

/// An event with its span in the text that the parser was given.
pub(super) type Spanned<'s> = (granit::Event<'s>, granit::Span);

/// The parser, and what it was given.
pub(super) struct EventSource<'s> {
    text: &'s str,
    /// Where the text of the parser begins.
    base: usize,
    parser: EventParser<'s>,
    /// How many events the parser has given.
    given: usize,
    /// Where the last of them ends.
    end: usize,
    /// Blanks for lines that are too shallow, each found by its fault.
    blanks: Blanks,
    /// The shallow line that was met last.
    shallow: Rc<Cell<Option<usize>>>,
}

enum EventParser<'s> {
    Exact(granit::Parser<'s, granit::StrInput<'s>>),
    Shallow(granit::Parser<'s, Shallow<'s>>),
}

impl<'s> EventSource<'s> {
    /// Reads a text from `base` on.
    pub(super) fn of(text: &'s str, base: usize, marks: &[usize]) -> Self {
        let shallow = Rc::new(Cell::new(None));
        let rest = &text[base..];
        let begins_line =
            |at: &usize| rest[..*at].ends_with('\n') && rest[*at..].starts_with(SEPARATORS);
        let mut blanks = Blanks::new();
        let mut heads = marks
            .iter()
            .map(|at| at - base)
            .filter(begins_line)
            .peekable();
        let parser = if heads.peek().is_some() {
            blanks.extend(heads.filter_map(|at| at_head(rest, at)));
            EventParser::shallow(Shallow::new(rest, blanks.clone(), Rc::clone(&shallow)))
        } else {
            EventParser::exact(rest)
        };
        EventSource {
            text,
            base,
            parser,
            given: 0,
            end: 0,
            blanks,
            shallow,
        }
    }

    /// The bytes of a span in the whole text.
    pub(super) fn bytes(&self, span: &granit::Span) -> Span {
        let span = faults::bytes(span);
        self.base + span.start..self.base + span.end
    }

    /// The next event.
    ///
    /// # Errors
    /// The text is not YAML at this place.
    pub(super) fn event(&mut self) -> Result<Spanned<'s>, Error> {
        loop {
            let error = match self.parser.next_event() {
                Some(Ok((event, span))) => {
                    self.given += 1;
                    self.end = self.end.max(faults::bytes(&span).end);
                    return Ok((event, span));
                }
                Some(Err(error)) => error,
                None => {
                    let span = granit::Span::empty(granit::Marker::default());
                    return Ok((granit::Event::StreamEnd, span));
                }
            };
            if !self.goes_on_as_json(&error) && !self.goes_on_deeper(&error) {
                return Err(self.fault(&error));
            }
        }
    }

    /// Begins anew at a JSON document that follows another.
    fn goes_on_as_json(&mut self, error: &granit::ScanError) -> bool {
        let at = self.base + place(error);
        let is_json = self.text[self.base..].trim_start().starts_with('{')
            && self.text[at.min(self.text.len())..].starts_with('{');
        if !is_json || !matches!(error.kind(), granit::ErrorKind::ExpectedDocumentStart) {
            return false;
        }
        self.base = at;
        self.parser = EventParser::exact(&self.text[at..]);
        self.blanks.clear();
        self.shallow.set(None);
        (self.given, self.end) = (0, 0);
        true
    }

    /// Starts again, up to the same event, with a shallow line of a quoted scalar indented deeper.
    fn goes_on_deeper(&mut self, error: &granit::ScanError) -> bool {
        let is_shallow = matches!(error.kind(), granit::ErrorKind::InvalidQuotedScalarIndent);
        if !is_shallow || self.blanks.len() >= ROUNDS {
            return false;
        }
        let (text, at) = (&self.text[self.base..], place(error));
        let line = memchr::memrchr(b'\n', &text.as_bytes()[..at]).map_or(0, |at| at + 1);
        let deep = depth_behind(text, text[..line].trim_end().len());
        let Some((at, count)) = missing(text, line, deep) else {
            return false;
        };
        if self.blanks.insert(at, count).is_some() {
            return false;
        }
        self.shallow.set(None);
        let input = Shallow::new(text, self.blanks.clone(), Rc::clone(&self.shallow));
        let mut parser = EventParser::shallow(input);
        // The same text gives the same events, up to the fault.
        for _ in 0..self.given {
            if !matches!(parser.next_event(), Some(Ok(_))) {
                return false;
            }
        }
        self.parser = parser;
        true
    }

    /// The fault in our words: that of the shallow line, where its quote does not close as it should.
    fn fault(&self, error: &granit::ScanError) -> Error {
        use granit::ErrorKind;
        let is_of_quotes = matches!(
            error.kind(),
            ErrorKind::InvalidTrailingSingleQuotedScalar
                | ErrorKind::InvalidTrailingDoubleQuotedScalar
                | ErrorKind::UnclosedQuotedScalar
                | ErrorKind::DocumentIndicatorInQuotedScalar
        );
        let shallow = self
            .shallow
            .get()
            .filter(|at| is_of_quotes && *at >= self.end);
        let text = &self.text[self.base..];
        let fault = match shallow {
            Some(at) => faults::of_parser(&ErrorKind::InvalidQuotedScalarIndent, at, text),
            None => faults::of_parser(error.kind(), place(error), text),
        };
        Error {
            at: self.base + fault.at,
            ..fault
        }
    }
}

impl<'s> EventParser<'s> {
    fn exact(text: &'s str) -> Self {
        EventParser::Exact(granit::Parser::new_from_str_with_options(text, options()))
    }

    fn shallow(input: Shallow<'s>) -> Self {
        EventParser::Shallow(granit::Parser::with_options(input, options()))
    }

    fn next_event(&mut self) -> Option<Result<Spanned<'s>, granit::ScanError>> {
        match self {
            EventParser::Exact(parser) => parser.next_event(),
            EventParser::Shallow(parser) => parser.next_event(),
        }
    }
}

pub(super) fn options() -> granit::Options {
    granit::options! {
        emit_anchor_events: true,
        emit_comments: false,
        block_nesting_limit: DEPTH_LIMIT,
        flow_nesting_limit: DEPTH_LIMIT,
    }
}

pub(super) fn place(error: &granit::ScanError) -> usize {
    error.marker().byte_offset().unwrap_or(0)
}
