//! What no build has a manifest of: patches that none applies, and entries of lists that meet no
//! image.

use std::collections::{BTreeSet, HashSet};

use crate::finding::{Finding, Rule};
use crate::image::entry::is_filled_in;
use crate::mask;
use crate::tree::builds::Builds;
use crate::tree::images::KustomizeParts;
use crate::tree::kustomization::field;
use crate::tree::patches;
use crate::tree::rendered::FindingWithoutEdit;
use crate::tree::value::{ListPass, Site};
use crate::yaml::Node;

use super::judged::JudgedBuilds;

impl<'n, 's> Builds<'_, 'n, 's> {
    /// The files with patches among the documents that had a part in a build.
    pub(super) fn applied_patches(&self, documents: &BTreeSet<usize>) -> BTreeSet<usize> {
        let kustomizations = self.sources.kustomizations.iter();
        let patches = kustomizations.flat_map(|kustomization| {
            let patches = kustomization.patches.iter();
            let patches = patches.chain(&kustomization.late_patches);
            patches.filter_map(|patch| {
                let sources = self.sources;
                sources.documents_of(kustomization, patch.document, patch.source)
            })
        });
        let applied = patches.flatten().filter(|document| {
            documents.contains(document) && self.sources.documents[*document].inline.is_none()
        });
        applied
            .map(|document| self.sources.documents[document].input)
            .collect()
    }

    /// The documents of patches that no build applies, since kustomize refuses theirs or nothing uses
    /// their component; each with its kustomization.
    pub(super) fn unapplied_patches(&self, documents: &BTreeSet<usize>) -> Vec<(usize, usize)> {
        let mut found = Vec::new();
        for (position, kustomization) in self.sources.kustomizations.iter().enumerate() {
            let is_refused = kustomization.is_root() && self.built[position].refused.is_some();
            let is_meant = is_refused || kustomization.is_component;
            if !is_meant || self.is_excluded(kustomization.document) {
                continue;
            }
            let patches = kustomization.patches.iter();
            for patch in patches.chain(&kustomization.late_patches) {
                let sources = self.sources;
                let of_patch = sources.documents_of(kustomization, patch.document, patch.source);
                let of_patch = of_patch.unwrap_or_default();
                let unapplied = of_patch.filter(|document| {
                    let is_inline = self.sources.documents[*document].inline.is_some();
                    !(documents.contains(document) || is_inline && is_refused)
                });
                found.extend(unapplied.map(|document| (position, document)));
            }
        }
        found
    }

    /// Judges what no build has a manifest of, for what it sets.
    pub(super) fn judge_rest(
        &self,
        judged: &mut JudgedBuilds<'n, 's>,
        unapplied: &[(usize, usize)],
    ) {
        let JudgedBuilds {
            judgement,
            documents,
            roots,
            hit,
        } = judged;
        self.judge_unplaced(roots, judgement, documents, hit);
        let mut patches = Vec::new();
        for &root in roots.iter().filter(|root| !self.is_bystander(**root)) {
            let kustomization = &self.sources.kustomizations[root];
            let of_root = kustomization.patches.iter();
            for patch in of_root.chain(&kustomization.late_patches) {
                let sources = self.sources;
                let of_patch = sources.documents_of(kustomization, patch.document, patch.source);
                patches.extend(
                    of_patch
                        .unwrap_or_default()
                        .map(|document| (root, document)),
                );
            }
        }
        for &(root, document) in patches.iter().chain(unapplied) {
            // What a root that is refused would make of its patches cannot be said.
            let is_component = self.sources.kustomizations[root].is_component;
            let is_judged = is_component || self.built[root].refused.is_none();
            if !(documents.insert(document) && is_judged) {
                continue;
            }
            for resource in patches::of_patch(self.sources, document).iter().flatten() {
                // What cannot be judged by itself is no manifest, and says nothing.
                let _ = judgement.judge_part(self.setting, self.sources, root, resource);
            }
        }
        let named = self.judge_named(roots, hit, judgement);
        let images = judgement.fields.iter().filter(|field| field.is_image);
        let images = images.filter_map(|field| field.rendered.as_deref());
        let filled_in = images.filter(|image| is_filled_in(image));
        let filled_in: HashSet<String> = filled_in
            .map(|image| KustomizeParts::of(image).name.to_owned())
            .collect();
        for (position, kustomization) in self.sources.kustomizations.iter().enumerate() {
            // Objects that build the folder have the list of one that is replaced.
            if self.built[position].refused.is_some() || kustomization.is_replaced {
                continue;
            }
            let list = &self.sources.lists.lists[self.sources.list_of[position]];
            let entries = &self.sources.lists.entries;
            let unmet = list.iter().copied();
            let unmet = unmet.filter(|entry| {
                let is_known = !entries[*entry].fields.is_unclear();
                is_known && !hit.contains(entry)
            });
            let unmet: Vec<usize> = unmet.collect();
            if unmet.is_empty() {
                continue;
            }
            if !kustomization.is_made() {
                documents.insert(kustomization.document);
            }
            // What a component goes over is known of those that name it.
            if kustomization.is_component {
                let pass = ListPass {
                    list: self.sources.list_of[position],
                    is_twice: true,
                };
                for entry in unmet.into_iter().filter(|entry| !named.contains(entry)) {
                    self.judge_entry(position, entry, &[pass], judgement);
                }
            } else if self.built[position].is_known() {
                for entry in unmet {
                    let found = self.unmatched(position, entry, &filled_in);
                    judgement.without_edits.push(found);
                }
            }
        }
    }

    /// Takes back that entries match no image which will match one.
    pub(super) fn forget_woken(
        &self,
        woken: &HashSet<usize>,
        without_edits: &mut Vec<FindingWithoutEdit<'n, 's>>,
    ) {
        let named = woken.iter().map(|&entry| {
            let site = &self.sources.lists.entries[entry].site;
            (site.document, name_in(site).span.start)
        });
        let named: HashSet<(usize, usize)> = named.collect();
        without_edits.retain(|found| {
            let place = (found.document, found.node.span.start);
            found.finding.rule != Rule::UnmatchedImageOverride || !named.contains(&place)
        });
    }

    /// That an entry matches no image; `filled_in` are the names of those that are filled in elsewhere.
    fn unmatched(
        &self,
        root: usize,
        entry: usize,
        filled_in: &HashSet<String>,
    ) -> FindingWithoutEdit<'n, 's> {
        let entry = &self.sources.lists.entries[entry];
        let (site, name) = (&entry.site, &entry.fields.name);
        let why = if !name.is_empty() && filled_in.contains(name) {
            ", since kustomize matches none with a variable in its version: write that into the entry alone"
        } else {
            ": write the name as the manifests do"
        };
        let name = mask::entry_name(name);
        let message = format!("images entry {name} matches no image in the items{why}");
        let mode = self.setting.config.mode;
        let finding = Finding::new(Rule::UnmatchedImageOverride, mode, message);
        FindingWithoutEdit {
            root,
            document: site.document,
            node: name_in(site),
            finding,
        }
    }
}

/// The name of an entry, or the entry where it has none.
fn name_in<'n, 's>(site: &Site<'n, 's>) -> &'n Node<'s> {
    field(site.node, "name").unwrap_or(site.node)
}
