//! The faults of a configuration after the first one, found by reading it again without the entries at fault.

use std::collections::{BTreeMap, BTreeSet};

use super::Config;
use super::cursor::ReadBudget;
use super::de;
use super::document::RestoreImages;
use super::fault::ConfigFault;
use crate::error::{Error, Fault};
use crate::yaml::{Entry as Pair, Kind, Node};

/// The most faults that are reported at once.
const MOST_FAULTS: usize = 10;

/// Keys of `spec` that are checked against others: what is wrong with them may only be that something else was
/// left out.
const CHECKED_AGAINST_OTHERS: [&str; 2] = ["exceptions", "output"];

/// The faults behind the first one, in the order in which they are found, each with the next; `read` reads all
/// of a configuration.
///
/// What is wrong with a value by itself is found first, an entry of a list at a time. What is wrong with values
/// beside each other is told once for each key of `spec`, and not of one from which something was left out.
pub(super) fn faults(
    root: &Node<'_>,
    first: &Fault,
    read: impl Fn(&Node<'_>) -> Result<Config, Error>,
) -> Option<Box<Fault>> {
    let of_values = |root: &Node<'_>| {
        let object: Result<RestoreImages, ConfigFault> = de::read(root, &ReadBudget::new());
        object.err().map(|fault| fault.of(&first.origin))
    };
    let mut rest = Rest {
        root: root.clone(),
        removed: BTreeMap::new(),
        incomplete: BTreeSet::new(),
    };
    let mut found = vec![first.clone()];
    let (mut at, mut is_of_value) = (first.at, of_values(root).is_some());
    while found.len() < MOST_FAULTS && rest.remove(at, is_of_value) {
        let error = of_values(&rest.root);
        is_of_value = error.is_some();
        let Some(Error::Config(mut fault)) = error.or_else(|| read(&rest.root).err()) else {
            break;
        };
        if fault.origin != first.origin {
            break;
        }
        at = fault.at;
        if is_of_value || rest.is_whole(&fault.key) {
            fault.key = rest.original(&fault.key).into();
            found.push(fault);
        }
    }
    let behind = found.drain(1..).rev();
    behind.fold(None, |next, fault| Some(Box::new(Fault { next, ..fault })))
}

/// A configuration without what is at fault.
struct Rest<'s> {
    root: Node<'s>,
    /// For each list of `spec`, the positions in the text of entries that were removed, in ascending order.
    removed: BTreeMap<String, Vec<usize>>,
    /// The keys of `spec` from which something was removed, or all of it.
    incomplete: BTreeSet<String>,
}

/// An entry at fault.
enum AtFault {
    /// A key of the root.
    OfRoot(String),
    /// A key of `spec`, and the position in its value where that is a list.
    OfSpec(String, Option<usize>),
}

impl Rest<'_> {
    /// Removes what holds a byte: a key of the root or of `spec`, or, where the fault `is_of_value`, the entry of
    /// a list there. Whether there is such a one.
    fn remove(&mut self, at: usize, is_of_value: bool) -> bool {
        match entry(&self.root, at) {
            None => return false,
            Some(AtFault::OfRoot(name)) => {
                change(&mut self.root, |pairs| {
                    pairs.retain(|pair| !is_named(pair, &name));
                });
            }
            Some(AtFault::OfSpec(name, position)) => {
                let position = position.filter(|_| is_of_value);
                if let Some(position) = position {
                    let removed = self.removed.entry(name.clone()).or_default();
                    let position = position_in_text(removed, position);
                    let place = removed.partition_point(|&known| known < position);
                    removed.insert(place, position);
                }
                change(&mut self.root, |pairs| {
                    let mut pairs = pairs.iter_mut();
                    let Some(spec) = pairs.find(|pair| is_named(pair, "spec")) else {
                        return;
                    };
                    change(&mut spec.value, |pairs| match position {
                        None => pairs.retain(|pair| !is_named(pair, &name)),
                        Some(position) => pairs
                            .iter_mut()
                            .filter(|pair| is_named(pair, &name))
                            .for_each(|pair| remove_item(&mut pair.value, position)),
                    });
                });
                self.incomplete.insert(name);
            }
        }
        true
    }

    /// Whether nothing was removed that a fault of values beside each other may be about.
    fn is_whole(&self, key: &str) -> bool {
        let section = key.strip_prefix("spec.").unwrap_or(key);
        let section = section.split(['.', '[']).next().unwrap_or_default();
        let is_about_others = CHECKED_AGAINST_OTHERS.contains(&section);
        if is_about_others {
            self.incomplete.is_empty()
        } else {
            !self.incomplete.contains(section)
        }
    }

    /// A key such as `spec.registries[0].mirror`, with the position that the entry has in the text.
    fn original(&self, key: &str) -> String {
        let original = || {
            let (list, rest) = key.strip_prefix("spec.")?.split_once('[')?;
            let (position, rest) = rest.split_once(']')?;
            let removed = self.removed.get(list)?;
            let position = position_in_text(removed, position.parse().ok()?);
            Some(format!("spec.{list}[{position}]{rest}"))
        };
        original().unwrap_or_else(|| key.to_owned())
    }
}

/// The position that an item has in the text, from the one that it has without those that were removed.
fn position_in_text(removed: &[usize], position: usize) -> usize {
    removed.iter().fold(position, |position, &gone| {
        position + usize::from(gone <= position)
    })
}

/// The entry that holds a byte, unless it is one that says what the root is.
fn entry(root: &Node<'_>, at: usize) -> Option<AtFault> {
    let (name, spec) = pair_at(root, at)?;
    match name {
        "apiVersion" | "kind" | "metadata" => None,
        "spec" => {
            let (name, value) = pair_at(spec, at)?;
            let holds = |item: &Node<'_>| (item.start()..item.span.end).contains(&at);
            let position = match &value.kind {
                // An empty list would be another fault.
                Kind::Sequence(items, _) if items.len() > 1 => items.iter().position(holds),
                _ => None,
            };
            Some(AtFault::OfSpec(name.to_owned(), position))
        }
        _ => Some(AtFault::OfRoot(name.to_owned())),
    }
}

/// The pair of a mapping that holds a byte: its key, and its value.
fn pair_at<'n, 's>(node: &'n Node<'s>, at: usize) -> Option<(&'n str, &'n Node<'s>)> {
    let Kind::Mapping(pairs, _) = &node.kind else {
        return None;
    };
    let holds = |pair: &&Pair<'_>| {
        let end = pair.key.span.end.max(pair.value.span.end);
        (pair.key.start()..end).contains(&at)
    };
    let pair = pairs.iter().find(holds)?;
    Some((pair.key.scalar()?, &pair.value))
}

fn is_named(pair: &Pair<'_>, name: &str) -> bool {
    pair.key.scalar() == Some(name)
}

/// Changes the pairs of a mapping.
fn change<'s>(node: &mut Node<'s>, change: impl FnOnce(&mut Vec<Pair<'s>>)) {
    if let Kind::Mapping(pairs, _) = &mut node.kind {
        let mut own = pairs.to_vec();
        change(&mut own);
        *pairs = own.into();
    }
}

fn remove_item(list: &mut Node<'_>, position: usize) {
    if let Kind::Sequence(items, _) = &mut list.kind {
        let mut own = items.to_vec();
        own.remove(position);
        *items = own.into();
    }
}
