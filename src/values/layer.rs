//! Layers of values, and the places of values in them.

mod look;

use std::borrow::Cow;
use std::collections::HashMap;

use crate::chart::ValuePath;
use crate::slot::Slot;
use crate::yaml::{Error, Kind, Node, Path, Segment, Style};

use super::index::{KeyIndex, SetValues};

pub(super) use look::{Looked, look, look_with};
pub use look::{is_decided, is_said};

/// One text of values.
#[derive(Debug, Clone)]
pub struct Layer<'n, 's> {
    /// Position of the document that holds it.
    pub document: usize,
    /// What it says.
    pub content: LayerContent<'n, 's>,
    /// Whether absent keys are added here.
    pub is_own: bool,
}

/// What a layer says.
#[derive(Debug, Clone)]
pub enum LayerContent<'n, 's> {
    /// A tree of values, or the place for one.
    Tree(ValuesRoot<'n, 's>),
    /// Single values by their paths, as `--set` takes them.
    Set(SetValues<'n, 's>),
    /// Unknown: the layer is in no file that was read.
    Unknown,
    /// A value that is in no file that was read, at a known path.
    UnknownAt(ValuePath),
    /// No text that was read holds values: what would be added to them is told here.
    Nowhere(ValuesRoot<'n, 's>),
}

/// Where a tree of values is.
#[derive(Debug, Clone)]
pub struct ValuesRoot<'n, 's> {
    /// A value that is there.
    pub holder: &'n Node<'s>,
    /// Its path in the document.
    pub path: Path<'n>,
    /// The keys from there to the values, which may be absent.
    pub keys: Vec<&'n str>,
    /// The keys below which the values are those of a subchart.
    pub below: Vec<&'n str>,
    /// Where the keys of large mappings are.
    pub(super) index: KeyIndex,
}

/// A place in a document, by its position and the path in it.
pub type SlotKey = (usize, String);

/// A place for one value, and how to make it.
#[derive(Debug, Clone)]
pub struct Site<'n, 's> {
    /// Position of the document.
    pub document: usize,
    /// The slot; its holder is [`NOWHERE`] where the value is absent.
    pub slot: Slot<'n, 's>,
    /// The deepest value on the way that is there, with its path and the keys that are missing;
    /// `None` where the value is written.
    pub missing: Option<(&'n Node<'s>, Path<'n>, Vec<&'n str>)>,
    /// Whether there is no text that it could be added to.
    pub is_nowhere: bool,
}

impl Layer<'_, '_> {
    /// Whether it is in a file that was read.
    pub fn is_read(&self) -> bool {
        matches!(self.content, LayerContent::Tree(_) | LayerContent::Set(_))
    }

    /// Whether it is a text of values, or has a place for them.
    pub fn has_values(&self) -> bool {
        match &self.content {
            LayerContent::Tree(root) => root.holder.entries().is_some() || root.says_nothing(),
            _ => false,
        }
    }
}

/// The holder of what is absent.
pub static NOWHERE: Node<'static> = Node {
    span: 0..0,
    before: 0,
    depth: 0,
    tag: None,
    kind: Kind::Scalar(Cow::Borrowed("null"), Style::Plain),
};

impl Site<'_, '_> {
    /// The place, which is the same for every way that leads there.
    pub fn place(&self) -> SlotKey {
        (self.document, self.slot.full_path().to_string())
    }
}

impl<'n, 's> ValuesRoot<'n, 's> {
    /// The values, where they are written.
    ///
    /// # Errors
    /// A mapping on the way has a key twice.
    pub fn node(&self) -> Result<Option<&'n Node<'s>>, Error> {
        let mut node = self.holder;
        for key in &self.keys {
            match node.get(key)? {
                Some(inner) => node = inner,
                None => return Ok(None),
            }
        }
        Ok(Some(node).filter(|node| !node.is_null()))
    }

    /// Where a tree of values is: keys lead to it from a value that is there.
    pub fn new(holder: &'n Node<'s>, path: Path<'n>, keys: &[&'n str]) -> Self {
        ValuesRoot {
            holder,
            path,
            keys: keys.to_vec(),
            below: Vec::new(),
            index: KeyIndex::default(),
        }
    }

    /// The path of the values in the document.
    pub fn full_path(&self) -> Path<'n> {
        self.path.keys(&self.keys)
    }

    /// Whether the values are a whole document that holds comments at most, to which any may be added.
    pub fn says_nothing(&self) -> bool {
        self.keys.is_empty() && self.below.is_empty() && is_blank(self.holder)
    }

    /// Whether the values are a whole document, which has no such first key: of many, most have not.
    fn lacks(&self, path: &ValuePath) -> Result<bool, Error> {
        let is_document = self.keys.is_empty() && self.below.is_empty();
        match path.0.first().filter(|_| is_document) {
            Some(first) if self.holder.entries().is_some() => {
                Ok(self.index.get(self.holder, first)?.is_none())
            }
            _ => Ok(false),
        }
    }

    fn site(&self, document: usize, path: &'n ValuePath) -> Result<(Site<'n, 's>, Depth), Error> {
        let is_below = path.0.len() > self.below.len()
            && self
                .below
                .iter()
                .zip(&path.0)
                .all(|(one, other)| one == other);
        if !self.below.is_empty() && !is_below {
            let at = (self.holder, self.path.clone());
            return Ok((absent(document, at, &[]), Depth::Absent));
        }
        let own = path.0.iter().map(String::as_str).skip(self.below.len());
        let keys: Vec<&'n str> = self.keys.iter().copied().chain(own).collect();
        let (mut node, mut at) = (self.holder, self.path.clone());
        let mut above: Option<(&'n Node<'s>, Path<'n>)> = None;
        for (depth, key) in keys.iter().enumerate() {
            let segment = match node.items() {
                Some(_) => key.parse().map_or(Segment::Key(key), Segment::Index),
                None => Segment::Key(key),
            };
            let slot = Slot {
                holder: node,
                path: at.clone(),
                at: segment,
                after: key,
            };
            let Some(value) = self.index.node(&slot)? else {
                // A scalar or list in place of a mapping hides everything below it in lower layers.
                let hides = depth > self.keys.len() && node.entries().is_none() && !node.is_null();
                // An empty value is replaced in its parent.
                let site = match above.filter(|_| is_nothing(node)) {
                    Some(above) => absent(document, above, &keys[depth - 1..]),
                    None => absent(document, (node, at), &keys[depth..]),
                };
                return Ok((site, if hides { Depth::Hidden } else { Depth::Absent }));
            };
            if depth + 1 == keys.len() {
                let site = Site {
                    document,
                    slot,
                    missing: None,
                    is_nowhere: false,
                };
                return Ok((site, Depth::Written));
            }
            above = Some((node, at.clone()));
            at = at.with(segment);
            node = value;
        }
        Ok((absent(document, (node, at), &[]), Depth::Absent))
    }
}

/// The site of a value that is absent below the deepest one that is there.
fn absent<'n, 's>(
    document: usize,
    (node, path): (&'n Node<'s>, Path<'n>),
    missing: &[&'n str],
) -> Site<'n, 's> {
    let (last, before) = missing
        .split_last()
        .map_or(("", &[][..]), |(last, rest)| (*last, rest));
    Site {
        document,
        slot: Slot {
            holder: &NOWHERE,
            path: path.keys(before),
            at: Segment::Key(last),
            after: "",
        },
        missing: Some((node, path, missing.to_vec())),
        is_nowhere: false,
    }
}

/// Whether a document holds comments at most.
pub fn is_blank(root: &Node<'_>) -> bool {
    root.is_null() && root.span.is_empty() && root.tag.is_none()
}

/// Whether a value holds nothing: a null, or a mapping without pairs.
fn is_nothing(node: &Node<'_>) -> bool {
    node.is_null() || node.entries().is_some_and(<[_]>::is_empty)
}

enum Depth {
    Written,
    Absent,
    /// What lower layers say does not count.
    Hidden,
}

/// Texts that places are to have, by which a lookup sees what would come of them.
pub type Wished = HashMap<SlotKey, String>;
