//! One image step by step: what each part of the program makes of it.

use std::collections::HashSet;

use crate::agent::{Agent, AgentImage, TagPolicy};
use crate::config::Config;
use crate::desired;
use crate::image::{Reference, ReferenceError};
use crate::recognise::{self, AgentSet, Claim, How, Origin, Subject, Surroundings};
use crate::registry::Rule;

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
pub struct Step {
    /// What the step is about: `official`.
    pub name: &'static str,
    /// What was found.
    pub value: String,
    /// Why; may be empty.
    pub why: String,
}

fn step(name: &'static str, value: impl Into<String>, why: impl Into<String>) -> Step {
    Step {
        name,
        value: value.into(),
        why: why.into(),
    }
}

/// Explains an image.
///
/// # Errors
/// It is no image reference.
pub fn explain(config: &Config, question: &Question<'_>) -> Result<Vec<Step>, ReferenceError> {
    let reference = Reference::parse(question.image)?;
    let repository = reference.repository();
    let mut steps = vec![step("canonical", canonical(&reference), "")];
    let origin = recognise::origin(config, &repository);
    steps.push(official(config, &reference, &origin));
    let subject = Subject {
        container: question.container,
        workload: question.workload,
        namespace: question.namespace,
    };
    // Beside nothing else, a shared image is nobody's; that is said, and the rest is explained as
    // if it were the agent's.
    let all: AgentSet = (0..config.agents.len()).collect();
    let nobody = AgentSet::new();
    let claims = |around: &AgentSet| {
        let around = Surroundings {
            in_pod: around,
            in_instance: &nobody,
        };
        recognise::claims(config, &subject, Some(&origin), Some(&repository), &around)
    };
    let alone = claims(&nobody);
    let (found, shared) = match alone.is_empty() {
        true => (claims(&all), true),
        false => (alone, false),
    };
    let settled = recognise::settle(found, question.workload);
    match settled {
        Ok(Some(claim)) => of_agent(config, &claim, &reference, shared, &mut steps),
        Ok(None) => of_nobody(config, &reference, &mut steps),
        Err(claims) => of_several(config, &claims, &reference, &mut steps),
    }
    Ok(steps)
}

fn canonical(reference: &Reference<'_>) -> String {
    let mut text = reference.repository().to_string();
    if let Some(tag) = reference.tag {
        text += &format!(":{tag}");
    }
    if let Some(digest) = reference.digest {
        text += &format!("@{digest}");
    }
    text
}

fn official(config: &Config, reference: &Reference<'_>, origin: &Origin) -> Step {
    let repository = reference.repository();
    match origin {
        Origin::Known(official) if *official == repository => step(
            "official",
            official.to_string(),
            "it lies under no rule's mirror",
        ),
        Origin::Known(official) => {
            let rules = config
                .rules
                .origins(&repository, |_, found| found == official);
            let by = rules.first().map(|(rule, _)| rule_text(rule));
            let why = by.map(|rule| format!("back through the rule {rule}"));
            step("official", official.to_string(), why.unwrap_or_default())
        }
        Origin::Unclear(candidates) => {
            let candidates: Vec<String> = candidates.iter().map(ToString::to_string).collect();
            let why = "several rules share the mirror: give them mirrors of their own";
            step("official", candidates.join(" or "), why)
        }
    }
}

fn rule_text(rule: &Rule) -> String {
    format!("{} → {}", rule.source, rule.mirror)
}

fn of_agent(
    config: &Config,
    claim: &Claim<'_>,
    reference: &Reference<'_>,
    shared: bool,
    steps: &mut Vec<Step>,
) {
    let Claim { agent, image, .. } = claim;
    let title = agent.title.as_deref();
    let title = title.map_or(String::new(), |title| format!(" ({title})"));
    let how = match &claim.how {
        How::Official => "its official repository".to_owned(),
        How::UndeclaredMirror { prefix } => {
            format!("its path, on {prefix}, which no rule declares as a mirror")
        }
        How::Name => "the names of container and workload".to_owned(),
    };
    let only = match shared {
        true => "; others run this image too, so it is the agent's only beside one of its own",
        false => "",
    };
    steps.push(step("agent", format!("{}{title}", agent.name), how + only));
    let official = match claim.how {
        How::Official => claim.official,
        _ => &claim.image.official,
    };
    steps.push(match config.rules.map(&official.repository, true) {
        Some((rule, _)) => step("rule", rule_text(rule), "the longest source that fits"),
        None => step(
            "rule",
            "none",
            "no source fits, so it is as the vendor publishes it",
        ),
    });
    let (tag, why) = tag_policy(agent, image);
    steps.push(step("tag", tag, why));
    steps.push(step(
        "pull policy",
        image.pull_policy.as_str().unwrap_or("keep"),
        "",
    ));
    let wish = match image.advice {
        true => desired::Wish::default(),
        false => desired::of_agent(config, claim, reference),
    };
    let mut secrets = wish.mirror_secrets.clone();
    let mut seen: HashSet<String> = secrets.iter().cloned().collect();
    let own = claim.pull_secrets.iter();
    secrets.extend(own.filter(|name| seen.insert((*name).clone())).cloned());
    if !secrets.is_empty() {
        steps.push(step("pull secrets", secrets.join(", "), ""));
    }
    result(&wish, reference, steps);
}

fn tag_policy(agent: &Agent, image: &AgentImage) -> (String, String) {
    let or_none = |tag: &str| match tag {
        "" => "no tag".to_owned(),
        tag => tag.to_owned(),
    };
    match &image.tag_policy {
        TagPolicy::Floating { tags } => {
            let tags: Vec<String> = tags.iter().map(|tag| or_none(tag)).collect();
            let own = or_none(image.tag.as_deref().unwrap_or_default());
            let why = format!("{} stay; any other goes back to {own}", tags.join(" and "));
            ("floating".to_owned(), why)
        }
        TagPolicy::Keep => ("keep".to_owned(), "tag and digest stay".to_owned()),
        TagPolicy::Pinned { tag, digest } => {
            let tag = tag.as_deref().unwrap_or_default();
            let digest = digest.as_ref().map(|digest| format!("@{digest}"));
            let version = format!("{tag}{}", digest.unwrap_or_default());
            (format!("pinned to {version}"), String::new())
        }
        TagPolicy::Minimum { version } => {
            let why = "an older one is reported, never raised".to_owned();
            (format!("at least {version}"), why)
        }
        TagPolicy::Revision => {
            let why = match &agent.revision {
                Some(_) => "from the vendor's versions document",
                None => "no `revision` is configured for the agent, so the tag stays",
            };
            ("revision".to_owned(), why.to_owned())
        }
    }
}

fn of_nobody(config: &Config, reference: &Reference<'_>, steps: &mut Vec<Step>) {
    let why = "no profile in play names the repository";
    steps.push(step("agent", "none", why));
    let origin = recognise::origin_of_other(config, &reference.repository());
    let mapped = match &origin {
        Origin::Known(official) => config.rules.map(official, false),
        Origin::Unclear(_) => None,
    };
    steps.push(match mapped {
        Some((rule, _)) => {
            let why = "the longest source that fits, of the rules for every image";
            step("rule", rule_text(rule), why)
        }
        None => step("rule", "none", "no rule with `scope: all` fits"),
    });
    let wish = desired::of_other(config, &origin, reference);
    if !wish.mirror_secrets.is_empty() {
        steps.push(step("pull secrets", wish.mirror_secrets.join(", "), ""));
    }
    result(&wish, reference, steps);
}

fn of_several(
    config: &Config,
    claims: &[Claim<'_>],
    reference: &Reference<'_>,
    steps: &mut Vec<Step>,
) {
    let names: Vec<&str> = claims.iter().map(|claim| &*claim.agent.name).collect();
    let why = "they disagree, and the workload's name does not decide";
    steps.push(step("agent", names.join(" or "), why));
    result(
        &desired::of_disputed(config, claims, reference),
        reference,
        steps,
    );
}

fn result(wish: &desired::Wish, reference: &Reference<'_>, steps: &mut Vec<Step>) {
    for remark in &wish.remarks {
        steps.push(step("but", remark.rule.id(), remark.message.clone()));
    }
    let composed = wish.compose(reference, &[]);
    let why = match composed == reference.to_string() {
        true => "as it is".to_owned(),
        false => {
            let what = wish.differences.iter().map(|found| found.what.as_str());
            what.collect::<Vec<&str>>().join("; ")
        }
    };
    steps.push(step("result", composed, why));
}
