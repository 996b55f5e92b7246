//! Block scalars, whose lines are lines of the outer text after an indentation: where they are,
//! and edits of a literal block, which may add lines and take lines out.

use crate::edit::{Edit, line_break};
use crate::yaml::Span;

use super::run::Run;
use super::{Embedded, Untranslatable};

/// How a literal block is laid out.
#[derive(Debug, Clone, Copy)]
pub(super) struct BlockLayout {
    /// Blanks before each line that is not empty.
    indent: usize,
    /// The line break of the outer text.
    line_break: &'static str,
    /// Whether the first line that is not empty begins with a blank, so that the header has to say
    /// where the text begins.
    is_given: bool,
    /// Where that line begins in the inner text.
    first: usize,
    /// Where the inner text ends, its trailing line breaks not counted.
    end: usize,
}

/// The lines of the outer text from the first one after a block's header on.
fn lines<'t>(outer: &'t str, span: &Span) -> Option<impl Iterator<Item = OuterLine> + 't> {
    let bytes = outer.as_bytes();
    // Only line breaks and blanks are between the header, or its comment, and the text.
    let header = outer[..span.start].trim_end().len();
    let mut next = Some(1 + header + memchr::memchr(b'\n', &bytes[header..])?);
    Some(std::iter::from_fn(move || {
        let start = next?;
        let found = memchr::memchr(b'\n', &bytes[start..]);
        next = found.map(|length| start + length + 1);
        let end = found.map_or(bytes.len(), |length| start + length);
        let is_crlf = found.is_some() && end > start && bytes[end - 1] == b'\r';
        Some(OuterLine {
            start,
            end: end - usize::from(is_crlf),
        })
    }))
}

/// A line of the outer text.
struct OuterLine {
    start: usize,
    /// Where its line break begins.
    end: usize,
}

/// The indentation of the block: the difference in length between an outer line and its inner line.
fn indent_of(text: &str, mut lines: impl Iterator<Item = OuterLine>) -> Option<usize> {
    let empty = text.bytes().take_while(|byte| *byte == b'\n').count();
    let inner = text[empty..].split('\n').next()?;
    let line = lines.nth(empty)?;
    (line.end - line.start).checked_sub(inner.len())
}

/// The lines of a literal block.
pub(super) fn literal(outer: &str, span: &Span, text: &str) -> Option<(Vec<Run>, BlockLayout)> {
    let indent = indent_of(text, lines(outer, span)?)?;
    // Without an indentation, a line could be a marker of documents.
    if indent == 0 {
        return None;
    }
    let mut runs = Vec::new();
    let mut inner = 0;
    for line in lines(outer, span)? {
        let rest = &text[inner..];
        if rest.is_empty() {
            // Where lines would be added after the last one.
            if text.ends_with('\n') {
                runs.push(Run {
                    inner,
                    ..Run::at(line.start)
                });
            }
            break;
        }
        let length = memchr::memchr(b'\n', rest.as_bytes()).unwrap_or(rest.len());
        let written = &outer[line.start..line.end];
        let blanks = written.len() - written.trim_start_matches(' ').len();
        let begin = line.start + blanks.min(indent);
        runs.push(Run {
            inner,
            outer: begin,
            len: length,
            line: line.start,
        });
        let is_indented = length == 0 || begin - line.start == indent;
        if outer[begin..line.end] != rest[..length] || !is_indented {
            return None;
        }
        inner += length + usize::from(length < rest.len());
    }
    let end = text.trim_end_matches('\n').len();
    let first = text.len() - text.trim_start_matches('\n').len();
    let layout = BlockLayout {
        indent,
        line_break: line_break(outer, runs.first()?.outer),
        is_given: text[first..].starts_with(' '),
        first,
        end,
    };
    // Of blanks alone at the end of a document, readers disagree whether a line break ends them.
    let is_blank = text.trim_matches(['\n', ' ', '\t']).is_empty();
    (inner == text.len() && !is_blank).then_some((runs, layout))
}

/// How the line before is indented in a folded block.
#[derive(Clone, Copy)]
enum LineBefore {
    /// There is none.
    Absent,
    /// As deep as the text.
    AsDeep,
    /// Deeper than the text.
    Deeper,
}

/// The lines of a folded block.
pub(super) fn folded(outer: &str, span: &Span, text: &str) -> Option<Vec<Run>> {
    let content = text.trim_end_matches('\n');
    let bytes = content.as_bytes();
    let mut runs: Vec<Run> = Vec::new();
    let mut indent = None;
    let (mut inner, mut empty) = (0, 0);
    let mut before = LineBefore::Absent;
    for line in lines(outer, span)? {
        if inner == content.len() {
            break;
        }
        let written = &outer[line.start..line.end];
        let blanks = written.len() - written.trim_start_matches(' ').len();
        if blanks == written.len() && indent.is_none_or(|indent| blanks <= indent) {
            empty += 1;
            continue;
        }
        let leading = content.get(empty..)?.bytes();
        let first_indent = || blanks.checked_sub(leading.take_while(|byte| *byte == b' ').count());
        let indent = *indent.get_or_insert(first_indent()?);
        if blanks < indent || indent == 0 {
            return None;
        }
        let written = &written[indent..];
        let is_deeper = written.starts_with([' ', '\t']);
        let breaks = match before {
            LineBefore::Absent => empty,
            LineBefore::AsDeep if !is_deeper && empty == 0 => {
                (bytes.get(inner) == Some(&b' ')).then_some(())?;
                inner += 1;
                0
            }
            LineBefore::AsDeep if !is_deeper => empty,
            // The line break around a line that is indented deeper stays.
            LineBefore::AsDeep | LineBefore::Deeper => empty + 1,
        };
        let gap = bytes.get(inner..inner + breaks)?;
        inner += breaks;
        let is_followed = gap.iter().all(|byte| *byte == b'\n')
            && bytes.get(inner..)?.starts_with(written.as_bytes());
        if !is_followed {
            return None;
        }
        runs.push(Run {
            inner,
            outer: line.start + indent,
            len: written.len(),
            line: line.start,
        });
        inner += written.len();
        empty = 0;
        before = if is_deeper {
            LineBefore::Deeper
        } else {
            LineBefore::AsDeep
        };
    }
    (inner == content.len() && !runs.is_empty()).then_some(runs)
}

impl Embedded {
    /// The edit of a literal block.
    pub(super) fn in_block(
        &self,
        edit: &Edit,
        layout: BlockLayout,
    ) -> Result<Edit, Untranslatable> {
        let (first, start) = self.exact(edit.span.start)?;
        let (last, end) = self.exact(edit.span.end)?;
        self.keeps_shape(edit)?;
        let is_at_starts = edit.span.start == first.inner && edit.span.end == last.inner;
        if is_at_starts && (edit.text.is_empty() || edit.text.ends_with('\n')) {
            return Ok(Edit {
                span: first.line..last.line,
                text: layout.whole_lines(&edit.text)?,
            });
        }
        let head = &self.text[first.inner..edit.span.start];
        let tail = self.text[edit.span.end..]
            .split('\n')
            .next()
            .unwrap_or_default();
        let text = layout.lines(head, start - first.line, &edit.text, tail)?;
        let span = start..end;
        Ok(Edit { span, text })
    }

    /// Refuses an edit of a literal block after which its first line or its end is another.
    pub(super) fn keeps_shape(&self, edit: &Edit) -> Result<(), Untranslatable> {
        let Some(layout) = self.block else {
            return Ok(());
        };
        let before = &self.text[..edit.span.start];
        let behind = &self.text[edit.span.end..];
        if edit.span.start <= layout.first && !layout.begins(&edit.text, behind) {
            return Err(Untranslatable::FirstLine);
        }
        // The chomping indicator in the block's header decides how many trailing line breaks are
        // kept.
        let breaks = self.text.len() - layout.end;
        if edit.span.end >= layout.end && breaks_at_end([behind, &edit.text, before]) != breaks {
            return Err(Untranslatable::End);
        }
        Ok(())
    }
}

impl BlockLayout {
    /// New lines, each with its line break.
    fn whole_lines(self, new: &str) -> Result<String, Untranslatable> {
        let mut text = String::new();
        for line in new.split_terminator('\n') {
            refuse_blanks(line)?;
            if !line.is_empty() {
                self.indent_to(&mut text, 0);
            }
            text.push_str(line);
            text.push_str(self.line_break);
        }
        Ok(text)
    }

    /// A new text between the `head` of a line, before which so many `blanks` are, and the `tail`
    /// of one.
    fn lines(
        self,
        head: &str,
        mut blanks: usize,
        new: &str,
        tail: &str,
    ) -> Result<String, Untranslatable> {
        let mut text = String::new();
        let mut head = head;
        let mut lines = new.split('\n').peekable();
        while let Some(line) = lines.next() {
            let is_last = lines.peek().is_none();
            let joined = [head, line, if is_last { tail } else { "" }].concat();
            refuse_blanks(&joined)?;
            if head.is_empty() && !joined.is_empty() {
                self.indent_to(&mut text, blanks);
            }
            text.push_str(line);
            if !is_last {
                text.push_str(self.line_break);
            }
            (head, blanks) = ("", 0);
        }
        Ok(text)
    }

    /// Whether the indentation is read as it is where the text begins with `new` and goes on with
    /// `behind`.
    fn begins(self, new: &str, behind: &str) -> bool {
        let texts = [new, behind].map(|text| text.trim_start_matches('\n'));
        let first = texts.into_iter().find(|text| !text.is_empty());
        first.is_some_and(|first| self.is_given || !first.starts_with([' ', '\t']))
    }

    /// Pads a line that already has `blanks` spaces to the block's indentation.
    fn indent_to(self, text: &mut String, blanks: usize) {
        let missing = self.indent.saturating_sub(blanks);
        text.extend(std::iter::repeat_n(' ', missing));
    }
}

/// How many line breaks are at the end of texts that are given from the last to the first.
fn breaks_at_end(texts: [&str; 3]) -> usize {
    let mut count = 0;
    for text in texts {
        let rest = text.trim_end_matches('\n').len();
        count += text.len() - rest;
        if rest > 0 {
            break;
        }
    }
    count
}

/// Refuses a line of blanks alone.
fn refuse_blanks(line: &str) -> Result<(), Untranslatable> {
    let is_blanks = !line.is_empty() && line.bytes().all(|byte| matches!(byte, b' ' | b'\t'));
    (!is_blanks).then_some(()).ok_or(Untranslatable::BlankLine)
}
