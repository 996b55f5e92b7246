//! Which release of a chart a resource belongs to, and whether a Job is created anew each time.

use crate::config::Config;
use crate::decide::claim::AgentSet;
use crate::krm::resource::{CHART, NAME, Resource, text_in};
use crate::yaml::{Error, Node};

use super::UnitJudgement;
use super::instances::{AgentVersion, InstanceNote, Instances, Tie};
use super::tested;
use super::verdict::FieldVerdict;

/// The labels that hold the name of a release: today's, and the one that charts had before.
const LABELS: [&str; 2] = ["app.kubernetes.io/instance", "release"];
/// The annotation in which Helm notes the name of a release.
const ANNOTATION: &str = "meta.helm.sh/release-name";
/// The labels with the HelmRelease of Flux that an object comes from.
const FLUX: [&str; 2] = [
    "helm.toolkit.fluxcd.io/namespace",
    "helm.toolkit.fluxcd.io/name",
];
/// The annotation in which Argo CD notes the Application, with the object after a colon.
const ARGO_CD: &str = "argocd.argoproj.io/tracking-id";
/// The label with the name of what a resource is a part of, which its releases share.
const PART_OF: &str = "app.kubernetes.io/part-of";

/// What ties a resource to others in its namespace.
#[derive(Debug, Default)]
pub(super) struct Ties {
    /// The names of its release.
    releases: Vec<Tie>,
    /// What several releases may share: who applies it, its chart, and what it is a part of.
    others: Vec<Tie>,
    /// Whether the name of the release says nothing: there is none, or it is the program's name, which
    /// manifests that no chart makes have there, too.
    is_unnamed: bool,
    /// The agents that the resource's kind runs, by their positions in the configuration.
    of_kind: AgentSet,
}

impl Ties {
    /// The ties of a resource.
    pub(super) fn of(config: &Config, resource: &Resource<'_, '_>) -> Result<Self, Error> {
        let (labels, of_pods) = (resource.labels()?, resource.pod_labels()?);
        let annotations = resource.annotations()?;
        // A label of the resource, or of its pods where it has none.
        let label = |name| match text_in(labels, name)? {
            Some(own) => Ok(Some(own)),
            None => text_in(of_pods, name),
        };
        let mut names = Vec::new();
        for name in LABELS {
            names.extend(text_in(labels, name)?);
            names.extend(text_in(of_pods, name)?);
        }
        names.extend(text_in(annotations, ANNOTATION)?);
        let [namespace, name] = FLUX;
        let flux = (text_in(labels, namespace)?, text_in(labels, name)?);
        let argo_cd = text_in(annotations, ARGO_CD)?;
        // No name of a release holds a blank.
        let others = [
            flux.1
                .map(|name| ["flux", flux.0.unwrap_or_default(), name]),
            argo_cd.and_then(|id| Some(["argocd", id.split_once(':')?.0, ""])),
            label(CHART)?.map(|chart| ["chart", chart, ""]),
            label(PART_OF)?.map(|whole| ["part-of", whole, ""]),
        ];
        let program = label(NAME)?;
        let mut ties = Ties {
            of_kind: of_kind(config, resource),
            ..Ties::default()
        };
        let tie = |name: String| (resource.namespace.to_owned(), name);
        // An empty name is that of no release.
        names.retain(|name| !name.trim().is_empty());
        ties.is_unnamed = names.iter().all(|name| Some(*name) == program);
        for name in names {
            let tie = tie(name.to_owned());
            if !ties.releases.contains(&tie) {
                ties.releases.push(tie);
            }
        }
        let others = others.into_iter().flatten();
        let others = others.filter(|words| words[1..].iter().any(|word| !word.is_empty()));
        ties.others = others.map(|words| tie(words.join(" "))).collect();
        Ok(ties)
    }

    /// Notes the agents whose own image the resource runs, and those that its kind runs, by all that
    /// ties others to it.
    pub(super) fn note(
        &self,
        verdicts: &[Vec<FieldVerdict<'_, '_, '_, '_>>],
        judged: &mut UnitJudgement<'_, '_>,
    ) {
        let claims = verdicts
            .iter()
            .flatten()
            .filter_map(|verdict| verdict.claim.as_ref());
        let own = claims.filter(|claim| !claim.image.shared);
        let mut own: AgentSet = own.map(|claim| claim.index).collect();
        own.extend(&self.of_kind);
        if own.is_empty() {
            return;
        }
        let versions = tested::own_versions(verdicts);
        for tie in self.releases.iter().chain(&self.others) {
            let ties = own.iter().map(|&agent| InstanceNote {
                tie: tie.clone(),
                agent,
                versions: versions
                    .iter()
                    .filter(|version| version.agent == agent)
                    .cloned()
                    .collect(),
            });
            judged.instances.extend(ties);
        }
    }

    /// The agents that the resource's shared images are tied to: by its kind, by its release, and by
    /// what several releases may share where the name of the release says nothing.
    pub(super) fn agents(&self, instances: &Instances) -> AgentSet {
        let known = self.ties().flat_map(|tie| instances.agents(tie));
        known.chain(self.of_kind.iter().copied()).collect()
    }

    /// The versions of agents' own images that the resource's shared images run beside.
    pub(super) fn versions<'i>(
        &self,
        instances: &'i Instances,
    ) -> impl Iterator<Item = &'i AgentVersion> {
        self.ties().flat_map(|tie| instances.versions(tie))
    }

    fn ties(&self) -> impl Iterator<Item = &Tie> {
        let others = self.others.iter().filter(|_| self.is_unnamed);
        self.releases.iter().chain(others)
    }
}

/// The agents that a resource's kind runs, by their positions in the configuration.
fn of_kind(config: &Config, resource: &Resource<'_, '_>) -> AgentSet {
    let entries = config
        .fields
        .of(resource.group(), resource.version(), resource.kind);
    let names = entries.flat_map(|entry| &entry.agents);
    let positions = names.filter_map(|name| {
        let mut agents = config.agents.iter();
        agents.position(|agent| *agent.name == **name)
    });
    positions.collect()
}

/// Whether a Job is created anew instead of being changed: as a hook, under a generated name, or by
/// whoever applies it.
pub(super) fn is_made_anew(resource: &Resource<'_, '_>) -> Result<bool, Error> {
    for hook in ["helm.sh/hook", "argocd.argoproj.io/hook"] {
        if resource.annotation(hook)?.is_some() {
            return Ok(true);
        }
    }
    for (annotation, word) in [
        ("argocd.argoproj.io/sync-options", "Replace=true"),
        ("argocd.argoproj.io/sync-options", "Force=true"),
        ("kustomize.toolkit.fluxcd.io/force", "enabled"),
    ] {
        let value = resource.annotation(annotation)?.and_then(Node::scalar);
        let mut words = value.unwrap_or_default().split(',').map(str::trim);
        if words.any(|found| found == word) {
            return Ok(true);
        }
    }
    Ok(resource.of_metadata("generateName")?.is_some())
}
