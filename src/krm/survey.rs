//! The first pass over an input: it reads every byte once, finds the items or documents, the
//! configuration, and what items give to it, and keeps nothing else.

mod notes;
mod piece_reader;
mod piecewise;
mod split;
mod whole;

use crate::error::Error;
use crate::yaml::parse::{Arena, Parser};
use crate::yaml::{Entry, Node, Span};

use super::item_config::ItemConfig;
use super::kinds::ResourceKind;
use super::list::ListShape;
use super::unit::Unit;
use super::{GROUP, resource};

/// What the first pass learns of an input.
#[derive(Debug, Default)]
pub struct Survey<'s> {
    /// Items or documents, in order.
    pub units: Vec<Unit>,
    /// Every kind among the resources, by API group and version.
    pub kinds: Vec<ResourceKind>,
    /// The ResourceList's own shape; `None` for a stream.
    pub list: Option<ListShape>,
    /// The ResourceList's functionConfig.
    pub function_config: Option<Node<'s>>,
    /// Where resources say what a cluster made of them and what they were before, which runs nothing.
    pub observed: Vec<Span>,
    /// What resources give to the configuration.
    pub gathered: ItemConfig<'s>,
    /// The parsers that read the input, and its units again.
    pub parser: Parser,
}

/// Reads the input once.
///
/// # Errors
/// The input is empty, not YAML, or not a ResourceList or stream of resources.
pub fn survey(input: &str, parser: Parser) -> Result<Survey<'_>, Error> {
    survey_in(input, parser, &mut Arena::default())
}

/// As [`survey`], of one of many inputs: an input that is one piece is read in the arena.
///
/// # Errors
/// As [`survey`].
pub(crate) fn survey_in<'s>(
    input: &'s str,
    parser: Parser,
    arena: &mut Arena,
) -> Result<Survey<'s>, Error> {
    let in_pieces = if parser.reads_whole_texts() {
        None
    } else {
        piecewise::survey(input, parser, arena)
    };
    let survey = match in_pieces {
        Some(survey) => survey,
        None => whole::survey(input)?,
    };
    Ok(Survey { parser, ..survey })
}

/// Whether a pair says that the document is of the wire format's group.
fn is_own_version(pair: &Entry<'_>) -> bool {
    pair.key.scalar() == Some("apiVersion")
        && resource::group(pair.value.scalar().unwrap_or_default()) == GROUP
}
