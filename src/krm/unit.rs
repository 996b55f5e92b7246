//! The unit: an item or a document, which is parsed, judged and checked by itself.

use crate::yaml::parse::{Arena, Embedding, Keep, Parsed, Parser, Piece};
use crate::yaml::{Error, Node, Path, Span};

use super::kinds::KindPositions;
use super::resource::{self, Budget, Resource};

/// An item of a ResourceList, or a document of a stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unit {
    /// The bytes of the item or document.
    pub span: Span,
    /// What is read when the unit is read by itself.
    pub piece: Piece,
    /// Position among the items or documents, from 0.
    pub ordinal: usize,
    /// What the unit is.
    pub content: UnitContent,
    /// The kinds in it, as positions in [`super::survey::Survey::kinds`].
    pub kinds: KindPositions,
    /// Whether the unit can be searched as text: every scalar is written literally
    /// ([`Parsed::is_verbatim`]), and no mapping has a duplicate key.
    pub is_searchable: bool,
}

/// What a unit holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnitContent {
    /// One resource, or a `List` of them.
    Resource,
    /// A whole ResourceList, where anchors cross its items.
    ResourceList,
}

impl Unit {
    /// The input up to the unit's end, which is all that an edit of the unit may look at; offsets
    /// count in the input.
    pub fn text<'s>(&self, input: &'s str) -> &'s str {
        &input[..self.piece.span.end]
    }

    /// Reads all of the unit.
    ///
    /// # Errors
    /// It cannot be read by itself, or its merge keys repeat too much.
    pub fn parse<'s>(
        &self,
        parser: Parser,
        input: &'s str,
        arena: Option<&'s Arena>,
    ) -> Result<Parsed<'s>, Error> {
        let parsed = parser.piece(input, &self.piece, Keep::All, arena)?;
        if parsed.has_anchors {
            self.budget().merge(&parsed.root)?;
        }
        Ok(parsed)
    }

    /// How many resources and fields the unit may represent, aliases counted.
    pub fn budget(&self) -> Budget {
        Budget::new(self.piece.span.len())
    }

    /// The resources of the unit, which was read as `root`.
    ///
    /// # Errors
    /// A key is in a mapping twice that is read, or aliases repeat too much.
    pub fn resources<'n, 's>(
        &self,
        root: &'n Node<'s>,
        budget: &mut Budget,
    ) -> Result<Vec<Resource<'n, 's>>, Error> {
        if self.content == UnitContent::Resource {
            return resource::resources(root, budget);
        }
        let items = root.get("items")?.and_then(Node::items).unwrap_or_default();
        let path = Path::default().key("items");
        let mut found = Vec::new();
        for (index, item) in items.iter().enumerate() {
            found.extend(resource::resources_at(item, &path.index(index), budget)?);
        }
        Ok(found)
    }
}

/// The piece of an item of a list: its whole lines from its dash on in block style, so that columns
/// stay true, and the item itself in flow style. `None` where something else is before the item on
/// its line, so that it cannot be read by itself.
pub(super) fn item_piece(input: &str, item: &Node<'_>) -> Option<Piece> {
    let span = item.start()..item.span.end;
    if item.is_flow() {
        return Some(Piece {
            span,
            embedding: Embedding::FlowItem,
        });
    }
    let newline = memchr::memrchr2(b'\n', b'\r', &input.as_bytes()[..span.start]);
    let line = newline.map_or(0, |newline| newline + 1);
    let before = input[line..span.start].trim_start_matches(['\u{feff}', ' ']);
    let is_dash = before.strip_prefix('-').is_some_and(|rest| {
        let is_blank = |c: char| matches!(c, ' ' | '\t');
        !rest.is_empty() && rest.chars().all(is_blank)
    });
    (before.is_empty() || is_dash).then_some(Piece {
        span: line..span.end,
        embedding: Embedding::BlockItem,
    })
}
