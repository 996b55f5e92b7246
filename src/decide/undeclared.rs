//! The finding about an image that stays on a mirror which no rule declares.

use crate::config::Config;
use crate::finding::{Aspect, Rule};
use crate::image::{Reference, Repository};
use crate::verdict::Note;

use super::claim::{AgentSet, Claim, Evidence, Subject, Surroundings, mirror_of};
use super::clues::Clues;
use super::restored;
use super::steps::Steps;

/// The source and the mirror of the rule that would declare a claimed image as a copy; none where it is not
/// known as one on a mirror that no rule declares.
pub(crate) fn rule_of(claim: &Claim<'_>, copy: &Repository) -> Option<(String, String)> {
    let Evidence::UndeclaredMirror { prefix } = &claim.evidence else {
        return None;
    };
    let source = &claim.source(copy).repository;
    let mirror = mirror_of(source, copy);
    Some((
        source.domain().to_owned(),
        mirror.unwrap_or_else(|| prefix.clone()),
    ))
}

/// As [`rule_of`], for a repository that any agent in play may run, its shared images included.
#[cfg_attr(not(feature = "pages"), expect(dead_code, reason = "only `init` asks"))]
pub(crate) fn rule_of_any(config: &Config, copy: &Repository) -> Option<(String, String)> {
    let everywhere: AgentSet = (0..config.agents.len()).collect();
    let around = Surroundings::in_pod_of(&everywhere);
    let steps = &mut Steps::unasked();
    let clues = Clues::of(config, Subject::default(), Some(copy.clone()), steps);
    let claims = clues.claims(config, &around).surest;
    claims.iter().find_map(|claim| rule_of(claim, copy))
}

/// That the image stays, and what to do if it should not.
pub(super) fn note(config: &Config, claim: &Claim<'_>, reference: &Reference<'_>) -> Note {
    let (agent, written) = (claim.agent, &claim.official_to_write().written);
    let has_no_tag = || {
        let input = agent.policy_input(claim.image);
        claim.image.tag_policy.versions(&input).is_err()
    };
    let restore = if agent.named {
        "write `undeclaredMirrors: restore`".to_owned()
    } else {
        format!("name the agent {}", agent.name)
    };
    let copy = reference.repository();
    let message = match rule_of(claim, &copy) {
        Some((source, mirror)) => {
            // What naming the agent would do, its tag and the rules included.
            let would_be = restored(config, claim, reference, true, &mut Steps::unasked())
                .compose(reference, &[]);
            let known = if config.rules.has_mirror_host(copy.domain()) {
                "under no rule's mirror"
            } else {
                "on a host that no rule names"
            };
            format!(
                "{reference} is {known} and stays as it is: declare it with `source: {source}` and \
                 `mirror: {mirror}`, or {restore} to restore {would_be}"
            )
        }
        None if has_no_tag() => format!(
            "{reference} is not {written}, which container and workload are named for, and stays: write \
             image and tag by hand, if it should be"
        ),
        None => format!(
            "{reference} is not {written}, which container and workload are named for, and stays: \
             {restore} to restore it"
        ),
    };
    Note {
        rule: Rule::UndeclaredMirror,
        message,
        aspect: Some(Aspect::Registry),
        proposed: None,
    }
}
