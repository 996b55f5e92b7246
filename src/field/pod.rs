//! Pod specs, wherever a built-in kind keeps one.

use crate::krm::gathered::secret_names;
use crate::krm::resource::{Budget, Path, Resource};
use crate::slot::Slot;
use crate::yaml::{Error, Node};

use super::carrier::{self, Carriers};
use super::{ImageField, Place, PodSpec, Role, Secrets};

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

fn pod_spec_keys(resource: &Resource<'_, '_>) -> Option<&'static [&'static str]> {
    POD_SPECS
        .iter()
        .find(|(groups, kind, _)| *kind == resource.kind && groups.contains(&resource.group()))
        .map(|(_, _, keys)| *keys)
}

/// Whether a resource is of a kind that keeps images.
pub fn keeps_images(resource: &Resource<'_, '_>) -> bool {
    pod_spec_keys(resource).is_some()
}

/// The pod spec of a resource, if its kind has one and it is written.
///
/// # Errors
/// A key stands twice in a mapping that is read, or aliases repeat too much.
pub fn pod_spec<'n, 's>(
    resource: &Resource<'n, 's>,
    carriers: &'n Carriers,
    budget: &mut Budget,
) -> Result<Option<PodSpec<'n, 's>>, Error> {
    let Some(keys) = pod_spec_keys(resource) else {
        return Ok(None);
    };
    let mut node = resource.node;
    let mut path = resource.path.clone();
    for key in keys {
        let Some(inner) = node.get(key)? else {
            return Ok(None);
        };
        node = inner;
        path = path.key(key);
    }
    if node.entries().is_none() {
        return Ok(None);
    }
    let account = match node.get("serviceAccountName")? {
        Some(account) => Some(account),
        // The name that the field had before; Kubernetes still reads it.
        None => node.get("serviceAccount")?,
    };
    Ok(Some(PodSpec {
        node,
        fields: image_fields(node, &path, carriers, budget)?,
        path,
        pull_secrets: secret_names(node)?,
        service_account: account
            .and_then(Node::scalar)
            .filter(|name| !name.is_empty())
            .unwrap_or("default"),
    }))
}

fn image_fields<'n, 's>(
    pod: &'n Node<'s>,
    path: &Path<'n>,
    carriers: &'n Carriers,
    budget: &mut Budget,
) -> Result<Vec<ImageField<'n, 's>>, Error> {
    let mut fields = Vec::new();
    for list in LISTS {
        let containers = pod.get(list)?.and_then(Node::items).unwrap_or_default();
        let path = path.key(list);
        for (index, container) in containers.iter().enumerate() {
            budget.take(container.span.start)?;
            if container.entries().is_none() {
                continue;
            }
            let slot = Slot::key(container, path.index(index), "image");
            let name = container.get("name")?.and_then(Node::scalar);
            fields.push(ImageField {
                role: Role::Container,
                container: name,
                ..image_field(slot.clone(), "imagePullPolicy")?
            });
            carrier::fields(&slot, name, carriers, &mut fields)?;
        }
    }
    let volumes = pod
        .get("volumes")?
        .and_then(Node::items)
        .unwrap_or_default();
    let path = path.key("volumes");
    for (index, volume) in volumes.iter().enumerate() {
        budget.take(volume.span.start)?;
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
        image: slot.node()?.and_then(Node::text).map(str::to_owned),
        place: Place::Whole { slot, prefix: "" },
        policy: policy.and_then(Node::scalar),
        policy_slot: Some(policy_slot),
        secrets: Secrets::Pod,
        role: Role::Other,
        container: None,
    })
}
