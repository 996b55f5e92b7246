//! The faults of a configuration after its first: what reading it again says, without the entries at fault.

use std::collections::BTreeMap;

use super::Config;
use crate::error::{Error, Fault};
use crate::yaml::{Entry as Pair, Kind, Node};

/// The most faults that are reported at once.
const MOST: usize = 10;

/// Keys of `spec` that are checked against another one, which comes first: without that one, nothing is
/// known of them.
const CHECKED_AGAINST: [(&str, &str); 2] = [("agents", "exceptions"), ("mode", "output")];

/// The faults behind the first one, in the order in which they are found, each with the next.
pub(super) fn faults(
    root: &Node<'_>,
    first: &Fault,
    read: impl Fn(&Node<'_>) -> Result<Config, Error>,
) -> Option<Box<Fault>> {
    let mut rest = Rest {
        root: root.clone(),
        removed: BTreeMap::new(),
    };
    let mut found = vec![first.clone()];
    while found.len() < MOST && found.last().is_some_and(|last| rest.remove(last.at)) {
        let Err(Error::Config(mut fault)) = read(&rest.root) else {
            break;
        };
        fault.key = rest.original(&fault.key).into();
        let is_same = |known: &Fault| known.at == fault.at && known.what == fault.what;
        if fault.origin != first.origin || found.iter().any(is_same) {
            break;
        }
        found.push(fault);
    }
    let behind = found.drain(1..).rev();
    behind.fold(None, |next, fault| Some(Box::new(Fault { next, ..fault })))
}

/// A configuration without the entries at fault.
struct Rest<'s> {
    root: Node<'s>,
    /// For each list of `spec`, the positions that entries at fault have in the text, in ascending order.
    removed: BTreeMap<String, Vec<usize>>,
}

/// An entry at fault.
enum AtFault {
    /// A key of the root.
    OfRoot(String),
    /// A key of `spec`, and the position in its value where that is a list.
    OfSpec(String, Option<usize>),
}

impl Rest<'_> {
    /// Removes the entry of `spec`, of one of its lists, or of the root that holds a byte; whether there is one.
    fn remove(&mut self, at: usize) -> bool {
        match entry(&self.root, at) {
            None => return false,
            Some(AtFault::OfRoot(name)) => {
                change(&mut self.root, |entries| {
                    entries.retain(|pair| !is_named(pair, &name))
                });
            }
            Some(AtFault::OfSpec(name, position)) => {
                if let Some(position) = position {
                    let removed = self.removed.entry(name.clone()).or_default();
                    let position = position_in_text(removed, position);
                    let place = removed.partition_point(|&known| known < position);
                    removed.insert(place, position);
                }
                let is_unknown = |pair: &Pair<'_>| {
                    let mut pairs = CHECKED_AGAINST.iter();
                    pairs.any(|(on, key)| *on == name && is_named(pair, key))
                };
                change(&mut self.root, |entries| {
                    let mut entries = entries.iter_mut();
                    let Some(spec) = entries.find(|pair| is_named(pair, "spec")) else {
                        return;
                    };
                    change(&mut spec.value, |entries| {
                        entries.retain(|pair| !is_unknown(pair));
                        match position {
                            None => entries.retain(|pair| !is_named(pair, &name)),
                            Some(position) => entries
                                .iter_mut()
                                .filter(|pair| is_named(pair, &name))
                                .for_each(|pair| remove_item(&mut pair.value, position)),
                        }
                    });
                });
            }
        }
        true
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
            // The names of agents that are not known are reported together.
            let is_name = |item: &Node<'_>| name == "agents" && item.scalar().is_some();
            let position = match &value.kind {
                // An empty list would be another fault.
                Kind::Sequence(items, _) if items.len() > 1 => {
                    items.iter().position(|item| holds(item) && !is_name(item))
                }
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
