//! Texts and pieces of texts that hold whole documents.

use super::faults::fault;
use super::{Stream, StreamStep};
use crate::yaml::parse::{Embedding, Parsed, Piece};
use crate::yaml::{Error, Kind, Node};

/// Reads every document of a text.
///
/// # Errors
/// The text is not YAML.
pub(in crate::yaml::parse) fn documents(text: &str) -> Result<Vec<Node<'_>>, Error> {
    let mut stream = Stream::new(text);
    let mut found = Vec::new();
    loop {
        match stream.step()? {
            StreamStep::DocumentStart => {
                stream.forget_anchors();
                found.extend(stream.node()?);
            }
            StreamStep::StreamEnd => return Ok(found),
            _ => {}
        }
    }
}

/// Reads a piece that must hold one document or item and nothing after it.
///
/// # Errors
/// The piece is not YAML, or holds nothing, or more than one.
pub(in crate::yaml::parse) fn piece<'s>(text: &'s str, piece: &Piece) -> Result<Parsed<'s>, Error> {
    let mut stream = Stream::of_piece(text, piece.span.clone());
    let root = only_document(&mut stream)?;
    let root = match piece.embedding {
        Embedding::BlockItem => only_item(root)?,
        Embedding::Document | Embedding::FlowItem => root,
    };
    Ok(Parsed {
        root,
        has_anchors: stream.has_anchors(),
        may_repeat_keys: true,
        is_verbatim: false,
    })
}

fn only_document<'s>(stream: &mut Stream<'s>) -> Result<Node<'s>, Error> {
    let Some(node) = stream.node()?.filter(|node| !node.is_null()) else {
        let help = "write the configuration, or leave the file out";
        return Err(fault(0, "the text holds no document", help));
    };
    loop {
        match stream.step()? {
            StreamStep::StreamEnd => return Ok(node),
            StreamStep::Leaf(next) if !next.is_null() => {
                return Err(fault(next.start(), SECOND, SECOND_HELP));
            }
            StreamStep::MappingStart { at, .. } | StreamStep::SequenceStart(at) => {
                return Err(fault(at, SECOND, SECOND_HELP));
            }
            _ => {}
        }
    }
}

/// The item of a block list of one; the value itself where the dash is on an earlier line.
fn only_item(root: Node<'_>) -> Result<Node<'_>, Error> {
    let Kind::Sequence(items, false) = root.kind else {
        return Ok(root);
    };
    let mut items = items.into_vec();
    match items.pop() {
        Some(item) if items.is_empty() => Ok(item),
        _ => Err(fault(root.span.start, "not one item", "write one item")),
    }
}

const SECOND: &str = "a second document follows";
const SECOND_HELP: &str = "keep one document in the file";
