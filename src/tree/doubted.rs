//! Builds that kustomize would refuse, as far as is known: should one be built all the same, or once it is mended, its
//! lists and tests look for images by their names. So these are not edited.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use crate::judge::values::{EntryOver, OverChart, TestedImage};
use crate::mask;

use super::builds::Builds;
use super::value::{DocumentSlot, ListPass, PlaceId};

/// A build that is refused, and may be one yet.
pub(super) struct Doubted<'b> {
    /// Its root, as it is told.
    path: String,
    /// The documents that had a part in it.
    documents: &'b BTreeSet<usize>,
    /// Its lists of images.
    passes: Vec<ListPass>,
    /// The places of what its JSON patches test.
    tested: HashSet<PlaceId>,
    /// The texts there.
    images: Vec<String>,
}

impl<'n, 's> Builds<'_, 'n, 's> {
    /// The builds that are refused and may be ones yet, but for those that somebody left out.
    pub(super) fn doubted(&self) -> Vec<Doubted<'_>> {
        let sources = self.sources;
        let all = sources.kustomizations.iter().zip(self.built).enumerate();
        let doubted = all.filter(|(_, (kustomization, built))| {
            let input = sources.documents[kustomization.document].input;
            built.refused.is_some()
                && !built.is_refused_by_test
                && kustomization.is_root()
                && !self.editor.files[input].is_excluded
        });
        let doubted = doubted.map(|(position, (_, built))| {
            let lists = sources.kustomizations.iter().zip(&sources.list_of);
            let lists = lists.filter(|(one, _)| built.documents.contains(&one.document));
            let lists = lists.map(|(_, list)| list);
            let of_transformers = sources.transformer_lists.iter();
            let of_transformers = of_transformers
                .filter(|(document, _)| built.documents.contains(document))
                .map(|(_, list)| list);
            let lists: BTreeSet<usize> = lists.chain(of_transformers).copied().collect();
            let passes = lists.into_iter().map(|list| ListPass {
                list,
                is_twice: false,
            });
            let images = built.tests.texts.iter();
            Doubted {
                path: self.path_of(position),
                documents: &built.documents,
                passes: passes.collect(),
                images: images
                    .filter_map(|text| text.cell.node().text())
                    .map(str::to_owned)
                    .collect(),
                tested: built
                    .tests
                    .texts
                    .iter()
                    .map(|text| text.cell.id())
                    .collect(),
            }
        });
        doubted.collect()
    }

    /// Why an image is left that such builds may look for: it comes from a place and is one of
    /// some texts on its way.
    pub(super) fn why_doubted(
        &self,
        doubted: &[Doubted<'_>],
        place: &DocumentSlot<'n, 's>,
        texts: &[&str],
    ) -> Option<String> {
        let mut builds = doubted.iter();
        builds.find_map(|build| {
            if !build.documents.contains(&place.document) {
                return None;
            }
            let path = &build.path;
            if build.tested.contains(&place.id()) {
                return Some(format!("a JSON patch of {path} tests it{}", build.remedy()));
            }
            let lists = &self.sources.lists;
            let mut texts = texts.iter();
            let hit = texts.find_map(|text| lists.met(text, &build.passes).into_iter().next())?;
            let entry = &lists.entries[hit.entry];
            let name = mask::entry_name(&entry.fields.name);
            Some(format!(
                "the entry {name} of images looks for it by this name{}",
                build.remedy()
            ))
        })
    }

    /// By the position of a file, what such builds may do to the images in it.
    pub(super) fn over_doubted(&self, doubted: &[Doubted<'_>]) -> BTreeMap<usize, Vec<OverChart>> {
        let mut found: BTreeMap<usize, Vec<OverChart>> = BTreeMap::new();
        let sources = self.sources;
        for build in doubted {
            let entries = build.passes.iter();
            let entries = entries.flat_map(|pass| &sources.lists.lists[pass.list]);
            let entries = entries.map(|entry| EntryOver {
                written: sources.lists.entries[*entry].fields.clone(),
                restored: sources.lists.entries[*entry].fields.clone(),
                holder: build.path.clone(),
            });
            let tested = build.images.iter().map(|image| TestedImage {
                image: image.clone(),
                holder: build.path.clone(),
            });
            let over = OverChart {
                entries: entries.collect(),
                tested: tested.collect(),
                doubt: Some(build.remedy()),
                ..OverChart::default()
            };
            let inputs = build.documents.iter();
            let inputs: BTreeSet<usize> = inputs
                .map(|document| sources.documents[*document].input)
                .collect();
            for input in inputs {
                found.entry(input).or_default().push(over.clone());
            }
        }
        found
    }
}

impl Doubted<'_> {
    fn remedy(&self) -> String {
        format!(
            ", once kustomize builds {}: fix that first, or change both by hand",
            self.path
        )
    }
}
