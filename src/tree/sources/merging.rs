//! What objects of Flux and Argo CD merge into the kustomizations of a tree.

use crate::tree::layout::BuiltFolder;
use crate::tree::merged::Merge;
use crate::tree::value::BuildValue;

use super::{InlineText, Sources};

impl<'n, 's> Sources<'n, 's> {
    /// Adds the kustomization of a folder with what an object of Flux or Argo CD merges into it.
    pub(in crate::tree) fn add_merged(&mut self, merge: &Merge<'n, 's>, folder: BuiltFolder) {
        let (mut kustomization, list) = match folder {
            BuiltFolder::Plain(folder, paths) => (merge.made(folder, paths), Vec::new()),
            BuiltFolder::Kustomized(folder) => {
                let Some(&position) = self.folders.get(&folder) else {
                    return;
                };
                let plain = &mut self.kustomizations[position];
                // Neither program builds a component by itself.
                if plain.is_component {
                    return;
                }
                plain.is_replaced = true;
                let list = self.lists.lists[self.list_of[position]].clone();
                (plain.clone(), list)
            }
        };
        let list = merge.merge(&mut kustomization, &list, &mut self.lists);
        self.list_of.push(self.lists.lists.len());
        self.lists.lists.push(list);
        self.merging.insert(merge.by.document);
        let list = merge.list();
        let list = list.map(|span| ((merge.by.document, span.start), span));
        self.merged_lists.extend(list);
        self.kustomizations.push(kustomization);
    }

    /// Keeps the build of a folder as it is beside those that something is merged into.
    pub(in crate::tree) fn keep_plain(&mut self, folder: &str) {
        if let Some(&position) = self.folders.get(folder) {
            self.kustomizations[position].is_replaced = false;
        }
    }

    /// Whether a document, or the one whose text it is in, is an object that merges something.
    pub(in crate::tree) fn is_in_merging(
        &self,
        document: usize,
        inline: &[InlineText<'n, 's>],
    ) -> bool {
        match self.documents[document].inline {
            Some(position) => self.is_in_merging(inline[position].document, inline),
            None => self.merging.contains(&document),
        }
    }

    /// Takes the lists out of a resource that are merged into the kustomization of a folder, and are
    /// judged there.
    pub(in crate::tree) fn without_merged(&self, value: &mut BuildValue<'n, 's>) {
        if self.is_merging(value) {
            self.empty_lists(value);
        }
    }

    /// Whether a resource merges something into the kustomization of a folder.
    pub(in crate::tree) fn is_merging(&self, value: &BuildValue<'n, 's>) -> bool {
        let document = value.site().map(|site| site.document);
        document.is_some_and(|document| self.merging.contains(&document))
    }

    fn empty_lists(&self, value: &mut BuildValue<'n, 's>) {
        match value {
            BuildValue::Sequence(items, Some(site))
                if self
                    .merged_lists
                    .contains_key(&(site.document, site.node.span.start)) =>
            {
                items.clear();
            }
            BuildValue::Sequence(items, _) => {
                items.iter_mut().for_each(|item| self.empty_lists(item))
            }
            BuildValue::Mapping(pairs, _) => {
                pairs
                    .iter_mut()
                    .for_each(|(_, value)| self.empty_lists(value));
            }
            BuildValue::Scalar(_) => {}
        }
    }
}
