//! The outcome of a tree, put together from what its builds gave.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use crate::judge::values::Rebuilt;
use crate::judge::{ImageHolder, ImageUse, InConfigMap};
use crate::parallel;
use crate::sort::gather;
use crate::tree::builds::Builds;
use crate::tree::coverage;
use crate::tree::editing::LastScalar;
use crate::tree::locations::{Answers, Placed};
use crate::tree::rendered::{Field, Run};
use crate::tree::settling::{self, SettledFields};
use crate::tree::sources::DataKeys;
use crate::yaml::Span;

use super::TreeOutcome;
use super::judged::JudgedBuilds;

impl<'n, 's> Builds<'_, 'n, 's> {
    /// What the builds gave, with its edits and findings by file.
    pub(super) fn outcome(&self, mut judged: JudgedBuilds<'n, 's>) -> Result<TreeOutcome, String> {
        let mut patches = self.applied_patches(&judged.documents);
        let unapplied = self.unapplied_patches(&judged.documents);
        let of_file = unapplied.iter().map(|(_, document)| *document);
        let of_file = of_file.map(|document| &self.sources.documents[document]);
        let of_file = of_file.filter(|document| document.inline.is_none());
        patches.extend(of_file.map(|document| document.input));
        self.judge_rest(&mut judged, &unapplied);
        let JudgedBuilds {
            judgement,
            documents,
            hit,
            ..
        } = judged;
        let mut judgement = judgement;
        settling::mark_bystanders(self, &mut judgement.fields);
        let images = self.images(judgement.images);
        let read = coverage::places(self, &judgement.fields);
        let opaque = coverage::opaque(&judgement.fields);
        let (roots_told, seen) = (self.all_roots(), &mut judgement.seen);
        let unfollowed = self.unfollowed(&roots_told, &judgement.fields, seen);
        let settled = settling::settle(self, &mut judgement.fields);
        let (roots, unsettled) = coverage::roots(self, &opaque, &settled.unsettled);
        let SettledFields { wishes, placed, .. } = settled;
        self.forget_woken(&settled.woken, &mut judgement.without_edits);
        self.forget_in_bases(&mut judgement.without_edits);
        let (data, held) = self.data();
        let mut outcome = TreeOutcome {
            data,
            held,
            over_charts: self.over_charts(&wishes),
            over_doubted: self.over_doubted(&self.doubted()),
            generators: self.generators(),
            seen: judgement.seen,
            roots,
            unsettled,
            has_refused: self.built.iter().any(|built| built.refused.is_some()),
            images,
            patches,
            rebuilt: self.named_rebuilt(judgement.rebuilt),
            ..TreeOutcome::default()
        };
        for &document in &documents {
            // What is merged into a kustomization is not brought by it.
            let is_merged = self.sources.documents[document].inline.is_some()
                && self.sources.is_in_merging(document, self.editor.inline);
            if !is_merged {
                let input = self.sources.documents[document].input;
                outcome.files.entry(input).or_default().is_owned = true;
            }
        }
        for (&(document, _), list) in &self.sources.merged_lists {
            let input = self.sources.documents[document].input;
            let of_file = outcome.files.entry(input).or_default();
            of_file.lists.push(list.clone());
        }
        for (input, places) in read {
            outcome.files.entry(input).or_default().read = places;
        }
        for kustomization in &self.sources.kustomizations {
            let input = self.sources.documents[kustomization.document].input;
            if let Some(file) = outcome.files.get_mut(&input) {
                file.is_plain_kustomization = kustomization.images.is_empty();
            }
        }
        let without_edits = judgement.without_edits.into_iter().map(|found| Placed {
            document: found.document,
            node: found.node,
            path: None,
            finding: found.finding,
            answers: Answers::default(),
        });
        let placed = placed.into_iter().chain(unfollowed).chain(without_edits);
        let placed = placed.chain(self.unclear(&hit));
        let placed = placed.collect();
        self.write(&wishes, placed, &mut outcome)?;
        let bytes = judgement.fields.len() * size_of::<Field<'_, '_>>();
        parallel::free(judgement.fields, bytes);
        Ok(outcome)
    }

    /// The images of builds by the files that decide them, each once.
    fn images(&self, all: Vec<Run<'n, 's>>) -> BTreeMap<usize, Vec<(Span, ImageUse)>> {
        let (mut known, mut last) = (HashSet::new(), LastScalar::default());
        let mut images: BTreeMap<usize, Vec<(Span, ImageUse)>> = BTreeMap::new();
        for Run {
            document,
            node,
            entry,
            in_text,
            mut image,
        } in all
        {
            let (_, around) = self.editor.in_file(document, entry.span.clone());
            let inner = in_text.and_then(|span| {
                let scalar = (document, node);
                self.editor.in_scalar(&mut last, scalar, &span)
            });
            let span = inner.unwrap_or_else(|| node.span.clone());
            let source = &self.sources.documents[document];
            // An inline patch; the text of an object, such as a ConfigMap's, is what its file is for.
            let is_patch = source.inline.is_some_and(|text| {
                let holder = self.editor.inline[text].document;
                let of_kustomization = self.sources.kustomizations.iter();
                of_kustomization.clone().any(|one| one.document == holder)
            });
            if is_patch {
                image.within = match source.root.entries() {
                    Some(_) => ImageHolder::StrategicMergePatch,
                    None => ImageHolder::Json6902Patch,
                };
            }
            let (document, span) = self.editor.in_file(document, span);
            // Many builds bring one base.
            if known.insert((document.input, span.start, image.image.clone())) {
                image.span = span;
                images
                    .entry(document.input)
                    .or_default()
                    .push((around, image));
            }
        }
        images
    }

    /// What builds make of objects that install charts, with the names of the roots.
    fn named_rebuilt(&self, rebuilt: Vec<(usize, Rebuilt)>) -> Vec<Rebuilt> {
        let named = rebuilt.into_iter().map(|(root, one)| Rebuilt {
            root: self.path_of(root),
            ..one
        });
        named.collect()
    }

    /// The files that are nothing but the contents of ConfigMaps and Secrets: no manifests, by their keys;
    /// and those that are manifests.
    fn data(&self) -> (BTreeSet<usize>, BTreeMap<usize, InConfigMap>) {
        let manifests = &self.setting.config.carriers.manifests;
        let files = self.sources.data.iter();
        let holds_annotation = self.setting.config.trust.holds_annotation();
        let is_no_manifest = |keys: &DataKeys| keys.is_no_manifest(manifests, holds_annotation);
        let (data, held): (Vec<_>, Vec<_>) = files.partition(|(_, keys)| is_no_manifest(keys));
        let held = held.into_iter();
        let held = held.map(|(&position, keys)| {
            let text = self.editor.files[position].text;
            (position, keys.config_map(manifests, text, holds_annotation))
        });
        (
            data.into_iter().map(|(position, _)| *position).collect(),
            gather(held),
        )
    }

    /// Every root, judged or not: what is excluded is none.
    pub(in crate::tree) fn all_roots(&self) -> Vec<usize> {
        let roots = self.sources.kustomizations.iter().enumerate();
        let roots = roots.filter(|(position, one)| one.is_root() && !self.is_left_out(*position));
        roots.map(|(position, _)| position).collect()
    }
}
