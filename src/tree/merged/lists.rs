//! Lists of images of objects, merged into those of the kustomizations that they build.

use std::collections::BTreeMap;

use crate::image::entry::fields_of;
use crate::tree::images::{EntryNotation, Fields, ListEntry, TreeLists, Unclear};
use crate::tree::kustomization::{entry_of, field};
use crate::tree::value::Site;
use crate::yaml::Node;

use super::Merge;

impl<'n, 's> Merge<'n, 's> {
    /// Flux gives an entry the place of one with the same name, or the last place.
    pub(super) fn flux_list(&self, list: &[usize], lists: &mut TreeLists<'n, 's>) -> Vec<usize> {
        let mut merged = list.to_vec();
        let holder = field(self.settings, "images");
        let path = self.path.key("images");
        let written = holder.and_then(Node::items).unwrap_or_default().iter();
        for (index, item) in written
            .enumerate()
            .filter(|(_, item)| item.entries().is_some())
        {
            let mut entry = entry_of(self.by.document, item, path.index(index), holder);
            if entry.fields.has_template_for_name() {
                entry.unclear = Some(Unclear::Template);
            }
            let name = &entry.fields.name;
            let mut known = merged.iter_mut();
            let known = known.find(|known| lists.entries[**known].fields.name == *name);
            match known {
                Some(known) => {
                    let other = &lists.entries[*known];
                    if loses_something(&other.fields, &entry.fields) {
                        let document = other.site.document;
                        entry.unclear = Some(Unclear::Versions { document });
                    }
                    *known = lists.add(entry);
                }
                None => merged.push(lists.add(entry)),
            }
        }
        self.unite(list, &merged, lists);
        merged
    }

    /// Notes which entries were merged by their names.
    fn unite(&self, list: &[usize], merged: &[usize], lists: &mut TreeLists<'n, 's>) {
        let all = list.iter().chain(merged);
        let named = all.map(|&entry| (entry, &*lists.entries[entry].fields.name));
        lists.united.add(named);
    }

    /// `kustomize edit set image` takes an entry for the one of its name, and sorts the list by names.
    pub(super) fn argo_cd_list(&self, list: &[usize], lists: &mut TreeLists<'n, 's>) -> Vec<usize> {
        let own = (self.by.document, self.settings, self.path.clone());
        let (document, settings, path) = self.images.clone().unwrap_or(own);
        let holder = field(settings, "images");
        let path = path.key("images");
        let written = holder.and_then(Node::items).unwrap_or_default().iter();
        let mut by_name: BTreeMap<String, usize> = BTreeMap::new();
        let mut set: BTreeMap<String, ListEntry<'n, 's>> = BTreeMap::new();
        for (index, node) in written.enumerate() {
            let Some(text) = node.scalar() else { continue };
            let fields = fields_of(text);
            let names = [&fields.name, &fields.new_name];
            let is_template =
                fields.has_template_for_name() || names.iter().any(|name| name.contains('$'));
            let unclear = is_template.then_some(Unclear::Template);
            let site = Site {
                document,
                node,
                path: path.index(index),
                holder,
            };
            let name = fields.name.clone();
            let entry = ListEntry {
                fields,
                site,
                notation: EntryNotation::Text,
                unclear,
            };
            set.insert(name, entry);
        }
        if set.is_empty() {
            return list.to_vec();
        }
        // The list that is made here is the next one.
        lists.sorted.insert(lists.lists.len());
        for &position in list {
            // Of entries of one name, the first stays.
            let name = lists.entries[position].fields.name.clone();
            by_name.entry(name).or_insert(position);
        }
        for (name, mut entry) in set {
            let known = by_name
                .get(&name)
                .map(|&known| &lists.entries[known].fields);
            let none = Fields::default();
            entry.fields.keep_starred(known.unwrap_or(&none));
            by_name.insert(name, lists.add(entry));
        }
        let merged: Vec<usize> = by_name.into_values().collect();
        self.unite(list, &merged, lists);
        merged
    }
}

/// Whether an entry that takes the place of another one loses something that merging the two would
/// keep.
fn loses_something(old: &Fields, new: &Fields) -> bool {
    let loses_name = new.new_name.is_empty() && !old.new_name.is_empty();
    let loses_version = !new.sets_version() && old.changes_version();
    loses_name || loses_version || !old.tag_suffix.is_empty()
}
