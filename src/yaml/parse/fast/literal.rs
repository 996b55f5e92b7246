//! Block scalars: `|` and `>`.

use std::borrow::Cow;

use super::Scan;
use super::build::Build;
use crate::yaml::simd::behind_blanks;
use crate::yaml::{Node, Style};

/// What becomes of the line breaks at the end.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Chomp {
    Clip,
    Strip,
    Keep,
}

impl<'s> Scan<'s> {
    /// A block scalar whose key or dash is at `parent`, in a collection of so many `levels`; the
    /// position moves to the token after it.
    pub(super) fn block_scalar(&mut self, parent: usize, levels: u32) -> Option<Node<'s>> {
        let style = match self.bytes[self.at] {
            b'|' => Style::Literal,
            _ => Style::Folded,
        };
        self.at += 1;
        let chomp = match self.byte(self.at) {
            b'-' => Chomp::Strip,
            b'+' => Chomp::Keep,
            _ => Chomp::Clip,
        };
        if chomp != Chomp::Clip {
            self.at += 1;
        }
        self.rest_of_line()?;
        let (blank_lines, start, indent) = self.first_line(parent)?;
        let end = self.lines_from(start, indent)?;
        let span = start..end.behind;
        let node = if levels <= 1 && style == Style::Literal {
            Node::leaf(span, Cow::Borrowed(""), style)
        } else {
            let content = &self.text[start - indent..end.line];
            let text = match style {
                Style::Literal => literal(content, indent, blank_lines),
                _ if blank_lines == 0 && chomp != Chomp::Keep => folded(content, indent)?,
                _ => return None,
            };
            let text = match levels {
                0 | 1 => Cow::Borrowed(""),
                _ => self.text_of(chomped(text, chomp)),
            };
            Node::leaf(span, text, style)
        };
        self.at = end.line - 1;
        self.next_token()?;
        (self.column == super::NOWHERE || self.column <= parent).then_some(node)
    }

    /// The first line that is not blank: how many are before it, where its text begins, and its
    /// column.
    fn first_line(&self, parent: usize) -> Option<(usize, usize, usize)> {
        let mut line = self.at + 1;
        let (mut blank_lines, mut deepest) = (0, 0);
        loop {
            let indent = self.blanks(line);
            let start = line + indent;
            match self.bytes.get(start)? {
                b'\n' => {
                    deepest = deepest.max(indent);
                    line = start + 1;
                    blank_lines += 1;
                }
                b'\t' => return None,
                _ => {
                    let legal = indent > parent && deepest <= indent;
                    return legal.then_some((blank_lines, start, indent));
                }
            }
        }
    }

    pub(super) fn blanks(&self, at: usize) -> usize {
        let rest = self.bytes.get(at..).unwrap_or_default();
        rest.iter().take_while(|byte| **byte == b' ').count()
    }

    /// Over the lines of a block scalar whose text is at `indent`.
    fn lines_from(&self, start: usize, indent: usize) -> Option<LiteralEnd> {
        let mut line = self.line_end(start) + 1;
        loop {
            // The parser gives up on a text without a line break at its end.
            if line > self.bytes.len() {
                return None;
            }
            let blanks = behind_blanks(self.bytes, line) - line;
            match self.bytes.get(line + blanks) {
                Some(b'\n') => line += blanks + 1,
                Some(b'\t') if blanks < indent => return None,
                Some(_) if blanks >= indent => line = self.line_end(line + blanks) + 1,
                None if blanks > 0 => return None,
                _ => {
                    return Some(LiteralEnd {
                        line,
                        behind: line + blanks,
                    });
                }
            }
        }
    }
}

/// Where a block scalar ends.
struct LiteralEnd {
    /// The first line after it.
    line: usize,
    /// The first text in that line.
    behind: usize,
}

/// Lines without their indentation.
fn literal(content: &str, indent: usize, blank_lines: usize) -> String {
    let mut text = String::with_capacity(content.len() + blank_lines);
    (0..blank_lines).for_each(|_| text.push('\n'));
    for line in content.split_inclusive('\n') {
        text.push_str(
            line.get(indent..)
                .filter(|rest| !rest.is_empty())
                .unwrap_or("\n"),
        );
    }
    text
}

/// Lines joined by blanks, blank lines as line breaks; the parser gives up on anything else.
fn folded(content: &str, indent: usize) -> Option<String> {
    let mut text = String::with_capacity(content.len());
    let mut breaks = 0;
    for line in content.split_inclusive('\n') {
        let line = line.strip_suffix('\n').unwrap_or(line);
        let line = line.get(indent..).unwrap_or_default();
        if line.is_empty() {
            breaks += 1;
            continue;
        }
        if line.starts_with([' ', '\t']) {
            return None;
        }
        match (text.is_empty(), breaks) {
            (true, _) => {}
            (false, 0) => text.push(' '),
            (false, _) => (0..breaks).for_each(|_| text.push('\n')),
        }
        text.push_str(line);
        breaks = 0;
    }
    (0..=breaks).for_each(|_| text.push('\n'));
    Some(text)
}

fn chomped(mut text: String, chomp: Chomp) -> String {
    if chomp != Chomp::Keep {
        text.truncate(text.trim_end_matches('\n').len());
    }
    if chomp == Chomp::Clip {
        text.push('\n');
    }
    text
}
