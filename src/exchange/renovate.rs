//! Renovate's `registryAliases`, which say where images of one name are looked up under another.

use super::{FileMirrors, ImportFault, shown, written_at};
use crate::yaml::Node;

const ALIASES: &str = "registryAliases";

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

/// How deep settings of managers are looked for: they may be below `force` and its like.
const DEPTH: usize = 3;

/// Reads a document, and the settings of each manager in it; returns whether there are aliases.
pub(super) fn read(node: &Node<'_>, found: &mut FileMirrors) -> Result<bool, ImportFault> {
    settings(node, DEPTH, found)
}

/// Reads settings, and those that their keys hold.
fn settings(node: &Node<'_>, depth: usize, found: &mut FileMirrors) -> Result<bool, ImportFault> {
    let mut is_known = aliases(node, found)?;
    if depth == 0 {
        return Ok(is_known);
    }
    for entry in node.entries().unwrap_or_default() {
        if entry.key.scalar() == Some("packageRules") {
            for rule in entry.value.items().unwrap_or_default() {
                is_known |= of_rule(rule, depth - 1, found)?;
            }
        } else if !entry.value.is_alias() {
            is_known |= settings(&entry.value, depth - 1, found)?;
        }
    }
    Ok(is_known)
}

/// Names the aliases of a package rule, which count for what the rule picks.
fn of_rule(node: &Node<'_>, depth: usize, found: &mut FileMirrors) -> Result<bool, ImportFault> {
    let mut is_known = false;
    if let Some(aliases) = node.get(ALIASES)? {
        is_known = true;
        if aliases.entries().is_some_and(|aliases| !aliases.is_empty()) {
            let at = aliases.target().span.start;
            found.warn_with_help(
                at,
                "these aliases are for what `packageRules` picks, and a rule is for every image of its source: \
                 left out",
                "write the rules by hand, with `scope` or longer sources for what is meant",
            );
        }
    }
    if depth > 0 {
        let entries = node.entries().unwrap_or_default().iter();
        for entry in entries.filter(|entry| !entry.value.is_alias()) {
            is_known |= of_rule(&entry.value, depth - 1, found)?;
        }
    }
    Ok(is_known)
}

fn aliases(node: &Node<'_>, found: &mut FileMirrors) -> Result<bool, ImportFault> {
    let Some(aliases) = node.get(ALIASES)? else {
        return Ok(false);
    };
    for entry in aliases.entries().unwrap_or_default() {
        let (Some(name), Some(value)) = (written_at(&entry.key), written_at(&entry.value)) else {
            continue;
        };
        if value.text.contains("://") {
            let what = format!("{} is a repository of charts: left out", shown(name.text));
            found.warn(name.at, what);
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
                found.warn_with_help(name.at, what, "write the rule by hand");
            }
        }
    }
    Ok(true)
}

fn is_public(prefix: &str) -> bool {
    let host = prefix.split('/').next().unwrap_or_default();
    PUBLIC.contains(&host) || host.ends_with(".gcr.io") || host.ends_with("-docker.pkg.dev")
}
