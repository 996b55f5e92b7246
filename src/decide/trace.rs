//! The steps that lead to the verdict on one image, for people who ask why.
//!
//! Each step is told from the values that [`super::decide`] and its parts work with, after the
//! fact: nothing is recorded while images are judged.

use std::collections::HashSet;

use crate::agent::AgentImage;
use crate::config::Config;
use crate::image::{Reference, ReferenceError, Repository};
use crate::registry::MappingRule;
use crate::verdict::Verdict;

use super::claim::{self, AgentSet, Claim, Evidence, Owner, Subject, Surroundings};
use super::clues::Clues;
use super::decide;
use super::provenance::{self, Provenance};

/// An image, and where it runs.
#[derive(Debug, Clone, Copy)]
pub struct Question<'a> {
    /// The image.
    pub image: &'a str,
    /// The name of the container.
    pub container: Option<&'a str>,
    /// The name of the workload.
    pub workload: &'a str,
    /// The workload's namespace.
    pub namespace: &'a str,
}

/// One step: what was found, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TraceStep {
    /// What the step is about: `official`.
    pub name: &'static str,
    /// What was found.
    pub value: String,
    /// Why; may be empty.
    pub why: String,
}

fn step(name: &'static str, value: impl Into<String>, why: impl Into<String>) -> TraceStep {
    TraceStep {
        name,
        value: value.into(),
        why: why.into(),
    }
}

/// The steps that lead to the verdict on an image.
///
/// # Errors
/// The text is not an image reference.
pub fn trace(config: &Config, question: &Question<'_>) -> Result<Vec<TraceStep>, ReferenceError> {
    let reference = Reference::parse(question.image)?;
    let repository = reference.repository();
    let provenance = provenance::of_agents(config, &repository);
    let (owner, is_shared) = owner(config, question, &provenance, &repository);
    let verdict = decide(config, &owner, Some(&provenance), &reference, &repository);
    let mut steps = vec![
        step("canonical", canonical(&reference, &repository), ""),
        official(config, &repository, &provenance),
    ];
    match &owner {
        Owner::Agent(claim) => of_agent(config, claim, is_shared, &verdict, &mut steps),
        Owner::Nobody => {
            of_nobody(config, &provenance, &repository, &verdict, &mut steps);
            if question.container.is_none() && question.workload.is_empty() {
                steps.extend(by_names(config, &repository));
            }
        }
        Owner::Disputed(claims) => steps.push(disputed(claims)),
    }
    let official = match &owner {
        Owner::Agent(claim) => &claim.restored().repository,
        Owner::Nobody | Owner::Disputed(_) => &repository,
    };
    steps.extend(in_charts(config, official));
    match &owner {
        Owner::Agent(claim) if is_shared => {
            let nobody = decide(
                config,
                &Owner::Nobody,
                Some(&provenance),
                &reference,
                &repository,
            );
            let alone = nobody.compose(&reference, &[]);
            beside(claim, &verdict, alone, &reference, &mut steps);
        }
        _ => result(&verdict, &reference, &mut steps),
    }
    Ok(steps)
}

/// Whose the image is. Where no other image runs beside it, a shared image belongs to nobody; it is
/// explained as if it were the agent's, and the second value says so.
fn owner<'c>(
    config: &'c Config,
    question: &Question<'_>,
    provenance: &Provenance,
    repository: &Repository,
) -> (Owner<'c>, bool) {
    let subject = Subject {
        container: question.container,
        workload: question.workload,
        namespace: question.namespace,
    };
    let nobody = AgentSet::new();
    let clues = Clues::new(config, subject, Some(provenance), Some(repository));
    let claims = |in_pod: &AgentSet| {
        clues.claims(&Surroundings {
            in_pod,
            in_instance: &nobody,
        })
    };
    let alone = claims(&nobody);
    let is_shared = alone.is_empty();
    let found = if is_shared {
        claims(&(0..config.agents.len()).collect())
    } else {
        alone
    };
    (claim::resolve_owner(found, question.workload), is_shared)
}

fn canonical(reference: &Reference<'_>, repository: &Repository) -> String {
    let mut text = repository.to_string();
    if let Some(tag) = reference.tag {
        text += &format!(":{tag}");
    }
    if let Some(digest) = reference.digest {
        text += &format!("@{digest}");
    }
    text
}

fn official(config: &Config, repository: &Repository, provenance: &Provenance) -> TraceStep {
    match provenance {
        Provenance::Known(official) if official == repository => {
            let behind = config.rules.officials_behind(repository, |_, _| true);
            let why = match behind.first() {
                Some((rule, found)) if found != repository => format!(
                    "the mirror of the rule {rule} leads to {found}, which is no agent's image in play, \
                     and the rule is for agents alone"
                ),
                _ => "it lies under no rule's mirror".to_owned(),
            };
            step("official", official.to_string(), why)
        }
        Provenance::Known(official) => {
            let rules = config
                .rules
                .officials_behind(repository, |_, found| found == official);
            let by = rules.first().map(|(rule, _)| rule);
            let why = by.map(|rule| format!("back through the rule {rule}"));
            step("official", official.to_string(), why.unwrap_or_default())
        }
        Provenance::Unclear(candidates) => {
            let candidates: Vec<String> = candidates.iter().map(ToString::to_string).collect();
            let why = "several rules share the mirror: give them mirrors of their own";
            step("official", candidates.join(" or "), why)
        }
    }
}

/// How many charts are told of one image.
const CHARTS: usize = 3;

/// The charts of profiles in whose values an image is named, or which run it by default.
fn in_charts(config: &Config, official: &Repository) -> Vec<TraceStep> {
    let charts = config.agents.iter().flat_map(|agent| &agent.charts);
    let mut told: Vec<(&str, String)> = Vec::new();
    for chart in charts.filter(|chart| !chart.name.is_empty()) {
        let images = chart.images.iter().filter(|image| image.until.is_none());
        for image in images.filter(|image| image.default_repository().as_ref() == Some(official)) {
            let paths = [&image.whole, &image.registry, &image.repository];
            let paths = paths.into_iter().flatten().map(|part| &part.path);
            let paths: Vec<String> = paths
                .filter(|path| !path.is_empty())
                .map(ToString::to_string)
                .collect();
            if !paths.is_empty() {
                told.push((&chart.name, paths.join(", ")));
            }
        }
    }
    told.sort();
    told.dedup();
    let rest = told.len().saturating_sub(CHARTS);
    told.truncate(CHARTS);
    let steps = told.into_iter().enumerate();
    let steps = steps.map(|(position, (chart, paths))| {
        let is_last = position + 1 == CHARTS && rest > 0;
        let more = if is_last {
            format!("; {rest} others have it, too")
        } else {
            String::new()
        };
        step("values", paths, format!("of the chart {chart}{more}"))
    });
    steps.collect()
}

fn of_agent(
    config: &Config,
    claim: &Claim<'_>,
    is_shared: bool,
    verdict: &Verdict,
    steps: &mut Vec<TraceStep>,
) {
    let Claim { agent, image, .. } = claim;
    let title = agent.title.as_deref();
    let title = title.map_or(String::new(), |title| format!(" ({title})"));
    let evidence = match &claim.evidence {
        Evidence::Official => "its official repository".to_owned(),
        Evidence::UndeclaredMirror { prefix } => {
            format!("its path, on {prefix}, which no rule declares as a mirror")
        }
        Evidence::Name => "the names of container and workload".to_owned(),
    };
    let only = if is_shared {
        "; others run this image too, so it is the agent's only beside one of its own"
    } else {
        ""
    };
    steps.push(step(
        "agent",
        format!("{}{title}", agent.name),
        evidence + only,
    ));
    let mapped = config.rules.map(&claim.restored().repository, true);
    steps.push(rule(
        mapped.map(|(rule, _)| rule),
        "the longest source that fits",
        "no source fits, so it is as the vendor publishes it",
    ));
    let (tag, why) = image.tag_policy.explained(&agent.policy_input(image));
    steps.push(step("tag", tag, why));
    steps.push(step(
        "pull policy",
        image.pull_policy.as_str().unwrap_or("keep"),
        "",
    ));
    let mirror: &[String] = if image.advice {
        &[]
    } else {
        &verdict.mirror_secrets
    };
    pull_secrets(mirror, &claim.pull_secrets, steps);
}

fn of_nobody(
    config: &Config,
    provenance: &Provenance,
    repository: &Repository,
    verdict: &Verdict,
    steps: &mut Vec<TraceStep>,
) {
    let official = match provenance {
        Provenance::Known(official) => official,
        Provenance::Unclear(_) => repository,
    };
    let others = others(config, official);
    let why = if others.is_empty() {
        "no profile in play names the repository".to_owned()
    } else {
        format!(
            "no profile in play names the repository; built in, and not named under `agents`: {}",
            others.join(", ")
        )
    };
    steps.push(step("agent", "none", why));
    let mapped = match provenance::of_others(config, repository) {
        Provenance::Known(official) => config.rules.map(&official, false),
        Provenance::Unclear(_) => None,
    };
    steps.push(rule(
        mapped.map(|(rule, _)| rule),
        "the longest source that fits, of the rules for every image",
        "no rule with `scope: all` fits",
    ));
    pull_secrets(&verdict.mirror_secrets, &[], steps);
}

/// That an agent may be known by where the image runs, of an image whose name is one of the agent's.
fn by_names(config: &Config, repository: &Repository) -> Option<TraceStep> {
    let last = |path: &str| path.rsplit('/').next().map(str::to_owned);
    let is_alike = |image: &AgentImage| {
        !image.containers.is_empty()
            && last(image.official.repository.path()) == last(repository.path())
    };
    let mut agents = config.agents.iter();
    let agent = agents.find(|agent| agent.images.iter().any(is_alike))?;
    Some(step(
        "names",
        format!("may be {}'s", agent.name),
        "an agent is known by its container and workload, too: say them by --container and --workload",
    ))
}

/// The built-in agents that are not in play and have an image of this repository, or of its path on a
/// mirror that no rule declares.
fn others(config: &Config, repository: &Repository) -> Vec<String> {
    let in_play = |name: &str| config.agents.iter().any(|agent| *agent.name == *name);
    let all = Config::default();
    let subject = Subject {
        container: None,
        workload: "",
        namespace: "",
    };
    let everybody = (0..all.agents.len()).collect();
    let around = Surroundings {
        in_pod: &everybody,
        in_instance: &AgentSet::new(),
    };
    let provenance = Provenance::Known(repository.clone());
    let claims = Clues::new(&all, subject, Some(&provenance), Some(repository)).claims(&around);
    let names = claims.iter().map(|claim| claim.agent.name.to_string());
    names.filter(|name| !in_play(name)).collect()
}

/// The result for a shared image: what becomes of it beside one of the agent's own, and what if not.
fn beside(
    claim: &Claim<'_>,
    verdict: &Verdict,
    alone: String,
    reference: &Reference<'_>,
    steps: &mut Vec<TraceStep>,
) {
    let there = verdict.compose(reference, &[]);
    if alone == there {
        return result(verdict, reference, steps);
    }
    let name = &claim.agent.name;
    steps.push(step(
        "result",
        format!("only beside an image of {name}'s own: {there}"),
        format!("elsewhere {alone}, unless `namespaces` of the agent {name} lists the namespace"),
    ));
}

fn disputed(claims: &[Claim<'_>]) -> TraceStep {
    let names: Vec<&str> = claims.iter().map(|claim| &*claim.agent.name).collect();
    let why = "they disagree, and the workload's name does not decide";
    step("agent", names.join(" or "), why)
}

fn rule(rule: Option<&MappingRule>, found: &str, none: &str) -> TraceStep {
    match rule {
        Some(rule) => step("rule", rule.to_string(), found),
        None => step("rule", "none", none),
    }
}

/// The secrets that the mirror needs, then those that the profile wants, each once.
fn pull_secrets(mirror: &[String], own: &[String], steps: &mut Vec<TraceStep>) {
    let mut secrets = mirror.to_vec();
    let mut seen: HashSet<&String> = mirror.iter().collect();
    secrets.extend(own.iter().filter(|name| seen.insert(name)).cloned());
    if !secrets.is_empty() {
        steps.push(step("pull secrets", secrets.join(", "), ""));
    }
}

fn result(verdict: &Verdict, reference: &Reference<'_>, steps: &mut Vec<TraceStep>) {
    for note in &verdict.notes {
        steps.push(step("but", note.rule.id(), note.message.clone()));
    }
    let composed = verdict.compose(reference, &[]);
    let why = if composed == reference.to_string() {
        "as it is".to_owned()
    } else {
        let what = verdict.differences.iter().map(|found| found.what.as_str());
        what.collect::<Vec<&str>>().join("; ")
    };
    steps.push(step("result", composed, why));
}
