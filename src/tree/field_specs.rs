//! Fields that labels, annotations and counts of replicas are written to, as kustomize's `fieldSpecs` say them: a
//! patch or a selector of a later layer may ask for any of them.
//!
//! Source: kustomize's `api/internal/konfig/builtinpluginconsts` and `api/filters/fieldspec`.

mod configured;
mod known;

use std::borrow::Cow;

use crate::krm::resource::{group, version};
use crate::yaml::Node;

use super::kustomization::{Labels, text};
use super::target::BuiltResource;
use super::value::BuildValue;

pub(super) use configured::Configured;
use known::METADATA;
pub(super) use known::known;

/// What is written to fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Written {
    NamePrefix,
    NameSuffix,
    Namespace,
    /// `commonLabels`, and `labels` with selectors.
    CommonLabels,
    Labels,
    /// `labels` with templates.
    TemplateLabels,
    CommonAnnotations,
    Replicas,
}

/// A field of some kinds: what it leaves out is any.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct FieldSpec<'a> {
    group: &'a str,
    version: &'a str,
    kind: &'a str,
    /// The keys on the way, with `[]` behind those that hold a list.
    path: &'a str,
    /// Whether it is made where it is absent.
    creates: bool,
}

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

    /// Whether another field is there already where this one is: it is the same, of these kinds or of more.
    pub(super) fn is_also(&self, other: &FieldSpec<'_>) -> bool {
        let is = |wanted: &str, given: &str| wanted.is_empty() || wanted == given;
        self.path == other.path
            && is(other.kind, self.kind)
            && is(other.group, self.group)
            && is(other.version, self.version)
    }

    /// Whether it is the namespace of metadata.
    pub(super) fn is_namespace(&self) -> bool {
        self.path == "metadata/namespace"
    }

    /// Whether it is of the kind of a resource.
    pub(super) fn is_of(&self, resource: &BuildValue<'_, '_>) -> bool {
        self.is_of_kind(
            resource.text_at(&["apiVersion"]),
            resource.text_at(&["kind"]),
        )
    }

    /// Whether it is of a kind.
    pub(super) fn is_of_kind(&self, api_version: &str, kind: &str) -> bool {
        let is = |wanted: &str, given: &str| wanted.is_empty() || wanted == given;
        is(self.kind, kind)
            && is(self.group, group(api_version))
            && is(self.version, version(api_version))
    }

    /// Calls `set` for the field, wherever it is in a resource.
    pub(super) fn each<'n, 's>(
        &self,
        resource: &mut BuildValue<'n, 's>,
        set: &dyn Fn(&mut BuildValue<'n, 's>),
    ) {
        if !self.is_of(resource) {
            return;
        }
        let steps = self.path.split('/').filter(|step| !step.is_empty());
        let steps: Vec<&str> = steps.collect();
        // Nothing is copied where there is nothing to set.
        if self.creates || reaches(resource, &steps) {
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
pub(super) fn label<'n>(
    rules: &[Labels<'n, '_>],
    configured: &Configured<'n>,
    resources: &mut [BuiltResource<'n, '_>],
) {
    for rule in rules {
        let mut specs = FieldSpec::read_all(rule.fields);
        let own = specs.len();
        specs.extend(configured.of(Written::Labels));
        if rule.includes_selectors {
            specs.extend(configured.of(Written::CommonLabels));
        } else {
            if rule.includes_templates {
                specs.extend(configured.of(Written::TemplateLabels));
            }
            specs.push(METADATA);
        }
        // A field that the rule says of one kind keeps the same one of all kinds out.
        let (said, rest) = specs.split_at(own);
        let rest = rest
            .iter()
            .filter(|spec| !said.iter().any(|own| own.is_also(spec)));
        let specs: Vec<FieldSpec<'_>> = said.iter().chain(rest).copied().collect();
        write_to(&rule.pairs, &specs, resources);
    }
}

/// Writes annotations.
pub(super) fn annotate<'n>(
    pairs: &[(&'n str, &'n str)],
    configured: &Configured<'n>,
    resources: &mut [BuiltResource<'n, '_>],
) {
    if !pairs.is_empty() {
        write_to(pairs, &configured.of(Written::CommonAnnotations), resources);
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

/// Writes how many replicas the workloads of a name have.
pub(super) fn count<'n>(
    entry: &'n Node<'_>,
    specs: &[FieldSpec<'_>],
    resources: &mut [BuiltResource<'n, '_>],
) {
    let (Some(name), Some(count)) = (text(entry, "name"), text(entry, "count")) else {
        return;
    };
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
