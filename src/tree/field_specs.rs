//! Fields that labels, annotations and counts of replicas are written to, as kustomize's `fieldSpecs` say them: a
//! patch or a selector of a later layer may ask for any of them.
//!
//! Source: kustomize's `api/internal/konfig/builtinpluginconsts` and `api/filters/fieldspec`.

use std::borrow::Cow;

use crate::krm::resource::{group, version};
use crate::yaml::Node;

use super::kustomization::{Labels, text};
use super::target::BuiltResource;
use super::value::BuildValue;

/// A field of some kinds: what it leaves out is any.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct FieldSpec<'a> {
    group: &'a str,
    version: &'a str,
    kind: &'a str,
    /// The keys on the way, with `[]` behind those that hold a list.
    path: &'a str,
    /// Whether it is made where it is absent.
    creates: bool,
}

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

const METADATA: FieldSpec<'_> = made("", "", "metadata/labels");

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

/// The kinds whose replicas a kustomization counts.
pub(super) const REPLICATED: [&str; 4] = [
    "Deployment",
    "ReplicationController",
    "ReplicaSet",
    "StatefulSet",
];

impl<'a> FieldSpec<'a> {
    /// The fields that a list of them says.
    pub(super) fn read_all(list: &'a [Node<'_>]) -> Vec<FieldSpec<'a>> {
        let specs = list.iter().map(|spec| {
            let says = |key| text(spec, key).unwrap_or_default();
            FieldSpec {
                group: says("group"),
                version: says("version"),
                kind: says("kind"),
                path: says("path"),
                creates: says("create") == "true",
            }
        });
        specs.collect()
    }

    /// Whether it is the name.
    pub(super) fn is_name(&self) -> bool {
        self.path == "metadata/name"
    }

    /// Whether it is of the kind of a resource.
    pub(super) fn is_of(&self, resource: &BuildValue<'_, '_>) -> bool {
        let api_version = resource.text_at(&["apiVersion"]);
        let is = |wanted: &str, given: &str| wanted.is_empty() || wanted == given;
        is(self.kind, resource.text_at(&["kind"]))
            && is(self.group, group(api_version))
            && is(self.version, version(api_version))
    }

    /// Calls `set` for the field, wherever it is in a resource.
    fn each<'n, 's>(
        &self,
        resource: &mut BuildValue<'n, 's>,
        set: &dyn Fn(&mut BuildValue<'n, 's>),
    ) {
        let steps: Vec<&str> = self
            .path
            .split('/')
            .filter(|step| !step.is_empty())
            .collect();
        // Nothing is copied where there is nothing to set.
        if self.is_of(resource) && (self.creates || reaches(resource, &steps)) {
            each(resource, &steps, self.creates, set);
        }
    }
}

fn reaches(value: &BuildValue<'_, '_>, steps: &[&str]) -> bool {
    match (value, steps) {
        (_, []) => true,
        (BuildValue::Sequence(items, _), _) => items.iter().any(|item| reaches(item, steps)),
        (value, [step, rest @ ..]) => {
            let value = value.get(step.trim_end_matches("[]"));
            value.is_some_and(|value| reaches(value, rest))
        }
    }
}

fn each<'n, 's>(
    value: &mut BuildValue<'n, 's>,
    steps: &[&str],
    creates: bool,
    set: &dyn Fn(&mut BuildValue<'n, 's>),
) {
    match (value, steps) {
        (value, []) => set(value),
        (BuildValue::Sequence(items, _), _) => {
            for item in items.iter_mut() {
                each(item, steps, creates, set);
            }
        }
        (value @ BuildValue::Mapping(..), [step, rest @ ..]) => {
            let key = step.trim_end_matches("[]");
            let is_there = value.get(key).is_some_and(|value| !value.is_null());
            if !is_there && creates && key == *step {
                let empty = BuildValue::Mapping(Vec::new().into(), None);
                value.set(Cow::Owned(key.to_owned()), empty);
            }
            if let Some(value) = value.get_mut(key) {
                each(value, rest, creates, set);
            }
        }
        (BuildValue::Scalar(_), _) => {}
    }
}

/// Writes pairs of texts into the mappings that fields are.
fn write<'n>(
    pairs: &[(&'n str, &'n str)],
    specs: &mut dyn Iterator<Item = FieldSpec<'_>>,
    resource: &mut BuildValue<'n, '_>,
) {
    for spec in specs {
        spec.each(resource, &|map| {
            for (key, text) in pairs {
                map.set(Cow::Borrowed(key), BuildValue::made(*text));
            }
        });
    }
}

/// Writes the labels of a kustomization, rule by rule.
pub(super) fn label<'n>(rules: &[Labels<'n, '_>], resources: &mut [BuiltResource<'n, '_>]) {
    let affinities = AFFINITIES.iter().flat_map(|path| {
        let kinds = ["Deployment", "StatefulSet"].into_iter();
        kinds.map(|kind| found("apps", kind, path))
    });
    let affinities: Vec<FieldSpec<'_>> = affinities.collect();
    for rule in rules {
        let specs: Vec<FieldSpec<'_>> = match (rule.includes_selectors, rule.includes_templates) {
            (true, _) => [TEMPLATES, SELECTORS, &affinities].concat(),
            (false, true) => TEMPLATES.to_vec(),
            (false, false) => vec![METADATA],
        };
        let own = FieldSpec::read_all(rule.fields);
        for resource in resources.iter_mut() {
            let mut specs = own.iter().chain(&specs).copied();
            write(&rule.pairs, &mut specs, &mut resource.value);
        }
    }
}

/// Writes annotations.
pub(super) fn annotate<'n>(pairs: &[(&'n str, &'n str)], resources: &mut [BuiltResource<'n, '_>]) {
    if pairs.is_empty() {
        return;
    }
    for resource in resources {
        write(pairs, &mut ANNOTATIONS.iter().copied(), &mut resource.value);
    }
}

/// Writes pairs to the fields that a transformer says.
pub(super) fn write_to<'n>(
    pairs: &[(&'n str, &'n str)],
    specs: &[FieldSpec<'_>],
    resources: &mut [BuiltResource<'n, '_>],
) {
    for resource in resources {
        write(pairs, &mut specs.iter().copied(), &mut resource.value);
    }
}

/// Writes how many replicas the workloads of a name have: to the fields that a transformer says, or else to those
/// that kustomize knows.
pub(super) fn count<'n>(
    entry: &'n Node<'_>,
    specs: Option<&[FieldSpec<'_>]>,
    resources: &mut [BuiltResource<'n, '_>],
) {
    let (Some(name), Some(count)) = (text(entry, "name"), text(entry, "count")) else {
        return;
    };
    let known = REPLICATED.map(|kind| made("", kind, "spec/replicas"));
    let specs = specs.unwrap_or(&known);
    for resource in resources {
        if !resource.ids.iter().any(|id| *id.name == *name) {
            continue;
        }
        for spec in specs {
            spec.each(&mut resource.value, &|value| {
                *value = BuildValue::made_plain(count);
            });
        }
    }
}
