//! Containers in custom resources of unknown kinds, found as kustomize's `images:` finds them:
//! in every list under `containers` or `initContainers`.

use std::collections::HashSet;

use crate::krm::item_config::secret_names;
use crate::krm::resource::{Budget, Resource};
use crate::slot::Slot;
use crate::yaml::{Error, Node, Path};

use super::{FieldRole, ImageField, ImageGroup, Notation, Secrets};

/// The lists in which kustomize looks for images.
const LISTS: [&str; 2] = ["initContainers", "containers"];

/// Whether an API group may belong to custom resources: it is a domain name outside of Kubernetes'
/// own `.k8s.io`; Spark's operator uses such a name but is not part of Kubernetes.
pub(crate) fn is_custom(group: &str) -> bool {
    let is_own = group.ends_with(".k8s.io") && group != "sparkoperator.k8s.io";
    group.contains('.') && !is_own
}

/// The containers of a resource whose images are not among the `known` ones, one group for each mapping
/// that lists some.
///
/// # Errors
/// A mapping that is read has a key twice, or aliases repeat too much.
pub(super) fn groups<'n, 's>(
    resource: &Resource<'n, 's>,
    known: &HashSet<Path<'n>>,
    budget: &mut Budget,
) -> Result<Vec<ImageGroup<'n, 's>>, Error> {
    let mut found = Vec::new();
    walk(
        resource.node,
        &resource.path,
        Some(STATUS),
        budget,
        &mut found,
    )?;
    for group in &mut found {
        let is_new =
            |field: &ImageField<'_, 's>| !known.contains(&field.notation.main().full_path());
        group.fields.retain(is_new);
    }
    found.retain(|group| !group.fields.is_empty());
    Ok(found)
}

/// What a cluster says of an object, which nobody writes.
const STATUS: &str = "status";

fn walk<'n, 's>(
    node: &'n Node<'s>,
    path: &Path<'n>,
    skipped: Option<&str>,
    budget: &mut Budget,
    found: &mut Vec<ImageGroup<'n, 's>>,
) -> Result<(), Error> {
    budget.take(node.span.start)?;
    for (index, item) in node.items().unwrap_or_default().iter().enumerate() {
        walk(item, &path.index(index), None, budget, found)?;
    }
    let Some(entries) = node.entries() else {
        return Ok(());
    };
    let mut fields = Vec::new();
    for list in LISTS {
        let containers = node.get(list)?.and_then(Node::items).unwrap_or_default();
        for (index, container) in containers.iter().enumerate() {
            fields.extend(field(container, path.key(list).index(index))?);
        }
    }
    if !fields.is_empty() {
        let secrets = Slot::key(node, path.clone(), "imagePullSecrets");
        // What the kind does not have here may not be added.
        let secrets = secrets.node()?.is_some().then_some(secrets);
        if secrets.is_none() {
            fields
                .iter_mut()
                .for_each(|field| field.secrets = Secrets::None);
        }
        found.push(ImageGroup {
            path: Path::default(),
            fields,
            pull_secrets: secret_names(node)?,
            secrets_slot: secrets,
            service_account: None,
        });
    }
    for entry in entries {
        if let Some(key) = entry.key.scalar().filter(|key| Some(*key) != skipped) {
            walk(&entry.value, &path.key(key), None, budget, found)?;
        }
    }
    Ok(())
}

fn field<'n, 's>(
    container: &'n Node<'s>,
    path: Path<'n>,
) -> Result<Option<ImageField<'n, 's>>, Error> {
    if container.entries().is_none() {
        return Ok(None);
    }
    let slot = Slot::key(container, path, "image");
    let Some(image) = slot.text()? else {
        return Ok(None);
    };
    Ok(Some(ImageField {
        image: Some(image.to_owned()),
        notation: Notation::Whole { slot, prefix: "" },
        policy: None,
        policy_slot: None,
        secrets: Secrets::Pod,
        role: FieldRole::Other,
        container: container.get("name")?.and_then(Node::scalar),
    }))
}
