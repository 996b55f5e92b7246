//! Looking a path up in layers of values, as Helm merges them.

use std::collections::HashMap;

use crate::chart::ValuePath;
use crate::yaml::Error;

use super::{Depth, Layer, LayerContent, Site, SlotKey, Wished};

/// What a path leads to.
#[derive(Debug, Clone)]
pub(in crate::values) enum Looked<'n, 's> {
    /// A value, a null perhaps.
    Written(Site<'n, 's>),
    /// No value: where one would be added, if anywhere.
    Absent(Option<Site<'n, 's>>),
    /// An unknown layer may have a value.
    Unknown {
        /// Where one would be added, if anywhere.
        made: Option<Site<'n, 's>>,
        /// The value of a layer below, which counts unless the unknown one has another.
        below: Option<Site<'n, 's>>,
    },
}

/// Looks a path up: the highest layer that says it counts.
///
/// # Errors
/// A mapping on the way has a key twice.
pub(in crate::values) fn look<'n, 's>(
    layers: &[Layer<'n, 's>],
    path: &'n ValuePath,
) -> Result<Looked<'n, 's>, Error> {
    look_with(layers, path, &Wished::new())
}

/// As [`look`], if the places in `wished` had a value each: one that is made in a layer counts above the layers
/// below it, whoever makes it.
///
/// # Errors
/// A mapping on the way has a key twice.
pub(in crate::values) fn look_with<'n, 's, T>(
    layers: &[Layer<'n, 's>],
    path: &'n ValuePath,
    wished: &HashMap<SlotKey, T>,
) -> Result<Looked<'n, 's>, Error> {
    let mut made = None;
    let mut is_unknown = false;
    // One that is about all values says nothing of single ones.
    let meets = |other: &ValuePath| !path.is_empty() && other.meets(path);
    for layer in layers.iter().rev() {
        match &layer.content {
            LayerContent::Unknown => is_unknown = true,
            LayerContent::UnknownAt(at) => is_unknown |= meets(at),
            LayerContent::Nowhere(root) => {
                let (site, _) = root.site(layer.document, path)?;
                made = made.or(Some(Site {
                    is_nowhere: true,
                    ..site
                }));
            }
            LayerContent::Set(values) => {
                if let Some(slot) = values.get(path) {
                    let site = Site {
                        document: layer.document,
                        slot: slot.clone(),
                        missing: None,
                        is_nowhere: false,
                    };
                    return Ok(found_below(is_unknown, made, site));
                }
                // Part of a value is set, or what it is part of.
                is_unknown |= values.meets(path);
            }
            LayerContent::Tree(root)
                if !layer.is_own && wished.is_empty() && root.lacks(path)? => {}
            LayerContent::Tree(root) => {
                let (site, depth) = root.site(layer.document, path)?;
                match depth {
                    Depth::Written => return Ok(found_below(is_unknown, made, site)),
                    Depth::Hidden => return Ok(Looked::Unknown { made, below: None }),
                    Depth::Absent => {
                        let is_made = !wished.is_empty() && wished.contains_key(&site.place());
                        if is_made && !is_unknown {
                            return Ok(Looked::Absent(Some(site)));
                        }
                        let is_mapping = |site: &Site<'_, '_>| {
                            let missing = site.missing.as_ref();
                            root.says_nothing()
                                || missing.is_some_and(|(holder, ..)| holder.entries().is_some())
                        };
                        let takes = layer.is_own && !is_unknown;
                        made = made.or(Some(site).filter(|site| takes && is_mapping(site)));
                    }
                }
            }
        }
    }
    Ok(if is_unknown {
        Looked::Unknown { made, below: None }
    } else {
        Looked::Absent(made)
    })
}

/// Whether a tree of values says what is at a path.
///
/// # Errors
/// A mapping on the way has a key twice.
pub fn is_said(layers: &[Layer<'_, '_>], path: &ValuePath) -> Result<bool, Error> {
    for layer in layers {
        if let LayerContent::Tree(root) = &layer.content
            && let (_, Depth::Written) = root.site(layer.document, path)?
        {
            return Ok(true);
        }
    }
    Ok(false)
}

/// What a value is, below layers of which one may be unknown.
fn found_below<'n, 's>(
    is_unknown: bool,
    made: Option<Site<'n, 's>>,
    site: Site<'n, 's>,
) -> Looked<'n, 's> {
    if is_unknown {
        Looked::Unknown {
            made,
            below: Some(site),
        }
    } else {
        Looked::Written(site)
    }
}

/// Whether layers say what counts at a path, so that no layer below them does.
///
/// # Errors
/// A mapping on the way has a key twice.
pub fn is_decided(layers: &[Layer<'_, '_>], path: &ValuePath) -> Result<bool, Error> {
    Ok(matches!(look(layers, path)?, Looked::Written(_)))
}
