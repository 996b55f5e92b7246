//! Renovate's `registryAliases`, which say where images of one name are looked up under another.

use super::{FileMirrors, Unreadable, shown, written_at};
use crate::yaml::Node;

/// Registries on which vendors publish. An alias leads from a mirror's name to one of them, or from
/// one of them to a mirror that can be reached: only they tell which of both is the mirror.
const PUBLIC: &[&str] = &[
    "docker.io",
    "index.docker.io",
    "quay.io",
    "ghcr.io",
    "gcr.io",
    "registry.k8s.io",
    "k8s.gcr.io",
    "public.ecr.aws",
    "mcr.microsoft.com",
    "nvcr.io",
    "docker.elastic.co",
    "registry.gitlab.com",
    "registry.access.redhat.com",
    "registry.redhat.io",
    "xpkg.upbound.io",
    "cgr.dev",
    "icr.io",
];

/// Reads a document, and the settings of each manager in it; returns whether there are aliases.
pub(super) fn read(node: &Node<'_>, found: &mut FileMirrors) -> Result<bool, Unreadable> {
    let mut is_known = aliases(node, found)?;
    for entry in node.entries().unwrap_or_default() {
        is_known |= aliases(&entry.value, found)?;
    }
    Ok(is_known)
}

fn aliases(node: &Node<'_>, found: &mut FileMirrors) -> Result<bool, Unreadable> {
    if node.entries().is_none() {
        return Ok(false);
    }
    let Some(aliases) = node.get("registryAliases")? else {
        return Ok(false);
    };
    for entry in aliases.entries().unwrap_or_default() {
        let (Some(name), Some(value)) = (written_at(&entry.key), written_at(&entry.value)) else {
            continue;
        };
        if value.text.contains("://") {
            let what = format!("{} is a repository of charts: left out", shown(name.text));
            found.remark(name.at, what);
            continue;
        }
        match (is_public(name.text), is_public(value.text)) {
            (false, true) => found.pair(value, &[name]),
            (true, false) => found.pair(name, &[value]),
            _ => {
                let what = format!(
                    "which of {} and {} is the mirror is not known: left out",
                    shown(name.text),
                    shown(value.text)
                );
                found.remark_with_help(name.at, what, "write the rule by hand");
            }
        }
    }
    Ok(true)
}

fn is_public(prefix: &str) -> bool {
    let host = prefix.split('/').next().unwrap_or_default();
    PUBLIC.contains(&host) || host.ends_with(".gcr.io") || host.ends_with("-docker.pkg.dev")
}
