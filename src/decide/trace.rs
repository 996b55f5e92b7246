//! The steps that lead to the verdict on one image, for people who ask why: the decision is made, and notes
//! them.

mod asides;

use std::collections::HashSet;

use crate::config::Config;
use crate::image::{Reference, ReferenceError, Repository};
use crate::verdict::Verdict;

use super::claim::{self, Claim, Evidence, Owner, Subject, Surroundings};
use super::clues::Clues;
use super::provenance::Provenance;
use super::steps::{Steps, TraceStep};
use super::{Form, Question, decide, pull_policy, pull_secrets};
use asides::{by_names, in_charts, others};

/// The steps that lead to the verdict on an image that runs somewhere.
///
/// Where no other image runs beside it, a shared image belongs to nobody; it is explained as if it were the
/// agent's, and the result says what becomes of it elsewhere.
///
/// # Errors
/// The text is not an image reference.
pub fn trace(
    config: &Config,
    image: &str,
    subject: Subject<'_>,
) -> Result<Vec<TraceStep>, ReferenceError> {
    let reference = Reference::parse(image)?;
    let mut steps = Steps::asked();
    let repository = reference.repository();
    steps.note(|| TraceStep::new("canonical", canonical(&reference, &repository), ""));
    let clues = Clues::of(config, subject, Some(repository.clone()), &mut steps);
    let mut claims = clues.claims(config, &Surroundings::ALONE).surest;
    let is_shared = claims.is_empty();
    if is_shared {
        let everybody = (0..config.agents.len()).collect();
        let around = Surroundings::in_pod_of(&everybody);
        claims = clues.claims(config, &around).surest;
    }
    let owner = claim::resolve_owner(claims, subject.workload);
    steps.note(|| match &owner {
        Owner::Agent(claim) => agent(claim, is_shared),
        Owner::Nobody => nobody(config, clues.provenance.as_ref(), &repository),
        Owner::Disputed(claims) => disputed(claims),
    });
    let question = Question {
        owner: &owner,
        provenance: clues.provenance.as_ref(),
        reference: &reference,
        repository: &repository,
        form: Form::Whole,
        is_in_list: false,
    };
    let verdict = decide(config, &question, &mut steps);
    let claim = match &owner {
        Owner::Agent(claim) => Some(claim),
        Owner::Nobody | Owner::Disputed(_) => None,
    };
    if let Some(claim) = claim {
        pull_policy(claim, None, &mut steps);
    }
    let mut known = HashSet::new();
    let secrets = pull_secrets(&verdict.mirror_secrets, claim);
    let secrets: Vec<&str> = secrets
        .map(String::as_str)
        .filter(|name| known.insert(*name))
        .collect();
    if !secrets.is_empty() {
        steps.note(|| TraceStep::new("pull secrets", secrets.join(", "), ""));
    }
    let mut steps = steps.into_list();
    if matches!(owner, Owner::Nobody) && subject.container.is_none() && subject.workload.is_empty()
    {
        steps.extend(by_names(config, &repository));
    }
    let official = claim.map_or(&repository, |claim| &claim.official_to_write().repository);
    steps.extend(in_charts(config, official));
    let names = match &owner {
        Owner::Agent(claim) => vec![&*claim.agent.name],
        Owner::Nobody => Vec::new(),
        Owner::Disputed(claims) => claims.iter().map(|claim| &*claim.agent.name).collect(),
    };
    if is_shared && !names.is_empty() {
        let owner = &Owner::Nobody;
        let alone = decide(
            config,
            &Question { owner, ..question },
            &mut Steps::unasked(),
        );
        steps.extend(beside(&names, &verdict, &alone, &reference));
    } else {
        steps.extend(result(&verdict, &reference));
    }
    Ok(steps)
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

fn agent(claim: &Claim<'_>, is_shared: bool) -> TraceStep {
    let agent = claim.agent;
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
    TraceStep::new("agent", format!("{}{title}", agent.name), evidence + only)
}

fn nobody(config: &Config, provenance: Option<&Provenance>, repository: &Repository) -> TraceStep {
    let official = match provenance {
        Some(Provenance::Known(official)) => official,
        _ => repository,
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
    TraceStep::new("agent", "none", why)
}

fn disputed(claims: &[Claim<'_>]) -> TraceStep {
    let names: Vec<&str> = claims.iter().map(|claim| &*claim.agent.name).collect();
    let why = "they disagree, and the workload's name does not decide";
    TraceStep::new("agent", names.join(" or "), why)
}

/// The result for a shared image of these agents: what becomes of it beside one of their own, and what if
/// it is `alone`.
fn beside(
    names: &[&str],
    verdict: &Verdict,
    alone: &Verdict,
    reference: &Reference<'_>,
) -> Vec<TraceStep> {
    let there = verdict.compose(reference, &[]);
    let alone = alone.compose(reference, &[]);
    if alone == there {
        return result(verdict, reference);
    }
    let names = names.join(" or ");
    vec![TraceStep::new(
        "result",
        format!("only beside an image of {names}'s own: {there}"),
        format!("elsewhere {alone}, unless `namespaces` of the agent {names} lists the namespace"),
    )]
}

/// What is reported of the image, and what it should be.
fn result(verdict: &Verdict, reference: &Reference<'_>) -> Vec<TraceStep> {
    let notes = verdict.notes.iter();
    let mut steps: Vec<TraceStep> = notes
        .map(|note| TraceStep::new("but", note.rule.id(), note.message.clone()))
        .collect();
    let composed = verdict.compose(reference, &[]);
    let why = if composed == reference.to_string() {
        "as it is".to_owned()
    } else {
        let what = verdict.differences.iter().map(|found| found.what.as_str());
        what.collect::<Vec<&str>>().join("; ")
    };
    steps.push(TraceStep::new("result", composed, why));
    steps
}
