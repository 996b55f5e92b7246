//! The agents' claims to an image, each with its evidence, and which of them holds.

use std::collections::{BTreeSet, HashSet};

use crate::agent::{Agent, AgentImage, Official};
use crate::glob;
use crate::image::Repository;

/// What is known of an image field from its resource and container.
#[derive(Debug, Clone, Copy, Default)]
pub struct Subject<'a> {
    /// The container's name; `None` for an image volume.
    pub container: Option<&'a str>,
    /// The workload's name.
    pub workload: &'a str,
    /// The workload's namespace.
    pub namespace: &'a str,
    /// What the field has by default, where a chart is known to have an image there.
    pub default: Option<&'a Repository>,
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
    /// The name of the image that the field has by default, if that has the path of the one by which it is
    /// known.
    pub default: Option<&'c Official>,
    /// The evidence for the claim.
    pub evidence: Evidence,
    /// The pull secrets that this claim wants, and those of claims that agree with it.
    pub pull_secrets: Vec<String>,
}

impl<'c> Claim<'c> {
    /// The official name that the image goes back to: an alias stays, and so does one whose host is in
    /// the path of an undeclared mirror, or whose path no other name has. An image from any other one
    /// gets the name that its chart has there by default, or else, as one known by names alone, the main
    /// name.
    pub fn official_to_write(&self) -> &'c Official {
        match &self.evidence {
            Evidence::Official => self.official,
            Evidence::UndeclaredMirror { prefix }
                if prefix
                    .rsplit('/')
                    .next()
                    .is_some_and(|last| self.official.repository.is_on(last))
                    || self.image.has_path_alone(self.official) =>
            {
                self.official
            }
            Evidence::UndeclaredMirror { .. } => self.default.unwrap_or(&self.image.official),
            Evidence::Name => &self.image.official,
        }
    }

    /// The official name whose registry a rule would have as its source, for `repository` to be under
    /// the rule's mirror: the one that the image goes back to, where its host or no hint at one is in the
    /// copy's path, or one whose host that path hints at, as `gcr` before `datadoghq/agent` does at `gcr.io`.
    pub fn source(&self, repository: &Repository) -> &'c Official {
        if !matches!(self.evidence, Evidence::UndeclaredMirror { .. }) {
            return self.official;
        }
        // The last segment of the mirror that the copy would be under, where there is one.
        let last_segment = |name: &Official| {
            let mirror = mirror_of(&name.repository, repository)?;
            let (_, last) = mirror.rsplit_once('/')?;
            Some(last.to_owned())
        };
        let restored = self.official_to_write();
        if last_segment(restored).as_deref() == Some(restored.repository.domain()) {
            return restored;
        }
        let is_hinted = |name: &&Official| {
            let first = name.repository.domain().split_once('.');
            first.is_some_and(|(first, _)| last_segment(name).as_deref() == Some(first))
        };
        if let Some(hinted) = self.image.names().find(is_hinted) {
            return hinted;
        }
        if mirror_of(&restored.repository, repository).is_some() {
            restored
        } else {
            self.official
        }
    }
}

/// The mirror under which `copy` is a copy of an official repository: host and path before the official
/// path.
pub fn mirror_of(official: &Repository, copy: &Repository) -> Option<String> {
    let copy = copy.to_string();
    let prefix = copy.strip_suffix(official.path())?.strip_suffix('/')?;
    Some(prefix.to_owned()).filter(|prefix| !prefix.is_empty())
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

static NOBODY: AgentSet = AgentSet::new();

impl<'a> Surroundings<'a> {
    /// Nothing runs beside the image, or nothing is known of it.
    pub const ALONE: Surroundings<'static> = Surroundings {
        in_pod: &NOBODY,
        in_instance: &NOBODY,
    };

    /// These agents run images of their own in the image's pod.
    pub fn in_pod_of(agents: &'a AgentSet) -> Self {
        Surroundings {
            in_pod: agents,
            ..Surroundings::ALONE
        }
    }
}

/// Whose the image is by the claims that were found.
///
/// An unshared image beats a shared one, then the workload's name decides; claims that want the
/// same count as one.
pub fn resolve_owner<'c>(mut claims: Vec<Claim<'c>>, workload: &str) -> Owner<'c> {
    prefer_unshared(&mut claims);
    let by_workload = |claim: &Claim<'_>| {
        let mut workloads = claim.image.workloads.iter();
        workloads.any(|known| glob::matches(known, workload))
    };
    if claims.len() > 1 && claims.iter().any(by_workload) {
        claims.retain(by_workload);
    }
    settle(claims, |secrets, claim| {
        let mut known: HashSet<String> = secrets.iter().cloned().collect();
        let others = claim.pull_secrets.into_iter();
        secrets.extend(others.filter(|name| known.insert(name.clone())));
    })
}

/// As [`resolve_owner`], where it is not known which workload runs the image: what holds for all of them. Where
/// its name decides, these are the pull secrets that each claim wants.
pub fn resolve_owner_of_any<'c>(mut claims: Vec<Claim<'c>>) -> Owner<'c> {
    prefer_unshared(&mut claims);
    if claims.iter().all(|claim| claim.image.workloads.is_empty()) {
        return resolve_owner(claims, "");
    }
    settle(claims, |secrets, claim| {
        secrets.retain(|name| claim.pull_secrets.contains(name));
    })
}

fn prefer_unshared(claims: &mut Vec<Claim<'_>>) {
    if claims.iter().any(|claim| !claim.image.shared) {
        claims.retain(|claim| !claim.image.shared);
    }
}

/// The first of claims that want the same, with the pull secrets that `join` makes of its own and those of
/// each other one.
fn settle<'c>(claims: Vec<Claim<'c>>, join: impl Fn(&mut Vec<String>, Claim<'c>)) -> Owner<'c> {
    if !claims.windows(2).all(|pair| agree(&pair[0], &pair[1])) {
        return Owner::Disputed(claims);
    }
    let mut claims = claims.into_iter();
    let Some(mut first) = claims.next() else {
        return Owner::Nobody;
    };
    for other in claims {
        join(&mut first.pull_secrets, other);
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
