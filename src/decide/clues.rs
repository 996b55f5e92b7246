//! Which agents claim an image: what is known of its field, held against the profiles.

use crate::agent::{Agent, AgentImage, Official, PathEnd};
use crate::config::{Config, TrustedProfiles};
use crate::glob;
use crate::image::Repository;
use crate::registry::Scope;

use super::claim::{Claim, Evidence, Subject, Surroundings};
use super::provenance::{Provenance, is_in_profile, of_agents_by_steps};
use super::steps::Steps;

/// What is known of an image field before its owner is decided.
#[derive(Debug, Default)]
pub struct Clues<'a> {
    /// Where it is.
    pub subject: Subject<'a>,
    /// The repository that it names, if it names one.
    pub repository: Option<Repository>,
    /// Where that leads back to.
    pub provenance: Option<Provenance>,
}

/// The claims to an image field.
#[derive(Debug, Default)]
pub struct FieldClaims<'c> {
    /// Those with the surest evidence.
    pub surest: Vec<Claim<'c>>,
    /// Whether the image could still become an agent's: it is a shared image of an agent that does not
    /// claim it yet, and would if the agent's own image turned up in the same instance.
    pub awaits_instance: bool,
}

impl<'a> Clues<'a> {
    /// What is known of a field that names a repository.
    pub fn of(
        config: &Config,
        subject: Subject<'a>,
        repository: Option<Repository>,
        steps: &mut Steps,
    ) -> Self {
        let known = repository.as_ref();
        let provenance = known.map(|repository| of_agents_by_steps(config, repository, steps));
        Clues {
            subject,
            repository,
            provenance,
        }
    }

    /// Who claims the image, where these run beside it.
    pub fn claims<'c>(&self, config: &'c Config, around: &Surroundings<'_>) -> FieldClaims<'c> {
        let search = ClaimSearch::new(config, self);
        let surest = search.claims(around);
        let awaits_instance = search.awaits_instance(&surest);
        FieldClaims {
            surest,
            awaits_instance,
        }
    }
}

/// The images that a field could be: made out once for all agents.
struct ClaimSearch<'c, 'a> {
    config: &'c Config,
    subject: Subject<'a>,
    /// The official repository, where it is clear.
    known: Option<&'a Repository>,
    /// The present name of an official repository that a rule knows by a former one.
    renamed: Option<Repository>,
    /// The repository that may be on a mirror that no rule declares.
    undeclared: Option<&'a Repository>,
    /// The images that could be it, in the order of the configuration.
    candidates: Vec<Candidate<'c>>,
}

/// An image, with its agent and that one's position in the configuration.
struct Candidate<'c> {
    index: usize,
    agent: &'c Agent,
    image: &'c AgentImage,
}

impl<'c, 'a> ClaimSearch<'c, 'a> {
    fn new(config: &'c Config, clues: &'a Clues<'a>) -> Self {
        let provenance = clues.provenance.as_ref();
        let known = match provenance {
            Some(Provenance::Known(known)) => Some(known),
            _ => None,
        };
        // A rule with scope `agents` may map a vendor's former name to the present one; a rule with
        // scope `all` does so without an agent.
        let mapped = known.and_then(|known| config.rules.map(known, true));
        let renamed = mapped.filter(|(rule, _)| rule.scope == Scope::Agents);
        // An image under a rule's mirror is a copy of the rule's source, whatever its path ends with.
        let undeclared = match provenance {
            Some(Provenance::Known(known)) => Some(known),
            Some(Provenance::Unclear(all))
                if !all.iter().any(|known| is_in_profile(config, known)) =>
            {
                None
            }
            _ => clues.repository.as_ref(),
        };
        // A host that is a rule's source holds no undeclared mirror.
        let is_source =
            |host: &str| config.rules.has_source_host(host) && !config.rules.has_mirror_host(host);
        let mut search = ClaimSearch {
            config,
            subject: clues.subject,
            known,
            renamed: renamed.map(|(_, mapped)| mapped),
            undeclared: undeclared.filter(|repository| !is_source(repository.domain())),
            candidates: Vec::new(),
        };
        search.candidates = search.find_candidates();
        search
    }

    fn find_candidates(&self) -> Vec<Candidate<'c>> {
        let by_word = &self.config.images_by_word;
        let mut found: Vec<(usize, usize)> = Vec::new();
        // Mostly the last one is the first.
        let other = self.undeclared.filter(|_| self.undeclared != self.known);
        for repository in [self.known, self.renamed.as_ref(), other]
            .into_iter()
            .flatten()
        {
            found.extend(by_word.ending_as(repository.path()));
        }
        if let Some(container) = self.subject.container {
            found.extend(by_word.of_container(container));
        }
        found.sort_unstable();
        found.dedup();
        let candidate = |(index, image): (usize, usize)| {
            let agent = &self.config.agents[index];
            let image = &agent.images[image];
            Candidate {
                index,
                agent,
                image,
            }
        };
        found.into_iter().map(candidate).collect()
    }

    /// The claims with the surest evidence; a shared image is claimed only where one of the agent's own
    /// images runs beside it, or in the agent's namespaces.
    fn claims(&self, around: &Surroundings<'_>) -> Vec<Claim<'c>> {
        let candidates = self.candidates.iter();
        let mut claims: Vec<Claim<'c>> = candidates
            .filter(
                |Candidate {
                     index,
                     agent,
                     image,
                 }| {
                    !image.shared
                        || around.in_pod.contains(index)
                        || around.in_instance.contains(index)
                        || agent
                            .namespaces
                            .iter()
                            .any(|name| name == self.subject.namespace)
                },
            )
            .filter_map(
                |&Candidate {
                     index,
                     agent,
                     image,
                 }| {
                    let (official, evidence) = self.evidence(image)?;
                    let default = self.subject.default.and_then(|default| {
                        let path = official.repository.path();
                        let mut names = image.names();
                        names.find(|name| name.repository == *default && default.path() == path)
                    });
                    Some(Claim {
                        index,
                        agent,
                        image,
                        official,
                        default,
                        evidence,
                        pull_secrets: image.pull_secrets.clone(),
                    })
                },
            )
            .collect();
        // An agent that is only added may not take images from those that the operator trusts.
        let is_trusted = |claim: &Claim<'_>| !claim.agent.among_items;
        if self.config.trust.profiles == TrustedProfiles::Add && claims.iter().any(is_trusted) {
            claims.retain(is_trusted);
        }
        // The surest evidence wins, and of two paths that fit, the longer one.
        let rank = |claim: &Claim<'_>| match claim.evidence {
            Evidence::Official => (0, 0),
            Evidence::UndeclaredMirror { .. } => {
                (1, usize::MAX - claim.official.repository.path().len())
            }
            Evidence::Name => (2, 0),
        };
        if let Some(best) = claims.iter().map(rank).min() {
            claims.retain(|claim| rank(claim) == best);
        }
        claims
    }

    fn awaits_instance(&self, claims: &[Claim<'_>]) -> bool {
        self.candidates
            .iter()
            .any(|Candidate { index, image, .. }| {
                image.shared
                    && claims.iter().all(|claim| claim.index != *index)
                    && self.evidence(image).is_some()
            })
    }

    /// The official name by which the field is an image's, and the evidence.
    fn evidence<'i>(&self, image: &'i AgentImage) -> Option<(&'i Official, Evidence)> {
        for official in [self.known, self.renamed.as_ref()].into_iter().flatten() {
            if let Some(name) = image.names().find(|name| name.repository == *official) {
                return Some((name, Evidence::Official));
            }
        }
        if let Some(repository) = self.undeclared
            && let Some((name, prefix)) = undeclared_mirror(image, repository)
        {
            return Some((name, Evidence::UndeclaredMirror { prefix }));
        }
        let container = self.subject.container?;
        let has =
            |names: &[String], name: &str| names.iter().any(|known| glob::matches(known, name));
        let by_name =
            has(&image.containers, container) && has(&image.workloads, self.subject.workload);
        by_name.then_some((&image.official, Evidence::Name))
    }
}

/// The official name of which the repository is a copy by an end of its path, and the prefix before that
/// path: an end with the name's host, or else the longest, since one path may end with another one.
fn undeclared_mirror<'i>(
    image: &'i AgentImage,
    repository: &Repository,
) -> Option<(&'i Official, String)> {
    let (host, text) = (repository.domain(), repository.path());
    let fits = |end: &PathEnd<'_>| match ends_in(text, end.path) {
        Some(before) if end.has_host => {
            let last = before.rsplit('/').next();
            last.is_some_and(|last| end.name.repository.is_on(last))
        }
        Some(_) => true,
        None => !end.has_host && text == end.path,
    };
    let is_surer = |end: &PathEnd<'_>, than: &PathEnd<'_>| {
        !than.has_host && (end.has_host || end.path.len() > than.path.len())
    };
    let fitting = image.ends().filter(fits);
    let end = fitting.reduce(|best, next| if is_surer(&next, &best) { next } else { best })?;
    let prefix = match ends_in(text, end.path) {
        Some(before) => [host, "/", before].concat(),
        None => host.to_owned(),
    };
    Some((end.name, prefix))
}

/// The part of a path before an end of it, without the `/` between them.
fn ends_in<'t>(path: &'t str, end: &str) -> Option<&'t str> {
    path.strip_suffix(end)?.strip_suffix('/')
}
