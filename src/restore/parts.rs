//! The second pass over all units of all inputs: which of them are judged, which are only read.

use std::collections::HashSet;

use crate::config::{Config, Date};
use crate::edit::Edit;
use crate::error::Error;
use crate::finding::Finding;
use crate::judge::{Glance, ImageUse, Instances};
use crate::krm::gathered::Gathered;
use crate::krm::quick;
use crate::krm::survey::{ResourceKind, Survey};
use crate::krm::unit::Unit;
use crate::parallel;
use crate::recognise::AgentSet;
use crate::yaml::fast::Arena;

use super::unit::{Done, judge_unit};
use super::{Reading, Wants};

/// What units are judged by.
#[derive(Clone, Copy)]
pub(super) struct Work<'a> {
    pub(super) config: &'a Config,
    pub(super) today: Date,
    pub(super) gathered: &'a Gathered<'a>,
    pub(super) wants: Wants,
    pub(super) reading: Reading,
    /// Whether a kustomization may replace images, so that the names of all of them count.
    pub(super) replaces: bool,
}

/// An input with what the first pass learned of it.
#[derive(Clone, Copy)]
pub(super) struct Part<'a> {
    pub(super) text: &'a str,
    pub(super) survey: &'a Survey<'a>,
}

#[derive(Default)]
pub(super) struct All {
    pub(super) edits: Vec<Edit>,
    pub(super) findings: Vec<Finding>,
    pub(super) images: Vec<ImageUse>,
    pub(super) seen: AgentSet,
    pub(super) image_names: HashSet<String>,
    pub(super) overrides: Vec<(String, Finding)>,
}

/// Judges the units of all parts, several at once where they are read fast; those whose shared
/// images wait for an instance that another unit may bring are judged again when all are known.
/// What a unit gives depends on no other but by the instances.
///
/// `None` for a part of which a unit cannot be read alone.
pub(super) fn judge_parts(
    work: &Work<'_>,
    parts: &[Part<'_>],
    instances: &mut Instances,
) -> Vec<Result<Option<All>, Error>> {
    let mut judged: Vec<Result<Option<All>, Error>> =
        parts.iter().map(|_| Ok(Some(All::default()))).collect();
    let glance = glance(work, parts);
    let units: Vec<Task<'_>> = parts
        .iter()
        .enumerate()
        .flat_map(|(index, part)| tasks(work, glance.as_ref(), index, part))
        .collect();
    let mut waiting = Vec::new();
    for batch in judge_units(work, parts, &units, instances, false) {
        for (instance, agent) in batch.instances {
            instances.entry(instance).or_default().insert(agent);
        }
        waiting.extend(batch.waiting.into_iter().map(|position| units[position]));
        take(&mut judged, batch.gave);
    }
    for batch in judge_units(work, parts, &waiting, instances, true) {
        take(&mut judged, batch.gave);
    }
    judged
}

/// A unit that is to be read.
#[derive(Clone, Copy)]
struct Task<'a> {
    /// Position of its part.
    part: usize,
    unit: &'a Unit,
    /// Whether its kind keeps images, so that it is judged; else its kind is a guess to confirm.
    judge: bool,
    /// What says that it need not be judged after all.
    glance: Option<&'a Glance>,
}

/// The units of a part that hold a kind which keeps images, and those not yet read.
fn tasks<'a>(
    work: &Work<'_>,
    glance: Option<&'a Glance>,
    index: usize,
    part: &Part<'a>,
) -> impl Iterator<Item = Task<'a>> + use<'a> {
    let kinds = part.survey.kinds.iter();
    let relevant: Vec<bool> = kinds
        .map(|kind| {
            work.config
                .keeps_images(&kind.group, &kind.version, &kind.kind)
        })
        .collect();
    let tasks = part.survey.units.iter().map(move |unit| Task {
        part: index,
        unit,
        judge: unit.kinds.iter().any(|&kind| relevant[kind]),
        glance: glance.filter(|_| unit.guessed.is_some()),
    });
    tasks.filter(|task| task.judge || task.unit.guessed.is_some())
}

/// Whether there is a kustomization, whose entries may replace images.
pub(super) fn replaces<'k>(kinds: impl IntoIterator<Item = &'k ResourceKind>) -> bool {
    let mut kinds = kinds.into_iter();
    kinds.any(|kind| kind.group == "kustomize.config.k8s.io")
}

/// What says that a unit need not be judged, where that can be said without reading it.
fn glance(work: &Work<'_>, parts: &[Part<'_>]) -> Option<Glance> {
    let judges_all = work.wants.images || work.replaces;
    let bytes: usize = parts.iter().map(|part| part.text.len()).sum();
    match work.reading {
        Reading::Fast if bytes >= WORTH_A_GLANCE && !judges_all => Glance::new(work.config),
        _ => None,
    }
}

/// Below this many bytes of text, finding out what to look for costs more than it brings.
const WORTH_A_GLANCE: usize = 1 << 16;

/// Judges those units; `is_last` says that no more instances are to come.
fn judge_units(
    work: &Work<'_>,
    parts: &[Part<'_>],
    tasks: &[Task<'_>],
    instances: &Instances,
    is_last: bool,
) -> Vec<Batch> {
    let bytes = match work.reading {
        Reading::Fast => tasks.iter().map(|task| task.unit.span.len()).sum(),
        Reading::Plain => 0,
    };
    parallel::map(tasks, bytes, |first, some| {
        let mut batch = Batch::default();
        let (mut room, mut arena) = (String::new(), Arena::default());
        for (index, task) in some.iter().enumerate() {
            let part = &parts[task.part];
            let done = match is_settled(task, part, &arena) {
                Some(true) => continue,
                Some(false) => judge_unit(work, part, instances, task.unit, &mut room, &arena),
                None => Ok(None),
            };
            arena.clear();
            batch.add(task.part, first + index, done, is_last);
        }
        batch
    })
}

/// What some units gave.
#[derive(Default)]
struct Batch {
    /// By part, in the order of the units.
    gave: Vec<(usize, Result<Option<All>, Error>)>,
    instances: Vec<((String, String), usize)>,
    /// Positions of the units that are to be judged again when all instances are known.
    waiting: Vec<usize>,
}

impl Batch {
    /// Adds what a unit of a part gave; `None` where it cannot be read alone.
    fn add(
        &mut self,
        part: usize,
        position: usize,
        done: Result<Option<Done>, Error>,
        is_last: bool,
    ) {
        let gave = match done {
            Ok(Some(done)) => {
                self.instances.extend(done.instances);
                if done.awaits_instances && !is_last {
                    self.waiting.push(position);
                    return;
                }
                Ok(Some(done.all))
            }
            Ok(None) => Ok(None),
            Err(error) => Err(error),
        };
        match self.gave.last_mut() {
            Some((last, before)) if *last == part => join(before, gave),
            _ => self.gave.push((part, gave)),
        }
    }
}

/// Whether nothing can be found in a unit, which is only read then; `None` where it is not what it
/// was taken for.
fn is_settled(task: &Task<'_>, part: &Part<'_>, arena: &Arena) -> Option<bool> {
    let (unit, kinds) = (task.unit, &part.survey.kinds);
    if !task.judge {
        return quick::confirm(arena, part.text, unit, kinds).map(|_| true);
    }
    let passes =
        |glance: &Glance| glance.passes(&kinds[unit.kinds[0]], &part.text[unit.span.clone()]);
    if !task.glance.is_some_and(passes) {
        return Some(false);
    }
    // Where a key may stand twice, who judges says where.
    quick::confirm_fast(arena, part.text, unit, kinds).unwrap_or(Some(false))
}

/// Adds what units gave to what their parts did.
fn take(judged: &mut [Result<Option<All>, Error>], gave: Vec<(usize, Result<Option<All>, Error>)>) {
    for (part, gave) in gave {
        join(&mut judged[part], gave);
    }
}

/// The first fault stays.
fn join(judged: &mut Result<Option<All>, Error>, gave: Result<Option<All>, Error>) {
    match (&mut *judged, gave) {
        (Ok(Some(all)), Ok(Some(more))) => all.take(more),
        (Ok(Some(_)), fault) => *judged = fault,
        (Ok(None), Err(error)) => *judged = Err(error),
        _ => {}
    }
}

impl All {
    pub(super) fn take(&mut self, mut other: All) {
        self.edits.append(&mut other.edits);
        self.findings.append(&mut other.findings);
        self.images.append(&mut other.images);
        self.seen.extend(other.seen);
        self.image_names.extend(other.image_names);
        self.overrides.append(&mut other.overrides);
    }
}
