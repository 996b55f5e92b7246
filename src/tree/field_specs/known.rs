//! The fields that kustomize knows of by itself.
//!
//! Source: kustomize's `api/internal/konfig/builtinpluginconsts`.

use super::{FieldSpec, Written};

const fn made<'a>(group: &'a str, kind: &'a str, path: &'a str) -> FieldSpec<'a> {
    FieldSpec {
        group,
        version: "",
        kind,
        path,
        creates: true,
    }
}

const fn found<'a>(group: &'a str, kind: &'a str, path: &'a str) -> FieldSpec<'a> {
    FieldSpec {
        creates: false,
        ..made(group, kind, path)
    }
}

const fn of_core<'a>(kind: &'a str, path: &'a str) -> FieldSpec<'a> {
    FieldSpec {
        version: "v1",
        ..made("", kind, path)
    }
}

pub(super) const METADATA: FieldSpec<'_> = made("", "", "metadata/labels");

const TEMPLATES: &[FieldSpec<'_>] = &[
    METADATA,
    of_core("ReplicationController", "spec/template/metadata/labels"),
    made("", "Deployment", "spec/template/metadata/labels"),
    made("", "ReplicaSet", "spec/template/metadata/labels"),
    made("", "DaemonSet", "spec/template/metadata/labels"),
    made("apps", "StatefulSet", "spec/template/metadata/labels"),
    made(
        "apps",
        "StatefulSet",
        "spec/volumeClaimTemplates[]/metadata/labels",
    ),
    made("batch", "Job", "spec/template/metadata/labels"),
    made("batch", "CronJob", "spec/jobTemplate/metadata/labels"),
    made(
        "batch",
        "CronJob",
        "spec/jobTemplate/spec/template/metadata/labels",
    ),
];

const SELECTORS: &[FieldSpec<'_>] = &[
    of_core("Service", "spec/selector"),
    of_core("ReplicationController", "spec/selector"),
    made("", "Deployment", "spec/selector/matchLabels"),
    made("", "ReplicaSet", "spec/selector/matchLabels"),
    made("", "DaemonSet", "spec/selector/matchLabels"),
    made("apps", "StatefulSet", "spec/selector/matchLabels"),
    found("batch", "Job", "spec/selector/matchLabels"),
    found(
        "batch",
        "CronJob",
        "spec/jobTemplate/spec/selector/matchLabels",
    ),
    found("policy", "PodDisruptionBudget", "spec/selector/matchLabels"),
    found(
        "networking.k8s.io",
        "NetworkPolicy",
        "spec/podSelector/matchLabels",
    ),
    found(
        "networking.k8s.io",
        "NetworkPolicy",
        "spec/ingress/from/podSelector/matchLabels",
    ),
    found(
        "networking.k8s.io",
        "NetworkPolicy",
        "spec/egress/to/podSelector/matchLabels",
    ),
];

/// Below the pod spec of Deployments and StatefulSets.
const AFFINITIES: [&str; 5] = [
    "spec/template/spec/affinity/podAffinity/preferredDuringSchedulingIgnoredDuringExecution/podAffinityTerm/labelSelector/matchLabels",
    "spec/template/spec/affinity/podAffinity/requiredDuringSchedulingIgnoredDuringExecution/labelSelector/matchLabels",
    "spec/template/spec/affinity/podAntiAffinity/preferredDuringSchedulingIgnoredDuringExecution/podAffinityTerm/labelSelector/matchLabels",
    "spec/template/spec/affinity/podAntiAffinity/requiredDuringSchedulingIgnoredDuringExecution/labelSelector/matchLabels",
    "spec/template/spec/topologySpreadConstraints/labelSelector/matchLabels",
];

const ANNOTATIONS: &[FieldSpec<'_>] = &[
    made("", "", "metadata/annotations"),
    of_core(
        "ReplicationController",
        "spec/template/metadata/annotations",
    ),
    made("", "Deployment", "spec/template/metadata/annotations"),
    made("", "ReplicaSet", "spec/template/metadata/annotations"),
    made("", "DaemonSet", "spec/template/metadata/annotations"),
    made("", "StatefulSet", "spec/template/metadata/annotations"),
    made("batch", "Job", "spec/template/metadata/annotations"),
    made("batch", "CronJob", "spec/jobTemplate/metadata/annotations"),
    made(
        "batch",
        "CronJob",
        "spec/jobTemplate/spec/template/metadata/annotations",
    ),
];

/// The field that prefixes and suffixes come to.
const NAME: FieldSpec<'_> = found("", "", "metadata/name");

/// The fields that a namespace comes to beside that of metadata.
const NAMESPACES: &[FieldSpec<'_>] = &[
    made("", "Namespace", "metadata/name"),
    made(
        "apiregistration.k8s.io",
        "APIService",
        "spec/service/namespace",
    ),
    found(
        "apiextensions.k8s.io",
        "CustomResourceDefinition",
        "spec/conversion/webhook/clientConfig/service/namespace",
    ),
];

/// The kinds whose replicas a kustomization counts.
const REPLICATED: [&str; 4] = [
    "Deployment",
    "ReplicationController",
    "ReplicaSet",
    "StatefulSet",
];

/// The fields that kustomize knows of by itself.
pub(in crate::tree) fn known<'a>(written: Written) -> Vec<FieldSpec<'a>> {
    match written {
        Written::NamePrefix | Written::NameSuffix => vec![NAME],
        Written::Namespace => NAMESPACES.to_vec(),
        Written::Labels => Vec::new(),
        Written::TemplateLabels => TEMPLATES.to_vec(),
        Written::CommonLabels => {
            let affinities = AFFINITIES.iter().flat_map(|path| {
                let kinds = ["Deployment", "StatefulSet"].into_iter();
                kinds.map(|kind| found("apps", kind, path))
            });
            let others = [TEMPLATES, SELECTORS].concat().into_iter();
            others.chain(affinities).collect()
        }
        Written::CommonAnnotations => ANNOTATIONS.to_vec(),
        Written::Replicas => {
            let kinds = REPLICATED.into_iter();
            kinds.map(|kind| made("", kind, "spec/replicas")).collect()
        }
    }
}
