//! Whether go-yaml may take a text that is refused here.

use std::borrow::Cow;

use granit_parser as granit;

use super::faults::{bytes, is_forgiven_elsewhere};
use super::source::{options, place};

/// How many comments that no blank parts from what is before them are passed over.
const MOST_COMMENTS: usize = 64;

/// Whether go-yaml may take a text, on the safe side: its parser and ours agree on what YAML is, but for
/// the faults that go-yaml forgives; on whatever else is refused here, readers disagree.
pub(in crate::yaml::parse) fn may_be_taken(text: &str) -> bool {
    // Readers disagree on these wherever they are, as `readers` and `separators` say.
    if text.contains(['\u{85}', '\u{2028}', '\u{2029}']) {
        return true;
    }
    let mut text = Cow::Borrowed(text);
    for _ in 0..MOST_COMMENTS {
        let mut parser = granit::Parser::new_from_str_with_options(&text, options());
        let error = loop {
            match parser.next_event() {
                // Nothing after a line `...` is read.
                Some(Ok((granit::Event::DocumentEnd, span))) if !bytes(&span).is_empty() => {
                    return true;
                }
                Some(Ok(_)) => {}
                Some(Err(error)) => break error,
                None => return true,
            }
        };
        let (kind, at) = (error.kind(), place(&error));
        match kind {
            // A limit of ours.
            granit::ErrorKind::RecursionLimitExceeded => return true,
            kind if !is_forgiven_elsewhere(kind) => return false,
            // Of the escapes that YAML does not have, go-yaml accepts this one alone.
            granit::ErrorKind::UnknownQuotedScalarEscape => {
                let Some(escape) = text.get(at..).and_then(unknown_escape) else {
                    return false;
                };
                let mut mended = text.into_owned();
                mended.remove(at + escape);
                text = Cow::Owned(mended);
            }
            granit::ErrorKind::TabInBlockIndentation => return false,
            // What follows decides: `{# a #}` opens a collection that nothing may close.
            granit::ErrorKind::CommentNotSeparated => {
                let Some(sign) = text.get(at..).and_then(|rest| rest.find('#')) else {
                    return true;
                };
                let mut parted = text.into_owned();
                parted.insert(at + sign, ' ');
                text = Cow::Owned(parted);
            }
            // Tabs are forgiven within quotes, where no line begins with an action.
            granit::ErrorKind::TabInIndentation | granit::ErrorKind::TabNotAllowed => {
                let start = text[..at.min(text.len())]
                    .rfind('\n')
                    .map_or(0, |end| end + 1);
                let line = text[start..].trim_start();
                return !line.starts_with("{{") && !line.starts_with("{%");
            }
            _ => return true,
        }
    }
    true
}

/// Where the first escape is that YAML does not have, if it escapes a single quote.
fn unknown_escape(text: &str) -> Option<usize> {
    let mut rest = text.char_indices();
    while let Some((at, c)) = rest.next() {
        if c != '\\' {
            continue;
        }
        let (_, escaped) = rest.next()?;
        if escaped == '\'' {
            return Some(at);
        }
        let is_known = "0abtnvfre \"/\\N_LPxuU\t\n\r".contains(escaped);
        if !is_known {
            return None;
        }
    }
    None
}
