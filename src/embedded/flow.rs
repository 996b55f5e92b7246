//! Where the bytes of a plain or quoted scalar's text are in the outer text.

use crate::yaml::{Span, Style};

use super::run::Run;

/// The runs of a plain or quoted scalar; `None` where its text cannot be followed.
pub(super) fn runs(outer: &str, span: &Span, text: &str, style: Style) -> Option<Vec<Run>> {
    let inside = match style {
        Style::Single | Style::Double => span.start + 1..span.end.checked_sub(1)?,
        _ => span.clone(),
    };
    let mut walk = FlowWalk {
        bytes: outer.as_bytes().get(..inside.end)?,
        at: inside.start,
        text,
        inner: 0,
        line: inside.start,
        runs: Vec::new(),
    };
    walk.flow(style)?;
    // The end, where text can be added, also after an escape.
    walk.push(0)?;
    (walk.inner == text.len()).then_some(walk.runs)
}

/// A walk over a plain or quoted scalar and its text at once.
struct FlowWalk<'t> {
    /// The outer text up to the end of the scalar's inside.
    bytes: &'t [u8],
    at: usize,
    text: &'t str,
    inner: usize,
    line: usize,
    runs: Vec<Run>,
}

impl FlowWalk<'_> {
    fn flow(&mut self, style: Style) -> Option<()> {
        while let Some(&byte) = self.bytes.get(self.at) {
            match byte {
                b'\r' | b'\n' => self.fold()?,
                b'\\' if style == Style::Double => self.escape()?,
                b'\'' if style == Style::Single => self.one_character(2)?,
                _ => self.run(style)?,
            }
        }
        Some(())
    }

    /// Bytes that read as they are written, up to an escape or to the end of the line.
    fn run(&mut self, style: Style) -> Option<()> {
        let rest = &self.bytes[self.at..];
        let stop = match style {
            Style::Double => b'\\',
            Style::Single => b'\'',
            _ => b'\n',
        };
        let end = memchr::memchr3(b'\r', b'\n', stop, rest).unwrap_or(rest.len());
        let ends_line = matches!(rest.get(end), Some(b'\r' | b'\n'));
        if !ends_line {
            return self.push(end);
        }
        let blanks = rest[..end].iter().rev();
        let blanks = blanks.take_while(|byte| matches!(byte, b' ' | b'\t'));
        self.push(end - blanks.count())?;
        self.fold()
    }

    /// Bytes that read as they are written; none of them mark where something else begins or ends.
    fn push(&mut self, len: usize) -> Option<()> {
        let text = self.text.as_bytes().get(self.inner..self.inner + len)?;
        if text != &self.bytes[self.at..self.at + len] {
            return None;
        }
        self.runs.push(Run {
            inner: self.inner,
            outer: self.at,
            len,
            line: self.line,
        });
        self.inner += len;
        self.at += len;
        Some(())
    }

    /// An escape of so many bytes, which is one character of the text.
    fn one_character(&mut self, len: usize) -> Option<()> {
        self.push(0)?;
        let c = self.text.get(self.inner..)?.chars().next()?;
        self.inner += c.len_utf8();
        self.at += len;
        (self.at <= self.bytes.len()).then_some(())
    }

    fn escape(&mut self) -> Option<()> {
        match self.bytes.get(self.at + 1)? {
            b'\r' | b'\n' => {
                // An escaped line break joins two lines; empty lines after it are line breaks.
                self.push(0)?;
                self.at += 1;
                let breaks = self.breaks()?;
                self.text_breaks(breaks - 1)
            }
            b'x' => self.one_character(4),
            b'u' => self.one_character(6),
            b'U' => self.one_character(10),
            _ => self.one_character(2),
        }
    }

    /// Folds line breaks: the spaces around them are dropped, one line break reads as a space, and
    /// n read as n − 1.
    fn fold(&mut self) -> Option<()> {
        self.push(0)?;
        let breaks = self.breaks()?;
        if breaks == 1 {
            self.inner += usize::from(self.text.as_bytes().get(self.inner) == Some(&b' '));
            self.push(0)
        } else {
            self.text_breaks(breaks - 1)
        }
    }

    fn text_breaks(&mut self, count: usize) -> Option<()> {
        let end = self.inner + count;
        let breaks = self.text.as_bytes().get(self.inner..end)?;
        if breaks.iter().any(|byte| *byte != b'\n') {
            return None;
        }
        self.inner = end;
        self.push(0)
    }

    /// Skips line breaks and the spaces around them; returns the number of line breaks.
    fn breaks(&mut self) -> Option<usize> {
        let mut count = 0;
        while let Some(&byte) = self.bytes.get(self.at) {
            match byte {
                b'\n' => {
                    count += 1;
                    self.line = self.at + 1;
                }
                b'\r' | b' ' | b'\t' => {}
                _ => break,
            }
            self.at += 1;
        }
        (count > 0).then_some(count)
    }
}
