//! Which release of a chart a resource belongs to, and whether a Job is made anew each time.

use crate::decide::claim::AgentSet;
use crate::krm::resource::Resource;
use crate::yaml::{Error, Node};

use super::verdict::FieldVerdict;
use super::{Instances, Judged};

/// The labels that hold the name of a release: today's, and the one that charts had before.
const LABELS: [&str; 2] = ["app.kubernetes.io/instance", "release"];
/// The annotation in which Helm notes the name of a release.
const ANNOTATION: &str = "meta.helm.sh/release-name";
/// The label with a chart's name and version, which its releases share.
const CHART: &str = "helm.sh/chart";

/// What ties a resource to others: its namespace, and a release or a chart.
#[derive(Debug, Default)]
pub(super) struct Ties {
    releases: Vec<(String, String)>,
    chart: Option<(String, String)>,
}

impl Ties {
    /// The ties of a resource.
    pub(super) fn of(resource: &Resource<'_, '_>) -> Result<Self, Error> {
        let mut ties = Ties::default();
        let mut names = Vec::new();
        for label in LABELS {
            names.extend(resource.label(label)?);
        }
        names.extend(resource.annotation(ANNOTATION)?.and_then(Node::scalar));
        for name in names {
            let tie = (resource.namespace.to_owned(), name.to_owned());
            if !ties.releases.contains(&tie) {
                ties.releases.push(tie);
            }
        }
        let chart = resource.label(CHART)?;
        // No name of a release holds a blank.
        let chart = chart.map(|chart| format!("{CHART} {chart}"));
        ties.chart = chart.map(|chart| (resource.namespace.to_owned(), chart));
        Ok(ties)
    }

    /// Notes the agents whose own image the resource runs, by all that ties others to it.
    pub(super) fn note(
        self,
        verdicts: &[Vec<FieldVerdict<'_, '_, '_, '_>>],
        judged: &mut Judged<'_, '_>,
    ) {
        let claims = verdicts
            .iter()
            .flatten()
            .filter_map(|verdict| verdict.claim.as_ref());
        let own = claims.filter(|claim| !claim.image.shared);
        let own: AgentSet = own.map(|claim| claim.index).collect();
        for tie in self.releases.into_iter().chain(self.chart) {
            let ties = own.iter().map(|&agent| (tie.clone(), agent));
            judged.instances.extend(ties);
        }
    }

    /// The agents that the resource's shared images are tied to: by its release, and by its chart
    /// where it names none, since two releases may be of one chart.
    pub(super) fn agents(&self, instances: &Instances) -> AgentSet {
        let chart = self.chart.as_ref().filter(|_| self.releases.is_empty());
        let ties = self.releases.iter().chain(chart);
        let known = ties.filter_map(|tie| instances.get(tie));
        known.flatten().copied().collect()
    }
}

/// Whether a Job is made anew instead of being changed: as a hook, under a generated name, or by
/// whoever applies it.
pub(super) fn is_made_anew(resource: &Resource<'_, '_>) -> Result<bool, Error> {
    for hook in ["helm.sh/hook", "argocd.argoproj.io/hook"] {
        if resource.annotation(hook)?.is_some() {
            return Ok(true);
        }
    }
    for (annotation, word) in [
        ("argocd.argoproj.io/sync-options", "Replace=true"),
        ("kustomize.toolkit.fluxcd.io/force", "enabled"),
    ] {
        let value = resource.annotation(annotation)?.and_then(Node::scalar);
        let mut words = value.unwrap_or_default().split(',').map(str::trim);
        if words.any(|found| found == word) {
            return Ok(true);
        }
    }
    let metadata = resource.node.get("metadata")?;
    Ok(match metadata {
        Some(metadata) => metadata.get("generateName")?.is_some(),
        None => false,
    })
}
