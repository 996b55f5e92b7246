//! Documents read to values of a build.

use std::borrow::Cow;

use crate::krm::resource::Budget;
use crate::krm::spelling::keys;
use crate::yaml::{Error, Kind, Node, Path, Segment};

use super::{BuildValue, DocumentSlot, Pair, Scalar, Site};

/// The value of a node that is at `path` and in `holder`, merge keys applied and aliases followed.
///
/// # Errors
/// A key is in a mapping twice, or aliases repeat more than the text has bytes.
pub(in crate::tree) fn read<'n, 's>(
    document: usize,
    node: &'n Node<'s>,
    path: &Path<'n>,
    holder: Option<&'n Node<'s>>,
    budget: &mut Budget,
) -> Result<BuildValue<'n, 's>, Error> {
    let site = Site {
        document,
        node,
        path: path.clone(),
        holder,
    };
    if is_collection(node) {
        return read_collection(site, budget);
    }
    budget.take(node.span.start)?;
    Ok(BuildValue::Scalar(read_scalar(node, site.place())))
}

fn is_collection(node: &Node<'_>) -> bool {
    matches!(node.target().kind, Kind::Mapping(..) | Kind::Sequence(..))
}

fn read_collection<'n, 's>(
    site: Site<'n, 's>,
    budget: &mut Budget,
) -> Result<BuildValue<'n, 's>, Error> {
    let node = site.node;
    budget.take(node.span.start)?;
    if let Some(items) = node.items() {
        let mut values = Vec::with_capacity(items.len());
        for (index, item) in items.iter().enumerate() {
            values.push(read_below(&site, Segment::Index(index), item, budget)?);
        }
        return Ok(BuildValue::Sequence(values.into(), Some(site)));
    }
    let entries = node.entries().unwrap_or_default();
    let mut pairs: Vec<Pair<'n, 's>> = Vec::with_capacity(entries.len());
    let mut add = |key: &'n str, value: &'n Node<'s>| {
        let value = read_below(&site, Segment::Key(key), value, budget)?;
        pairs.push((Cow::Borrowed(key), value));
        Ok(())
    };
    if let Some(entries) = node.plain_entries() {
        for entry in entries {
            if let Some(key) = entry.key.scalar() {
                add(key, &entry.value)?;
            }
        }
    } else {
        for key in keys(node) {
            if let Some(found) = node.find_written(key)? {
                add(key, &found.entry.value)?;
            }
        }
    }
    Ok(BuildValue::Mapping(pairs.into(), Some(site)))
}

/// The value of a node that a mapping or list holds.
fn read_below<'n, 's>(
    holder: &Site<'n, 's>,
    at: Segment<'n>,
    node: &'n Node<'s>,
    budget: &mut Budget,
) -> Result<BuildValue<'n, 's>, Error> {
    if is_collection(node) {
        let site = Site {
            document: holder.document,
            node,
            path: holder.path.with(at),
            holder: Some(holder.node),
        };
        return read_collection(site, budget);
    }
    budget.take(node.span.start)?;
    Ok(BuildValue::Scalar(read_scalar(node, Some(holder.slot(at)))))
}

fn read_scalar<'n, 's>(node: &'n Node<'s>, place: Option<DocumentSlot<'n, 's>>) -> Scalar<'n, 's> {
    Scalar {
        text: Cow::Borrowed(node.scalar().unwrap_or_default()),
        is_text: node.text().is_some() || node.is_bytes(),
        is_bytes: node.is_bytes(),
        place,
        trace: None,
    }
}
