//! Whether go-yaml may take a text that is refused here.

use std::borrow::Cow;

use granit_parser as granit;

use super::faults::is_forgiven_elsewhere;
use super::source::{options, place};

/// How many comments that no blank parts from what is before them are passed over.
const MOST_COMMENTS: usize = 64;

/// Whether go-yaml may take a text, on the safe side: its parser and ours agree on what YAML is, but for
/// the faults that go-yaml forgives; over whatever else is refused here, readers part.
pub(in crate::yaml::parse) fn may_be_taken(text: &str) -> bool {
    let mut text = Cow::Borrowed(text);
    for _ in 0..MOST_COMMENTS {
        let mut parser = granit::Parser::new_from_str_with_options(&text, options());
        let error = loop {
            match parser.next_event() {
                Some(Ok(_)) => {}
                Some(Err(error)) => break error,
                None => return true,
            }
        };
        let (kind, at) = (error.kind(), place(&error));
        if !is_forgiven_elsewhere(kind) {
            return false;
        }
        match kind {
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
            granit::ErrorKind::TabInIndentation
            | granit::ErrorKind::TabInBlockIndentation
            | granit::ErrorKind::TabNotAllowed => {
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
