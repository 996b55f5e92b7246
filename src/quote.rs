//! Input text for display: escaped, so that it cannot control the terminal or log that shows it,
//! and truncated where it is too long to read.
//!
//! [`one_line`] is for a piece of text that goes into a message, [`lines`] for all that is written for
//! people: the terminal and standard error have no other way in, so that a forgotten piece is still
//! escaped there.

use std::borrow::Cow;
use std::fmt::Write as _;

/// The most characters of one piece of a message; the longest image reference has some 700.
const LONGEST: usize = 1000;
/// The most characters of one line, which may hold several pieces.
const LONGEST_LINE: usize = 6000;

/// The first `most` characters, escaped.
pub(crate) fn short(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => one_line(&text[..end]) + "…",
        None => one_line(text),
    }
}

/// A piece of text on one line, whatever it holds: no line breaks, no escape codes, nothing invisible,
/// and no command for the service that runs the program.
pub(crate) fn one_line(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    escape(text, &mut out);
    out
}

/// As [`one_line`], truncated, with the count of the characters that were cut.
pub(crate) fn piece(text: &str) -> String {
    cut(&one_line(text), LONGEST)
}

/// All that is written for people: every line is escaped and cut. With `color`, the codes for colours
/// stay, and no other escape code.
pub(crate) fn lines(text: &str, color: bool) -> String {
    let mut out = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        let (line, end) = match line.strip_suffix('\n') {
            Some(line) => (line, "\n"),
            None => (line, ""),
        };
        let mut escaped = String::with_capacity(line.len());
        if color {
            let mut rest = line;
            while let Some((before, code, behind)) = color_code(rest) {
                escape(before, &mut escaped);
                escaped.push_str(code);
                rest = behind;
            }
            escape(rest, &mut escaped);
        } else {
            escape(line, &mut escaped);
        }
        let short = cut(&escaped, LONGEST_LINE);
        out.push_str(&short);
        if color && short.len() < escaped.len() {
            // The code that ends a colour may have been cut off.
            out.push_str("\x1b[0m");
        }
        out.push_str(end);
    }
    out
}

/// JSON text in which characters that terminals, logs and services take for more than text are
/// escaped as JSON escapes them.
///
/// Such characters occur in JSON's strings only: its structure has other ones.
pub(crate) fn json(text: &str) -> Cow<'_, str> {
    let is_escaped = |c: char| c != '\n' && is_steering(c);
    if !text.contains(is_escaped) && !text.contains("##") {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut hashes = Hashes::default();
    for c in text.chars() {
        if hashes.makes_command(c) || is_escaped(c) {
            for unit in c.encode_utf16(&mut [0; 2]) {
                let _ = write!(out, "\\u{unit:04x}");
            }
        } else {
            out.push(c);
        }
    }
    Cow::Owned(out)
}

/// A cell of a table of comma-separated values that a spreadsheet takes for text, not for a formula.
///
/// Source: OWASP, "CSV Injection".
pub(crate) fn cell(text: &str) -> String {
    let text = one_line(text);
    let is_formula = |c: char| matches!(c, '=' | '+' | '-' | '@' | '＝' | '＋' | '－' | '＠');
    if text.trim_start().starts_with(is_formula) {
        format!("'{text}")
    } else {
        text
    }
}

/// Whether a character does more than occupy a place in a line: it ends the line, controls a
/// terminal, changes the text direction, is invisible, or is a noncharacter.
pub(crate) fn is_steering(c: char) -> bool {
    // The C0 and C1 control characters and DEL.
    c.is_control()
        || matches!(
            c,
            // Marks and controls of direction.
            '\u{061c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
            // Line and paragraph separators.
            | '\u{2028}' | '\u{2029}'
            // What cannot be seen, as Unicode's Default_Ignorable_Code_Point lists it (DerivedCoreProperties.txt
            // of 16.0), with an empty Braille pattern and annotations. Of the joiners that some
            // scripts and emoji need, names of Kubernetes and images hold none.
            | '\u{ad}' | '\u{34f}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200d}' | '\u{2060}'..='\u{2065}'
            | '\u{206a}'..='\u{206f}' | '\u{2800}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}'
            | '\u{fdd0}'..='\u{fdef}'
        )
        // The last two code points of every plane are no characters.
        || u32::from(c) & 0xfffe == 0xfffe
}

fn escape(text: &str, out: &mut String) {
    // Nearly all texts hold nothing that could be escaped.
    let is_plain = |byte: u8| matches!(byte, b' '..=b'~') && !matches!(byte, b'#' | b':');
    if text.bytes().all(is_plain) {
        out.push_str(text);
        return;
    }
    let mut hashes = Hashes::default();
    // A line of a log that begins with `::`, blanks aside, is a command of GitHub Actions.
    let begins = text.trim_start();
    let is_command = begins.starts_with("::") && !begins.starts_with(":::");
    let colon = is_command.then(|| text.len() - begins.len());
    for (at, c) in text.char_indices() {
        if hashes.makes_command(c) || colon == Some(at) {
            out.extend(c.escape_unicode());
        } else if matches!(c, '\n' | '\r' | '\t') {
            out.extend(c.escape_default());
        } else if is_steering(c) {
            out.extend(c.escape_unicode());
        } else {
            out.push(c);
        }
    }
}

/// The `##` and the letters that were just read: with a bracket after them, they are a command of
/// GitHub Actions (`##[error]`) or Azure Pipelines (`##vso[task.…]`) wherever they are in a line.
#[derive(Default)]
struct Hashes {
    count: usize,
    in_word: bool,
}

impl Hashes {
    /// Whether this character completes a command together with the ones before it.
    fn makes_command(&mut self, c: char) -> bool {
        let is_begun = self.count >= 2;
        match c {
            '#' if self.in_word => {
                *self = Hashes {
                    count: 1,
                    in_word: false,
                }
            }
            '#' => self.count += 1,
            _ if is_begun && c.is_ascii_alphabetic() => self.in_word = true,
            _ => *self = Hashes::default(),
        }
        is_begun && c == '['
    }
}

/// Splits at the first colour code: the text before it, the code, and the text after it.
fn color_code(text: &str) -> Option<(&str, &str, &str)> {
    let mut from = 0;
    loop {
        let start = from + text[from..].find("\x1b[")?;
        let digits = text[start + 2..].find(|c: char| !c.is_ascii_digit() && c != ';');
        let end = start + 2 + digits?;
        if text[end..].starts_with('m') {
            return Some((&text[..start], &text[start..=end], &text[end + 1..]));
        }
        from = start + 2;
    }
}

/// The first `most` characters, and how many more there are.
fn cut(text: &str, most: usize) -> String {
    let Some((end, _)) = text.char_indices().nth(most) else {
        return text.to_owned();
    };
    let more = text[end..].chars().count();
    format!("{}… ({more} more characters)", &text[..end])
}

#[cfg(test)]
mod tests {
    use super::{cell, json, lines, one_line, piece};

    #[test]
    fn what_steers_is_escaped_once() {
        let text = "a\nb\t\u{1b}[31m\u{7f}\u{9b}1m\u{85}\u{202e}\u{2066}\u{2028}\u{2029}\u{feff}\u{fffe}\u{10ffff}é→";
        let shown = r"a\nb\t\u{1b}[31m\u{7f}\u{9b}1m\u{85}\u{202e}\u{2066}\u{2028}\u{2029}\u{feff}\u{fffe}\u{10ffff}é→";
        assert_eq!(one_line(text), shown);
        assert_eq!(one_line(shown), shown);
        assert_eq!(
            lines(text, true),
            shown
                .replace("\\n", "\n")
                .replace("\\u{1b}[31m", "\u{1b}[31m")
        );
    }

    #[test]
    fn commands_are_broken() {
        let check = |text: &str, shown: &str| assert_eq!(one_line(text), shown);
        check("::error::x", r"\u{3a}:error::x");
        check("  ::error::x", r"  \u{3a}:error::x");
        check("a::b", "a::b");
        // Three colons name no command; diagnostics have them between places.
        check(" ::: ", " ::: ");
        check("x ##[error]y", r"x ##\u{5b}error]y");
        check("###vso[x]", r"###vso\u{5b}x]");
        check("##a#[ ##a##b[", r"##a#[ ##a##b\u{5b}");
        check("## a[0]", "## a[0]");
        assert_eq!(lines("a\n::b\n", false), "a\n\\u{3a}:b\n");
        assert_eq!(
            json("\"##[a \u{9b}\u{e0001}\"\n"),
            "\"##\\u005ba \\u009b\\udb40\\udc01\"\n"
        );
    }

    #[test]
    fn long_text_is_cut_and_counted() {
        let long = "é".repeat(1005);
        assert_eq!(
            piece(&long),
            format!("{}… (5 more characters)", "é".repeat(1000))
        );
        assert_eq!(piece(&long[..2000]), long[..2000]);
    }

    #[test]
    fn cells_are_no_formulas() {
        for (text, shown) in [
            ("=1+1", "'=1+1"),
            (" @x", "' @x"),
            ("-", "'-"),
            ("\t=1", r"\t=1"),
            ("a=1", "a=1"),
            ("", ""),
        ] {
            assert_eq!(cell(text), shown);
        }
    }
}
