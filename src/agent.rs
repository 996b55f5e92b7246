//! Monitoring agents as their profiles describe them: images, tag and pull policies, names.

pub(crate) mod builtin;
mod images;
pub mod meant;
pub(crate) mod words;

use std::sync::Arc;

use schemars::JsonSchema;
use serde::Deserialize;

use crate::chart::Chart;
use crate::field::carrier::Carriers;
use crate::image::Repository;
use crate::revision::Revision;
use crate::tag::{PolicyInput, TagPolicy};

pub(crate) use builtin::is_builtin;
pub use builtin::{AppliedTo, builtin_names, builtin_text};
pub use images::ImagesByWord;

/// The `imagePullPolicy` that an image should have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename = "pull policy")]
pub enum PullPolicy {
    /// Pull at every start.
    Always,
    /// Pull what the node does not have.
    IfNotPresent,
    /// Never pull.
    Never,
    /// Whatever is written.
    #[default]
    #[serde(rename = "keep")]
    Keep,
}

impl PullPolicy {
    /// The policy as Kubernetes writes it; `None` where it stays as it is.
    pub fn as_str(&self) -> Option<&'static str> {
        match self {
            PullPolicy::Always => Some("Always"),
            PullPolicy::IfNotPresent => Some("IfNotPresent"),
            PullPolicy::Never => Some("Never"),
            PullPolicy::Keep => None,
        }
    }
}

/// What becomes of an agent's image on a host that no rule names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename = "value", rename_all = "camelCase")]
pub enum UndeclaredMirrors {
    /// It goes back to where the rules and the vendor say.
    Restore,
    /// Its registry, path, tag and digest stay.
    Keep,
}

/// Whether an agent is reported that the configuration names and nothing runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Missed {
    /// As the configuration says of all agents.
    #[default]
    AsOthers,
    /// It is.
    Reported,
    /// It is not.
    Ignored,
}

/// A name under which the vendor publishes an image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Official {
    /// The name as the vendor writes it, without tag and digest.
    pub written: String,
    /// The repository that it means.
    pub repository: Repository,
}

/// An end of the path of an image's copy on a mirror that no rule declares.
#[derive(Debug, Clone, Copy)]
pub struct PathEnd<'i> {
    /// The name that it is of; of a path that the vendor tells users to mirror to, the main one.
    pub name: &'i Official,
    /// The path, of two segments at least where it is alone.
    pub path: &'i str,
    /// Whether the name's host is before the path.
    pub has_host: bool,
}

/// One image of an agent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgentImage {
    /// The main name.
    pub official: Official,
    /// Other official names of the same image.
    pub aliases: Vec<Official>,
    /// Other paths, of two segments at least, under which the vendor tells users to mirror it.
    pub mirror_paths: Vec<String>,
    /// The official reference's own tag.
    pub tag: Option<String>,
    /// The official reference's own digest.
    pub digest: Option<String>,
    /// What becomes of tag and digest.
    pub tag_policy: TagPolicy,
    /// What becomes of the pull policy.
    pub pull_policy: PullPolicy,
    /// Whether the vendor's own controller writes this image, so that it is never edited.
    pub vendor_managed: bool,
    /// Whether others run this image too, so that it is the agent's only beside an unshared one.
    pub shared: bool,
    /// Names of containers that run it; patterns of [`crate::glob`].
    pub containers: Vec<String>,
    /// Names of workloads that run it; patterns of [`crate::glob`].
    pub workloads: Vec<String>,
    /// Pull secrets wanted wherever it runs, mirror or not.
    pub pull_secrets: Vec<String>,
}

impl AgentImage {
    /// Every official name of the image, the main one first.
    pub fn names(&self) -> impl Iterator<Item = &Official> {
        std::iter::once(&self.official).chain(&self.aliases)
    }

    /// Whether no other name of the image has the path of this one.
    pub fn has_path_alone(&self, name: &Official) -> bool {
        let path = name.repository.path();
        let names = self.names();
        names.filter(|name| name.repository.path() == path).count() == 1
    }

    /// The ends of paths by which a copy on a mirror that no rule declares is known: first those with the
    /// name's host, after which even a path of one segment can only be this vendor's, then paths alone.
    ///
    /// A path of one segment alone proves nothing: many vendors have an image named `portfolio`.
    pub fn ends(&self) -> impl Iterator<Item = PathEnd<'_>> {
        let with_host = self.names().map(|name| PathEnd {
            name,
            path: name.repository.path(),
            has_host: true,
        });
        let official = self.names().map(|name| (name, name.repository.path()));
        let documented = self.mirror_paths.iter();
        let documented = documented.map(|path| (&self.official, path.as_str()));
        let alone = official.chain(documented).map(|(name, path)| PathEnd {
            name,
            path,
            has_host: false,
        });
        with_host.chain(alone.filter(|end| end.path.contains('/')))
    }

    /// Whether another profile's image of the same name wants the same tag and pull policy.
    pub fn agrees_with(&self, other: &AgentImage) -> bool {
        self.tag_policy == other.tag_policy
            && self.tag == other.tag
            && self.pull_policy == other.pull_policy
    }
}

/// A reference, and what it becomes by the profile alone, with undeclared mirrors restored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Example {
    /// The reference found.
    pub from: String,
    /// The reference desired.
    pub to: String,
}

/// One release of an agent, and the tags that the vendor tested together in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TestedRelease {
    /// The release: the chart's version.
    pub release: String,
    /// Tags by official repository.
    pub tags: Vec<(Repository, String)>,
}

/// A monitoring agent or collector in play.
#[derive(Debug, Clone, PartialEq)]
pub struct Agent {
    /// The profile's name.
    pub name: Arc<str>,
    /// The agent's name for people.
    pub title: Option<String>,
    /// Where the vendor says how its images are to be kept.
    pub docs: Option<String>,
    /// Whether it restarts itself at least weekly, so that nobody else need do it.
    pub restarts_itself: bool,
    /// Its images, at least one.
    pub images: Vec<AgentImage>,
    /// What a revision in the tags of its images depends on, for [`TagPolicy::ByRevision`].
    pub revision: Option<Revision>,
    /// Environment variables and arguments that hold its images.
    pub carriers: Carriers,
    /// Its Helm charts; one without a name holds what is read of every release.
    pub charts: Vec<Chart>,
    /// Which versions the vendor tested together.
    pub tested: Vec<TestedRelease>,
    /// Namespaces in which its shared images are its own.
    pub namespaces: Vec<String>,
    /// What becomes of its images on hosts that no rule names.
    pub undeclared_mirrors: UndeclaredMirrors,
    /// Whether the configuration names this agent. If not, the agent is active only because the
    /// configuration names no agent at all.
    pub named: bool,
    /// Whether it is reported where nothing runs it.
    pub missed: Missed,
    /// Whether its profile is among the manifests, and not in the configuration.
    pub among_items: bool,
    /// Proofs of the profile.
    pub examples: Vec<Example>,
}

impl Agent {
    /// The input of the tag policy of one of its images.
    pub fn policy_input<'a>(&'a self, image: &'a AgentImage) -> PolicyInput<'a> {
        PolicyInput {
            agent: &self.name,
            is_named: self.named,
            tag: image.tag.as_deref(),
            revision: self.revision.as_ref(),
            is_foreign: false,
        }
    }
}
