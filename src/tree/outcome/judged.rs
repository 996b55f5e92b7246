//! Accumulates the results while builds are judged one after the other.

use std::collections::{BTreeSet, HashSet};
use std::sync::{Mutex, PoisonError};

use crate::parallel;
use crate::tree::built::Built;
use crate::tree::kustomization::Needed;
use crate::tree::paths::join;
use crate::tree::rendered::{BuildsJudgement, Setting};
use crate::tree::sources::Sources;
use crate::tree::target::BuiltResource;
use crate::yaml::Error;

/// How a build counts.
#[derive(Clone, Copy)]
pub(super) struct Counts {
    /// Whether it is one by itself, unless it is a component's.
    pub(super) as_root: bool,
    /// Whether it is told of.
    pub(super) is_told: bool,
}

/// A build that is still to be judged.
pub(super) struct ReadyBuild<'n, 's> {
    /// The position of its kustomization.
    pub(super) position: usize,
    /// What it gives, without its resources.
    pub(super) built: Built<'n, 's>,
    /// Its resources, until they are judged: many builds may share one base.
    resources: Mutex<Vec<BuiltResource<'n, 's>>>,
    /// How many there are.
    pub(super) size: usize,
    /// How much text they are written in.
    pub(super) bytes: usize,
    pub(super) counts: Counts,
}

impl<'n, 's> ReadyBuild<'n, 's> {
    pub(super) fn new(
        sources: &Sources<'_, '_>,
        position: usize,
        mut built: Built<'n, 's>,
        counts: Counts,
    ) -> Self {
        let resources = std::mem::take(&mut built.resources);
        let documents = resources.iter().filter_map(|one| one.value.site());
        let roots = documents.map(|site| sources.documents[site.document].root);
        ReadyBuild {
            position,
            built,
            size: resources.len(),
            bytes: roots.map(|root| root.span.len()).sum(),
            resources: Mutex::new(resources),
            counts,
        }
    }
}

/// What some builds gave, and of each why it cannot be judged.
pub(super) type Judgement<'n, 's> = (JudgedBuilds<'n, 's>, Vec<Option<Error>>);

/// Judges builds, several at once, in whose resources there are so many bytes.
pub(super) fn judge_all<'n, 's>(
    setting: Setting<'_>,
    sources: &Sources<'n, 's>,
    builds: &[ReadyBuild<'n, 's>],
    bytes: usize,
) -> Vec<Judgement<'n, 's>> {
    parallel::map(builds, bytes, |_, some| {
        let mut judged = JudgedBuilds::default();
        let faults = some
            .iter()
            .map(|one| judged.take_one(setting, sources, one));
        let faults = faults.collect();
        (judged, faults)
    })
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
    fn append(&mut self, other: Self) {
        self.judgement.append(other.judgement);
        self.documents.extend(other.documents);
        self.roots.extend(other.roots);
        self.hit.extend(other.hit);
    }

    /// Adds what [`judge_all`] gave. Gives of each build why it cannot be judged.
    pub(super) fn append_all(&mut self, judgements: Vec<Judgement<'n, 's>>) -> Vec<Option<Error>> {
        let mut all = Vec::new();
        for (judged, faults) in judgements {
            self.append(judged);
            all.extend(faults);
        }
        all
    }

    fn take_one(
        &mut self,
        setting: Setting<'_>,
        sources: &Sources<'n, 's>,
        ready: &ReadyBuild<'n, 's>,
    ) -> Option<Error> {
        let ReadyBuild {
            position,
            built,
            counts,
            ..
        } = ready;
        // They are freed here, where others are judged beside it.
        let mut resources = ready
            .resources
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let resources = std::mem::take(&mut *resources);
        if built.refused.is_some() {
            return None;
        }
        let fault = self.take(setting, sources, *position, (built, &resources), *counts);
        fault.or_else(|| {
            let is_judged = counts.as_root && counts.is_told;
            is_judged.then(|| self.take_held(setting, sources, *position))?
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
        (built, resources): (&Built<'n, 's>, &[BuiltResource<'n, 's>]),
        counts: Counts,
    ) -> Option<Error> {
        let lists = &sources.lists;
        for resource in resources.iter().filter(|_| !lists.entries.is_empty()) {
            resource.value.each(&mut |scalar| {
                if let Some(trace) = &scalar.trace {
                    for passes in [&trace.lists, &trace.later] {
                        if !passes.is_empty() {
                            let hits = lists.met(&scalar.text, passes).into_iter();
                            self.hit.extend(hits.map(|hit| hit.entry));
                        }
                    }
                }
            });
        }
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
        let resources = (resources, &built.tests.texts[..]);
        let judged = self.judgement.judge(setting, sources, position, resources);
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
