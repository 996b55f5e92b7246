//! Pod specs of the built-in kinds.

use crate::krm::item_config::secret_names;
use crate::krm::resource::{Budget, Resource};
use crate::slot::Slot;
use crate::yaml::{Error, Node, Path};

use super::carrier::{self, Carriers};
use super::{FieldRole, ImageField, ImageGroup, Notation, Secrets};

/// A built-in kind that keeps a pod spec.
pub(crate) struct PodSpecKind {
    /// Its API groups, the present one first.
    ///
    /// `extensions` is the group that workloads had before Kubernetes 1.16; such manifests still run
    /// through pipelines.
    groups: &'static [&'static str],
    /// Its name.
    pub(crate) kind: &'static str,
    /// The keys from the root to the pod spec.
    keys: &'static [&'static str],
    /// What runs its pods.
    pub(crate) runs: Runs,
}

/// How the pods of a kind come to run.
pub(crate) enum Runs {
    /// It is a pod, or none is made of it by itself.
    Itself,
    /// A controller of Kubernetes makes pods of it.
    Pods,
    /// A controller of Kubernetes makes objects of another kind of it, which make the pods.
    By {
        /// That kind.
        kind: &'static str,
        /// What follows the object's own name in theirs: a regular expression (RE2).
        suffix: &'static str,
    },
}

/// The keys to the pod spec of what has a template.
const TEMPLATE: &[&str] = &["spec", "template", "spec"];

/// The built-in kinds that keep a pod spec.
pub(crate) const POD_SPECS: &[PodSpecKind] = &[
    PodSpecKind {
        groups: &[""],
        kind: "Pod",
        keys: &["spec"],
        runs: Runs::Itself,
    },
    PodSpecKind {
        groups: &[""],
        kind: "PodTemplate",
        keys: &["template", "spec"],
        runs: Runs::Itself,
    },
    PodSpecKind {
        groups: &[""],
        kind: "ReplicationController",
        keys: TEMPLATE,
        runs: Runs::Pods,
    },
    PodSpecKind {
        groups: &["apps", "extensions"],
        kind: "DaemonSet",
        keys: TEMPLATE,
        runs: Runs::Pods,
    },
    PodSpecKind {
        groups: &["apps", "extensions"],
        kind: "Deployment",
        keys: TEMPLATE,
        runs: Runs::By {
            kind: "ReplicaSet",
            suffix: "-[a-z0-9]+",
        },
    },
    PodSpecKind {
        groups: &["apps", "extensions"],
        kind: "ReplicaSet",
        keys: TEMPLATE,
        runs: Runs::Pods,
    },
    PodSpecKind {
        groups: &["apps"],
        kind: "StatefulSet",
        keys: TEMPLATE,
        runs: Runs::Pods,
    },
    PodSpecKind {
        groups: &["batch"],
        kind: "CronJob",
        keys: &["spec", "jobTemplate", "spec", "template", "spec"],
        runs: Runs::By {
            kind: "Job",
            suffix: "-[0-9]+",
        },
    },
    PodSpecKind {
        groups: &["batch"],
        kind: "Job",
        keys: TEMPLATE,
        runs: Runs::Pods,
    },
];

/// The lists of a pod spec that hold containers.
pub const LISTS: &[&str] = &["initContainers", "containers", "ephemeralContainers"];

fn keys_of(group: &str, kind: &str) -> Option<&'static [&'static str]> {
    POD_SPECS
        .iter()
        .find(|known| known.kind == kind && known.groups.contains(&group))
        .map(|known| known.keys)
}

/// The apiVersion that a workload kind should have, if `group` is empty and Kubernetes has no core
/// kind of this name, so that no other resource can be meant.
pub fn missing_version(group: &str, kind: &str) -> Option<String> {
    let mut kinds = POD_SPECS.iter().filter(|known| known.kind == kind);
    let known = kinds.next().filter(|_| group.is_empty())?;
    let usual = known.groups.first().filter(|group| !group.is_empty())?;
    Some(format!("{usual}/v1"))
}

/// Whether a kind has a pod spec.
pub fn keeps_images(group: &str, kind: &str) -> bool {
    keys_of(group, kind).is_some()
}

/// The pod spec of a resource, if its kind has one and it is written.
///
/// # Errors
/// A mapping that is read has a key twice, or aliases repeat too much.
pub(super) fn pod_spec<'n, 's>(
    resource: &Resource<'n, 's>,
    carriers: &'n Carriers,
    budget: &mut Budget,
) -> Result<Option<ImageGroup<'n, 's>>, Error> {
    let Some(keys) = keys_of(resource.group(), resource.kind) else {
        return Ok(None);
    };
    let mut node = resource.node;
    for key in keys {
        let Some(inner) = node.get(key)? else {
            return Ok(None);
        };
        node = inner;
    }
    let path = resource.path.keys(keys);
    if node.entries().is_none() {
        return Ok(None);
    }
    Ok(Some(spec_at(node, path, carriers, budget)?))
}

/// The pod spec at a path.
pub(super) fn spec_at<'n, 's>(
    node: &'n Node<'s>,
    path: Path<'n>,
    carriers: &'n Carriers,
    budget: &mut Budget,
) -> Result<ImageGroup<'n, 's>, Error> {
    let account = match node.get("serviceAccountName")? {
        Some(account) => Some(account),
        // The name that the field had before; Kubernetes still reads it.
        None => node.get("serviceAccount")?,
    };
    let account = account
        .and_then(Node::scalar)
        .filter(|name| !name.is_empty());
    Ok(ImageGroup {
        fields: image_fields(node, &path, carriers, budget)?,
        pull_secrets: secret_names(node)?,
        secrets_slot: Some(Slot::key(node, path.clone(), "imagePullSecrets")),
        path,
        service_account: Some(account.unwrap_or("default")),
    })
}

fn image_fields<'n, 's>(
    pod: &'n Node<'s>,
    path: &Path<'n>,
    carriers: &'n Carriers,
    budget: &mut Budget,
) -> Result<Vec<ImageField<'n, 's>>, Error> {
    let mut fields = Vec::new();
    for list in LISTS {
        let Some(containers) = pod.get(list)?.and_then(Node::items) else {
            continue;
        };
        let path = path.key(list);
        fields.reserve_exact(containers.len());
        for (index, container) in containers.iter().enumerate() {
            budget.visit(container)?;
            if container.entries().is_none() {
                continue;
            }
            let slot = Slot::key(container, path.index(index), "image");
            let name = container.get("name")?.and_then(Node::scalar);
            let carrying = (!carriers.is_empty()).then(|| slot.clone());
            fields.push(ImageField {
                role: FieldRole::Container,
                container: name,
                ..image_field(slot, "imagePullPolicy")?
            });
            if let Some(slot) = carrying {
                carrier::fields(&slot, name, carriers, &mut fields)?;
            }
        }
    }
    let Some(volumes) = pod.get("volumes")?.and_then(Node::items) else {
        return Ok(fields);
    };
    let path = path.key("volumes");
    for (index, volume) in volumes.iter().enumerate() {
        budget.visit(volume)?;
        if let Some(image) = volume.get("image")?
            && image.entries().is_some()
        {
            let slot = Slot::key(image, path.index(index).key("image"), "reference");
            fields.push(image_field(slot, "pullPolicy")?);
        }
    }
    Ok(fields)
}

fn image_field<'n, 's>(
    slot: Slot<'n, 's>,
    policy_key: &'static str,
) -> Result<ImageField<'n, 's>, Error> {
    let policy_slot = slot.beside(policy_key);
    let policy = policy_slot.node()?.filter(|policy| !policy.is_null());
    Ok(ImageField {
        image: slot.text()?.map(str::to_owned),
        notation: Notation::Whole { slot, prefix: "" },
        policy: policy.and_then(Node::scalar),
        policy_slot: Some(policy_slot),
        secrets: Secrets::Pod,
        role: FieldRole::Other,
        container: None,
    })
}
