//! What to write, for formats that have no label beside the bytes of a finding: the keys to set in words,
//! and the lines that the edits of a finding change.

use super::FileReport;
use super::line;
use super::text;
use crate::edit::Edit;
use crate::finding::Finding;
use crate::quote::{one_line, piece};
use crate::sort::sort_by_key;
use crate::yaml::Span;

/// A finding's message, with the keys to set if its bytes do not show them.
pub(super) fn message(file: Option<&FileReport<'_>>, finding: &Finding) -> String {
    let message = text::message(finding);
    let open = file.filter(|_| !finding.is_restored());
    match open.and_then(|file| keys_to_set(file, finding)) {
        Some(set) => format!("{message}; {set}"),
        None => message,
    }
}

/// `set KEY: VALUE`, where the bytes of a finding are not the whole value.
pub(super) fn keys_to_set(file: &FileReport<'_>, finding: &Finding) -> Option<String> {
    let set = &finding.values.as_ref()?.set;
    let is_told = !set.is_empty() && !shows_current(file, finding);
    is_told.then(|| format!("set {}", piece(&set.join(", "))))
}

/// Whether the bytes of a finding hold the whole current value.
pub(super) fn shows_current(file: &FileReport<'_>, finding: &Finding) -> bool {
    let span = finding.span.clone().unwrap_or_default();
    let current = finding
        .field
        .as_ref()
        .and_then(|field| field.current.as_deref());
    current.is_some_and(|current| file.text[span].contains(current))
}

/// A line that edits take away or add.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct ChangedLine {
    /// Where it begins in the file, or the line behind which it is added.
    start: usize,
    /// Whether it is added.
    pub(super) is_new: bool,
    /// Its text, masked and escaped.
    pub(super) text: String,
}

/// The lines that the edits of a finding change; none if there are no edits, or if they are in a form that
/// cannot be shown a line at a time, or if lines of other files belong to them.
pub(super) fn changed_lines(file: &FileReport<'_>, finding: &Finding) -> Option<Vec<ChangedLine>> {
    if finding.fix.of_files.is_some() {
        return None;
    }
    let mut edits: Vec<&Edit> = finding.fix.own.iter().collect();
    sort_by_key(&mut edits, |edit| (edit.span.start, edit.span.end));
    let mut lines: Vec<ChangedLine> = Vec::new();
    for edit in edits {
        let changed = of_edit(file, finding, edit)?;
        // A line that two edits change would be shown twice, each time with one of them.
        let first = changed.iter().find(|line| !line.is_new);
        let is_shown = |start| {
            let mut removed = lines.iter().filter(|line| !line.is_new);
            removed.any(|line| line.start == start)
        };
        if first.is_some_and(|line| is_shown(line.start)) {
            return None;
        }
        lines.extend(changed);
    }
    (!lines.is_empty()).then_some(lines)
}

fn of_edit(file: &FileReport<'_>, finding: &Finding, edit: &Edit) -> Option<Vec<ChangedLine>> {
    let line_start = |at: usize| {
        let line_break = file.text[..at].rfind('\n');
        line_break.map_or(0, |at| at + 1)
    };
    let (old, new) = (&file.text[edit.span.clone()], &*edit.text);
    if old.is_empty() && (new.starts_with(['\n', '\r']) || new.ends_with('\n')) {
        let start = line_start(edit.span.start);
        let added = new.lines().filter(|line| !line.trim().is_empty());
        return Some(
            added
                .map(|line| ChangedLine {
                    start,
                    is_new: true,
                    text: one_line(line),
                })
                .collect(),
        );
    }
    if new.contains(['\n', '\r']) {
        return None;
    }
    let span = trimmed(file.text, &edit.span);
    let removed = &file.text[span.clone()];
    if removed.contains(['\n', '\r']) {
        return None;
    }
    let is_whole = old.ends_with('\n') && new.is_empty();
    // Of a pair that goes with its line, the value is what may be hidden.
    let value = removed.find(": ").filter(|_| is_whole);
    let value = value.map_or(span.clone(), |at| span.start + at + 2..span.end);
    let drawn = line::of_finding(file.text, &value, finding);
    let start = line_start(span.start);
    let before = &drawn.text[..drawn.underlined.start];
    let behind = &drawn.text[drawn.underlined.end..];
    let rest = format!("{before}{}{behind}", piece(new));
    let mut lines = vec![ChangedLine {
        start,
        is_new: false,
        text: drawn.text.clone(),
    }];
    if !is_whole {
        lines.push(ChangedLine {
            start,
            is_new: true,
            text: rest,
        });
    }
    Some(lines)
}

/// A span without the blanks and line breaks at its ends.
fn trimmed(text: &str, span: &Span) -> Span {
    let old = &text[span.clone()];
    let start = span.start + (old.len() - old.trim_start().len());
    start..start.max(span.start + old.trim_end().len())
}
