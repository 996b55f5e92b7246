//! `emit.rolloutRestart`: a CronJob that restarts agents.

use serde::Deserialize;

use super::{Timing, timing, tool_image};
use crate::config::fault::ConfigFault;
use crate::config::names;
use crate::config::spanned::Spanned;
use crate::revision::KubernetesVersion;

/// How agents are restarted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RolloutRestart {
    /// The image that kubectl comes in, as its vendor publishes it.
    pub image: String,
    /// When.
    pub timing: Timing,
    /// Workloads to restart beside those that are found.
    pub workloads: Vec<Workload>,
}

impl RolloutRestart {
    /// The image that the Kubernetes project publishes.
    pub const DEFAULT_IMAGE: &str = "registry.k8s.io/kubectl:v1.34.1";
}

/// A workload that can be restarted; they sort by namespace, kind and name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Workload {
    /// Its namespace; `None` is the one of what is generated.
    pub namespace: Option<String>,
    /// Its kind.
    pub kind: WorkloadKind,
    /// Its name.
    pub name: String,
}

/// The kinds that `kubectl rollout restart` knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename = "kind")]
pub enum WorkloadKind {
    /// A Deployment.
    Deployment,
    /// A DaemonSet.
    DaemonSet,
    /// A StatefulSet.
    StatefulSet,
}

/// [`RolloutRestart`] as it is written.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub(in crate::config) struct RolloutRestartEntry {
    image: Option<Spanned<String>>,
    schedule: Option<Spanned<String>>,
    time_zone: Option<Spanned<String>>,
    suspend: bool,
    workloads: Vec<WorkloadEntry>,
}

/// [`Workload`] as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WorkloadEntry {
    kind: WorkloadKind,
    name: Spanned<String>,
    namespace: Option<Spanned<String>>,
}

pub(super) fn checked(
    written: &Spanned<RolloutRestartEntry>,
    target: Option<KubernetesVersion>,
) -> Result<RolloutRestart, ConfigFault> {
    let entry = &written.value;
    let workloads = entry.workloads.iter().map(|workload| {
        Ok(Workload {
            namespace: workload.namespace.as_ref().map(names::legal).transpose()?,
            kind: workload.kind,
            name: names::legal(&workload.name)?,
        })
    });
    Ok(RolloutRestart {
        image: tool_image(entry.image.as_ref(), RolloutRestart::DEFAULT_IMAGE)?,
        timing: timing(
            (&entry.schedule, "0 5 * * 0"),
            &entry.time_zone,
            entry.suspend,
            target,
        )?,
        workloads: workloads.collect::<Result<_, ConfigFault>>()?,
    })
}
