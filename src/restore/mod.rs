//! The pure centre: an input and a configuration give edits and findings, or a reason why not.
//!
//! Two passes. The first reads every byte and finds the items, the configuration, and what items
//! give to it ([`survey`]). The second judges one item or document at a time, plans its edits,
//! applies them to its own text, reads that again and compares it by value ([`edit::verify`]).

mod checked;
mod files;
mod output;
mod parts;
mod source;
mod unit;

use crate::config::{self, Config, Date, Mode, Output};
use crate::edit::{self, Edit};
use crate::error::{Error, Fault, Origin};
use crate::finding::{self, Finding, Rule, Severity};
use crate::generate;
use crate::judge::{self, Instances};
use crate::krm::quick;
use crate::krm::results::{self, Items, Results};
use crate::krm::survey::{Survey, Way, survey};
use crate::recognise::AgentSet;
use crate::yaml::{Node, read};

pub use files::{FileOutcome, Files, Skipped, Together, restore_files};
use parts::{All, Part, Work, judge_parts, replaces};
pub(crate) use unit::resources;

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
    /// Sorted and checked; applied to the input they give the output, but for new results.
    pub edits: Vec<Edit>,
    /// The results that go into a ResourceList: their text is written with the output.
    pub(crate) results: Option<Results>,
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
    if let Some(outcome) = from_nothing(request)? {
        return Ok(outcome);
    }
    if reading == Reading::Fast
        && let Some(mut survey) = quick::outline(request.input)
        && let Ok(Some(outcome)) = judge_input(request, &mut survey, reading)
    {
        return Ok(outcome);
    }
    let attempt = |way| match survey(request.input, way)? {
        Some(mut survey) => judge_input(request, &mut survey, Reading::Plain),
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

/// What a generator makes where it is given nothing at all; `None` where there is something, or
/// nothing is to be generated.
fn from_nothing(request: &Request<'_>) -> Result<Option<Outcome>, Error> {
    let is_blank = request
        .input
        .trim_start_matches('\u{feff}')
        .trim()
        .is_empty();
    if !is_blank || request.config.is_none() {
        return Ok(None);
    }
    let mut survey = Survey::default();
    match configuration(request, &survey)?.generate {
        Some(_) => judge_input(request, &mut survey, Reading::Plain),
        None => Ok(None),
    }
}

/// `None` where an item cannot be read alone.
fn judge_input(
    request: &Request<'_>,
    survey: &mut Survey<'_>,
    reading: Reading,
) -> Result<Option<Outcome>, Error> {
    let mut config = configuration(request, survey)?;
    config.find_versions(&survey.gathered);
    config.add_builtin_fields(&survey.kinds)?;
    if let Some(wanted) = &config.generate {
        // What is generated is placed by units alone, which nobody reads again.
        if quick::confirm_all(request.input, survey).is_none() {
            return Ok(None);
        }
        return generate::generate(request, survey, &config, wanted);
    }
    if config.output == Output::None && survey.list.is_none() {
        let what = "output: none needs a ResourceList, and the input is a stream";
        let help = "it is for kustomize's `validators:`; remove it here";
        return Err(Error::Input(Fault::input(0, what, Some(help))));
    }
    let part = Part {
        text: request.input,
        survey,
    };
    let work = Work {
        config: &config,
        today: request.today,
        gathered: &survey.gathered,
        wants: Wants::default(),
        reading,
        replaces: replaces(&survey.kinds),
    };
    let mut judged = judge_parts(&work, &[part], &mut Instances::new());
    let Some(mut all) = judged.remove(0)? else {
        return Ok(None);
    };
    let of_units = all.findings.len();
    all.findings
        .extend(judge::of_configuration(&config, request.today));
    all.findings.extend(unmatched(&config, &all.seen));
    let names = all.image_names;
    // A kustomization that comes alone has its manifests elsewhere.
    let overrides = all.overrides.into_iter().filter(|_| !names.is_empty());
    let unmatched = overrides.filter(|(name, _)| !names.contains(name));
    all.findings.extend(unmatched.map(|(_, finding)| finding));
    finding::sort_behind(&mut all.findings, of_units);
    let mut edits = match config.mode {
        Mode::Restore => all.edits,
        Mode::Check => Vec::new(),
    };
    let mut results = None;
    if let Some(shape) = &survey.list {
        let (beside, planned) = results::plan(request.input, shape, &all.findings, Items::Kept);
        edits.extend(beside);
        results = planned;
        if config.output == Output::None {
            edits.extend(results::without_items(request.input, shape));
        }
    }
    sort_edits(&mut edits)?;
    Ok(Some(Outcome {
        edits,
        results,
        findings: all.findings,
        is_resource_list: survey.list.is_some(),
        mode: config.mode,
    }))
}

fn sort_edits(edits: &mut [Edit]) -> Result<(), Error> {
    edit::sort(edits).map_err(|at| {
        let what = "two edits overlap";
        Error::Edit(Fault::input(at, what, Some(REPORT_HELP)))
    })
}

const REPORT_HELP: &str = "nothing was written; please report this input as a defect";

fn configuration(request: &Request<'_>, survey: &Survey<'_>) -> Result<Config, Error> {
    let (profiles, rules) = (&survey.gathered.profiles, &survey.gathered.rules);
    if let Some(text) = request.config
        && survey.function_config.is_none()
    {
        return read_config(Some(text), profiles, rules);
    }
    if let Some(node) = &survey.function_config {
        if request.config.is_none() {
            let origin = Origin::Input;
            return config::read_among(Some(config::Document { node, origin }), profiles, rules);
        }
        let what =
            "the ResourceList brings a functionConfig, and a configuration file is given too";
        let help = "give one of the two";
        return Err(Error::Input(Fault::input(node.start(), what, Some(help))));
    }
    read_config(None, profiles, rules)
}

fn read_config(
    text: Option<&str>,
    profiles: &[(Origin, Node<'_>)],
    rules: &[Node<'_>],
) -> Result<Config, Error> {
    let Some(text) = text else {
        return config::read_among(None, profiles, rules);
    };
    let yaml_error = |error| Error::Config(Fault::yaml(Origin::Config, error, |at| at));
    let node = read::only_document(text).map_err(yaml_error)?;
    let document = config::Document {
        node: &node,
        origin: Origin::Config,
    };
    config::read_among(Some(document), profiles, rules)
}

/// What is wanted of the work besides edits and findings.
#[derive(Debug, Clone, Copy, Default)]
pub struct Wants {
    /// Whether a field that somebody else writes is left alone, with a warning.
    pub leave_managed: bool,
    /// Whether findings bring the edits that restore them.
    pub fixes: bool,
    /// Whether every image field is listed.
    pub images: bool,
}

/// Agents that the configuration names and no item runs.
fn unmatched(config: &Config, seen: &AgentSet) -> Vec<Finding> {
    let agents = config.agents.iter().enumerate();
    agents
        .filter(|(index, agent)| agent.named && !seen.contains(index))
        .map(|(_, agent)| {
            let message = format!(
                "the agent {} is named in the configuration and runs nowhere in the items",
                agent.name
            );
            Finding {
                agent: Some(agent.name.clone()),
                ..Finding::new(Rule::UnmatchedAgent, config.mode, message)
            }
        })
        .collect()
}
