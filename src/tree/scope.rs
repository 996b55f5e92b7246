//! Which built-in kinds have no namespace, by kustomize's list; every other kind has one.
//!
//! Source: kustomize's `kyaml/openapi` (namespaceability) and `api/internal/konfig/builtinpluginconsts`.

use crate::krm::resource::group;

use super::value::BuildValue;

/// What `namespace:` of a kustomization does to a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NamespaceChange {
    /// It gets the namespace.
    Namespaced,
    /// It is a Namespace, and gets the name.
    Namespace,
    /// Nothing.
    Cluster,
}

/// Kinds without a namespace, by their group.
const CLUSTER: &[(&str, &[&str])] = &[
    ("", &["ComponentStatus", "Node", "PersistentVolume"]),
    (
        "admissionregistration.k8s.io",
        &[
            "MutatingAdmissionPolicy",
            "MutatingAdmissionPolicyBinding",
            "MutatingWebhookConfiguration",
            "ValidatingAdmissionPolicy",
            "ValidatingAdmissionPolicyBinding",
            "ValidatingWebhookConfiguration",
        ],
    ),
    ("apiextensions.k8s.io", &["CustomResourceDefinition"]),
    ("apiregistration.k8s.io", &["APIService"]),
    ("certificates.k8s.io", &["CertificateSigningRequest"]),
    (
        "flowcontrol.apiserver.k8s.io",
        &["FlowSchema", "PriorityLevelConfiguration"],
    ),
    ("networking.k8s.io", &["IngressClass"]),
    ("node.k8s.io", &["RuntimeClass"]),
    ("policy", &["PodSecurityPolicy"]),
    (
        "rbac.authorization.k8s.io",
        &["ClusterRole", "ClusterRoleBinding"],
    ),
    ("scheduling.k8s.io", &["PriorityClass"]),
    (
        "storage.k8s.io",
        &["CSIDriver", "CSINode", "StorageClass", "VolumeAttachment"],
    ),
];

/// The scope of a resource.
pub(super) fn of(resource: &BuildValue<'_, '_>) -> NamespaceChange {
    let group = group(resource.text_at(&["apiVersion"]));
    let kind = resource.text_at(&["kind"]);
    let mut clusters = CLUSTER.iter();
    match clusters.find(|(of, _)| *of == group) {
        _ if (group, kind) == ("", "Namespace") => NamespaceChange::Namespace,
        Some((_, kinds)) if kinds.contains(&kind) => NamespaceChange::Cluster,
        _ => NamespaceChange::Namespaced,
    }
}

/// Whether `namePrefix` and `nameSuffix` leave its name alone.
pub(super) fn keeps_name(resource: &BuildValue<'_, '_>) -> bool {
    const KEPT: [&str; 3] = ["APIService", "CustomResourceDefinition", "Namespace"];
    KEPT.contains(&resource.text_at(&["kind"]))
}
