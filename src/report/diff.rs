//! Changes as a unified diff, which people read and `git apply` takes.

use std::fmt::Write as _;
use std::path::Path;

use anstyle::{AnsiColor, Style};
use similar::algorithms::{Capture, Compact, Replace, myers};
use similar::udiff::UnifiedHunkHeader;
use similar::{ChangeTag, DiffOp, group_diff_ops};

use crate::quote;

/// How many unchanged lines are printed around a change.
const CONTEXT: usize = 3;

/// The difference between two texts of one file.
pub fn unified(path: &Path, old: &str, new: &str, color: bool) -> String {
    let path = path.strip_prefix("/").unwrap_or(path);
    let paint = |style: AnsiColor| {
        if color {
            style.on_default()
        } else {
            Style::new()
        }
    };
    let bold = if color {
        Style::new().bold()
    } else {
        Style::new()
    };
    // A line ends at its line feed: a carriage return alone ends none for Git.
    let old: Vec<&str> = old.split_inclusive('\n').collect();
    let new: Vec<&str> = new.split_inclusive('\n').collect();
    let (a, b) = (header("a", path), header("b", path));
    let mut out = format!("{bold}--- {a}{bold:#}\n{bold}+++ {b}{bold:#}\n");
    for hunk in group_diff_ops(changes(&old, &new), CONTEXT) {
        let style = paint(AnsiColor::Cyan);
        let header = UnifiedHunkHeader::new(&hunk);
        let _ = writeln!(out, "{style}{header}{style:#}");
        for change in hunk.iter().flat_map(|op| op.iter_changes(&old, &new)) {
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

/// The changes that turn the old lines into the new ones.
///
/// The algorithm is named, because the function of the crate that chooses an algorithm would link all
/// of them, which makes the program a twentieth larger.
fn changes(old: &[&str], new: &[&str]) -> Vec<DiffOp> {
    let mut found = Compact::new(Replace::new(Capture::new()), old, new);
    let Ok(()) = myers::diff(&mut found, old, 0..old.len(), new, 0..new.len());
    found.into_inner().into_inner().into_ops()
}

/// A name in a header, in quotes and escaped as Git does it where it would not be one plain word; a
/// name is bytes, which need not be UTF-8.
fn header(side: &str, path: &Path) -> String {
    let bytes = path.as_os_str().as_encoded_bytes();
    let is_quoted = |c: char| quote::is_steering(c) || matches!(c, '"' | '\\');
    if let Some(name) = path.to_str().filter(|name| !name.contains(is_quoted)) {
        return format!("{side}/{name}");
    }
    let byte = |byte: &u8| match byte {
        b'"' | b'\\' => format!("\\{}", char::from(*byte)),
        b' '..=b'~' => char::from(*byte).to_string(),
        _ => format!("\\{byte:03o}"),
    };
    format!("\"{side}/{}\"", bytes.iter().map(byte).collect::<String>())
}
