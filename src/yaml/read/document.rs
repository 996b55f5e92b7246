//! Texts that hold one document.

use super::{Reader, Step};
use crate::yaml::{Error, Node};

/// Reads a text that holds one document.
///
/// # Errors
/// The text is not YAML.
pub fn document(text: &str) -> Result<Option<Node<'_>>, Error> {
    Reader::new(text).node()
}

/// Reads every document of a text.
///
/// # Errors
/// The text is not YAML.
pub fn documents(text: &str) -> Result<Vec<Node<'_>>, Error> {
    let mut reader = Reader::new(text);
    let mut found = Vec::new();
    loop {
        match reader.step()? {
            Step::DocumentStart => {
                reader.forget_anchors();
                found.extend(reader.node()?);
            }
            Step::StreamEnd => return Ok(found),
            _ => {}
        }
    }
}

/// Reads a text that must hold one document and nothing after it, such as a configuration.
///
/// # Errors
/// The text is not YAML, or holds no document or several.
pub fn only_document(text: &str) -> Result<Node<'_>, Error> {
    let fault = |at, what: &str, help: &str| Error {
        at,
        first: None,
        what: what.to_owned(),
        help: Some(help.to_owned()),
    };
    let mut reader = Reader::new(text);
    let Some(node) = reader.node()?.filter(|node| !node.is_null()) else {
        let help = "write the configuration, or leave the file out";
        return Err(fault(0, "the text holds no document", help));
    };
    loop {
        match reader.step()? {
            Step::StreamEnd => return Ok(node),
            Step::Leaf(next) if !next.is_null() => {
                return Err(fault(next.start(), SECOND, SECOND_HELP));
            }
            Step::MappingStart { at, .. } | Step::SequenceStart(at) => {
                return Err(fault(at, SECOND, SECOND_HELP));
            }
            _ => {}
        }
    }
}

const SECOND: &str = "a second document follows";
const SECOND_HELP: &str = "keep one document in the file";
