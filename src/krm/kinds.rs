//! The kinds of the resources in an input, each of them kept once.

use std::collections::HashMap;
use std::ops::{Deref, DerefMut};

use super::resource;

/// A kind of resource.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ResourceKind {
    /// The API group, empty for the core group.
    pub group: String,
    /// The API version.
    pub version: String,
    /// The kind.
    pub kind: String,
}

/// Kinds in the order in which they were first met.
#[derive(Debug, Default)]
pub(super) struct KindTable {
    pub(super) kinds: Vec<ResourceKind>,
    /// Positions by group, version and kind, separated by NUL, which none of them holds.
    positions: HashMap<String, usize>,
    /// Buffer in which a key of `positions` is composed.
    key: String,
    /// The position that was asked for last.
    last: usize,
}

/// Up to this many kinds, to compare each is faster than to hash one.
const FEW: usize = 8;

impl KindTable {
    /// The position of a kind, which is added where it is new.
    pub(super) fn position(&mut self, api_version: &str, kind: &str) -> usize {
        let group = resource::group(api_version);
        self.position_of(group, resource::version(api_version), kind)
    }

    fn position_of(&mut self, group: &str, version: &str, kind: &str) -> usize {
        // Resources of one kind often follow each other.
        let is_it =
            |one: &ResourceKind| one.kind == kind && one.group == group && one.version == version;
        if self.kinds.get(self.last).is_some_and(is_it) {
            return self.last;
        }
        let found = self.kinds.iter().take(FEW).position(is_it);
        self.last = found.unwrap_or_else(|| self.look_up(group, version, kind));
        self.last
    }

    fn look_up(&mut self, group: &str, version: &str, kind: &str) -> usize {
        let position = self.kinds.len();
        // The first few are found without it.
        if position >= FEW {
            self.key.clear();
            self.key.extend([group, "\0", version, "\0", kind]);
            if let Some(&position) = self.positions.get(&self.key) {
                return position;
            }
            self.positions.insert(self.key.clone(), position);
        }
        self.kinds.push(ResourceKind {
            group: group.to_owned(),
            version: version.to_owned(),
            kind: kind.to_owned(),
        });
        position
    }

    /// Adds the kinds of another table; gives their positions in this one, in their order.
    pub(super) fn merge(&mut self, other: &KindTable) -> Vec<usize> {
        let kinds = other.kinds.iter();
        kinds
            .map(|kind| self.position_of(&kind.group, &kind.version, &kind.kind))
            .collect()
    }
}

/// Positions in a [`KindTable`]: most units hold one resource, and there may be very many units.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct KindPositions(OneOrMany);

#[derive(Debug, Clone, PartialEq, Eq)]
enum OneOrMany {
    One([usize; 1]),
    Many(Vec<usize>),
}

impl Default for OneOrMany {
    fn default() -> Self {
        OneOrMany::Many(Vec::new())
    }
}

impl FromIterator<usize> for KindPositions {
    fn from_iter<I: IntoIterator<Item = usize>>(positions: I) -> Self {
        let mut positions = positions.into_iter();
        let (first, second) = (positions.next(), positions.next());
        KindPositions(match (first, second) {
            (Some(only), None) => OneOrMany::One([only]),
            _ => OneOrMany::Many(first.into_iter().chain(second).chain(positions).collect()),
        })
    }
}

impl Deref for KindPositions {
    type Target = [usize];

    fn deref(&self) -> &[usize] {
        match &self.0 {
            OneOrMany::One(one) => one,
            OneOrMany::Many(many) => many,
        }
    }
}

impl DerefMut for KindPositions {
    fn deref_mut(&mut self) -> &mut [usize] {
        match &mut self.0 {
            OneOrMany::One(one) => one,
            OneOrMany::Many(many) => many,
        }
    }
}
