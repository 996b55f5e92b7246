//! Changes as a unified diff, which people read and `git apply` takes.

use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};
use similar::algorithms::{Capture, Compact, Replace, myers};
use similar::udiff::UnifiedHunkHeader;
use similar::{ChangeTag, DiffOp, group_diff_ops};

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

/// What makes the old lines the new ones.
///
/// By one algorithm: the function that chooses among all that there are would bring them all along, a
/// twentieth of the program.
fn changes(old: &[&str], new: &[&str]) -> Vec<DiffOp> {
    let mut found = Compact::new(Replace::new(Capture::new()), old, new);
    let Ok(()) = myers::diff(&mut found, old, 0..old.len(), new, 0..new.len());
    found.into_inner().into_inner().into_ops()
}

/// A name in a header, in quotes and escaped where it would not be one word of one line.
fn header(side: &str, path: &str) -> String {
    let name = format!("{side}/{path}");
    if !name.contains(|c: char| c.is_control() || matches!(c, '"' | '\\')) {
        return name;
    }
    let byte = |byte: u8| match byte {
        b'"' | b'\\' => format!("\\{}", char::from(byte)),
        b' '..=b'~' => char::from(byte).to_string(),
        _ => format!("\\{byte:03o}"),
    };
    format!("\"{}\"", name.bytes().map(byte).collect::<String>())
}
