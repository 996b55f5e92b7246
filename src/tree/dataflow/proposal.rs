//! Changes of cells, entries and tests that are proposed together.

use std::collections::HashMap;

use crate::tree::images::{Fields, Renamed};
use crate::tree::value::{DocumentSlot, PlaceId};

/// Tag and digest.
pub(super) type Version = (String, String);

/// What changes in a cell.
#[derive(Debug, Clone, Default)]
pub(super) struct CellChange {
    /// All of it, where no list has a part in the image.
    pub(super) whole: Option<String>,
    pub(super) name: Option<String>,
    pub(super) version: Option<Version>,
}

/// What changes in an entry.
#[derive(Debug, Clone, Default)]
pub(super) struct EntryChange {
    pub(super) name: Option<String>,
    pub(super) new_name: Option<String>,
    /// Tag and digest in its new name.
    pub(super) in_name: Option<Version>,
    pub(super) version: Option<Version>,
}

/// Changes that make flows right.
#[derive(Debug, Clone, Default)]
pub(in crate::tree) struct Proposal<'n, 's> {
    pub(super) cells: HashMap<usize, CellChange>,
    pub(super) entries: HashMap<usize, EntryChange>,
    /// The new texts of cells.
    pub(in crate::tree) texts: HashMap<usize, String>,
    /// The new fields of entries.
    pub(in crate::tree) fields: HashMap<usize, Fields>,
    /// The entries that get new names.
    pub(in crate::tree) renamed: Renamed,
    /// The new texts of tests.
    pub(in crate::tree) tests: HashMap<PlaceId, (DocumentSlot<'n, 's>, String)>,
}

impl<'n, 's> Proposal<'n, 's> {
    pub(in crate::tree) fn is_empty(&self) -> bool {
        self.texts.is_empty() && self.fields.is_empty() && self.tests.is_empty()
    }

    /// How much of cells and entries it changes.
    pub(super) fn size(&self) -> usize {
        let of_cell = |change: &CellChange| {
            let CellChange {
                whole,
                name,
                version,
            } = change;
            [whole.is_some(), name.is_some(), version.is_some()]
        };
        let of_entry = |change: &EntryChange| {
            let EntryChange {
                name,
                new_name,
                in_name,
                version,
            } = change;
            [
                name.is_some(),
                new_name.is_some(),
                in_name.is_some(),
                version.is_some(),
            ]
        };
        let cells = self.cells.values().flat_map(of_cell);
        let all = cells.chain(self.entries.values().flat_map(of_entry));
        all.filter(|is_changed| *is_changed).count()
    }

    /// Adds another proposal; `None` where they want different things.
    pub(in crate::tree) fn join(&mut self, other: &Self) -> Option<()> {
        for (cell, text) in &other.texts {
            if self.texts.get(cell).is_some_and(|known| known != text) {
                return None;
            }
        }
        for (entry, fields) in &other.fields {
            if self.fields.get(entry).is_some_and(|known| known != fields) {
                return None;
            }
        }
        for (entry, change) in &other.entries {
            let is_known = self.fields.contains_key(entry);
            if let Some(fields) = other.fields.get(entry)
                && change.name.is_some()
                && !is_known
            {
                self.renamed.add(*entry, fields);
            }
        }
        for (id, (_, text)) in &other.tests {
            if self.tests.get(id).is_some_and(|(_, known)| known != text) {
                return None;
            }
        }
        self.texts.extend(other.texts.clone());
        self.fields.extend(other.fields.clone());
        self.tests.extend(other.tests.clone());
        Some(())
    }
}
