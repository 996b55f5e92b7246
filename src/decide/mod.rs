//! Whose an image is, what it should be, and the steps that lead there.
//!
//! [`provenance`] goes from a reference back to the official repository, [`claim`] finds the agent
//! that owns it, and [`decide`] gives the [`Verdict`]: findings, edits and generated
//! resources are built from it, and [`trace`] shows the same values as steps. A verdict holds no
//! steps, so that judging large inputs pays nothing for them.

pub mod claim;
pub mod clues;
pub mod provenance;
pub mod trace;

use crate::agent::{AgentImage, PullPolicy, UndeclaredMirrors};
use crate::config::Config;
use crate::finding::{Aspect, Rule};
use crate::image::{Reference, Repository};
use crate::registry::MappingRule;
use crate::tag::PolicyInput;
use crate::verdict::{Difference, Note, Verdict};

use claim::{Claim, Evidence, Owner};
use provenance::Provenance;

/// What an image should be, given its owner and where its reference leads back to: a report where it is
/// not ours to edit, and nothing where it is not settled which image it is. `repository` is the one that
/// the reference names.
pub fn decide(
    config: &Config,
    owner: &Owner<'_>,
    provenance: Option<&Provenance>,
    reference: &Reference<'_>,
    repository: &Repository,
) -> Verdict {
    match (owner, provenance) {
        (Owner::Agent(_), Some(Provenance::Unclear(candidates))) => unclear(reference, candidates),
        (Owner::Agent(claim), _) if claim.image.advice => {
            const VENDOR: &str =
                "since the vendor manages this image: set it where the vendor says";
            let verdict = of_agent(config, claim, reference, repository);
            verdict.as_report(Rule::VendorManaged, reference, VENDOR)
        }
        (Owner::Agent(claim), _) => of_agent(config, claim, reference, repository),
        // A rule for agents alone leads no image back that belongs to none.
        (Owner::Nobody, Some(Provenance::Unclear(_))) => Verdict::default(),
        (Owner::Nobody, _) => of_nobody(config, reference, repository),
        (Owner::Disputed(claims), _) => of_disputed(config, claims, reference),
    }
}

/// The verdict on an image that may be a copy of several official ones.
fn unclear(reference: &Reference<'_>, candidates: &[Repository]) -> Verdict {
    let candidates: Vec<String> = candidates.iter().map(ToString::to_string).collect();
    let message = format!(
        "{reference} may come from {}: give the rules mirrors of their own",
        candidates.join(" or ")
    );
    Verdict {
        notes: vec![Note::unresolved(Aspect::Registry, message)],
        ..Verdict::default()
    }
}

/// The pull policy that an agent's image should have, if its profile asks for one and the written
/// policy differs.
pub fn pull_policy(image: &AgentImage, written: Option<&str>) -> Option<&'static str> {
    match image.pull_policy {
        PullPolicy::Keep => None,
        policy => policy.as_str().filter(|wanted| written != Some(*wanted)),
    }
}

fn of_agent(
    config: &Config,
    claim: &Claim<'_>,
    reference: &Reference<'_>,
    repository: &Repository,
) -> Verdict {
    let is_undeclared = claim.evidence != Evidence::Official;
    let mut misspelt = config.misspelt.iter();
    if is_undeclared
        && let Some(rule) = misspelt.find(|rule| rule.mirror.below(repository).is_some())
    {
        let message = format!(
            "{reference} stays, since it is under the mirror of the rule {}, whose source serves no \
             agent in play: did you mean `{}`?",
            rule.written(),
            rule.meant
        );
        return Verdict {
            notes: vec![Note::unresolved(Aspect::Registry, message)],
            ..Verdict::default()
        };
    }
    if is_undeclared && claim.agent.undeclared_mirrors == UndeclaredMirrors::Keep {
        return Verdict {
            notes: vec![undeclared(config, claim, reference)],
            ..Verdict::default()
        };
    }
    restored(config, claim, reference, claim.agent.named)
}

/// The verdict on an image that is restored, as of an agent that the configuration names or does not.
fn restored(
    config: &Config,
    claim: &Claim<'_>,
    reference: &Reference<'_>,
    is_named: bool,
) -> Verdict {
    let mut verdict = Verdict::default();
    let official = claim.restored();
    let input = PolicyInput {
        is_named,
        // What is known by names alone has another program's repository.
        is_foreign: claim.evidence == Evidence::Name,
        ..claim.agent.policy_input(claim.image)
    };
    if input.is_foreign
        && let Err(why) = claim.image.tag_policy.versions(&input)
    {
        let message = format!(
            "{reference} is not {}, which container and workload are named for, and stays, since {why}: \
             write image and tag by hand",
            official.written
        );
        verdict
            .notes
            .push(Note::unresolved(Aspect::Registry, message));
        return verdict;
    }
    let mapped = config.rules.map(&official.repository, true);
    registry(
        config,
        &mut verdict,
        reference,
        (&official.repository, &official.written),
        mapped,
    );
    claim
        .image
        .tag_policy
        .decide(&input, reference, &mut verdict);
    moved_digest(&mut verdict, reference);
    verdict
}

/// An image that belongs to no agent is moved by rules of scope `all` alone; its tag stays.
fn of_nobody(config: &Config, reference: &Reference<'_>, repository: &Repository) -> Verdict {
    let mut verdict = Verdict::default();
    if let Provenance::Known(official) = provenance::of_others(config, repository)
        && let Some(mapped) = config.rules.map(&official, false)
    {
        let written = official.familiar();
        registry(
            config,
            &mut verdict,
            reference,
            (&official, &written),
            Some(mapped),
        );
        moved_digest(&mut verdict, reference);
    }
    verdict
}

/// An image whose agents disagree is moved if they agree on its official repository; tag and pull
/// policy stay.
fn of_disputed(config: &Config, claims: &[Claim<'_>], reference: &Reference<'_>) -> Verdict {
    let agents: Vec<&str> = claims.iter().map(|claim| &*claim.agent.name).collect();
    let mut verdict = Verdict::default();
    // The claims have equally sure evidence, and official ones are all of the same repository.
    if let Some(claim) = claims
        .first()
        .filter(|claim| claim.evidence == Evidence::Official)
    {
        let official = claim.official;
        let mapped = config.rules.map(&official.repository, true);
        registry(
            config,
            &mut verdict,
            reference,
            (&official.repository, &official.written),
            mapped,
        );
        moved_digest(&mut verdict, reference);
    }
    verdict.notes.push(Note {
        rule: Rule::AmbiguousAgent,
        message: format!(
            "{reference} is claimed by {} and they disagree; tag and pull policy stay as they are",
            agents.join(" and ")
        ),
        aspect: None,
        proposed: None,
    });
    verdict
}

/// Decides registry and path: the mirror's, if a rule maps the official repository, else the
/// official name as its vendor writes it.
fn registry(
    config: &Config,
    verdict: &mut Verdict,
    reference: &Reference<'_>,
    (official, written): (&Repository, &str),
    mapped: Option<(&MappingRule, Repository)>,
) {
    let (desired, name) = match mapped {
        Some((rule, repository)) if repository != *official => {
            verdict.mirror_secrets = config.mirror_secrets(rule).to_vec();
            let name = repository.name();
            (repository, name)
        }
        _ => (official.clone(), written.to_owned()),
    };
    if !desired.is_legal() {
        verdict.mirror_secrets.clear();
        let message = format!("{reference} would become {name}, which is not a legal reference");
        verdict
            .notes
            .push(Note::unresolved(Aspect::Registry, message));
        return;
    }
    verdict.has_name = true;
    if !reference.is_in(&desired) {
        verdict.differences.push(Difference {
            rule: Rule::WrongRegistry,
            aspect: Aspect::Registry,
            what: "wrong registry or path".to_owned(),
        });
        verdict.name = Some(name);
    }
}

/// Notes a digest that is kept while the registry changes: a copy of one architecture alone would
/// have another digest, and the pull would fail.
fn moved_digest(verdict: &mut Verdict, reference: &Reference<'_>) {
    if let (Some(name), Some(digest), None) = (&verdict.name, reference.digest, &verdict.digest) {
        verdict.notes.push(Note {
            rule: Rule::DigestMoved,
            message: format!(
                "{name} must hold {digest}: copy the image with all architectures and its digest"
            ),
            aspect: Some(Aspect::Registry),
            proposed: None,
        });
    }
}

fn undeclared(config: &Config, claim: &Claim<'_>, reference: &Reference<'_>) -> Note {
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
            let would_be = restored(config, claim, reference, true).compose(reference, &[]);
            let copy = reference.repository();
            let source = &claim.source(&copy).repository;
            let mirror = claim::mirror_of(source, &copy);
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
