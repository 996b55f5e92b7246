//! Whether a line of a broken text may continue a value from a line before it: what looks like a key
//! there may be part of a password.

/// Whether the line that holds `at` comes after a value, in its document, that may not have ended.
pub(super) fn may_be(text: &str, at: usize) -> bool {
    let start = text[..at].rfind("\n---").map_or(0, |start| start + 1);
    let line_start = text[start..at].rfind(['\n', '\r']);
    let line_start = line_start.map_or(start, |line_break| start + line_break + 1);
    let (before, line) = (&text[start..line_start], &text[line_start..]);
    let last = before.lines().rfind(|line| !line.trim().is_empty());
    let may_continue =
        last.is_some_and(|last| indent(line) > indent(last) && !last.trim_end().ends_with(':'));
    may_continue || before.lines().any(is_open)
}

fn indent(line: &str) -> usize {
    line.len() - line.trim_start_matches([' ', '\t']).len()
}

/// Whether a line begins a value that continues on the next line: a block scalar, or a bracket or
/// quote that it does not close.
fn is_open(line: &str) -> bool {
    let header = line
        .trim_end()
        .trim_end_matches(|c: char| "+-".contains(c) || c.is_ascii_digit());
    let count = |c: char| line.matches(c).count();
    header.ends_with(['|', '>'])
        || count('[') != count(']')
        || count('{') != count('}')
        || count('"') % 2 == 1
        || count('\'') % 2 == 1
}
