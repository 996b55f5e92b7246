//! Whose an image is: the agents that claim it, each with its evidence, and which claim holds.

use std::collections::{BTreeSet, HashSet};

use crate::agent::{Agent, AgentImage, Official};
use crate::config::{Config, TrustedProfiles};
use crate::glob;
use crate::image::Repository;
use crate::registry::Scope;

use super::provenance::{Provenance, is_in_profile};

/// What is known of an image field from its resource and container.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    /// The container's name; `None` for an image volume.
    pub container: Option<&'a str>,
    /// The workload's name.
    pub workload: &'a str,
    /// The workload's namespace.
    pub namespace: &'a str,
}

/// The evidence for an agent's claim, from the surest to the weakest.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Evidence {
    /// The official repository is the agent's.
    Official,
    /// The path ends with the agent's official path, on a host that no rule names.
    UndeclaredMirror {
        /// Host and path before the official path: `registry.local:5000`, or
        /// `registry.local:5000/gcr.io` where the copy keeps the official host in its path.
        prefix: String,
    },
    /// Container and workload have the agent's names.
    Name,
}

/// An agent's claim to a field.
#[derive(Debug, Clone)]
pub struct Claim<'c> {
    /// Position of the agent in the configuration.
    pub index: usize,
    /// The agent.
    pub agent: &'c Agent,
    /// Which of its images.
    pub image: &'c AgentImage,
    /// The name by which the image is known: the main one, or an alias.
    pub official: &'c Official,
    /// The evidence for the claim.
    pub evidence: Evidence,
    /// The pull secrets that this claim wants, and those of claims that agree with it.
    pub pull_secrets: Vec<String>,
}

impl<'c> Claim<'c> {
    /// The official name that the image goes back to: an alias stays, and so does one whose host is in
    /// the path of an undeclared mirror, or whose path no other name has. An image from any other one,
    /// or one known by names alone, gets the main name.
    pub fn restored(&self) -> &'c Official {
        match &self.evidence {
            Evidence::Official => self.official,
            Evidence::UndeclaredMirror { prefix }
                if { prefix.rsplit('/').next() }
                    .is_some_and(|last| self.official.repository.is_on(last))
                    || self.has_a_path_alone() =>
            {
                self.official
            }
            _ => &self.image.official,
        }
    }

    /// Whether no other name of the image has the path of the one by which it is known.
    fn has_a_path_alone(&self) -> bool {
        let path = self.official.repository.path();
        let names = self.image.names();
        names.filter(|name| name.repository.path() == path).count() == 1
    }
}

/// Whose an image is.
#[derive(Debug, Clone)]
pub enum Owner<'c> {
    /// The agent of this claim.
    Agent(Claim<'c>),
    /// No agent in play.
    Nobody,
    /// Several agents claim the image and want different things of it.
    Disputed(Vec<Claim<'c>>),
}

/// Agents by position in the configuration.
pub type AgentSet = BTreeSet<usize>;

/// Where a shared image counts as an agent's.
#[derive(Debug, Clone, Copy)]
pub struct Surroundings<'a> {
    /// Agents whose own image runs in the same pod.
    pub in_pod: &'a AgentSet,
    /// Agents whose own image runs in the same namespace and instance.
    pub in_instance: &'a AgentSet,
}

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

/// Whose the image is by the claims that were found.
///
/// An unshared image beats a shared one, then the workload's name decides; claims that want the
/// same count as one.
pub fn resolve_owner<'c>(mut claims: Vec<Claim<'c>>, workload: &str) -> Owner<'c> {
    if claims.iter().any(|claim| !claim.image.shared) {
        claims.retain(|claim| !claim.image.shared);
    }
    let by_workload = |claim: &Claim<'_>| {
        let mut workloads = claim.image.workloads.iter();
        workloads.any(|known| glob::matches(known, workload))
    };
    if claims.len() > 1 && claims.iter().any(by_workload) {
        claims.retain(by_workload);
    }
    if !claims.windows(2).all(|pair| agree(&pair[0], &pair[1])) {
        return Owner::Disputed(claims);
    }
    let mut claims = claims.into_iter();
    let Some(mut first) = claims.next() else {
        return Owner::Nobody;
    };
    let mut known: HashSet<String> = first.pull_secrets.iter().cloned().collect();
    for name in claims.flat_map(|claim| claim.pull_secrets) {
        if known.insert(name.clone()) {
            first.pull_secrets.push(name);
        }
    }
    Owner::Agent(first)
}

/// Whether two claims want the same of the image.
fn agree(a: &Claim<'_>, b: &Claim<'_>) -> bool {
    a.official.repository == b.official.repository
        && a.image.agrees_with(b.image)
        && (a.evidence == Evidence::Official
            || a.agent.undeclared_mirrors == b.agent.undeclared_mirrors)
}
