//! Controllers: which one creates an object, by its `ownerReferences`, and which containers those
//! among the input want.

use std::collections::HashMap;

use super::resource::Resource;
use crate::yaml::{Error, Node};

/// The controller of an object, as the object names it.
#[derive(Debug, Clone, Copy)]
pub struct Controller<'n> {
    /// `ReplicaSet`.
    pub kind: &'n str,
    /// Its name.
    pub name: &'n str,
    uid: &'n str,
}

/// The controllers among the input that have a pod template, by their uid: only the API server gives
/// uids, so that there are none where manifests are read.
#[derive(Debug, Default)]
pub struct Owners {
    by_uid: HashMap<String, ControllerTemplate>,
}

/// A controller that has a pod template.
#[derive(Debug)]
pub struct ControllerTemplate {
    kind: String,
    namespace: String,
    name: String,
    /// Its containers, by their names.
    containers: HashMap<String, ContainerTemplate>,
}

/// What a template says of a container.
#[derive(Debug)]
struct ContainerTemplate {
    image: String,
    /// Its pull policy; `None` where the API server would fill one in.
    policy: Option<String>,
}

impl<'n> Resource<'n, '_> {
    /// The controller of the object, which would recreate it: the owner that is marked as such. A
    /// cluster accepts no owner without a uid, so an owner without one controls nothing.
    ///
    /// # Errors
    /// A mapping that is read has a key twice.
    pub fn controller(&self) -> Result<Option<Controller<'n>>, Error> {
        let owners = self.of_metadata("ownerReferences")?;
        let owners = owners.and_then(Node::items);
        for owner in owners.unwrap_or_default() {
            if text(owner, "controller")? == "true" && !text(owner, "uid")?.is_empty() {
                return Ok(Some(Controller {
                    kind: text(owner, "kind")?,
                    name: text(owner, "name")?,
                    uid: text(owner, "uid")?,
                }));
            }
        }
        Ok(None)
    }
}

impl Owners {
    /// Notes a resource that has a uid and a pod template.
    ///
    /// # Errors
    /// A mapping that is read has a key twice.
    pub(super) fn note(&mut self, resource: &Resource<'_, '_>) -> Result<(), Error> {
        let Some(uid) = resource.of_metadata("uid")?.and_then(Node::scalar) else {
            return Ok(());
        };
        let Some(pod) = template(resource.node)? else {
            return Ok(());
        };
        let mut containers = HashMap::new();
        for list in ["initContainers", "containers"] {
            for container in pod.get(list)?.and_then(Node::items).unwrap_or_default() {
                let policy = container.get("imagePullPolicy")?.and_then(Node::scalar);
                let template = ContainerTemplate {
                    image: text(container, "image")?.to_owned(),
                    policy: policy.map(str::to_owned),
                };
                containers.insert(text(container, "name")?.to_owned(), template);
            }
        }
        let owner = ControllerTemplate {
            kind: resource.kind.to_owned(),
            namespace: resource.namespace.to_owned(),
            name: resource.name.to_owned(),
            containers,
        };
        self.by_uid.insert(uid.to_owned(), owner);
        Ok(())
    }

    pub(super) fn take(&mut self, other: Owners) {
        self.by_uid.extend(other.by_uid);
    }

    /// The controller that an object of this namespace names, if it is among the input.
    pub fn of(&self, controller: &Controller<'_>, namespace: &str) -> Option<&ControllerTemplate> {
        let owner = self.by_uid.get(controller.uid)?;
        // A uid that was only copied from another object identifies nothing.
        let is_it = owner.kind == controller.kind
            && owner.name == controller.name
            && owner.namespace == namespace;
        is_it.then_some(owner)
    }
}

impl ControllerTemplate {
    /// Whether its template has a container of this name.
    pub fn has(&self, container: &str) -> bool {
        self.containers.contains_key(container)
    }

    /// Whether its template gives this image to the container of this name.
    pub fn has_image(&self, container: &str, image: Option<&str>) -> bool {
        let template = self.containers.get(container);
        template.map(|template| template.image.as_str()) == image
    }

    /// Whether its template gives this pull policy to the container of this name, or leaves it open.
    pub fn has_policy(&self, container: &str, policy: Option<&str>) -> bool {
        let template = self.containers.get(container);
        template.is_some_and(|template| {
            template.policy.is_none() || template.policy.as_deref() == policy
        })
    }
}

/// The pod spec of a template: `spec.template.spec`, and that of a CronJob's Job.
fn template<'n, 's>(node: &'n Node<'s>) -> Result<Option<&'n Node<'s>>, Error> {
    match node.at(&["spec", "jobTemplate"])? {
        Some(job) => job.at(&["spec", "template", "spec"]),
        None => node.at(&["spec", "template", "spec"]),
    }
}

fn text<'n>(node: &'n Node<'_>, key: &str) -> Result<&'n str, Error> {
    Ok(node.get(key)?.and_then(Node::scalar).unwrap_or_default())
}
