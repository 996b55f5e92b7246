//! Look-ups in large mappings and long lists of single values, which take no longer than in small ones.

use std::cell::RefCell;
use std::collections::HashMap;
use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::rc::Rc;

use crate::chart::ValuePath;
use crate::slot::Slot;
use crate::sort::sort_by;
use crate::yaml::{Entry, Error, Node, Segment};

/// From how many pairs on a mapping is looked up by an index.
const LARGE: usize = 32;

/// Where the keys of large mappings of one tree are.
#[derive(Debug, Clone, Default)]
pub(super) struct KeyIndex(Rc<Indexed>);

#[derive(Debug, Default)]
struct Indexed {
    hasher: RandomState,
    /// By the address of a mapping, which is there as long as the tree is.
    of_mappings: RefCell<HashMap<usize, Keys>>,
}

/// The positions of a mapping's pairs by the hashes of their keys; `None` where a look-up has more to see
/// than one pair: a merge key, or a key that is there twice.
type Keys = Option<HashMap<u64, usize>>;

impl KeyIndex {
    /// The value of a slot, as [`Slot::node`] gives it.
    ///
    /// # Errors
    /// The holder has the key twice.
    pub(super) fn node<'n, 's>(&self, slot: &Slot<'n, 's>) -> Result<Option<&'n Node<'s>>, Error> {
        match slot.at {
            Segment::Key(key) => self.get(slot.holder, key),
            Segment::Index(_) => slot.node(),
        }
    }

    /// The value of a key, as [`Node::get`] gives it.
    ///
    /// # Errors
    /// The mapping has the key twice.
    pub(super) fn get<'n, 's>(
        &self,
        holder: &'n Node<'s>,
        key: &str,
    ) -> Result<Option<&'n Node<'s>>, Error> {
        let entries = holder.entries().unwrap_or_default();
        if entries.len() < LARGE {
            return holder.get(key);
        }
        let mut known = self.0.of_mappings.borrow_mut();
        let address = entries.as_ptr().addr();
        let keys = known.entry(address).or_insert_with(|| self.keys(entries));
        let Some(keys) = keys else {
            return holder.get(key);
        };
        let Some(&position) = keys.get(&self.0.hasher.hash_one(key)) else {
            return Ok(None);
        };
        let entry = &entries[position];
        if entry.key.scalar() != Some(key) {
            return holder.get(key);
        }
        entry.value.refuse_bytes()?;
        Ok(Some(&entry.value))
    }

    fn keys(&self, entries: &[Entry<'_>]) -> Keys {
        let mut keys = HashMap::with_capacity(entries.len());
        for (position, entry) in entries.iter().enumerate() {
            let Some(key) = entry.key.scalar() else {
                continue;
            };
            let is_twice = keys.insert(self.0.hasher.hash_one(key), position).is_some();
            if is_twice || entry.is_merge() {
                return None;
            }
        }
        Some(keys)
    }
}

/// Values that are set one by one, of which the last one for a path counts.
#[derive(Debug, Clone, Default)]
pub struct SetValues<'n, 's> {
    /// As they are written.
    all: Vec<(ValuePath, Slot<'n, 's>)>,
    /// Their positions in the order of their paths, the last of those for one path first.
    by_path: Vec<usize>,
}

impl<'n, 's> SetValues<'n, 's> {
    /// In the order in which they are set.
    pub fn new(all: Vec<(ValuePath, Slot<'n, 's>)>) -> Self {
        let mut by_path: Vec<usize> = (0..all.len()).collect();
        sort_by(&mut by_path, |&one, &other| {
            all[one].0.cmp(&all[other].0).then(other.cmp(&one))
        });
        SetValues { all, by_path }
    }

    /// Each, in the order in which they are set.
    pub fn iter(&self) -> std::slice::Iter<'_, (ValuePath, Slot<'n, 's>)> {
        self.all.iter()
    }

    /// The slot of the value that counts for a path.
    pub(super) fn get(&self, path: &ValuePath) -> Option<&Slot<'n, 's>> {
        let (found, slot) = self.first_from(&path.0)?;
        (found == path).then_some(slot)
    }

    /// Whether one is a part of what a path leads to, or holds it; not for the path of all values.
    pub(super) fn meets(&self, path: &ValuePath) -> bool {
        let starts = |keys: &[String]| {
            let found = self.first_from(keys).map(|(found, _)| found);
            found.filter(|found| found.0.starts_with(keys))
        };
        let above = |depth: usize| starts(&path.0[..depth]).is_some_and(|set| set.0.len() == depth);
        !path.is_empty() && (starts(&path.0).is_some() || (1..path.0.len()).any(above))
    }

    /// The first one in the order of paths that does not come before some keys.
    fn first_from(&self, keys: &[String]) -> Option<(&ValuePath, &Slot<'n, 's>)> {
        let before = |&position: &usize| self.all[position].0.0.as_slice() < keys;
        let first = self.by_path.partition_point(before);
        let (path, slot) = &self.all[*self.by_path.get(first)?];
        Some((path, slot))
    }
}
