//! A document inside a document: the text of a scalar that is YAML itself, and where its bytes are
//! in the outer text, so that an edit of the inner document is an edit of the outer one.
//!
//! The inner text is parsed by `yaml::parse` like any other, with spans relative to it;
//! [`Embedded`] translates these spans and the edits to the outer text. If the outer text is itself
//! the text of a scalar, its own [`Embedded`] translates them further: documents nest to any depth.
//!
//! Nothing is unescaped here: the reader says what the text of a scalar is, both texts are walked
//! over at once, and whatever does not agree byte for byte is not edited.

mod block;
mod flow;
mod line;
mod run;

use std::ops::Range;

use crate::edit::{self, Edit, TargetValue};
use crate::sort::sort_by_key;
use crate::yaml::{Kind, Node, Span, Style};
use run::Run;

/// The text of a scalar, and where its bytes are in the outer text.
#[derive(Debug, Clone)]
pub struct Embedded {
    /// The scalar's text, as readers see it.
    text: String,
    style: Style,
    /// Bytes that the outer text has as they read, by inner offset. There is always one.
    runs: Vec<Run>,
    /// How a literal block is laid out.
    block: Option<block::BlockLayout>,
    /// Why nothing of it can be edited.
    fault: Option<Untranslatable>,
}

/// Why an edit of an inner document cannot be made as an edit of the outer one; its text goes into
/// a message after "the value cannot be edited, since".
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Untranslatable {
    /// An anchor or alias shares the scalar with other places.
    #[error("an anchor shares the text around it with other places")]
    Shared,
    /// YAML readers disagree about a character of the scalar or of the new text.
    #[error("a character in it ends a line for some readers only")]
    Separator,
    /// The lines of the text end with a carriage return, which is no line break of a scalar.
    #[error("its lines end with carriage returns")]
    Returns,
    /// The scalar is written in a way that is not followed byte for byte.
    #[error("the text around it is written in a way that cannot be followed byte for byte")]
    Unmapped,
    /// What is replaced is folded over lines or escaped.
    #[error("it is folded over lines, or escaped")]
    Folded,
    /// The new text cannot be in a scalar of this style.
    #[error("the new text cannot stand in {} unchanged", style_name(*.0))]
    Style(Style),
    /// Lines would be added or removed where a line break is no line break of the text.
    #[error("lines cannot be added to {} or taken out of it", style_name(*.0))]
    Lines(Style),
    /// The edit would change which line sets the indentation of the block.
    #[error("the first line sets the indentation of the text around it")]
    FirstLine,
    /// The edit would change the line breaks at the end, which the block's header decides.
    #[error("the text around it would end otherwise")]
    End,
    /// A line of blanks alone would result, which editors and readers treat differently.
    #[error("a line of blanks alone would be left")]
    BlankLine,
    /// Two edits of the inner text overlap.
    #[error("two edits of it overlap")]
    Overlap,
}

/// An edit of the outer text, with the positions of the edits of the inner one that it makes.
type JoinedEdit = (Edit, Vec<usize>);

impl Untranslatable {
    /// What to do about it, for a `help:` line.
    pub fn help(self) -> &'static str {
        match self {
            Untranslatable::Shared => "write the text out where the alias stands",
            Untranslatable::Separator => "take U+0085, U+2028, U+2029 and byte order marks out",
            Untranslatable::Returns => "end its lines with line feeds alone",
            Untranslatable::FirstLine | Untranslatable::End | Untranslatable::BlankLine => {
                "edit it by hand"
            }
            _ => "write the text around it as a literal block, with `|`",
        }
    }
}

fn style_name(style: Style) -> &'static str {
    match style {
        Style::Plain => "a text without quotes",
        Style::Single => "single quotes",
        Style::Double => "double quotes",
        Style::Literal => "a literal block",
        Style::Folded => "a folded block",
    }
}

impl Embedded {
    /// The text of a scalar whose span counts in `outer`; `None` for what is no text.
    ///
    /// Only the scalar's own anchor is checked here. The caller, which sees the whole outer
    /// document, has to check whether an anchor on an enclosing value shares the scalar.
    pub fn of(outer: &str, scalar: &Node<'_>) -> Option<Self> {
        let text = scalar.text()?;
        let target = scalar.target();
        let Kind::Scalar(_, style) = target.kind else {
            return None;
        };
        let raw = &outer[target.span.clone()];
        let span = &target.span;
        let mapped = match style {
            _ if has_lone_return(raw) => None,
            Style::Literal => block::literal(outer, span, text).map(|(runs, it)| (runs, Some(it))),
            Style::Folded => block::folded(outer, span, text).map(|runs| (runs, None)),
            _ => flow::runs(outer, span, text, style).map(|runs| (runs, None)),
        };
        let fault = match mapped {
            _ if !matches!(scalar.kind, Kind::Scalar(..)) => Some(Untranslatable::Shared),
            _ if has_separator(raw) || has_separator(text) || has_lone_return(raw) => {
                Some(Untranslatable::Separator)
            }
            None => Some(Untranslatable::Unmapped),
            Some(_) => None,
        };
        let (runs, block) = mapped.unwrap_or_else(|| (vec![Run::at(target.span.start)], None));
        Some(Embedded {
            text: text.to_owned(),
            style,
            runs,
            block,
            fault,
        })
    }

    /// The inner text, for [`crate::yaml::parse`] to read.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// How the outer document writes the text.
    pub fn style(&self) -> Style {
        self.style
    }

    /// The outer bytes that are these inner bytes: a run on one line, with no fold or escape in it.
    pub fn outer(&self, inner: Range<usize>) -> Option<Span> {
        let run = self.run_of(inner.start);
        let bytes = run.outer_of(inner.start)?..run.outer_of(inner.end)?;
        (bytes.start <= bytes.end).then_some(bytes)
    }

    /// The outer bytes that stand for these inner bytes in messages.
    pub fn shown(&self, inner: Range<usize>) -> Span {
        self.outer(inner.clone()).unwrap_or_else(|| {
            let start = self.place(inner.start);
            start..self.place(inner.end).max(start)
        })
    }

    /// Where an inner offset is shown in messages: its byte, or the escape or line break that it came
    /// from, or else the nearest byte before it.
    pub fn place(&self, inner: usize) -> usize {
        let run = self.run_of(inner);
        run.outer + inner.saturating_sub(run.inner).min(run.len)
    }

    /// The edit of the outer text that makes this edit of the inner one.
    ///
    /// # Errors
    /// The outer text cannot be edited so that its scalar reads as the edited inner text, and
    /// nothing else changes.
    pub fn translate(&self, edit: &Edit) -> Result<Edit, Untranslatable> {
        if let Some(fault) = self.fault {
            return Err(fault);
        }
        let is_escaped = self.style == Style::Double;
        if edit.text.contains('\r') && !is_escaped {
            return Err(Untranslatable::Returns);
        }
        let is_refused = |c: char| is_refused(c) && !(c == '\r' && is_escaped);
        if has_separator(&edit.text) || edit.text.chars().any(is_refused) {
            return Err(Untranslatable::Separator);
        }
        match &self.block {
            Some(layout) => self.in_block(edit, *layout),
            None => self.in_line(edit),
        }
    }

    /// The edits of the outer text that make these edits of the inner one, all or none of them;
    /// edits on one line become one, so that what is left of the line is judged as a whole.
    ///
    /// # Errors
    /// As [`Embedded::translate`], with the position of the edit among `edits`.
    pub fn translate_all(&self, edits: &[Edit]) -> Result<Vec<Edit>, (usize, Untranslatable)> {
        let translated = self.translate_each(edits)?;
        Ok(translated.into_iter().map(|(edit, _)| edit).collect())
    }

    /// As [`Embedded::translate_all`], each with the positions of the edits that it makes.
    fn translate_each(&self, edits: &[Edit]) -> Result<Vec<JoinedEdit>, (usize, Untranslatable)> {
        let mut order: Vec<usize> = (0..edits.len()).collect();
        sort_by_key(&mut order, |&index| edit::order(&edits[index]));
        let mut joined: Vec<JoinedEdit> = Vec::new();
        for index in order {
            let edit = &edits[index];
            match joined.last_mut() {
                Some((last, _)) if edit.span.start < last.span.end => {
                    return Err((index, Untranslatable::Overlap));
                }
                Some((last, sources)) if self.shares_line(last.span.end, edit.span.start) => {
                    last.text
                        .push_str(&self.text[last.span.end..edit.span.start]);
                    last.text.push_str(&edit.text);
                    last.span.end = edit.span.end;
                    sources.push(index);
                }
                _ => joined.push((edit.clone(), vec![index])),
            }
        }
        let outer = joined.iter().map(|(edit, sources)| {
            let translated = self.translate(edit);
            let translated = translated.map_err(|reason| (sources[0], reason))?;
            Ok((translated, sources.clone()))
        });
        let mut outer = outer.collect::<Result<Vec<JoinedEdit>, _>>()?;
        sort_by_key(&mut outer, |(edit, _)| edit::order(edit));
        let mut pairs = outer.windows(2);
        if pairs.any(|pair| pair[1].0.span.start < pair[0].0.span.end) {
            return Err((0, Untranslatable::Overlap));
        }
        if self.block.is_some() && joined.len() > 1 {
            let edits: Vec<Edit> = joined.into_iter().map(|(edit, _)| edit).collect();
            // Check all edits together: one may rely on a first line that another one removes.
            self.keeps_shape(&Edit {
                span: 0..self.text.len(),
                text: edit::apply(&self.text, &edits),
            })
            .map_err(|reason| (0, reason))?;
        }
        Ok(outer)
    }

    /// What the scalar should be for these edits of the inner text to be made, and for each edit of the outer
    /// text the positions of those that it makes.
    ///
    /// # Errors
    /// Why they cannot be made, with what to do.
    pub(crate) fn edited(&self, edits: &[Edit]) -> Result<(TargetValue, Vec<Vec<usize>>), String> {
        let translated = self.translate_each(edits).map_err(|(_, why)| {
            format!("the value cannot be edited, since {why}: {}", why.help())
        })?;
        let (outer, sources) = translated.into_iter().unzip();
        let new = edit::apply(&self.text, edits);
        Ok((TargetValue::Document(new, outer), sources))
    }

    /// Whether what is left of a line has to be judged for two edits at once: the first one ends at
    /// `from`, the second one begins at `to`.
    fn shares_line(&self, from: usize, to: usize) -> bool {
        if self.block.is_some() {
            return memchr::memchr(b'\n', &self.text.as_bytes()[from..to]).is_none();
        }
        !self.is_quoted_on_one_line() && self.run_of(from).line == self.run_of(to).line
    }

    /// The last run that begins at or before an inner offset.
    fn run_of(&self, inner: usize) -> &Run {
        let behind = self.runs.partition_point(|run| run.inner <= inner);
        &self.runs[behind.saturating_sub(1)]
    }

    /// The run that holds an inner offset or ends at it, and the outer offset.
    fn exact(&self, inner: usize) -> Result<(&Run, usize), Untranslatable> {
        let run = self.run_of(inner);
        let outer = run.outer_of(inner).ok_or(Untranslatable::Folded)?;
        Ok((run, outer))
    }
}

/// Whether a text contains characters about which YAML readers disagree, wherever they occur.
pub(crate) fn has_separator(text: &str) -> bool {
    let mut found = memchr::memchr3_iter(0xc2, 0xe2, 0xef, text.as_bytes());
    found.any(|at| text[at..].starts_with(['\u{85}', '\u{2028}', '\u{2029}', '\u{feff}']))
}

fn has_lone_return(text: &str) -> bool {
    let bytes = text.as_bytes();
    let mut returns = memchr::memchr_iter(b'\r', bytes);
    returns.any(|at| bytes.get(at + 1) != Some(&b'\n'))
}

/// Whether a new text may not hold a character: line breaks of a text are line feeds.
fn is_refused(c: char) -> bool {
    c.is_control() && !matches!(c, '\n' | '\t')
}
