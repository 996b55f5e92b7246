//! Accumulates the results while builds are judged.

use std::collections::{BTreeSet, HashSet};

use crate::tree::built::Built;
use crate::tree::kustomization::Needed;
use crate::tree::paths::join;
use crate::tree::rendered::{BuildsJudgement, Setting, finish};
use crate::tree::sources::Sources;
use crate::tree::target::BuiltResource;
use crate::tree::value::Inside;
use crate::yaml::Error;

/// How a build counts.
#[derive(Clone, Copy)]
pub(super) struct Counts {
    /// Whether it is one by itself, unless it is a component's.
    pub(super) as_root: bool,
    /// Whether it is told of.
    pub(super) is_told: bool,
}

/// What the builds gave.
#[derive(Default)]
pub(super) struct JudgedBuilds<'n, 's> {
    pub(super) judgement: BuildsJudgement<'n, 's>,
    /// The documents that had a part in a build that was judged.
    pub(super) documents: BTreeSet<usize>,
    /// The roots that were judged.
    pub(super) roots: Vec<usize>,
    /// The entries of lists that met an image.
    pub(super) hit: HashSet<usize>,
}

impl<'n, 's> JudgedBuilds<'n, 's> {
    /// Adds what other builds gave.
    pub(super) fn append(&mut self, other: Self) {
        self.judgement.append(other.judgement);
        self.documents.extend(other.documents);
        self.roots.extend(other.roots);
        self.hit.extend(other.hit);
    }

    /// Judges a build, and takes its resources from it. Gives why it cannot be judged.
    pub(super) fn take_one(
        &mut self,
        setting: Setting<'_>,
        sources: &Sources<'n, 's>,
        position: usize,
        built: &mut Built<'n, 's>,
        counts: Counts,
    ) -> Option<Error> {
        let resources = std::mem::take(&mut built.resources);
        if built.refused.is_some() {
            return None;
        }
        let fault = self.take(setting, sources, position, (built, resources), counts);
        fault.or_else(|| {
            let is_judged = counts.as_root && counts.is_told;
            is_judged.then(|| self.take_held(setting, sources, position))?
        })
    }

    /// Judges the resources of a kustomization whose files it puts into ConfigMaps as well, as these hold
    /// them: patches and lists of images change them elsewhere. Gives why they cannot be judged.
    fn take_held(
        &mut self,
        setting: Setting<'_>,
        sources: &Sources<'n, 's>,
        position: usize,
    ) -> Option<Error> {
        let keys = &setting.config.carriers.manifests;
        let kustomization = &sources.kustomizations[position];
        let holds_annotation = setting.config.trust.holds_annotation();
        let files = kustomization.needed.iter();
        let files =
            files.filter(|file| file.under == "files" && !(file.is_ignored && holds_annotation));
        let held = files.map(Needed::data);
        let held = held.filter(|(_, key)| keys.iter().any(|one| one == key));
        for (path, _) in held {
            let path = join(&kustomization.folder, path);
            let Some(file) = path.and_then(|path| sources.files.get(&*path)) else {
                continue;
            };
            let resources = file.documents.clone().map(|document| {
                let value = sources.value_of(document)?;
                Ok(value.opened().into_iter().map(BuiltResource::new))
            });
            let judged = resources
                .collect::<Result<Vec<_>, Error>>()
                .and_then(|all| {
                    let all: Vec<_> = all.into_iter().flatten().collect();
                    self.judgement
                        .judge(setting, sources, position, (&all, &[]))
                });
            if let Err(error) = judged {
                return Some(error);
            }
        }
        None
    }

    /// Judges a build; a component is part of others. Gives why it cannot be judged.
    fn take(
        &mut self,
        setting: Setting<'_>,
        sources: &Sources<'n, 's>,
        position: usize,
        (built, mut resources): (&Built<'n, 's>, Vec<BuiltResource<'n, 's>>),
        counts: Counts,
    ) -> Option<Error> {
        let lists = &sources.lists;
        let inside = resources.iter().map(|resource| {
            Inside::of(&resource.value, &mut |scalar, trace| {
                for passes in [&trace.lists, &trace.later] {
                    if !passes.is_empty() {
                        let hits = lists.met(&scalar.text, passes).into_iter();
                        self.hit.extend(hits.map(|hit| hit.entry));
                    }
                }
            })
        });
        let mut inside: Vec<Inside> = inside.collect();
        if !sources.kustomizations[position].is_root() || !counts.as_root {
            return None;
        }
        let seen = (!counts.is_told).then(|| self.judgement.seen.clone());
        let (fields, without_edits) = (
            self.judgement.fields.len(),
            self.judgement.without_edits.len(),
        );
        let images = self.judgement.images.len();
        let rebuilt = self.judgement.rebuilt.len();
        finish(setting.config, sources, &mut resources, &mut inside);
        let resources = (&resources[..], &inside[..], &built.tests.texts[..]);
        let judged = self
            .judgement
            .judge_known(setting, sources, position, resources);
        // Nothing is told of what somebody left out.
        if judged.is_err() || !counts.is_told {
            self.judgement.without_edits.truncate(without_edits);
            self.judgement.images.truncate(images);
            self.judgement.rebuilt.truncate(rebuilt);
        }
        match judged {
            Ok(()) => {
                if let Some(seen) = seen {
                    self.judgement.seen = seen;
                }
                self.roots.push(position);
                self.documents.extend(built.documents.iter().copied());
                None
            }
            Err(error) => {
                self.judgement.fields.truncate(fields);
                Some(error)
            }
        }
    }
}
