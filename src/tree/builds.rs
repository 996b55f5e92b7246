//! The builds of a tree, and what is known of all of them together.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use crate::yaml;

use super::built::Built;
use super::editing::Editor;
use super::images::{ListEntry, Unclear};
use super::rendered::Setting;
use super::sources::{Sources, TreeFile};
use super::unknown::BroughtBy;
use super::value::{DocumentSlot, Tests};

/// A tree that was read and built.
pub(super) struct Builds<'t, 'n, 's> {
    pub(super) editor: Editor<'t, 'n, 's>,
    pub(super) sources: &'t Sources<'n, 's>,
    /// What each kustomization gives, without its resources.
    pub(super) built: &'t [Built<'n, 's>],
    pub(super) setting: Setting<'t>,
}

impl<'n, 's> Builds<'_, 'n, 's> {
    /// Whether a document is in a file that is left out.
    pub(super) fn is_excluded(&self, document: usize) -> bool {
        let input = self.sources.documents[document].input;
        self.editor.files[input].left_out.is_some()
    }

    /// Whether a root was not asked for, nor the object that builds it: it is read only since what it builds
    /// may be files of those that were.
    pub(super) fn is_bystander(&self, root: usize) -> bool {
        self.is_of(root, TreeFile::is_bystander)
    }

    /// Whether a root is told of nowhere, since both its file and that of the object that builds it are left
    /// out.
    pub(super) fn is_left_out(&self, root: usize) -> bool {
        self.is_of(root, |file| file.left_out.is_some())
    }

    fn is_of(&self, root: usize, is: impl Fn(&TreeFile<'s>) -> bool) -> bool {
        let root = &self.sources.kustomizations[root];
        let by = root.merged.as_ref().map(|by| by.document);
        let mut documents = by.into_iter().chain([root.document]);
        documents.all(|document| {
            let input = self.sources.documents[document].input;
            is(&self.editor.files[input])
        })
    }

    /// The path of a root's kustomization as it is shown, or of the object that has merged something
    /// into it, with what that is called.
    pub(super) fn path_of(&self, root: usize) -> String {
        let root = &self.sources.kustomizations[root];
        let file = |document: usize| &self.editor.files[self.sources.documents[document].input];
        match &root.merged {
            Some(by) => format!("{} {} of {}", by.kind, by.name, file(by.document).shown),
            None => {
                let file = file(root.document);
                file.shown_at(root.link.as_deref()).to_owned()
            }
        }
    }

    /// The file and the line of a place, as people are told them.
    pub(super) fn line_of(&self, place: &DocumentSlot<'n, 's>) -> String {
        let span = place.node().span.clone();
        let (document, span) = self.editor.in_file(place.document, span);
        let file = &self.editor.files[document.input];
        let line = yaml::place::place(file.text, span.start).line;
        format!("{}:{line}", file.shown)
    }

    /// What the JSON patches of builds test, where there are any.
    pub(super) fn tests(&self) -> Vec<&Tests<'n, 's>> {
        let built = self.built.iter().filter(|built| built.refused.is_none());
        let tests = built.map(|built| &built.tests);
        tests.filter(|tests| !tests.is_empty()).collect()
    }

    /// The documents that builds reach which are not followed to their end, each with what is said of it:
    /// what such a build makes of them is not known.
    pub(super) fn lost_documents(&self) -> HashMap<usize, String> {
        let mut lost = HashMap::new();
        let all = self.sources.kustomizations.iter().zip(self.built);
        for (position, (kustomization, built)) in all.enumerate() {
            let mut open = built.open.iter();
            let is_lost = open.any(|open| matches!(open.how, BroughtBy::TooLarge));
            if is_lost && kustomization.is_root() && built.refused.is_none() {
                let why = format!("{} is not followed to its end", self.path_of(position));
                let documents = built.documents.iter();
                lost.extend(documents.map(|document| (*document, why.clone())));
            }
        }
        lost
    }

    /// What adds unknown resources to those that the list of one of these entries applies to.
    pub(super) fn open_below(&self, entries: &HashSet<usize>) -> Option<Arc<str>> {
        let mut all = self.sources.kustomizations.iter().zip(self.built);
        all.find_map(|(kustomization, built)| {
            let open = built.open.first()?;
            let has_part = |position: usize| {
                let one = &self.sources.kustomizations[position];
                built.documents.contains(&one.document)
            };
            let lists = self.sources.list_of.iter().enumerate();
            let mut lists = lists.filter(|(position, _)| has_part(*position));
            let is_meant = lists.any(|(_, &list)| {
                let list = &self.sources.lists.lists[list];
                list.iter().any(|entry| entries.contains(entry))
            });
            (is_meant && kustomization.is_root()).then(|| Arc::clone(&open.unknown.what))
        })
    }

    /// Whether all images under the list of each entry are known.
    pub(super) fn closed_entries(&self) -> Vec<bool> {
        // What a template in an entry comes to may be what another entry looks for.
        let entries = self.sources.lists.entries.iter();
        let is_filled_in =
            |entry: &ListEntry<'_, '_>| matches!(entry.unclear, Some(Unclear::Template));
        let mut closed: Vec<bool> = entries.map(|entry| !is_filled_in(entry)).collect();
        for (position, kustomization) in self.sources.kustomizations.iter().enumerate() {
            let is_open = if kustomization.is_component {
                // A component sees the resources of the kustomizations that include it.
                let mut naming = self.sources.kustomizations.iter().zip(self.built);
                naming.any(|(one, built)| {
                    let names_it = built.documents.contains(&kustomization.document);
                    one.is_root() && names_it && built.is_open()
                })
            } else {
                self.built[position].is_open()
            };
            // An entry may be in the lists of several roots.
            for &entry in &self.sources.lists.lists[self.sources.list_of[position]] {
                closed[entry] &= !is_open;
            }
        }
        closed
    }
}
