//! Changes as a unified diff, which people read and `git apply` takes.

use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};
use similar::{ChangeTag, TextDiff};

/// Lines around a change.
const CONTEXT: usize = 3;

/// The difference between two texts of one file.
pub fn unified(path: &str, old: &str, new: &str, color: bool) -> String {
    let path = path.trim_start_matches('/');
    let paint = |style: AnsiColor| match color {
        true => style.on_default(),
        false => Style::new(),
    };
    let bold = match color {
        true => Style::new().bold(),
        false => Style::new(),
    };
    // A line ends at its line feed: a carriage return alone ends none for Git.
    let old: Vec<&str> = old.split_inclusive('\n').collect();
    let new: Vec<&str> = new.split_inclusive('\n').collect();
    let diff = TextDiff::from_slices(&old, &new);
    let mut out = format!("{bold}--- a/{path}{bold:#}\n{bold}+++ b/{path}{bold:#}\n");
    for hunk in diff.unified_diff().context_radius(CONTEXT).iter_hunks() {
        let style = paint(AnsiColor::Cyan);
        let _ = writeln!(out, "{style}{}{style:#}", hunk.header());
        for change in hunk.iter_changes() {
            let (sign, style) = match change.tag() {
                ChangeTag::Delete => ('-', paint(AnsiColor::Red)),
                ChangeTag::Insert => ('+', paint(AnsiColor::Green)),
                ChangeTag::Equal => (' ', Style::new()),
            };
            // The colour ends before the line does, and a carriage return is part of the line.
            let line = change.value();
            let text = line.strip_suffix('\n').unwrap_or(line);
            let _ = writeln!(out, "{style}{sign}{text}{style:#}");
            if text.len() == line.len() {
                out.push_str("\\ No newline at end of file\n");
            }
        }
    }
    out
}
