//! Edits of a text whose lines are no lines of the outer text: in quotes, without quotes, folded.

use std::ops::Range;

use crate::edit::Edit;
use crate::yaml::scalar::{ScalarContext, quote, write};
use crate::yaml::{Span, Style};

use super::{Embedded, Untranslatable};

impl Embedded {
    /// The edit of what is on one line of the outer text.
    pub(super) fn in_line(&self, edit: &Edit) -> Result<Edit, Untranslatable> {
        let (start, end) = (edit.span.start, edit.span.end);
        let (span, line) = self.on_one_line(&edit.span)?;
        if self.style != Style::Double && edit.text.contains('\n') {
            return Err(Untranslatable::Lines(self.style));
        }
        let line = self.inner_line(line);
        let old = &self.text[line.clone()];
        let new = [
            &self.text[line.start..start],
            &edit.text,
            &self.text[end..line.end],
        ];
        if !self.is_quoted_on_one_line() {
            keeps_edges(old, new)?;
        }
        let text = match self.style {
            Style::Double => {
                let quoted = quote(&edit.text);
                quoted[1..quoted.len() - 1].to_owned()
            }
            Style::Single => edit.text.replace('\'', "''"),
            // A collection around it may be in flow style, which allows less.
            Style::Plain if !is_plain(&new.concat()) => {
                return Err(Untranslatable::Style(self.style));
            }
            _ => edit.text.clone(),
        };
        Ok(Edit { span, text })
    }

    /// The outer bytes of a text that ends on the line on which it begins, escapes included, and
    /// where that line begins.
    fn on_one_line(&self, inner: &Range<usize>) -> Result<(Span, usize), Untranslatable> {
        if let Some(span) = self.outer(inner.clone()) {
            return Ok((span, self.run_of(inner.start).line));
        }
        let (first, start) = self.exact(inner.start)?;
        let (last, end) = self.exact(inner.end)?;
        if first.line != last.line {
            return Err(Untranslatable::Folded);
        }
        Ok((start..end, first.line))
    }

    /// The inner text of a line of the outer text.
    fn inner_line(&self, line: usize) -> Range<usize> {
        let first = self.runs.partition_point(|run| run.line < line);
        let behind = self.runs.partition_point(|run| run.line <= line);
        let last = &self.runs[behind - 1];
        self.runs[first].inner..last.inner + last.len
    }

    /// Whether the ends of a line are quotes, which keep blanks.
    pub(super) fn is_quoted_on_one_line(&self) -> bool {
        let lines = [self.runs.first(), self.runs.last()];
        let [first, last] = lines.map(|run| run.map(|run| run.line));
        matches!(self.style, Style::Single | Style::Double) && first == last
    }
}

fn is_plain(text: &str) -> bool {
    write(text, Style::Plain, ScalarContext::Flow) == text
}

/// Refuses a new line that would lose spaces at its ends, be folded differently, or end the
/// document. `new` is the unchanged text before, the inserted text, and the unchanged text after.
fn keeps_edges(old: &str, new: [&str; 3]) -> Result<(), Untranslatable> {
    let is_blank = |c: char| matches!(c, ' ' | '\t');
    let chars = || new.into_iter().flat_map(str::chars);
    if chars().all(is_blank) {
        return Err(Untranslatable::BlankLine);
    }
    let begins = chars().next().is_some_and(is_blank);
    let ends = chars().next_back().is_some_and(is_blank);
    let marker: String = chars().take(3).collect();
    let is_kept = begins == old.starts_with(is_blank)
        && ends == old.ends_with(is_blank)
        && (!begins || !new[0].is_empty())
        && (!ends || !new[2].is_empty())
        // The line of the closing quote may have no indentation where nothing else is on it.
        && !old.chars().all(is_blank)
        && !matches!(marker.as_str(), "---" | "...");
    is_kept.then_some(()).ok_or(Untranslatable::Folded)
}
