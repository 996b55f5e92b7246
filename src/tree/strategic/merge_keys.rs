//! Which lists of a resource a strategic-merge patch merges, and by what.
//!
//! Source: kustomize's schema, that of Kubernetes 1.21 (`kyaml/openapi/kubernetesapi`):
//! `x-kubernetes-patch-merge-key`, and `x-kubernetes-list-map-keys` where that has several.

use crate::field::pod;
use crate::krm::resource::{group, version};
use crate::tree::value::BuildValue;

/// A list, and the keys of its items that say which of them are one; without any, its items are texts.
type MergeKeys = (&'static str, &'static [&'static str]);

const OF_PODS: &[MergeKeys] = &[
    ("containers", &["name"]),
    ("initContainers", &["name"]),
    ("ephemeralContainers", &["name"]),
    ("volumes", &["name"]),
    ("env", &["name"]),
    ("imagePullSecrets", &["name"]),
    ("ports", &["containerPort", "protocol"]),
    ("volumeMounts", &["mountPath"]),
    ("volumeDevices", &["devicePath"]),
    ("hostAliases", &["ip"]),
    (
        "topologySpreadConstraints",
        &["topologyKey", "whenUnsatisfiable"],
    ),
];

const OF_SERVICES: &[MergeKeys] = &[("ports", &["port", "protocol"])];
const OF_ACCOUNTS: &[MergeKeys] = &[("secrets", &["name"])];
const OF_WEBHOOKS: &[MergeKeys] = &[("webhooks", &["name"])];

/// Those of every kind that Kubernetes itself has.
const OF_ALL: &[MergeKeys] = &[("finalizers", &[]), ("ownerReferences", &["uid"])];

/// Their groups.
const GROUPS: [&str; 20] = [
    "",
    "admissionregistration.k8s.io",
    "apiextensions.k8s.io",
    "apiregistration.k8s.io",
    "apps",
    "authentication.k8s.io",
    "authorization.k8s.io",
    "autoscaling",
    "batch",
    "certificates.k8s.io",
    "coordination.k8s.io",
    "discovery.k8s.io",
    "events.k8s.io",
    "flowcontrol.apiserver.k8s.io",
    "networking.k8s.io",
    "node.k8s.io",
    "policy",
    "rbac.authorization.k8s.io",
    "scheduling.k8s.io",
    "storage.k8s.io",
];

/// What becomes of the lists of a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Merging {
    /// These are merged item by item, and those of all kinds.
    ByKeys(&'static [MergeKeys]),
    /// A list takes the place of the one below.
    Replaced,
    /// A schema says it that is not read: all items stay, so that none is taken for gone.
    Unknown,
}

impl Merging {
    pub(super) fn of(resource: &BuildValue<'_, '_>, has_own_schema: bool) -> Self {
        let api_version = resource.text_at(&["apiVersion"]);
        let kind = resource.text_at(&["kind"]);
        let (group, version) = (group(api_version), version(api_version));
        // Other versions of these groups are unknown to the schema, and their lists are replaced (measured).
        let is_known = version == "v1" || (group, version, kind) == ("batch", "v1beta1", "CronJob");
        let is_beta = matches!(version, "v1beta1" | "v2beta1" | "v2beta2");
        match (group, version, kind) {
            _ if has_own_schema => Merging::Unknown,
            _ if pod::keeps_images(group, kind) && is_known => Merging::ByKeys(OF_PODS),
            _ if pod::keeps_images(group, kind) => Merging::Replaced,
            ("", "v1", "Service") => Merging::ByKeys(OF_SERVICES),
            ("", "v1", "ServiceAccount") => Merging::ByKeys(OF_ACCOUNTS),
            (
                "admissionregistration.k8s.io",
                "v1" | "v1beta1",
                "MutatingWebhookConfiguration" | "ValidatingWebhookConfiguration",
            ) => Merging::ByKeys(OF_WEBHOOKS),
            _ if (is_known || is_beta) && GROUPS.contains(&group) => Merging::ByKeys(&[]),
            _ => Merging::Replaced,
        }
    }

    /// The keys by which the items of a list are merged, none where they are texts; `None` for a list that
    /// is not merged.
    pub(super) fn keys_of(self, list: &str) -> Option<&'static [&'static str]> {
        let keys_in = |all: &[MergeKeys]| {
            let known = all.iter().find(|(name, _)| *name == list);
            known.map(|(_, keys)| *keys)
        };
        match self {
            Merging::ByKeys(own) => keys_in(own).or_else(|| keys_in(OF_ALL)),
            Merging::Replaced => None,
            // All items stay, whatever else their keys are.
            Merging::Unknown => keys_in(OF_PODS).map(|keys| &keys[..1]).or(Some(&["name"])),
        }
    }
}
