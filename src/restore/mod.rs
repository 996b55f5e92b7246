//! The pure centre: an input and a configuration give edits and findings, or a reason why not.
//!
//! Two passes. The first reads every byte and finds the items, the configuration, and what items
//! give to it ([`survey`]). The second judges one item or document at a time, plans its edits,
//! applies them to its own text, reads that again and compares it by value ([`edit::verify`]).

mod unit;

use std::collections::HashSet;

use crate::config::{self, Config, Date, Mode, Output};
use crate::edit::{self, Edit};
use crate::error::{Error, Fault, Origin};
use crate::finding::{self, Finding, Rule, Severity};
use crate::judge::{self, Instances};
use crate::krm::survey::{Survey, Way, survey};
use crate::krm::unit::Unit;
use crate::krm::{quick, results};
use crate::parallel;
use crate::recognise::AgentSet;
use crate::yaml::read;

use unit::{Done, judge_unit};

/// What is to be restored, and by what.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// A ResourceList, or a stream of resources: YAML or JSON.
    pub input: &'a str,
    /// A configuration of its own; a ResourceList may bring one as functionConfig instead.
    pub config: Option<&'a str>,
    /// The day that exceptions are judged by.
    pub today: Date,
}

/// What was found, and the edits that restore the input.
#[derive(Debug)]
pub struct Outcome {
    /// Sorted and checked; applied to the input they give the output.
    pub edits: Vec<Edit>,
    /// Sorted by file, index, path and rule.
    pub findings: Vec<Finding>,
    /// Whether the input is a ResourceList.
    pub is_resource_list: bool,
    /// Whether the edits restore, or only the results are written.
    pub mode: Mode,
}

impl Outcome {
    /// Whether a finding is an error, so that the exit code must not be 0.
    pub fn has_errors(&self) -> bool {
        let mut findings = self.findings.iter();
        findings.any(|finding| finding.severity == Severity::Error)
    }

    /// The output, as pieces of the input and new text.
    pub fn output<'t>(&'t self, input: &'t str) -> impl Iterator<Item = &'t str> {
        edit::pieces(input, &self.edits)
    }
}

/// How the input is read. Both ways give the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reading {
    /// Piece by piece, several at once, by the fast reader where it can; what it cannot settle, and
    /// every error, is left to the plain way.
    Fast,
    /// From the first byte to the last by one parser: the reference.
    Plain,
}

/// Restores an input.
///
/// # Errors
/// The input or the configuration cannot be read, or an edited text is not what was planned.
/// Nothing is to be written then.
pub fn restore(request: &Request<'_>) -> Result<Outcome, Error> {
    restore_by(request, Reading::Fast)
}

/// As [`restore`], with a word on how the input is read.
///
/// # Errors
/// As [`restore`].
pub fn restore_by(request: &Request<'_>, reading: Reading) -> Result<Outcome, Error> {
    if reading == Reading::Fast
        && let Some(survey) = quick::survey(request.input)
        && let Ok(Some(outcome)) = judge_input(request, &survey, reading)
    {
        return Ok(outcome);
    }
    let attempt = |way| match survey(request.input, way)? {
        Some(survey) => judge_input(request, &survey, Reading::Plain),
        None => Ok(None),
    };
    if let Some(outcome) = attempt(Way::Items)? {
        return Ok(outcome);
    }
    // Anchors or directives cross the items, so that they cannot be read one at a time.
    attempt(Way::Whole)?.ok_or_else(|| {
        let what = "the items cannot be read one at a time, nor together";
        Error::Input(Fault::input(0, what, None))
    })
}

/// `None` where an item cannot be read alone.
fn judge_input(
    request: &Request<'_>,
    survey: &Survey<'_>,
    reading: Reading,
) -> Result<Option<Outcome>, Error> {
    let mut config = configuration(request, survey)?;
    config.find_versions(&survey.gathered);
    config.add_builtin_fields(&survey.kinds)?;
    if config.output == Output::None && survey.list.is_none() {
        let what = "output: none needs a ResourceList, and the input is a stream";
        let help = "it is for kustomize's `validators:`; remove it here";
        return Err(Error::Input(Fault::input(0, what, Some(help))));
    }
    let judged = match reading {
        Reading::Fast => judge_units_at_once(request, survey, &config)?,
        Reading::Plain => judge_units(request, survey, &config)?,
    };
    let Some(mut all) = judged else {
        return Ok(None);
    };
    all.findings
        .extend(judge::of_configuration(&config, request.today));
    all.findings.extend(unmatched(&config, &all.seen));
    let names = all.image_names;
    // A kustomization that comes alone has its manifests elsewhere.
    let overrides = all.overrides.into_iter().filter(|_| !names.is_empty());
    let unmatched = overrides.filter(|(name, _)| !names.contains(name));
    all.findings.extend(unmatched.map(|(_, finding)| finding));
    finding::sort(&mut all.findings);
    let mut edits = match config.mode {
        Mode::Restore => all.edits,
        Mode::Check => Vec::new(),
    };
    if let Some(shape) = &survey.list {
        edits.extend(results::edits(request.input, shape, &all.findings));
        if config.output == Output::None {
            edits.extend(results::without_items(request.input, shape));
        }
    }
    edit::sort(&mut edits).map_err(|at| {
        let what = "two edits overlap";
        Error::Edit(Fault::input(at, what, Some(REPORT_HELP)))
    })?;
    Ok(Some(Outcome {
        edits,
        findings: all.findings,
        is_resource_list: survey.list.is_some(),
        mode: config.mode,
    }))
}

const REPORT_HELP: &str = "nothing was written; please report this input as a defect";

fn configuration(request: &Request<'_>, survey: &Survey<'_>) -> Result<Config, Error> {
    let profiles = &survey.gathered.profiles;
    let Some(text) = request.config else {
        let document = survey
            .function_config
            .as_ref()
            .map(|node| config::Document {
                node,
                origin: Origin::Input,
            });
        return config::read(document, profiles);
    };
    if let Some(node) = &survey.function_config {
        let what =
            "the ResourceList brings a functionConfig, and a configuration file is given too";
        let help = "give one of the two";
        return Err(Error::Input(Fault::input(node.start, what, Some(help))));
    }
    let yaml_error = |error| Error::Config(Fault::yaml(Origin::Config, error, |at| at));
    let node = read::only_document(text).map_err(yaml_error)?;
    let document = config::Document {
        node: &node,
        origin: Origin::Config,
    };
    config::read(Some(document), profiles)
}

#[derive(Default)]
struct All {
    edits: Vec<Edit>,
    findings: Vec<Finding>,
    seen: AgentSet,
    image_names: HashSet<String>,
    overrides: Vec<(String, Finding)>,
}

/// Judges unit by unit; those whose shared images wait for an instance that another unit may
/// bring are judged again at the end.
fn judge_units(
    request: &Request<'_>,
    survey: &Survey<'_>,
    config: &Config,
) -> Result<Option<All>, Error> {
    let mut all = All::default();
    let mut instances = Instances::new();
    let mut waiting: Vec<&Unit> = Vec::new();
    for unit in relevant(survey, config) {
        let Some(done) = judge_unit(request, survey, config, &instances, unit, Reading::Plain)?
        else {
            return Ok(None);
        };
        for (instance, agent) in done.instances {
            instances.entry(instance).or_default().insert(agent);
        }
        if done.awaits_instances {
            waiting.push(unit);
            continue;
        }
        all.take(done.all);
    }
    for unit in waiting {
        if let Some(done) = judge_unit(request, survey, config, &instances, unit, Reading::Plain)? {
            all.take(done.all);
        }
    }
    Ok(Some(all))
}

/// The units that hold a kind which keeps images.
fn relevant<'u>(survey: &'u Survey<'_>, config: &Config) -> Vec<&'u Unit> {
    let kinds = survey.kinds.iter();
    let relevant: Vec<bool> = kinds
        .map(|kind| config.keeps_images(&kind.group, &kind.version, &kind.kind))
        .collect();
    let units = survey.units.iter();
    units
        .filter(|unit| unit.kinds.iter().any(|&kind| relevant[kind]))
        .collect()
}

/// As [`judge_units`], several at once. What a unit gives depends on no other but by the instances,
/// and those that wait for one are judged again when all are known.
fn judge_units_at_once(
    request: &Request<'_>,
    survey: &Survey<'_>,
    config: &Config,
) -> Result<Option<All>, Error> {
    let judge = |units: &[&Unit], instances: &Instances| {
        let bytes = units.iter().map(|unit| unit.span.len()).sum();
        let batches = parallel::map(units, bytes, |_, some| {
            let some = some.iter();
            let done = some
                .map(|unit| judge_unit(request, survey, config, instances, unit, Reading::Fast));
            done.collect::<Result<Option<Vec<Done>>, Error>>()
        });
        batches
            .into_iter()
            .collect::<Result<Option<Vec<_>>, Error>>()
    };
    let units = relevant(survey, config);
    let Some(batches) = judge(&units, &Instances::new())? else {
        return Ok(None);
    };
    let mut all = All::default();
    let mut instances = Instances::new();
    let mut waiting = Vec::new();
    for (unit, done) in units.iter().zip(batches.into_iter().flatten()) {
        for (instance, agent) in done.instances {
            instances.entry(instance).or_default().insert(agent);
        }
        match done.awaits_instances {
            true => waiting.push(*unit),
            false => all.take(done.all),
        }
    }
    let Some(batches) = judge(&waiting, &instances)? else {
        return Ok(None);
    };
    for done in batches.into_iter().flatten() {
        all.take(done.all);
    }
    Ok(Some(all))
}

impl All {
    fn take(&mut self, mut other: All) {
        self.edits.append(&mut other.edits);
        self.findings.append(&mut other.findings);
        self.seen.extend(other.seen);
        self.image_names.extend(other.image_names);
        self.overrides.append(&mut other.overrides);
    }
}

/// Agents that the configuration names and no item runs.
fn unmatched(config: &Config, seen: &AgentSet) -> Vec<Finding> {
    let agents = config.agents.iter().enumerate();
    agents
        .filter(|(index, agent)| agent.named && !seen.contains(index))
        .map(|(_, agent)| Finding {
            rule: Rule::UnmatchedAgent,
            severity: Rule::UnmatchedAgent.severity(config.mode),
            message: format!(
                "the agent {} is named in the configuration and runs nowhere in the items",
                agent.name
            ),
            agent: Some(agent.name.clone()),
            resource: None,
            field: None,
            file: None,
            ordinal: 0,
            at: None,
        })
        .collect()
}
