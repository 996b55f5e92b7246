//! Sources of registry mapping rules that are most likely misspelt: they serve no agent in play, and are
//! all but equal to one that would.

use crate::agent::Agent;
use crate::image::Repository;
use crate::registry::{MappingRule, MappingRules, Prefix, Scope};
use crate::suggest;

/// A rule whose source is most likely misspelt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MisspeltRule {
    /// The rule's source, as it is written.
    pub source: Prefix,
    /// Where it says that copies are.
    pub mirror: Prefix,
    /// The source that was meant.
    pub meant: String,
}

impl MisspeltRule {
    /// The rule as it is written.
    pub fn written(&self) -> String {
        format!("{} → {}", self.source, self.mirror)
    }
}

/// Names of registries that are in use, though no agent in play may come from them.
const KNOWN: &[&str] = &[
    "asia.gcr.io",
    "cgr.dev",
    "docker.elastic.co",
    "docker.io",
    "eu.gcr.io",
    "gcr.io",
    "ghcr.io",
    "icr.io",
    "k8s.gcr.io",
    "lscr.io",
    "mcr.microsoft.com",
    "nvcr.io",
    "public.ecr.aws",
    "quay.io",
    "registry.access.redhat.com",
    "registry.connect.redhat.com",
    "registry.gitlab.com",
    "registry.k8s.io",
    "registry.redhat.io",
    "us.gcr.io",
];

/// Addresses of Docker Hub that no image is pulled from.
const DOCKER_HUB: &[&str] = &[
    "docker.com",
    "hub.docker.com",
    "registry.hub.docker.com",
    "www.docker.com",
];

/// The rules whose source is most likely misspelt.
pub(super) fn sources(rules: &MappingRules, agents: &[Agent]) -> Vec<MisspeltRule> {
    let images = agents.iter().flat_map(|agent| &agent.images);
    let names = images.flat_map(|image| image.names());
    let official: Vec<&Repository> = names.map(|name| &name.repository).collect();
    let found = rules.iter().filter(|rule| rule.source != rule.mirror);
    let found = found.filter_map(|rule| {
        Some(MisspeltRule {
            source: rule.source.clone(),
            mirror: rule.mirror.clone(),
            meant: meant(rule, &official)?,
        })
    });
    found.collect()
}

/// The source that is meant by that of a rule, if it serves nothing as it is written.
fn meant(rule: &MappingRule, official: &[&Repository]) -> Option<String> {
    let serves = |source: &Prefix| official.iter().any(|name| source.below(name).is_some());
    let source = &rule.source;
    if serves(source) {
        return None;
    }
    let (host, path) = (source.domain(), source.path());
    if !KNOWN.iter().any(|known| source.is_on(known)) {
        let hosts = official.iter().map(|name| name.domain());
        let near = if DOCKER_HUB.contains(&host) {
            "docker.io"
        } else {
            suggest::close(host, hosts)?
        };
        let meant = match path {
            "" => near.to_owned(),
            path => format!("{near}/{path}"),
        };
        let is_served = Prefix::parse(&meant).is_ok_and(|meant| serves(&meant));
        return is_served.then_some(meant);
    }
    // A rule for every image may be for others than the agents'.
    if rule.scope == Scope::All || path.is_empty() {
        return None;
    }
    let beside = official.iter().filter(|name| source.is_on(name.domain()));
    let depth = path.split('/').count();
    let paths = beside.filter_map(|name| {
        let ends = name.path().match_indices('/').map(|(at, _)| at);
        let end = ends.chain([name.path().len()]).nth(depth - 1)?;
        Some(&name.path()[..end])
    });
    let near = suggest::close(path, paths)?;
    Some(format!("{host}/{near}"))
}
