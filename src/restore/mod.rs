//! Restoring: units are judged, and what is wrong becomes edits and findings.
//!
//! [`restore`] takes one input, [`restore_files`] takes files that are judged together; both go
//! through the same [`pipeline`].

mod file_outcome;
mod files;
mod joined;
mod output;
pub(crate) mod pipeline;
mod releases;
pub mod role;
mod seen;
mod skipped;
mod source;
mod unit;
mod values_files;

use std::collections::HashSet;

use crate::agent::{Agent, AppliedTo, Missed};
use crate::config::{self, Config, Date, Output, Trust, UnmatchedAgents};
use crate::edit::{self, Edit};
use crate::error::{Error, Fault, Origin};
use crate::finding::{self, Finding, Mode, Rule, Severity};
use crate::judge::{self, Met, Wants};
use crate::krm::KUSTOMIZE_GROUP;
use crate::krm::item_config::ItemConfig;
use crate::krm::kinds::ResourceKind;
use crate::krm::results::{self, EditedItems, Results};
use crate::krm::survey::Survey;
use crate::yaml::parse;

pub use files::{FileOutcome, Files, Roots, Together, restore_files};
pub use releases::ValuesOf;
pub use seen::{Seen, Unread};
pub use skipped::{Skipped, first_line_of_template};
pub use source::SourceFile;

use pipeline::{SurveyedInput, judge_units};
use unit::{Restored, Restoring};

/// What is to be restored, and by what.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// A ResourceList, or a stream of resources: YAML or JSON.
    pub input: &'a str,
    /// A separate configuration; a ResourceList may contain one as functionConfig instead.
    pub config: Option<&'a str>,
    /// The day that exceptions are judged by.
    pub today: Date,
}

/// What was found, and the edits that restore the input.
#[derive(Debug)]
pub struct Outcome {
    /// Sorted and checked; applied to the input they give the output, but for new results.
    pub edits: Vec<Edit>,
    /// The results that go into a ResourceList: their text is written with the output.
    pub(crate) results: Option<Results>,
    /// Sorted by file, index, path and rule.
    pub findings: Vec<Finding>,
    /// Whether the input is a ResourceList.
    pub is_resource_list: bool,
    /// Whether a line that says what was done is wanted.
    pub summary: bool,
    /// Whether the edits restore, or only the results are written.
    pub mode: Mode,
}

impl Outcome {
    /// Whether a finding is an error, so that the exit code must not be 0.
    pub fn has_errors(&self) -> bool {
        let mut findings = self.findings.iter();
        findings.any(|finding| finding.severity == Severity::Error)
    }
}

/// Restores an input that was surveyed.
///
/// # Errors
/// An item cannot be judged, or an edited text is not what was planned. Nothing is to be written
/// then.
pub fn restore(
    request: &Request<'_>,
    survey: &Survey<'_>,
    config: &Config,
) -> Result<Outcome, Error> {
    if config.output == Output::None && survey.list.is_none() {
        let what = "output: none needs a ResourceList, and the input is a stream";
        let help = "it is for kustomize's `validators:`; remove it here";
        return Err(Error::Input(Fault::input(0, what, Some(help))));
    }
    let input = SurveyedInput {
        text: request.input,
        file: None,
        survey,
        held_by: None,
        over: &[],
    };
    let restoring = Restoring {
        config,
        today: request.today,
        gathered: &survey.gathered,
        wants: Wants::default(),
        collects_names: replaces_images(&survey.kinds),
        reads_values: true,
        prefilter: None,
    };
    let mut restored = judge_all(restoring, &[input]).remove(0)?;
    let of_units = restored.findings.len();
    let mut findings = restored.findings;
    let mut of_configuration = judge::of_configuration(config, request.today);
    of_configuration.extend(unmatched_agents(config, &restored.seen));
    of_configuration.extend(judge::unmatched(
        config,
        request.today,
        &restored.seen,
        false,
    ));
    // A place in the configuration is none of the input.
    findings.extend(of_configuration.into_iter().map(|finding| Finding {
        span: None,
        ..finding
    }));
    let names = restored.image_names;
    // A kustomization that comes alone has its manifests elsewhere.
    restored
        .overrides
        .retain(|(name, _)| !names.is_empty() && !names.contains(name));
    findings.extend(restored.overrides.into_iter().map(|(_, finding)| finding));
    finding::sort_behind(&mut findings, of_units);
    finding::say_once(&mut findings, &mut HashSet::new());
    let mut edits = match config.mode {
        Mode::Restore => restored.edits,
        Mode::Check => Vec::new(),
    };
    sort_edits(&mut edits)?;
    check_joined(request.input, survey, &edits)?;
    let mut results = None;
    if let Some(shape) = &survey.list {
        let (beside, planned) = results::plan(request.input, shape, &findings, EditedItems::Kept);
        edits.extend(beside);
        results = planned;
        if config.output == Output::None {
            edits.extend(results::without_items(request.input, shape));
        }
    }
    sort_edits(&mut edits)?;
    Ok(Outcome {
        edits,
        results,
        findings,
        is_resource_list: survey.list.is_some(),
        summary: config.summary,
        mode: config.mode,
    })
}

/// Reads the joined output again, in builds for tests and fuzzing.
fn check_joined(input: &str, survey: &Survey<'_>, edits: &[Edit]) -> Result<(), Error> {
    if !cfg!(debug_assertions) || edits.is_empty() {
        return Ok(());
    }
    joined::check(input, survey, edits).map_err(|what| {
        let what = format!("the joined output is not what was planned: {what}");
        Error::Edit(Fault::input(0, what, Some(REPORT_HELP)))
    })
}

/// Judges the units of all inputs, skipping those that hold nothing to report.
fn judge_all(
    restoring: Restoring<'_>,
    inputs: &[SurveyedInput<'_>],
) -> Vec<Result<Restored, Error>> {
    let bytes = inputs.iter().map(|input| input.text.len()).sum();
    let prefilter = restoring.make_prefilter(bytes);
    let restoring = Restoring {
        prefilter: prefilter.as_ref(),
        ..restoring
    };
    judge_units(&restoring, inputs)
}

/// Whether there is a kustomization, whose entries may replace images.
fn replaces_images<'k>(kinds: impl IntoIterator<Item = &'k ResourceKind>) -> bool {
    let mut kinds = kinds.into_iter();
    kinds.any(|kind| kind.group == KUSTOMIZE_GROUP)
}

fn sort_edits(edits: &mut [Edit]) -> Result<(), Error> {
    edit::sort(edits).map_err(|at| {
        let what = "two edits overlap";
        Error::Edit(Fault::input(at, what, Some(REPORT_HELP)))
    })
}

const REPORT_HELP: &str = "nothing was written; please report this input as a defect";

/// Reads a configuration, together with the profiles and rules among the items. `texts` are what it
/// will be applied to: only built-in profiles that could affect one of them are loaded, or all of
/// them if there are none, as for a question about the configuration itself. `trust` is the default
/// if the configuration does not say how far the items may override it.
///
/// # Errors
/// It is not YAML, or cannot be followed.
pub(crate) fn read_config(
    text: Option<&str>,
    gathered: &ItemConfig<'_>,
    judged: AppliedTo<'_>,
    trust: Trust,
) -> Result<Config, Error> {
    let (profiles, rules) = (&gathered.profiles, &gathered.rules);
    let has_texts = !judged.texts.is_empty();
    let Some(text) = text else {
        return config::read_among(None, profiles, rules, has_texts.then_some(judged), trust);
    };
    let yaml_error = |error| Error::Config(Fault::yaml(Origin::Config, error));
    let node = parse::document(text).map_err(yaml_error)?;
    let document = config::ConfigDocument {
        node: &node,
        origin: Origin::Config,
    };
    let judged = AppliedTo {
        texts: &[judged.texts, &[text]].concat(),
        ..judged
    };
    config::read_among(
        Some(document),
        profiles,
        rules,
        has_texts.then_some(judged),
        trust,
    )
}

/// Agents that the configuration names and no item runs.
fn unmatched_agents(config: &Config, seen: &Met) -> Vec<Finding> {
    let lost: Vec<&str> = seen.lost.iter().map(String::as_str).collect();
    let remedy = match &lost[..] {
        [] => "remove it, or set unmatchedAgents to ignore if they are only a part".to_owned(),
        lost => format!(
            "{} would say what chart a release installs, and is not among them: give it, too; or remove the \
             agent, or set unmatchedAgents to ignore",
            lost.join(", ")
        ),
    };
    let is_missed = |agent: &Agent| match agent.missed {
        Missed::AsOthers => config.unmatched_agents == UnmatchedAgents::Report,
        Missed::Reported => true,
        Missed::Ignored => false,
    };
    let agents = config.agents.iter().enumerate();
    agents
        .filter(|(index, agent)| agent.named && !seen.agents.contains(index) && is_missed(agent))
        .map(|(_, agent)| {
            let message = format!(
                "the agent {} is named in the configuration and was not found in these manifests ({remedy})",
                agent.name
            );
            Finding {
                agent: Some(agent.name.clone()),
                ..Finding::new(Rule::UnmatchedAgent, config.mode, message)
            }
        })
        .collect()
}
