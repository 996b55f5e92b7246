//! What is said of an image on a mirror that no rule declares, where it stays.

use crate::config::Config;
use crate::finding::{Aspect, Rule};
use crate::image::Reference;
use crate::verdict::Note;

use super::claim::{Claim, Evidence, mirror_of};
use super::restored;
use super::steps::Steps;

/// That the image stays, and what to do if it should not.
pub(super) fn note(config: &Config, claim: &Claim<'_>, reference: &Reference<'_>) -> Note {
    let (agent, written) = (claim.agent, &claim.restored().written);
    let has_no_tag = || {
        let input = agent.policy_input(claim.image);
        claim.image.tag_policy.versions(&input).is_err()
    };
    let restore = if agent.named {
        "write `undeclaredMirrors: restore`".to_owned()
    } else {
        format!("name the agent {}", agent.name)
    };
    let message = match &claim.evidence {
        Evidence::UndeclaredMirror { prefix } => {
            // What naming the agent would do, its tag and the rules included.
            let would_be = restored(config, claim, reference, true, &mut Steps::unasked())
                .compose(reference, &[]);
            let copy = reference.repository();
            let source = &claim.source(&copy).repository;
            let mirror = mirror_of(source, &copy);
            let known = if config.rules.has_mirror_host(copy.domain()) {
                "under no rule's mirror"
            } else {
                "on a host that no rule names"
            };
            format!(
                "{reference} is {known} and stays as it is: declare it with `source: {}` and \
                 `mirror: {}`, or {restore} to restore {would_be}",
                source.domain(),
                mirror.as_ref().unwrap_or(prefix)
            )
        }
        _ if has_no_tag() => format!(
            "{reference} is not {written}, which container and workload are named for, and stays: write \
             image and tag by hand, if it should be"
        ),
        _ => format!(
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
