//! What builds do to the images of charts that kustomizations install: no build knows these, but the
//! lists of images and JSON patches that go over them are known.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::edit::TargetValue;
use crate::image::entry::Fields;
use crate::image::entry::fields_of;
use crate::judge::values::{EntryOver, Operation, OverChart, TestedImage, operations};
use crate::yaml::Path;

use super::builds::Builds;
use super::editing::DesiredValue;
use super::images::{EntryNotation, ListEntry};
use super::kustomization::{Item, patches_of_transformer};
use super::paths::{is_remote, join, normalised};
use super::value::PlaceId;

/// How many kustomizations are gone over on the way from charts to roots. Layers of which each has
/// charts of its own would take the third power of their number.
const MOST_STEPS: usize = 1 << 18;

/// What is to be written, by its place.
type Wished<'w> = HashMap<PlaceId, &'w TargetValue>;

impl<'n, 's> Builds<'_, 'n, 's> {
    /// What each root does to the charts that it brings.
    pub(super) fn over_charts(&self, wishes: &[DesiredValue<'n, 's>]) -> Vec<OverChart> {
        let installing = self.installing();
        if installing.is_empty() {
            return Vec::new();
        }
        let wished: Wished<'_> = wishes
            .iter()
            .map(|wish| (wish.place.id(), &wish.value))
            .collect();
        let positions = 0..self.sources.kustomizations.len();
        let used: Vec<Vec<usize>> = positions.map(|position| self.used_by(position)).collect();
        let mut users: Vec<Vec<usize>> = vec![Vec::new(); used.len()];
        for (position, used) in used.iter().enumerate() {
            for &one in used {
                users[one].push(position);
            }
        }
        let roots: BTreeSet<usize> = self.all_roots().into_iter().collect();
        let mut found = Vec::new();
        let mut left = MOST_STEPS;
        for (input, positions) in installing {
            if left == 0 {
                found.push(OverChart {
                    input,
                    has_more: true,
                    ..OverChart::default()
                });
                continue;
            }
            let above = closure(positions, |one| users[one].clone());
            for &root in above.iter().filter(|root| roots.contains(root)) {
                if self.built[root].refused.is_some() {
                    continue;
                }
                let below: BTreeSet<usize> = closure(vec![root], |one| used[one].clone())
                    .into_iter()
                    .collect();
                left = left.saturating_sub(above.len() + below.len());
                let on_way = above.iter().copied().filter(|one| below.contains(one));
                let mut over = self.over_chart(input, &self.with_components(on_way), &wished);
                over.has_more = left == 0;
                found.push(over);
                if left == 0 {
                    break;
                }
            }
        }
        found
    }

    /// The kustomizations that install charts, by the file that says it.
    fn installing(&self) -> BTreeMap<usize, Vec<usize>> {
        let mut found: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for (position, kustomization) in self.sources.kustomizations.iter().enumerate() {
            for (key, item) in &kustomization.generators {
                let documents = if *key == "generators" {
                    let documents = self.sources.transformer_documents(kustomization, item);
                    documents.unwrap_or_default()
                } else {
                    vec![kustomization.document]
                };
                for document in documents {
                    let input = self.sources.documents[document].input;
                    let positions = found.entry(input).or_default();
                    if positions.last() != Some(&position) {
                        positions.push(position);
                    }
                }
            }
        }
        found
    }

    /// The paths of the kustomizations that name each file as a generator: what it names counts from
    /// them.
    pub(super) fn generators(&self) -> HashMap<usize, BTreeSet<String>> {
        let input = |document: usize| self.sources.documents[document].input;
        let mut found: HashMap<usize, BTreeSet<String>> = HashMap::new();
        for (generator, positions) in self.installing() {
            let by = positions.into_iter();
            let by = by.map(|position| input(self.sources.kustomizations[position].document));
            let by = by.filter(|by| *by != generator);
            let paths = by.filter_map(|by| normalised(self.editor.files[by].path));
            let paths: BTreeSet<String> = paths.collect();
            if !paths.is_empty() {
                found.insert(generator, paths);
            }
        }
        found
    }

    /// The kustomizations that one brings.
    pub(super) fn used_by(&self, position: usize) -> Vec<usize> {
        let kustomization = &self.sources.kustomizations[position];
        let all = kustomization.resources.iter();
        self.folders_of(position, all.chain(&kustomization.components))
    }

    fn folders_of<'i>(
        &self,
        position: usize,
        items: impl Iterator<Item = &'i Item<'n, 's>>,
    ) -> Vec<usize>
    where
        'n: 'i,
        's: 'i,
    {
        let folder = &self.sources.kustomizations[position].folder;
        let items = items.filter(|item| !is_remote(&item.path));
        let folders = items.filter_map(|item| join(folder, &item.path));
        folders
            .filter_map(|path| self.sources.folders.get(&path).copied())
            .collect()
    }

    /// Kustomizations with their components, which go over what these have.
    fn with_components(&self, all: impl Iterator<Item = usize>) -> Vec<usize> {
        closure(all.collect(), |one| {
            self.folders_of(one, self.sources.kustomizations[one].components.iter())
        })
    }

    fn over_chart(&self, input: usize, on_way: &[usize], wished: &Wished<'_>) -> OverChart {
        let mut over = OverChart {
            input,
            ..OverChart::default()
        };
        let sources = self.sources;
        for &position in on_way {
            let kustomization = &sources.kustomizations[position];
            let mut lists = vec![sources.list_of[position]];
            let patches = kustomization
                .patches
                .iter()
                .chain(&kustomization.late_patches);
            let mut patches: Vec<_> = patches.cloned().collect();
            for item in &kustomization.transformers {
                let documents = sources.transformer_documents(kustomization, item);
                for document in documents.unwrap_or_default() {
                    lists.extend(sources.transformer_lists.get(&document));
                    let root = sources.documents[document].root;
                    patches.extend(patches_of_transformer(document, root));
                }
            }
            for entry in lists
                .into_iter()
                .flat_map(|list| &sources.lists.lists[list])
            {
                let entry = &sources.lists.entries[*entry];
                over.entries.push(EntryOver {
                    written: entry.fields.clone(),
                    restored: restored(entry, wished),
                    holder: self.holder(entry.site.document),
                });
            }
            for patch in patches {
                let documents = sources.documents_of(kustomization, patch.document, patch.source);
                for document in documents.unwrap_or_default() {
                    let root = sources.documents[document].root;
                    operations(root, &Path::default(), &mut |operation| {
                        if let Operation::Tests(image) = operation {
                            over.tested.push(TestedImage {
                                image: image.to_owned(),
                                holder: self.holder(document),
                            });
                        }
                    });
                }
            }
        }
        over
    }

    /// The path of the file that a document is in.
    fn holder(&self, document: usize) -> String {
        let input = self.sources.documents[document].input;
        self.editor.files[input].path.to_owned()
    }
}

/// Some kustomizations with those that they lead to, the nearest first.
fn closure(from: Vec<usize>, next: impl Fn(usize) -> Vec<usize>) -> Vec<usize> {
    let mut known: BTreeSet<usize> = BTreeSet::new();
    let mut all: Vec<usize> = from.into_iter().filter(|one| known.insert(*one)).collect();
    let mut position = 0;
    while let Some(&one) = all.get(position) {
        all.extend(next(one).into_iter().filter(|one| known.insert(*one)));
        position += 1;
    }
    all
}

/// What an entry says once what is wished is written.
fn restored(entry: &ListEntry<'_, '_>, wished: &Wished<'_>) -> Fields {
    let mut fields = entry.fields.clone();
    if entry.notation == EntryNotation::Text {
        let place = entry.site.place();
        let value = place.and_then(|place| wished.get(&place.id()).copied());
        return match value {
            Some(TargetValue::Text(text)) => fields_of(text),
            _ => fields,
        };
    }
    for (key, own) in [
        ("name", &mut fields.name),
        ("newName", &mut fields.new_name),
        ("newTag", &mut fields.new_tag),
        ("digest", &mut fields.digest),
    ] {
        let place = entry.site.place_of(key, "name").id();
        match wished.get(&place) {
            Some(TargetValue::Text(text)) => own.clone_from(text),
            Some(TargetValue::Absent) => own.clear(),
            _ => {}
        }
    }
    fields
}
