//! Entries of lists that objects of Flux and Argo CD merge by name: of those with one name, one stays. So
//! which of them have one name has to stay as it is.

use std::collections::HashMap;

use super::Renamed;

/// The entries that are merged by name, those that give way as well.
#[derive(Debug, Default)]
pub(in crate::tree) struct UnitedEntries {
    /// For each merging, the entries of each name as it is written.
    merged: Vec<HashMap<String, Vec<usize>>>,
    /// The mergings that each entry is a part of.
    of_entry: HashMap<usize, Vec<usize>>,
}

impl UnitedEntries {
    /// Adds a merging of entries with their names.
    pub(in crate::tree) fn add<'f>(&mut self, entries: impl Iterator<Item = (usize, &'f str)>) {
        let mut by_name: HashMap<String, Vec<usize>> = HashMap::new();
        for (entry, name) in entries {
            let of_name = by_name.entry(name.to_owned()).or_default();
            if !of_name.contains(&entry) {
                of_name.push(entry);
                let all = self.of_entry.entry(entry).or_default();
                all.push(self.merged.len());
            }
        }
        self.merged.push(by_name);
    }

    /// Whether an entry with another name than it is written with still has one name with the same entries.
    pub(in crate::tree) fn keeps(
        &self,
        (entry, written): (usize, &str),
        now: &dyn Fn(usize) -> String,
        renamed: &[&Renamed],
    ) -> bool {
        let merged = self.of_entry.get(&entry).into_iter().flatten();
        let mut merged = merged.map(|position| &self.merged[*position]);
        let name = now(entry);
        merged.all(|by_name| {
            let same = by_name.get(written).map_or(&[][..], Vec::as_slice);
            let of_name = by_name.get(&name).into_iter().flatten();
            let moved = renamed.iter().flat_map(|renamed| renamed.candidates(&name));
            let moved = moved.flatten().filter(|one| {
                let mut all = self.of_entry.get(one).into_iter().flatten();
                all.any(|position| std::ptr::eq(&self.merged[*position], by_name))
            });
            let mut others = of_name.chain(moved);
            same.iter().all(|one| now(*one) == name)
                && others.all(|one| same.contains(one) || now(*one) != name)
        })
    }
}
