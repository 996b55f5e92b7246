//! Which agents claim an image: what is known of its field, held against the profiles.

use crate::agent::{Agent, AgentImage, Official};
use crate::config::{Config, TrustedProfiles};
use crate::glob;
use crate::image::Repository;
use crate::registry::Scope;

use super::claim::{Claim, Evidence, Subject, Surroundings};
use super::provenance::{Provenance, is_in_profile};

/// What is known of a field, and the images that it could be: made out once for all agents.
pub struct Clues<'c, 'a> {
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

impl<'c, 'a> Clues<'c, 'a> {
    /// What is known of a field whose reference names a repository and leads back to another.
    pub fn new(
        config: &'c Config,
        subject: Subject<'a>,
        provenance: Option<&'a Provenance>,
        repository: Option<&'a Repository>,
    ) -> Self {
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
            _ => repository,
        };
        // A host that is a rule's source holds no undeclared mirror.
        let is_source =
            |host: &str| config.rules.has_source_host(host) && !config.rules.has_mirror_host(host);
        let mut clues = Clues {
            config,
            subject,
            known,
            renamed: renamed.map(|(_, mapped)| mapped),
            undeclared: undeclared.filter(|repository| !is_source(repository.domain())),
            candidates: Vec::new(),
        };
        clues.candidates = clues.find_candidates();
        clues
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
    pub fn claims(&self, around: &Surroundings<'_>) -> Vec<Claim<'c>> {
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
                        || { agent.namespaces.iter() }.any(|name| name == self.subject.namespace)
                },
            )
            .filter_map(
                |&Candidate {
                     index,
                     agent,
                     image,
                 }| {
                    let (official, evidence) = self.evidence(image)?;
                    Some(Claim {
                        index,
                        agent,
                        image,
                        official,
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

    /// Whether the image could still become an agent's: it is a shared image of an agent that does not
    /// claim it yet, and would if the agent's own image turned up in the same instance.
    pub fn await_instance(&self, claims: &[Claim<'_>]) -> bool {
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

/// The official name whose path, or whose documented mirror path, the repository's path ends with,
/// and the prefix before that path.
///
/// A path of one segment proves nothing: many vendors have an image named `portfolio`.
fn undeclared_mirror<'i>(
    image: &'i AgentImage,
    repository: &Repository,
) -> Option<(&'i Official, String)> {
    let host = repository.domain();
    let text = repository.path();
    // After the official host, even a path of one segment can only be this vendor's.
    let with_host = image.names().find_map(|name| {
        let before = ends_in(text, name.repository.path())?;
        let last = before.rsplit('/').next();
        let names_host = last.is_some_and(|last| name.repository.is_on(last));
        names_host.then(|| (name, [host, "/", before].concat()))
    });
    let official = image.names().map(|name| (name, name.repository.path()));
    let documented = image.mirror_paths.iter();
    let documented = documented.map(|path| (&image.official, path.as_str()));
    let paths = official.chain(documented);
    let paths = paths.filter(|(_, path)| path.contains('/'));
    let fits = |path: &str| text == path || ends_in(text, path).is_some();
    with_host.or_else(|| {
        // One path may end with another one: the longest is the whole of it.
        let fitting = paths.filter(|(_, path)| fits(path));
        let (name, path) = fitting.reduce(|best, next| {
            if next.1.len() > best.1.len() {
                next
            } else {
                best
            }
        })?;
        let prefix = match ends_in(text, path) {
            Some(before) => [host, "/", before].concat(),
            None => host.to_owned(),
        };
        Some((name, prefix))
    })
}

/// The part of a path before an end of it, without the `/` between them.
fn ends_in<'t>(path: &'t str, end: &str) -> Option<&'t str> {
    path.strip_suffix(end)?.strip_suffix('/')
}
