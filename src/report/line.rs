//! The line that a diagnostic draws: its keys, its structure and the bytes at fault; every other value
//! on it is masked, since a line of flow style or JSON may hold a whole Secret.
//!
//! Whatever `report/tokens.rs` does not see to be a key or structure counts as a value.

use std::borrow::Cow;
use std::ops::Range;

use super::continued;
use super::tokens::{LineToken, TokenKind, nearest_key, tokens};
use crate::finding::{Finding, Rule};
use crate::mask::{self, MASK};
use crate::quote;
use crate::yaml::Span;

/// How many bytes are drawn before and after the bytes at fault: a whole document may be one line.
const AROUND: usize = 200;
/// How many of the bytes at fault are drawn: they may be a mapping that is the whole line.
const WITHIN: usize = 1000;
/// How far back the line is read to know its keys, so that drawing many findings of one line stays
/// linear; of a line that begins further away, only the key of the bytes at fault is shown.
const READ: usize = 4096;

/// A line as it is drawn.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct DrawnLine {
    /// Its text, masked and escaped.
    pub(super) text: String,
    /// The bytes at fault in that text.
    pub(super) underlined: Range<usize>,
    /// Whether the text before them is that of the file, so that their column is, too.
    pub(super) is_as_written: bool,
}

impl DrawnLine {
    /// The line with the proposed value in the place of the wrong one; none where nothing of it is
    /// replaced, or where that would be wrong by itself.
    pub(super) fn restored(&self, finding: &Finding) -> Option<String> {
        let is_left = matches!(
            finding.rule,
            Rule::UnresolvedImage | Rule::ConflictingSources | Rule::WrongImageOverride
        );
        if is_left {
            return None;
        }
        let field = finding.field.as_ref()?;
        let (current, proposed) = (field.current.as_deref()?, field.proposed.as_deref()?);
        let found = self.text[self.underlined.clone()].find(current)?;
        let at = self.underlined.start + found;
        let (before, behind) = (&self.text[..at], &self.text[at + current.len()..]);
        Some(format!("{before}{}{behind}", quote::piece(proposed)))
    }
}

/// The line of a finding, whose bytes are a whole node of YAML.
pub(super) fn of_finding(text: &str, span: &Span, finding: &Finding) -> DrawnLine {
    let around = Around::of(text, span);
    let mut read = match around.line_start {
        Some(line_start) => tokens(text, line_start..span.start),
        None => nearest_key(text, around.drawn.start..span.start),
    };
    read.extend(tokens(text, span.start..around.drawn.end));
    let inside =
        |token: &LineToken| token.span.start < around.fault.end && token.span.end > span.start;
    let is_scalar = read.iter().filter(|token| inside(token)).count() == 1;
    let is_value = |token: &LineToken| token.kind == TokenKind::Value && inside(token);
    around.draw(text, &read, |token, part| {
        if is_value(token) {
            at_fault(part, is_scalar, finding)
        } else {
            shown(token, part)
        }
    })
}

/// The line of a place where a text is broken.
pub(super) fn of_fault(text: &str, span: &Span) -> DrawnLine {
    let mut around = Around::of(text, span);
    let read = match around.line_start {
        Some(line_start) => tokens(text, line_start..around.drawn.end),
        None => vec![LineToken {
            span: around.drawn.clone(),
            kind: TokenKind::Value,
        }],
    };
    let next = text[span.start..around.drawn.end].chars().next();
    if let Some(c) = next.filter(|c| c.is_control()) {
        around.fault.end = span.start + c.len_utf8();
    }
    // Showing a letter from inside a value would reveal part of it; a bracket or control character
    // is itself the fault.
    let token = read.iter().find(|token| token.span.contains(&span.start));
    if let Some(token) = token.filter(|token| token.kind == TokenKind::Value)
        && next.is_some_and(char::is_alphanumeric)
    {
        around.fault = token.span.clone();
    }
    let may_be_continued = continued::may_be(text, span.start);
    let fault = around.fault.clone();
    let is_letter = text[fault.clone()].contains(char::is_alphanumeric);
    around.draw(text, &read, |token, part| {
        if !is_letter && part.len() == fault.len() && part == &text[fault.clone()] {
            Cow::Borrowed(part)
        } else if token.kind == TokenKind::Name
            || (may_be_continued && part.contains(char::is_alphanumeric))
        {
            Cow::Borrowed(MASK)
        } else {
            shown(token, part)
        }
    })
}

fn shown<'t>(token: &LineToken, part: &'t str) -> Cow<'t, str> {
    match token.kind {
        TokenKind::Open | TokenKind::Name => Cow::Borrowed(part),
        TokenKind::Value => Cow::Borrowed(MASK),
    }
}

/// A value at fault: what the finding repeats anyway is shown, and an image as far as it is one.
fn at_fault<'t>(written: &'t str, is_scalar: bool, finding: &Finding) -> Cow<'t, str> {
    let value = written.trim_matches(['"', '\'']);
    let current = finding
        .field
        .as_ref()
        .and_then(|field| field.current.as_deref());
    let mut names = current.unwrap_or_default().split([',', ' ', '[', ']']);
    let is_said = if is_scalar {
        finding.message.contains(value)
    } else {
        let container = finding.message.strip_prefix("container ");
        let container = container.and_then(|rest| rest.split_once(": "));
        names.any(|name| name == value) || container.is_some_and(|(name, _)| name == value)
    };
    match (is_said, is_scalar) {
        _ if current == Some(MASK) => Cow::Borrowed(MASK),
        (true, _) => Cow::Borrowed(written),
        (false, true) => mask::scalar(written),
        (false, false) => Cow::Borrowed(MASK),
    }
}

/// What is drawn of a text.
struct Around {
    /// Where the line begins, if that is near enough.
    line_start: Option<usize>,
    drawn: Span,
    fault: Span,
}

impl Around {
    fn of(text: &str, span: &Span) -> Self {
        let bytes = text.as_bytes();
        let furthest = span.start.saturating_sub(READ);
        let line_break = memchr::memrchr2(b'\n', b'\r', &bytes[furthest..span.start]);
        let line_start = match line_break {
            Some(at) => Some(furthest + at + 1),
            None => (furthest == 0).then_some(0),
        };
        let fault_end = text.floor_char_boundary(span.end.min(span.start + WITHIN));
        let last = bytes.len().min(fault_end + AROUND);
        let line_break = memchr::memchr2(b'\n', b'\r', &bytes[fault_end..last]);
        let end = line_break.map_or(last, |at| fault_end + at);
        let start = span.start.saturating_sub(AROUND);
        let start = text.ceil_char_boundary(start.max(line_start.unwrap_or_default()));
        Around {
            line_start,
            drawn: start..text.floor_char_boundary(end),
            fault: span.start..fault_end,
        }
    }

    /// Puts the line together: each token in the part before the fault, in it and after it.
    fn draw<'t>(
        &self,
        text: &'t str,
        read: &[LineToken],
        show: impl Fn(&LineToken, &'t str) -> Cow<'t, str>,
    ) -> DrawnLine {
        let mut line = String::new();
        let (mut start, mut end) = (None, None);
        for token in read {
            let mut from = token.span.start.max(self.drawn.start);
            for to in [self.fault.start, self.fault.end, token.span.end] {
                let to = to.min(token.span.end);
                if to <= from {
                    continue;
                }
                if from >= self.fault.start {
                    start.get_or_insert(line.len());
                }
                if from >= self.fault.end {
                    end.get_or_insert(line.len());
                }
                // A tab would be drawn wider than it is counted.
                let shown = show(token, &text[from..to]).replace('\t', " ");
                line.push_str(&quote::one_line(&shown));
                from = to;
            }
        }
        let start = start.unwrap_or(line.len());
        let line_start = self.line_start.unwrap_or(self.fault.start);
        let written = &text[line_start..self.fault.start];
        DrawnLine {
            is_as_written: self.line_start.is_some() && line[..start] == *written,
            underlined: start..end.unwrap_or(line.len()),
            text: line,
        }
    }
}
