//! `emit.rolloutRestart`: a CronJob that restarts agents.

use schemars::JsonSchema;
use serde::Deserialize;

use super::{Timing, timing, tool_image};
use crate::config::fault::ConfigFault;
use crate::config::names;
use crate::config::shape;
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
    /// The image that the Kubernetes project publishes, by the digest that other repositories pin.
    pub const DEFAULT_IMAGE: &str = "registry.k8s.io/kubectl:v1.34.1@sha256:59bafa07ff3a6d4b417e7633ddb9d79a9606ca98bf64bac080b3e65748669250";
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize, JsonSchema)]
#[serde(rename = "kind")]
pub enum WorkloadKind {
    /// A Deployment.
    Deployment,
    /// A DaemonSet.
    DaemonSet,
    /// A StatefulSet.
    StatefulSet,
}

/// How agents are restarted.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub(in crate::config) struct RolloutRestartEntry {
    /// The image that kubectl comes in, as its vendor publishes it.
    image: Option<Spanned<String>>,
    /// When, as CronJobs have it.
    #[schemars(regex(pattern = shape::SCHEDULE))]
    schedule: Option<Spanned<String>>,
    /// The time zone of the schedule: `Europe/Berlin`.
    time_zone: Option<Spanned<String>>,
    /// Whether it is made and does not run.
    suspend: bool,
    /// Workloads to restart beside those that are found.
    workloads: Vec<WorkloadEntry>,
}

/// A workload that can be restarted.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct WorkloadEntry {
    /// The kind.
    kind: WorkloadKind,
    /// The name.
    name: Spanned<String>,
    /// The namespace; left out, the one of what is generated.
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
