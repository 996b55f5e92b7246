//! What a build gives, judged: for every value that matters, what it should be and where it is
//! written.

mod patched;

use std::collections::{HashMap, HashSet};

use crate::config::{Config, Date};
use crate::decide::claim::AgentSet;
use crate::edit;
use crate::field::{self, Secrets};
use crate::finding::{Aspect, Finding};
use crate::judge::values::{Rebuilt, unit};
use crate::judge::{self, Draft, ImageUse, Instances, JudgeContext, UnitJudgement, Wants};
use crate::krm::gathered::Gathered;
use crate::krm::resource::{self, Budget, group, version};
use crate::slot::Slot;
use crate::yaml::parse;
use crate::yaml::{Error, Node, Segment};

use super::accounts::Accounts;
use super::images::{Lists, Unclear};
use super::origin;
use super::patches::ENTRY_KEYS;
use super::sources::Sources;
use super::target::Resource;
use super::value::{BuildValue, DocumentSlot, Printed, Site, Tested, Trace};
use patched::Changes;

/// What builds are judged by.
#[derive(Clone, Copy)]
pub(crate) struct Setting<'a> {
    pub(crate) config: &'a Config,
    pub(crate) today: Date,
    pub(crate) wants: Wants,
    /// The URLs of the repository that the files are of, where they are known.
    pub(crate) remotes: &'a [String],
}

/// One value of one build that an edit could change.
#[derive(Debug, Default)]
pub(super) struct Field<'n, 's> {
    /// Position of the root that was built.
    pub(super) root: usize,
    /// Where it is written; none for what the build itself made.
    pub(super) place: Option<DocumentSlot<'n, 's>>,
    /// The value that comes out, if there is one.
    pub(super) rendered: Option<String>,
    /// What should come out instead; none where it is right.
    pub(super) wanted: Option<edit::TargetValue>,
    pub(super) trace: Trace,
    /// Whether it is an image, or a part of one.
    pub(super) is_image: bool,
    /// Whether it is an image that no build has, but that an entry of a list names, so that no place
    /// holds it; `place` is where the entry says what comes out.
    pub(super) is_example: bool,
    /// The key of an entry of a list that it is under, if it is.
    pub(super) key: Option<&'static str>,
    /// Whether it is written, and the build takes it away.
    pub(super) is_removed: bool,
    /// The pod whose list of pull secrets it is, if it is one.
    pub(super) secrets: Option<SecretList>,
    /// What is reported of it.
    pub(super) findings: Vec<Finding>,
    /// Whether it only has to come out as it does or as it should, since its root was not asked for.
    pub(super) is_bystander: bool,
}

/// A list of pull secrets in one build.
#[derive(Debug, Clone)]
pub(super) struct SecretList {
    /// Position of the root that was built.
    pub(super) root: usize,
    /// Document and offset of the pod that lists them.
    pub(super) pod: (usize, usize),
    /// Those that are listed and those that should be.
    names: Vec<String>,
    /// How many of them are listed.
    listed: usize,
}

impl SecretList {
    /// Whether these names may be added in this build, too: each is listed or wanted already, and
    /// every wanted one is among them.
    pub(super) fn takes(&self, added: &[String]) -> bool {
        let wanted = &self.names[self.listed..];
        let is_listed = |name: &String| self.names[..self.listed].contains(name);
        wanted.iter().all(|name| added.contains(name))
            && added
                .iter()
                .all(|name| is_listed(name) || wanted.contains(name))
    }
}

/// A finding without a fix, and its place.
#[derive(Debug)]
pub(super) struct Remark<'n, 's> {
    pub(super) document: usize,
    pub(super) node: &'n Node<'s>,
    pub(super) finding: Finding,
}

/// An image that a build runs, and the place that decides it.
#[derive(Debug)]
pub(super) struct Run<'n, 's> {
    pub(super) document: usize,
    pub(super) node: &'n Node<'s>,
    /// The entry of a list of images that the place is in, else the place.
    pub(super) entry: &'n Node<'s>,
    pub(super) image: ImageUse,
}

/// What all builds gave.
#[derive(Debug, Default)]
pub(super) struct Judgement<'n, 's> {
    pub(super) fields: Vec<Field<'n, 's>>,
    pub(super) remarks: Vec<Remark<'n, 's>>,
    /// The images of the builds, where the list of them is wanted.
    pub(super) images: Vec<Run<'n, 's>>,
    /// What builds make of objects that install charts, each with the position of the root.
    pub(super) rebuilt: Vec<(usize, Rebuilt)>,
    pub(super) seen: AgentSet,
}

impl<'n, 's> Judgement<'n, 's> {
    /// Judges the resources of a build.
    ///
    /// # Errors
    /// What was built cannot be judged: a key is in a mapping twice, or aliases repeat too much.
    pub(super) fn judge(
        &mut self,
        setting: Setting<'_>,
        sources: &Sources<'n, 's>,
        root: usize,
        (resources, tested): (&[Resource<'n, 's>], &[Tested<'n, 's>]),
    ) -> Result<(), Error> {
        let lists = &sources.lists;
        let keeps = |value: &BuildValue<'_, '_>| {
            let api_version = value.text_at(&["apiVersion"]);
            let kind = value.text_at(&["kind"]);
            let (group, version) = (group(api_version), version(api_version));
            setting.config.keeps_images(group, version, kind)
        };
        let accounts = Accounts::of(resources);
        let mut known = Known {
            gathered: accounts.gathered(),
            instances: Instances::new(),
        };
        let is_patched = |value: &BuildValue<'_, '_>| {
            let (group, kind) = (
                group(value.text_at(&["apiVersion"])),
                value.text_at(&["kind"]),
            );
            let is_changed = || {
                let changes = Changes::of(sources, value, tested);
                !changes.is_empty()
            };
            setting.config.keeps_values(group, kind) && is_changed()
        };
        let kept = resources.iter();
        let kept = kept.filter(|resource| keeps(&resource.value) || is_patched(&resource.value));
        let values = kept.map(|resource| {
            let mut value = resource.value.clone();
            accounts.follow(resource, &mut value);
            sources.without_merged(&mut value);
            value.each_mut(&mut |scalar| {
                if let Some(trace) = &mut scalar.trace {
                    let (image, hits) = lists.run_as_written(&scalar.text, &trace.lists);
                    let mut hits = hits.into_iter();
                    let unclear = hits.find_map(|hit| lists.entries[hit.entry].unclear.as_ref());
                    trace.unknown = trace.unknown.take().or(unclear.map(Unclear::what));
                    let before = std::mem::replace(&mut scalar.text, image.into());
                    trace.origin = Some(before.into_owned());
                }
            });
            value
        });
        let values: Vec<BuildValue<'n, 's>> = values.collect();
        let mut awaiting = Vec::new();
        for value in &values {
            let awaits = self.judge_one(setting, sources, (root, value), &known, tested, false)?;
            for (instance, agent) in awaits.instances {
                known.instances.entry(instance).or_default().insert(agent);
            }
            if awaits.is_awaiting {
                awaiting.push(value);
            }
        }
        for value in awaiting {
            self.judge_one(setting, sources, (root, value), &known, tested, true)?;
        }
        Ok(())
    }

    /// Judges a resource that a patch is a part of: what is absent in it is no fault.
    ///
    /// # Errors
    /// As [`Judgement::judge`].
    pub(super) fn judge_part(
        &mut self,
        setting: Setting<'_>,
        sources: &Sources<'n, 's>,
        root: usize,
        resource: &Resource<'n, 's>,
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

    fn judge_one(
        &mut self,
        setting: Setting<'_>,
        sources: &Sources<'n, 's>,
        (root, value): (usize, &BuildValue<'n, 's>),
        known: &Known,
        tested: &[Tested<'n, 's>],
        is_last: bool,
    ) -> Result<Awaits, Error> {
        let printed = Printed::new(value);
        let node = parse::document(&printed.text)?;
        let mut budget = Budget::new(printed.text.len());
        let mut judged = UnitJudgement::default();
        let context = JudgeContext {
            config: setting.config,
            today: setting.today,
            gathered: &known.gathered,
            instances: &known.instances,
            ordinal: 0,
            wants: setting.wants,
            names: false,
            shares: false,
        };
        let (mut images, mut others) = (Vec::new(), Vec::new());
        let config = setting.config;
        let changes = Changes::of(sources, value, tested);
        let resources = resource::resources(&node, &mut budget)?;
        // What no build changes is judged with the file that it is in.
        let installing = if changes.is_empty() {
            &[]
        } else {
            &resources[..]
        };
        let texts = unit::texts(config, installing)?;
        let inner = unit::read(&texts);
        let documents = unit::documents((&printed.text, &node), &texts, &inner);
        let installed = unit::installed(config, installing, &texts, &inner)?;
        for one in &resources {
            judge::resource(&context, one, &printed.text, &mut budget, &mut judged)?;
            for pod in field::groups(one, &config.fields, &config.carriers, &mut budget)? {
                others.extend(pod.secrets_slot);
                for field in pod.fields {
                    images.extend(field.notation.slots().into_iter().cloned());
                    others.extend(field.policy_slot);
                    if let Secrets::Commas(slot) | Secrets::One(Some(slot), _) = field.secrets {
                        others.push(slot);
                    }
                }
            }
        }
        let awaits = Awaits {
            is_awaiting: judged.awaits_instances && !is_last,
            instances: std::mem::take(&mut judged.instances),
        };
        if awaits.is_awaiting {
            return Ok(awaits);
        }
        self.seen.extend(std::mem::take(&mut judged.seen));
        let lists = &sources.lists;
        let all = &|_: &DocumentSlot<'_, '_>| true;
        let (drafts, uses) = self.take(root, &printed, [images, others], judged, all);
        self.remark(lists, &printed, drafts);
        self.list(lists, &printed, uses);
        if !installed.is_empty() {
            let mut judged = UnitJudgement::default();
            unit::judge(&context, &installed, &documents, &mut judged)?;
            self.take_patched(sources, root, &printed, judged, (config, &changes));
        }
        Ok(awaits)
    }

    /// Notes every slot with what it should be, and the findings with the slots that they are about:
    /// the first of each whose place counts. Gives the other findings, and the images.
    fn take(
        &mut self,
        root: usize,
        printed: &Printed<'_, 'n, 's>,
        [images, others]: [Vec<Slot<'_, '_>>; 2],
        judged: UnitJudgement<'_, '_>,
        counts: &dyn Fn(&DocumentSlot<'n, 's>) -> bool,
    ) -> (Vec<Finding>, Vec<ImageUse>) {
        let first = self.fields.len();
        let mut positions = HashMap::new();
        let changed = judged
            .changes
            .iter()
            .map(|change| (&change.slot, Some(&change.value)));
        let image_ids: HashSet<_> = images.iter().map(id_of).collect();
        let kept = images.iter().chain(&others).map(|slot| (slot, None));
        for (slot, wanted) in changed.chain(kept) {
            let id = id_of(slot);
            if positions.contains_key(&id) {
                continue;
            }
            positions.insert(id, self.fields.len());
            let wanted = wanted.cloned().map(|value| match value {
                // Its edits count in what was printed.
                edit::TargetValue::Document(text, _) => edit::TargetValue::Text(text),
                other => other,
            });
            let mut field = located(root, printed, slot, wanted);
            field.is_image = image_ids.contains(&id);
            self.fields.push(field);
        }
        // Whose an image is decides what its policy and secrets should be.
        let fields = &mut self.fields[first..];
        let unknown = fields.iter().find_map(|field| field.trace.unknown.clone());
        if unknown.is_some() {
            for field in fields {
                field.trace.unknown = field.trace.unknown.take().or_else(|| unknown.clone());
            }
        }
        let mut others = Vec::new();
        for Draft { finding, change } in judged.drafts {
            let changes = change.and_then(|range| judged.changes.get(range));
            let changes = changes.unwrap_or_default().iter();
            let of_change: Vec<usize> = changes
                .filter_map(|change| positions.get(&id_of(&change.slot)).copied())
                .collect();
            let counts = |&field: &usize| self.fields[field].place.as_ref().is_some_and(counts);
            let counting = of_change.iter().copied().find(counts);
            if let Some(field) = counting.or(of_change.first().copied()) {
                self.fields[field].findings.push(finding);
            } else {
                others.push(finding);
            }
        }
        (others, judged.images)
    }

    /// Notes findings that no edit answers, at the place that decides what each is about.
    fn remark(
        &mut self,
        lists: &Lists<'n, 's>,
        printed: &Printed<'_, 'n, 's>,
        findings: Vec<Finding>,
    ) {
        for finding in findings {
            let start = finding.span.as_ref().map_or(0, |span| span.start);
            if let Some((document, _, node)) =
                deciding(lists, printed, start, finding.rule.aspect())
            {
                self.remarks.push(Remark {
                    document,
                    node,
                    finding,
                });
            }
        }
    }

    /// Notes images, at the place that decides each.
    fn list(
        &mut self,
        lists: &Lists<'n, 's>,
        printed: &Printed<'_, 'n, 's>,
        images: Vec<ImageUse>,
    ) {
        for image in images {
            if let Some((document, entry, node)) = deciding(lists, printed, image.span.start, None)
            {
                self.images.push(Run {
                    document,
                    node,
                    entry,
                    image,
                });
            }
        }
    }
}

/// The place that decides a value of what was printed, else the resource: the document, the entry of
/// a list of images that the place is in, or itself, and the place.
fn deciding<'n, 's>(
    lists: &Lists<'n, 's>,
    printed: &Printed<'_, 'n, 's>,
    offset: usize,
    aspect: Option<Aspect>,
) -> Option<(usize, &'n Node<'s>, &'n Node<'s>)> {
    let value = printed.value_at(offset);
    if let Some(BuildValue::Scalar(scalar)) = value
        && let Some(trace) = &scalar.trace
        && let Some(origin) = &trace.origin
        && let Some(entry) = origin::of_lists(lists, origin, &trace.lists, aspect)
    {
        return Some(entry);
    }
    match value.map(|value| (value.site(), value.place())) {
        Some((Some(site), _)) => Some((site.document, site.node, site.node)),
        Some((None, Some(place))) => Some((place.document, place.node(), place.node())),
        _ => {
            let site = printed.value_at(0).and_then(BuildValue::site)?;
            Some((site.document, site.node, site.node))
        }
    }
}

/// What the resources of a build say of each other.
struct Known {
    /// The ServiceAccounts of the build: those of another are never meant.
    gathered: Gathered<'static>,
    instances: Instances,
}

/// Whether a resource is to be judged again when the instances of agents are known.
struct Awaits {
    is_awaiting: bool,
    instances: Vec<((String, String), usize)>,
}

/// What tells slots of one text apart.
fn id_of<'n>(slot: &Slot<'n, '_>) -> (usize, Segment<'n>) {
    (slot.holder.target().span.start, slot.at)
}

/// The field of a slot of what was printed.
fn located<'n, 's>(
    root: usize,
    printed: &Printed<'_, 'n, 's>,
    slot: &Slot<'_, '_>,
    wanted: Option<edit::TargetValue>,
) -> Field<'n, 's> {
    let holder = printed.value_at(slot.holder.target().span.start);
    let value = holder.and_then(|holder| match slot.at {
        Segment::Key(key) => holder.get(key),
        Segment::Index(index) => holder.items()?.get(index),
    });
    let written = value.and_then(BuildValue::place);
    let site = holder
        .and_then(BuildValue::site)
        .filter(|_| value.is_none());
    let is_written = |site: &&Site<'_, '_>| matches!(site.node.get(slot.name()), Ok(Some(_)));
    let is_removed = site.as_ref().is_some_and(is_written);
    let absent = || {
        let site = site.filter(|_| !is_removed)?;
        Some(site.place_of(slot.name(), after(slot)))
    };
    let trace = match value {
        Some(BuildValue::Scalar(scalar)) => scalar.trace.as_deref().cloned(),
        _ => None,
    };
    Field {
        root,
        place: written.or_else(absent),
        rendered: value.and_then(BuildValue::scalar).map(str::to_owned),
        secrets: secrets_of(root, slot, holder, value, wanted.as_ref()),
        wanted,
        trace: trace.unwrap_or_default(),
        is_image: false,
        is_example: false,
        key: { ENTRY_KEYS.into_iter() }.find(|key| slot.name() == *key),
        is_removed,
        findings: Vec::new(),
        is_bystander: false,
    }
}

/// The key that a new key is written after, of those that fields know.
fn after(slot: &Slot<'_, '_>) -> &'static str {
    const KNOWN: &[&str] = &[
        "image",
        "reference",
        "name",
        "repository",
        "tag",
        "newName",
        "newTag",
    ];
    let known = KNOWN.iter().find(|known| **known == slot.after);
    known.copied().unwrap_or_default()
}

/// The list of pull secrets that a slot is.
fn secrets_of(
    root: usize,
    slot: &Slot<'_, '_>,
    holder: Option<&BuildValue<'_, '_>>,
    value: Option<&BuildValue<'_, '_>>,
    wanted: Option<&edit::TargetValue>,
) -> Option<SecretList> {
    let site = holder?
        .site()
        .filter(|_| slot.name() == "imagePullSecrets")?;
    let items = value.and_then(BuildValue::items).unwrap_or_default().iter();
    let mut names: Vec<String> = items
        .map(|item| item.text_at(&["name"]).to_owned())
        .collect();
    let listed = names.len();
    if let Some(edit::TargetValue::Names(added)) = wanted {
        names.extend(added.iter().cloned());
    }
    let pod = (site.document, site.node.target().span.start);
    Some(SecretList {
        root,
        pod,
        names,
        listed,
    })
}
