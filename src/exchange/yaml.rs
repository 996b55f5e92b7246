//! Which reader a YAML or JSON document is for, as its keys tell.

use super::{FileMirrors, ImportFault, k3s, kyverno, openshift, renovate};
use crate::yaml::Node;
use crate::yaml::parse::documents;

/// Reads every document.
pub(super) fn read(text: &str) -> Result<FileMirrors, ImportFault> {
    let mut found = FileMirrors::default();
    let mut is_known = false;
    for document in documents(text)? {
        is_known |= object(&document, &mut found)?;
    }
    if is_known {
        return Ok(found);
    }
    Err(ImportFault {
        at: 0,
        what: "says nothing of mirrors that is known here".to_owned(),
        help: Some(
            "give registries.conf, a folder of hosts.toml files, ImageDigestMirrorSets and their like, \
             k3s' registries.yaml, policies of Kyverno, or Renovate's configuration as JSON without comments"
                .to_owned(),
        ),
    })
}

/// Reads a document, or the items of a list; returns whether any is known.
fn object(node: &Node<'_>, found: &mut FileMirrors) -> Result<bool, ImportFault> {
    let kind = node.get("kind")?.and_then(Node::scalar);
    let is_known = match kind {
        Some("ImageDigestMirrorSet" | "ImageTagMirrorSet" | "ImageContentSourcePolicy") => {
            openshift::read(node, found)?;
            true
        }
        Some("ClusterPolicy" | "Policy") => {
            kyverno::read(node, found)?;
            true
        }
        Some(
            kind @ ("MutatingPolicy" | "NamespacedMutatingPolicy" | "MutatingAdmissionPolicy"),
        ) => {
            kyverno::unread(node, kind, found);
            true
        }
        Some(_) => {
            let items = node.get("items")?.and_then(Node::items).unwrap_or_default();
            let mut is_known = false;
            for item in items {
                is_known |= object(item, found)?;
            }
            is_known
        }
        None => {
            let is_k3s = k3s::read(node, found)?;
            let is_renovate = renovate::read(node, found)?;
            is_k3s || is_renovate
        }
    };
    Ok(is_known)
}
