//! The second pass: the units of all inputs, each read by itself and judged, several at once.
//!
//! Units depend on each other only through the instances of agents: a shared image counts as an
//! agent's if the agent's own image runs in the same instance. So a unit that depends on an unknown
//! instance is judged again when all instances are known ([`judge_in_rounds`]).

use std::convert::Infallible;

use crate::error::Error;
use crate::judge::values::OverChart;
use crate::judge::{InConfigMap, InstanceNote, Instances, Round, judge_in_rounds};
use crate::krm::kinds::ResourceKind;
use crate::krm::survey::Survey;
use crate::krm::unit::Unit;
use crate::parallel;
use crate::yaml::parse::{Arena, Parsed, Parser};

/// An input with what the first pass learned of it.
#[derive(Clone, Copy)]
pub(crate) struct SurveyedInput<'a> {
    /// Its text.
    pub(crate) text: &'a str,
    /// The path of its file from where paths of the configuration begin, where it is known.
    pub(crate) file: Option<&'a str>,
    /// What the first pass learned of it.
    pub(crate) survey: &'a Survey<'a>,
    /// The ConfigMap that it is a text of, if it is one.
    pub(crate) held_by: Option<&'a InConfigMap>,
    /// What may be done to its images behind it: as a template of a chart, or in a build that is refused as it is.
    pub(crate) over: &'a [&'a OverChart],
}

/// What edited units are read again in, one after the other.
#[derive(Default)]
pub(crate) struct EditBuffers {
    pub(crate) text: String,
    pub(crate) arena: Arena,
}

/// The output of one unit.
pub(crate) struct UnitOutput<T> {
    pub(crate) output: T,
    /// Agents whose own image runs in it, with namespace and instance.
    pub(crate) instances: Vec<InstanceNote>,
    /// Whether an instance in another unit could make one of its images an agent's.
    pub(crate) awaits_instances: bool,
}

/// The outputs of units, merged in their order.
pub(crate) trait Merge: Default + Send {
    /// Adds the output of later units.
    fn append(&mut self, later: Self);
}

/// How units are judged.
pub(crate) trait Judge: Sync {
    /// What they give.
    type Output: Merge;

    /// Whether there may be something to judge in a resource of this kind.
    fn concerns(&self, kind: &ResourceKind) -> bool;

    /// Whether a search of a unit's text shows that there is nothing to report of it.
    fn passes_over(&self, _: &SurveyedInput<'_>, _: &Unit) -> bool {
        false
    }

    /// Judges a unit; the buffers are for what is read to check it.
    ///
    /// # Errors
    /// A mapping that has to be read is invalid, for example because of a duplicate key, or an edited
    /// text is not what was planned.
    fn judge(
        &self,
        input: &SurveyedInput<'_>,
        unit: &Unit,
        parsed: &Parsed<'_>,
        instances: &Instances,
        buffers: &mut EditBuffers,
    ) -> Result<UnitOutput<Self::Output>, Error>;
}

/// Judges the units of all inputs; returns the output of each input, or its first fault.
pub(crate) fn judge_units<J: Judge>(
    judge: &J,
    inputs: &[SurveyedInput<'_>],
) -> Vec<Result<J::Output, Error>> {
    let mut output: Vec<Result<J::Output, Error>> =
        inputs.iter().map(|_| Ok(J::Output::default())).collect();
    let mut tasks: Vec<Task<'_>> = Vec::new();
    for (index, input) in inputs.iter().enumerate() {
        let Survey { units, kinds, .. } = input.survey;
        // Units are many, and their kinds few.
        let wanted: Vec<bool> = kinds.iter().map(|kind| judge.concerns(kind)).collect();
        let is_wanted = |unit: &&Unit| unit.kinds.iter().any(|&kind| wanted[kind]);
        tasks.extend(
            units
                .iter()
                .filter(is_wanted)
                .map(|unit| Task { index, input, unit }),
        );
    }
    let mut instances = Instances::default();
    let Ok(()) = judge_in_rounds(&tasks, |tasks, round| {
        let mut waiting = Vec::new();
        // Units are judged beside each other, so what one round meets counts from the next one on.
        let known = std::mem::take(&mut instances);
        each_batch(judge, tasks, (&known, round), |batch| {
            for note in batch.instances {
                instances.add(note);
            }
            waiting.extend(batch.waiting);
            add(&mut output, batch.output);
        });
        Ok::<_, Infallible>(waiting)
    });
    output
}

/// A unit that is to be judged.
#[derive(Clone, Copy)]
struct Task<'a> {
    /// Position of its input.
    index: usize,
    input: &'a SurveyedInput<'a>,
    unit: &'a Unit,
}

/// The output of some units.
struct Batch<T> {
    /// By the position of the input, in the order of the units.
    output: Vec<(usize, Result<T, Error>)>,
    instances: Vec<InstanceNote>,
    /// Positions of the units that are to be judged again when all instances are known.
    waiting: Vec<usize>,
}

/// Judges some units, and passes their output to `take` in order.
fn each_batch<J: Judge>(
    judge: &J,
    tasks: &[Task<'_>],
    (instances, round): (&Instances, Round),
    mut take: impl FnMut(Batch<J::Output>),
) {
    let mut parsers = tasks.iter().map(|task| task.input.survey.parser);
    let bytes = if parsers.any(Parser::reads_whole_texts) {
        0
    } else {
        tasks.iter().map(|task| task.unit.piece.span.len()).sum()
    };
    let work = |first: usize, some: &[Task<'_>]| {
        let mut batch = Batch {
            output: Vec::new(),
            instances: Vec::new(),
            waiting: Vec::new(),
        };
        let (mut arena, mut buffers) = (Arena::default(), EditBuffers::default());
        for (position, task) in (first..).zip(some) {
            let Task { index, input, unit } = *task;
            if judge.passes_over(input, unit) {
                continue;
            }
            let done = unit
                .parse(input.survey.parser, input.text, Some(&arena))
                .map_err(Error::yaml)
                .and_then(|parsed| judge.judge(input, unit, &parsed, instances, &mut buffers));
            arena.clear();
            let output = match done {
                Ok(done) => {
                    batch.instances.extend(done.instances);
                    if done.awaits_instances && round == Round::First {
                        batch.waiting.push(position);
                        continue;
                    }
                    Ok(done.output)
                }
                Err(error) => Err(error),
            };
            match batch.output.last_mut() {
                Some((last, before)) if *last == index => join(before, output),
                _ => batch.output.push((index, output)),
            }
        }
        batch
    };
    let Ok(()) = parallel::each(tasks, bytes, work, |batch| {
        take(batch);
        Ok::<(), Infallible>(())
    });
}

/// Adds the output of units to that of the earlier ones of their inputs.
fn add<T: Merge>(output: &mut [Result<T, Error>], later: Vec<(usize, Result<T, Error>)>) {
    for (index, later) in later {
        join(&mut output[index], later);
    }
}

/// Merges two results; the first error wins.
fn join<T: Merge>(output: &mut Result<T, Error>, later: Result<T, Error>) {
    match (&mut *output, later) {
        (Ok(output), Ok(later)) => output.append(later),
        (Ok(_), fault) => *output = fault,
        (Err(_), _) => {}
    }
}
