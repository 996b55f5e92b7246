//! What a build gives, judged: for every value that matters, what it should be and where it is
//! written.

mod changes;
mod config_maps;
mod fields;
mod finished;
mod kept;
mod listed;
mod newer;
mod patched;
mod places;
mod resource;
mod taking;
mod without_edits;

use std::borrow::Cow;

use crate::config::{Config, Date};
use crate::edit;
use crate::field::{data, pod};
use crate::judge::values::Rebuilt;
use crate::judge::{Instances, Met, Prefilter, Round, Wants, judge_in_rounds};
use crate::krm::item_config::ItemConfig;
use crate::krm::resource::{group, version};
use crate::yaml::Error;
use crate::yaml::parse::Arena;

use super::accounts::NameReferences;
use super::chart_sources::{self, ChangedSources};
use super::sources::Sources;
use super::target::BuiltResource;
use super::value::{BuildValue, Inside, TestedText};
use changes::ReleaseChanges;
use config_maps::ConfigMapText;
use listed::run;

pub(super) use fields::{Field, SecretList};
pub(super) use finished::finish;
pub(super) use listed::NEWER;
pub(super) use without_edits::{FindingWithoutEdit, Run};

/// What builds are judged by.
#[derive(Clone, Copy)]
pub(crate) struct Setting<'a> {
    pub(crate) config: &'a Config,
    /// What passes over workloads of which there is nothing to say.
    pub(crate) prefilter: Option<&'a Prefilter>,
    /// The path of each file from where paths of the configuration begin.
    pub(crate) places: &'a [&'a str],
    pub(crate) today: Date,
    pub(crate) wants: Wants,
    /// The URLs of the repository that the files are of, where they are known.
    pub(crate) remotes: &'a [String],
}

/// What all builds gave.
#[derive(Debug, Default)]
pub(super) struct BuildsJudgement<'n, 's> {
    pub(super) fields: Vec<Field<'n, 's>>,
    pub(super) without_edits: Vec<FindingWithoutEdit<'n, 's>>,
    /// The images of the builds, where the list of them is wanted.
    pub(super) images: Vec<Run<'n, 's>>,
    /// What builds make of objects that install charts, each with the position of the root.
    pub(super) rebuilt: Vec<(usize, Rebuilt)>,
    pub(super) seen: Met,
}

impl<'n, 's> BuildsJudgement<'n, 's> {
    /// Adds what other builds gave.
    pub(super) fn append(&mut self, mut other: Self) {
        let before = self.fields.len();
        for field in &mut other.fields {
            // It is told by the position of its first field.
            field.resource = field.resource.map(|first| before + first);
        }
        self.fields.append(&mut other.fields);
        self.without_edits.extend(other.without_edits);
        self.images.extend(other.images);
        self.rebuilt.extend(other.rebuilt);
        self.seen.extend(other.seen);
    }

    /// Judges the resources of a build.
    ///
    /// # Errors
    /// What was built cannot be judged: a key is in a mapping twice, or aliases repeat too much.
    pub(super) fn judge(
        &mut self,
        setting: Setting<'_>,
        sources: &Sources<'n, 's>,
        root: usize,
        (resources, tested): (&[BuiltResource<'n, 's>], &[TestedText<'n, 's>]),
    ) -> Result<(), Error> {
        let inside = resources.iter();
        let inside = inside.map(|resource| Inside::of(&resource.value, &mut |_, _| {}));
        let inside: Vec<Inside> = inside.collect();
        self.judge_known(setting, sources, root, (resources, &inside, tested))
    }

    /// As [`BuildsJudgement::judge`], where it is known what is in each resource.
    ///
    /// # Errors
    /// As [`BuildsJudgement::judge`].
    pub(super) fn judge_known<'r>(
        &mut self,
        setting: Setting<'_>,
        sources: &Sources<'n, 's>,
        root: usize,
        (resources, inside, tested): (
            &'r [BuiltResource<'n, 's>],
            &[Inside],
            &[TestedText<'n, 's>],
        ),
    ) -> Result<(), Error> {
        let lists = &sources.lists;
        let of_build = self.fields.len();
        let keeps = |value: &BuildValue<'_, '_>| {
            let api_version = value.text_at(&["apiVersion"]);
            let kind = value.text_at(&["kind"]);
            let (group, version) = (group(api_version), version(api_version));
            // A workload without an apiVersion is told of.
            setting.config.keeps_images(group, version, kind)
                || pod::missing_version(group, kind).is_some()
        };
        let names = NameReferences::of(resources);
        let values = || resources.iter().map(|resource| &resource.value);
        let mut known = KnownOfBuild {
            gathered: names.gathered(),
            instances: Instances::default(),
            of_charts: ChangedSources::of(&sources.rival_charts, values()),
            config_maps: Vec::new(),
        };
        for value in values() {
            if let Some(source) = chart_sources::built(value) {
                known.gathered.add_chart(source.owned());
            }
        }
        let is_patched = |value: &BuildValue<'_, '_>| {
            let (group, kind) = (
                group(value.text_at(&["apiVersion"])),
                value.text_at(&["kind"]),
            );
            let is_changed = || {
                let changes = ReleaseChanges::of(sources, value, tested, &known.of_charts);
                !changes.is_empty()
            };
            setting.config.keeps_values(group, kind) && is_changed()
        };
        let mut has_patched = false;
        let all = resources.iter().zip(inside.iter().copied());
        let (kept, others): (Vec<_>, Vec<_>) = all.partition(|(resource, _)| {
            let value = &resource.value;
            let is_patched = is_patched(value);
            has_patched |= is_patched;
            is_patched || keeps(value) && !is_unread_map(setting.config, resource)
        });
        if has_patched {
            known.config_maps =
                { values().flat_map(|value| ConfigMapText::of(sources, value)) }.collect();
        }
        let as_built = |resource: &BuiltResource<'n, 's>| {
            let mut value = resource.value.clone();
            names.follow(resource, &mut value);
            sources.without_merged(&mut value);
            value.each_traced_mut(&mut |scalar| run(setting.config, lists, scalar));
            value
        };
        let built = |resource: &'r BuiltResource<'n, 's>, inside: Inside| {
            let is_as_it_is = names.are_those_of(resource)
                && !sources.is_merging(&resource.value)
                && !inside.is_traced;
            if is_as_it_is {
                Cow::Borrowed(&resource.value)
            } else {
                Cow::Owned(as_built(resource))
            }
        };
        let values = kept.iter();
        let values = values.map(|&(resource, inside)| (resource, built(resource, inside)));
        let values: Vec<(&BuiltResource<'n, 's>, Cow<'r, BuildValue<'n, 's>>)> = values.collect();
        let all: Vec<_> = values.iter().collect();
        let mut arena = Arena::default();
        judge_in_rounds(&all, |some, round| {
            let mut waiting = Vec::new();
            for (position, (resource, value)) in some.iter().enumerate() {
                let first = self.fields.len();
                let of_build = (root, &**value);
                arena.clear();
                let in_round = (round, &arena);
                let awaits =
                    self.judge_one(setting, sources, of_build, &known, tested, in_round)?;
                self.leave_renamed(first, resource, &names);
                if round == Round::First {
                    for note in awaits.instances {
                        known.instances.add(note);
                    }
                }
                if awaits.is_awaiting {
                    waiting.push(position);
                } else {
                    self.keep_rest(first, root, value);
                }
            }
            Ok::<_, Error>(waiting)
        })?;
        let later = kept.iter().filter(|(_, inside)| inside.is_listed_later);
        let later: Vec<_> = later.map(|(resource, _)| *resource).collect();
        self.judge_newer(
            setting,
            sources,
            (root, of_build, &later),
            &known,
            &as_built,
        )?;
        for (resource, inside) in others {
            let Some(id) = resource.ids.first() else {
                continue;
            };
            let has_other_kind = resource.ids.last().is_some_and(|now| now.kind != id.kind);
            if !(has_other_kind || kept::is_reached(&resource.value, inside)) {
                continue;
            }
            let first = self.fields.len();
            let value = built(resource, inside);
            if has_other_kind {
                let mut before = BuildValue::clone(&value);
                before.set(
                    Cow::Borrowed("apiVersion"),
                    BuildValue::made(id.api_version.to_string()),
                );
                before.set(Cow::Borrowed("kind"), BuildValue::made(id.kind.to_string()));
                if keeps(&before) {
                    self.hold(setting, sources, (root, &before), &known)?;
                }
            }
            self.keep_rest(first, root, &value);
        }
        if inside.iter().any(|inside| inside.has_copies) {
            self.keep_copies(of_build, root, resources);
        }
        Ok(())
    }

    /// Notes that pull secrets are left whose names the build changes.
    fn leave_renamed(
        &mut self,
        first: usize,
        resource: &BuiltResource<'n, 's>,
        references: &NameReferences<'_, 'n, 's>,
    ) {
        for field in &mut self.fields[first..] {
            if let (Some(list), Some(edit::TargetValue::Names(names))) =
                (&mut field.secrets, &field.wanted)
            {
                let mut names = names.iter();
                list.left = names.find_map(|name| references.why_left(resource, name));
            }
        }
    }

    /// Judges a resource that a patch is a part of: what is absent in it is no fault.
    ///
    /// # Errors
    /// As [`BuildsJudgement::judge`].
    pub(super) fn judge_part(
        &mut self,
        setting: Setting<'_>,
        sources: &Sources<'n, 's>,
        root: usize,
        resource: &BuiltResource<'n, 's>,
    ) -> Result<(), Error> {
        let first = self.fields.len();
        let resources = (std::slice::from_ref(resource), &[][..]);
        self.judge(setting, sources, root, resources)?;
        for field in &mut self.fields[first..] {
            let is_text = matches!(field.wanted, None | Some(edit::TargetValue::Text(_)));
            if field.rendered.is_none() || !is_text {
                field.wanted = None;
                field.findings.clear();
            }
        }
        Ok(())
    }
}

/// Whether a resource was a ConfigMap from the first, and holds nothing under a key that is read.
fn is_unread_map(config: &Config, resource: &BuiltResource<'_, '_>) -> bool {
    let value = &resource.value;
    let (api_version, kind) = (value.text_at(&["apiVersion"]), value.text_at(&["kind"]));
    let was = resource.ids.first().is_some_and(|id| *id.kind == *kind);
    if !was || !data::is_config_map(group(api_version), kind) {
        return false;
    }
    let mut fields = config
        .fields
        .of(group(api_version), version(api_version), kind);
    let held = value.get("data");
    let mut keys = config.carriers.keys_of_data();
    fields.next().is_none() && !keys.any(|key| held.is_some_and(|held| held.get(key).is_some()))
}

/// What the resources of a build say of each other.
struct KnownOfBuild {
    /// The ServiceAccounts of the build: those of another are never meant.
    gathered: ItemConfig<'static>,
    instances: Instances,
    /// The sources of charts that are others in the build than in their files.
    of_charts: ChangedSources,
    /// The texts of its ConfigMaps, where a release that it changes may read them.
    config_maps: Vec<ConfigMapText>,
}
