//! Pod specs of the built-in kinds.

use crate::krm::gathered::secret_names;
use crate::krm::resource::{Budget, Resource};
use crate::slot::Slot;
use crate::yaml::{Error, Node, Path};

use super::carrier::{self, Carriers};
use super::{ImageField, ImageGroup, Notation, Role, Secrets};

/// Where the built-in kinds keep their pod spec: API groups, kind, keys from the root.
///
/// `extensions` is the group that workloads had before Kubernetes 1.16; such manifests still run
/// through pipelines.
const POD_SPECS: &[(&[&str], &str, &[&str])] = &[
    (&[""], "Pod", &["spec"]),
    (&[""], "PodTemplate", &["template", "spec"]),
    (
        &[""],
        "ReplicationController",
        &["spec", "template", "spec"],
    ),
    (
        &["apps", "extensions"],
        "DaemonSet",
        &["spec", "template", "spec"],
    ),
    (
        &["apps", "extensions"],
        "Deployment",
        &["spec", "template", "spec"],
    ),
    (
        &["apps", "extensions"],
        "ReplicaSet",
        &["spec", "template", "spec"],
    ),
    (&["apps"], "StatefulSet", &["spec", "template", "spec"]),
    (
        &["batch"],
        "CronJob",
        &["spec", "jobTemplate", "spec", "template", "spec"],
    ),
    (&["batch"], "Job", &["spec", "template", "spec"]),
];

/// The lists of a pod spec that hold containers.
pub const LISTS: &[&str] = &["initContainers", "containers", "ephemeralContainers"];

fn keys_of(group: &str, kind: &str) -> Option<&'static [&'static str]> {
    POD_SPECS
        .iter()
        .find(|(groups, known, _)| *known == kind && groups.contains(&group))
        .map(|(_, _, keys)| *keys)
}

/// The apiVersion that a workload kind should have, if `group` is empty and Kubernetes has no core
/// kind of this name, so that no other resource can be meant.
pub fn missing_version(group: &str, kind: &str) -> Option<String> {
    let mut rows = POD_SPECS.iter().filter(|(_, known, _)| *known == kind);
    let (groups, ..) = rows.next().filter(|_| group.is_empty())?;
    let usual = groups.first().filter(|group| !group.is_empty())?;
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
        for (index, container) in containers.iter().enumerate() {
            budget.visit(container)?;
            if container.entries().is_none() {
                continue;
            }
            let slot = Slot::key(container, path.index(index), "image");
            let name = container.get("name")?.and_then(Node::scalar);
            let carrying = (!carriers.is_empty()).then(|| slot.clone());
            fields.push(ImageField {
                role: Role::Container,
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
        role: Role::Other,
        container: None,
    })
}
