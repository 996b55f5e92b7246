//! Whose image is it: the official repository behind a reference, and the agents that claim it.

use std::collections::BTreeSet;

use crate::agent::{Agent, AgentImage, Official};
use crate::config::Config;
use crate::glob;
use crate::image::Repository;
use crate::registry::{Rule, Scope};

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

/// How an agent claims a field, from the surest to the least.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum How {
    /// The official repository is the agent's.
    Official,
    /// The path ends with the agent's, on a host that no rule names: what stands before it.
    UndeclaredMirror {
        /// Host and path before the official path: `registry.local:5000`.
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
    /// How it claims.
    pub how: How,
    /// The pull secrets that it wants, and those of claims that want the same.
    pub pull_secrets: Vec<String>,
}

/// The official repository behind a reference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// It is this one.
    Known(Repository),
    /// Several rules share the mirror, and no profile in play says which it is.
    Unclear(Vec<Repository>),
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

/// Every name of an agent's image.
fn names(image: &AgentImage) -> impl Iterator<Item = &Official> {
    std::iter::once(&image.official).chain(&image.aliases)
}

fn images(config: &Config) -> impl Iterator<Item = (usize, &Agent, &AgentImage)> {
    let agents = config.agents.iter().enumerate();
    agents.flat_map(|(index, agent)| agent.images.iter().map(move |image| (index, agent, image)))
}

/// Whether a profile in play names the repository.
fn is_named(config: &Config, repository: &Repository) -> bool {
    images(config).any(|(_, _, image)| names(image).any(|name| name.repository == *repository))
}

/// The official repository behind a reference: back through the mirror it lies under, if any.
pub fn origin(config: &Config, repository: &Repository) -> Origin {
    origin_by(config, repository, |rule, official| {
        rule.scope == Scope::All || is_named(config, official)
    })
}

/// As [`origin`], for a field that is no agent's.
pub fn origin_of_other(config: &Config, repository: &Repository) -> Origin {
    origin_by(config, repository, |rule, _| rule.scope == Scope::All)
}

fn origin_by(
    config: &Config,
    repository: &Repository,
    permitted: impl Fn(&Rule, &Repository) -> bool,
) -> Origin {
    let mut candidates: Vec<Repository> = config
        .rules
        .origins(repository, permitted)
        .into_iter()
        .map(|(_, official)| official)
        .collect();
    if candidates.len() > 1 {
        let named: Vec<&Repository> = candidates
            .iter()
            .filter(|candidate| is_named(config, candidate))
            .collect();
        if let [only] = named[..] {
            return Origin::Known(only.clone());
        }
    }
    match candidates.len() {
        0 => Origin::Known(repository.clone()),
        1 => Origin::Known(candidates.remove(0)),
        _ => Origin::Unclear(candidates),
    }
}

/// The claims to a field of the surest kind, shared images aside where they are somebody else's.
pub fn claims<'c>(
    config: &'c Config,
    subject: &Subject<'_>,
    origin: Option<&Origin>,
    repository: Option<&Repository>,
    around: &Surroundings<'_>,
) -> Vec<Claim<'c>> {
    let mut claims: Vec<Claim<'c>> = images(config)
        .filter(|(index, agent, image)| {
            !image.shared
                || around.in_pod.contains(index)
                || around.in_instance.contains(index)
                || agent
                    .namespaces
                    .iter()
                    .any(|name| name == subject.namespace)
        })
        .filter_map(|(index, agent, image)| {
            let (official, how) = claim(config, image, subject, origin, repository)?;
            Some(Claim {
                index,
                agent,
                image,
                official,
                how,
                pull_secrets: image.pull_secrets.clone(),
            })
        })
        .collect();
    // The surest kind wins, and of two paths that fit the longer.
    let rank = |claim: &Claim<'_>| match claim.how {
        How::Official => (0, 0),
        How::UndeclaredMirror { .. } => (1, usize::MAX - claim.official.repository.path().len()),
        How::Name => (2, 0),
    };
    if let Some(best) = claims.iter().map(rank).min() {
        claims.retain(|claim| rank(claim) == best);
    }
    claims
}

/// Whether a shared image of an agent without a claim stands here, which only the instance could
/// make the agent's.
pub fn awaits_instance(
    config: &Config,
    subject: &Subject<'_>,
    origin: Option<&Origin>,
    repository: Option<&Repository>,
    claims: &[Claim<'_>],
) -> bool {
    images(config).any(|(index, _, image)| {
        image.shared
            && claims.iter().all(|claim| claim.index != index)
            && claim(config, image, subject, origin, repository).is_some()
    })
}

fn claim<'c>(
    config: &Config,
    image: &'c AgentImage,
    subject: &Subject<'_>,
    origin: Option<&Origin>,
    repository: Option<&Repository>,
) -> Option<(&'c Official, How)> {
    if let Some(Origin::Known(known)) = origin
        && let Some(name) = names(image).find(|name| name.repository == *known)
    {
        return Some((name, How::Official));
    }
    // What a rule's mirror holds is a copy of what the rule says, whatever its path ends with.
    let declared = match origin {
        Some(Origin::Known(known)) => Some(known),
        Some(Origin::Unclear(all)) if !all.iter().any(|known| is_named(config, known)) => None,
        _ => repository,
    };
    if let Some(repository) = declared
        && let Some((name, prefix)) = undeclared_mirror(config, image, repository)
    {
        return Some((name, How::UndeclaredMirror { prefix }));
    }
    let container = subject.container?;
    let has = |names: &[String], name: &str| names.iter().any(|known| glob::matches(known, name));
    let by_name = has(&image.containers, container) && has(&image.workloads, subject.workload);
    by_name.then_some((&image.official, How::Name))
}

/// The official path, or one that the vendor documents for mirrors, at the end of another path, on
/// a host that the rules do not know as a source.
///
/// One segment is too little to go by: `portfolio` is anybody's.
fn undeclared_mirror<'c>(
    config: &Config,
    image: &'c AgentImage,
    repository: &Repository,
) -> Option<(&'c Official, String)> {
    let host = repository.domain();
    if config.rules.has_source_host(host) && !config.rules.has_mirror_host(host) {
        return None;
    }
    let text = repository.path();
    let before = |name: &'c Official| {
        let before = text.strip_suffix(name.repository.path())?;
        let before = before.strip_suffix('/')?;
        before.strip_suffix(name.repository.domain())
    };
    // With its host before it, even a path of one segment is the vendor's and nobody else's.
    let with_host = names(image).map(|name| (name, before(name)));
    let official = names(image).map(|name| (name, name.repository.path()));
    let documented = image.mirror_paths.iter();
    let documented = documented.map(|path| (&image.official, path.as_str()));
    let paths = official.chain(documented);
    let paths = paths.filter(|(_, path)| path.contains('/'));
    with_host
        .chain(paths.map(|(name, path)| (name, text.strip_suffix(path))))
        .find_map(|(name, before)| {
            let before = before?;
            if before.is_empty() {
                return Some((name, host.to_owned()));
            }
            let before = before.strip_suffix('/')?;
            Some((name, [host, "/", before].concat()))
        })
}

/// The one claim that holds, or the claims that disagree.
///
/// An unshared image beats a shared one, then the workload's name decides; claims that want the
/// same are one.
pub fn settle<'c>(
    mut claims: Vec<Claim<'c>>,
    workload: &str,
) -> Result<Option<Claim<'c>>, Vec<Claim<'c>>> {
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
    let agree = claims.windows(2).all(|pair| {
        let (a, b) = (&pair[0], &pair[1]);
        a.official.repository == b.official.repository
            && a.image.tag_policy == b.image.tag_policy
            && a.image.tag == b.image.tag
            && a.image.pull_policy == b.image.pull_policy
            && (a.how == How::Official || a.agent.undeclared_mirrors == b.agent.undeclared_mirrors)
    });
    if !agree {
        return Err(claims);
    }
    let mut claims = claims.into_iter();
    let first = claims.next().map(|mut first| {
        for name in claims.flat_map(|claim| claim.pull_secrets) {
            if !first.pull_secrets.contains(&name) {
                first.pull_secrets.push(name);
            }
        }
        first
    });
    Ok(first)
}
