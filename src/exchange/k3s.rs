//! k3s' and RKE2's registries.yaml.

use super::endpoint::endpoint;
use super::{FileMirrors, ImportFault, LocatedText, shown, written_at};
use crate::yaml::Node;

/// Reads a document; returns whether it is one of k3s.
pub(super) fn read(node: &Node<'_>, found: &mut FileMirrors) -> Result<bool, ImportFault> {
    let mirrors = node.get("mirrors")?;
    let configs = node.get("configs")?;
    for (key, node) in [("mirrors", mirrors), ("configs", configs)] {
        if let Some(node) = node.filter(|node| !node.is_null() && node.entries().is_none()) {
            other_kind(key, node, "a mapping", found);
        }
    }
    for entry in mirrors.and_then(Node::entries).unwrap_or_default() {
        if let Some(source) = written_at(&entry.key) {
            mirror(source, &entry.value, found)?;
        }
    }
    for entry in configs.and_then(Node::entries).unwrap_or_default() {
        let (Some(host), settings) = (written_at(&entry.key), &entry.value) else {
            continue;
        };
        if settings.get("auth")?.is_some() {
            let what = format!("the credentials of {} are not taken over", shown(host.text));
            found.warn_with_help(
                host.at,
                what,
                "make a Secret of them, and name it by `imagePullSecrets`",
            );
        }
        if settings.get("tls")?.is_some() {
            let what = format!(
                "how {} is trusted is set on the node, and no rule can express it",
                shown(host.text)
            );
            found.warn(host.at, what);
        }
    }
    Ok(mirrors.is_some() || configs.is_some())
}

/// Says that a value is of another kind than its key wants.
fn other_kind(key: &str, node: &Node<'_>, wanted: &str, found: &mut FileMirrors) {
    let what = format!(
        "{} is {}, not {wanted}: left out",
        shown(key),
        node.describe()
    );
    found.warn(node.start(), what);
}

/// A registry with its endpoints, and the paths that are rewritten there.
fn mirror(
    source: LocatedText<'_>,
    settings: &Node<'_>,
    found: &mut FileMirrors,
) -> Result<(), ImportFault> {
    // A registry without settings may be there for k3s' own sharing of images.
    if settings.is_null() {
        return Ok(());
    }
    let Some(entries) = settings.entries() else {
        other_kind(source.text, settings, "a mapping", found);
        return Ok(());
    };
    for key in entries.iter().filter_map(|entry| written_at(&entry.key)) {
        if !matches!(key.text, "endpoint" | "rewrite") {
            let what = format!("{} is no setting of a mirror: left out", shown(key.text));
            found.warn(key.at, what);
        }
    }
    let mut prefixes: Vec<(String, usize)> = Vec::new();
    let endpoints = settings.get("endpoint")?.filter(|node| !node.is_null());
    if let Some(node) = endpoints.filter(|node| node.items().is_none()) {
        other_kind("endpoint", node, "a list", found);
    }
    for node in endpoints.and_then(Node::items).unwrap_or_default() {
        let Some(url) = written_at(node) else {
            other_kind("endpoint", node, "a list of URLs", found);
            continue;
        };
        match endpoint(url.text, true) {
            Ok(endpoint) => {
                if endpoint.is_plain_http {
                    let host = endpoint.prefix.split('/').next().unwrap_or_default();
                    found.plain_http.push(host.to_owned());
                }
                prefixes.push((endpoint.prefix, url.at));
            }
            Err(why) => found.warn(url.at, format!("{}: {why}: left out", shown(url.text))),
        }
    }
    let mut is_all_rewritten = false;
    let rewrites = settings.get("rewrite")?.filter(|node| !node.is_null());
    if let Some(node) = rewrites.filter(|node| node.entries().is_none()) {
        other_kind("rewrite", node, "a mapping", found);
    }
    let rewrites = rewrites.and_then(Node::entries).unwrap_or_default();
    if prefixes.is_empty() && !rewrites.is_empty() {
        let what = format!(
            "the paths of {} are rewritten, and it has no endpoint: left out",
            shown(source.text)
        );
        found.warn(source.at, what);
        return Ok(());
    }
    for entry in rewrites {
        let (Some(pattern), Some(new)) = (written_at(&entry.key), written_at(&entry.value)) else {
            other_kind("rewrite", &entry.value, "a mapping of texts", found);
            continue;
        };
        let Some((below, above)) = rewrite(pattern.text, new.text) else {
            let what = format!(
                "the rewrite {} is an expression that no rule can express: left out",
                shown(pattern.text)
            );
            found.warn(pattern.at, what);
            continue;
        };
        is_all_rewritten |= below.is_empty();
        let from = joined(source.text, &below);
        let to: Vec<_> = prefixes
            .iter()
            .map(|(prefix, at)| (joined(prefix, &above), *at))
            .collect();
        pair(
            LocatedText {
                text: &from,
                at: pattern.at,
            },
            &to,
            found,
        );
    }
    if !is_all_rewritten {
        pair(source, &prefixes, found);
    }
    Ok(())
}

fn pair(source: LocatedText<'_>, prefixes: &[(String, usize)], found: &mut FileMirrors) {
    let mirrors: Vec<LocatedText<'_>> = prefixes
        .iter()
        .map(|(text, at)| LocatedText { text, at: *at })
        .collect();
    found.pair(source, &mirrors);
}

/// The path below which a rewrite finds images, and the one below which it puts them:
/// `^rancher/(.*)` and `hub/rancher/$1` are `rancher` and `hub/rancher`, and `^a/b$` and `hub/b` are
/// `a/b` and `hub/b`.
fn rewrite(pattern: &str, new: &str) -> Option<(String, String)> {
    let is_literal = |path: &str| !path.contains(|c: char| "\\^$.|?*+()[]{}".contains(c));
    let one = pattern
        .strip_prefix('^')
        .and_then(|one| one.strip_suffix('$'));
    if let Some(one) = one.filter(|one| !one.is_empty() && is_literal(one) && !new.contains('$')) {
        return Some((one.to_owned(), new.to_owned()));
    }
    let whole = pattern.strip_suffix('$').unwrap_or(pattern);
    let below = whole
        .strip_suffix("(.*)")
        .or_else(|| whole.strip_suffix("(.+)"))?;
    let below = match below.strip_prefix('^') {
        Some(below) => below,
        // Without its anchor, an expression finds a path anywhere; only all of a path is found so.
        None if below.is_empty() => below,
        None => return None,
    };
    let above = new
        .strip_suffix("$1")
        .or_else(|| new.strip_suffix("${1}"))?;
    let is_path = |path: &str| path.is_empty() || path.ends_with('/');
    (is_path(below) && is_path(above) && is_literal(below) && !above.contains('$')).then(|| {
        let trimmed = |path: &str| path.trim_end_matches('/').to_owned();
        (trimmed(below), trimmed(above))
    })
}

fn joined(prefix: &str, path: &str) -> String {
    let slash = if path.is_empty() { "" } else { "/" };
    format!("{prefix}{slash}{path}")
}
