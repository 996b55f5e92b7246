//! Registry mapping rules for other programs.

use std::fmt::Write as _;

use crate::registry::{MappingRule, MappingRules, Prefix, Scope};
use crate::sort::sort_by;
use crate::yaml::{Style, scalar};

/// For whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum To {
    /// containers-registries.conf, version 2.
    RegistriesConf,
    /// OpenShift's ImageDigestMirrorSet.
    Idms,
    /// OpenShift's ImageTagMirrorSet.
    Itms,
    /// Renovate's `registryAliases`.
    RegistryAliases,
}

/// The file, and what it does not say of the rules.
pub fn written(to: To, rules: &MappingRules, plain_http: &[String]) -> (String, Vec<String>) {
    let mut left = Vec::new();
    for rule in rules.iter() {
        if to != To::RegistryAliases && rule.scope == Scope::Agents && moves(rule) {
            left.push(format!(
                "{rule} is for agents' images, and applies there to every image"
            ));
        }
        if rule
            .pull_secrets
            .as_ref()
            .is_some_and(|secrets| !secrets.is_empty())
            && to != To::RegistryAliases
        {
            left.push(format!(
                "{rule} has pull secrets, and there the node needs the credentials"
            ));
        }
    }
    let versions = match to {
        To::Idms => Some(("digest", "itms")),
        To::Itms => Some(("tag", "idms")),
        To::RegistriesConf | To::RegistryAliases => None,
    };
    if let Some((version, other)) = versions.filter(|_| rules.iter().any(moves)) {
        left.push(format!(
            "these mirrors are for images by {version} alone: `--to {other}` writes those for others"
        ));
    }
    let text = match to {
        To::RegistriesConf => registries_conf(rules, plain_http),
        To::Idms => mirror_set(
            rules,
            "ImageDigestMirrorSet",
            "imageDigestMirrors",
            &mut left,
        ),
        To::Itms => mirror_set(rules, "ImageTagMirrorSet", "imageTagMirrors", &mut left),
        To::RegistryAliases => aliases(rules, &mut left),
    };
    for host in plain_http.iter().filter(|host| is_asked(to, rules, host)) {
        let told = match to {
            To::RegistriesConf => continue,
            To::Idms | To::Itms => {
                "for OpenShift, list it in `registrySources.insecureRegistries` of \
                 image.config.openshift.io/cluster"
            }
            To::RegistryAliases => "for Renovate, add a `hostRules` entry with `insecureRegistry`",
        };
        left.push(format!("{host} does not speak TLS: {told}"));
    }
    (text, left)
}

/// Whether the other program asks a host because of the rules: Renovate asks vendors alone.
fn is_asked(to: To, rules: &MappingRules, host: &str) -> bool {
    let mut moving = rules.iter().filter(|rule| moves(rule));
    moving.any(|rule| {
        rule.source.domain() == host || to != To::RegistryAliases && rule.mirror.domain() == host
    })
}

fn moves(rule: &MappingRule) -> bool {
    rule.source != rule.mirror
}

/// A source that a rule exempts has a table without mirrors, since the longest prefix counts.
fn registries_conf(rules: &MappingRules, plain_http: &[String]) -> String {
    // Basic strings of TOML escape as JSON does.
    let quoted = |prefix: &dyn ToString| scalar::quote(&prefix.to_string());
    let insecure = |prefix: &Prefix| {
        if plain_http.iter().any(|host| host == prefix.domain()) {
            "insecure = true\n"
        } else {
            ""
        }
    };
    let mut out = String::new();
    for rule in rules.iter() {
        if !out.is_empty() {
            out.push('\n');
        }
        let source = quoted(&rule.source);
        let _ = write!(
            out,
            "[[registry]]\nprefix = {source}\nlocation = {source}\n{}",
            insecure(&rule.source)
        );
        if moves(rule) {
            let _ = write!(
                out,
                "\n[[registry.mirror]]\nlocation = {}\n{}",
                quoted(&rule.mirror),
                insecure(&rule.mirror)
            );
        }
    }
    out
}

fn mirror_set(rules: &MappingRules, kind: &str, key: &str, left: &mut Vec<String>) -> String {
    let plain = |prefix: &dyn ToString| {
        scalar::write(
            &prefix.to_string(),
            Style::Plain,
            scalar::ScalarContext::Block,
        )
    };
    let mut out = format!(
        "apiVersion: config.openshift.io/v1\nkind: {kind}\nmetadata:\n  name: restore-images\nspec:\n  {key}:"
    );
    let mut is_empty = true;
    for rule in rules.iter() {
        if !moves(rule) {
            left.push(format!(
                "{} is exempt, which OpenShift cannot express",
                rule.source
            ));
            continue;
        }
        // The pattern of both keys in the CRD has no brackets.
        if [&rule.source, &rule.mirror]
            .iter()
            .any(|prefix| prefix.domain().starts_with('['))
        {
            left.push(format!(
                "{rule} names an IPv6 address, which OpenShift takes from no mirror set: left out"
            ));
            continue;
        }
        let (source, mirror) = (plain(&rule.source), plain(&rule.mirror));
        let _ = write!(out, "\n  - source: {source}\n    mirrors:\n    - {mirror}");
        is_empty = false;
    }
    out.push_str(if is_empty { " []\n" } else { "\n" });
    out
}

/// Images are named as on the mirror, and looked up where their vendor publishes. The first alias that
/// fits counts, so that the longest come first.
fn aliases(rules: &MappingRules, left: &mut Vec<String>) -> String {
    let mut pairs: Vec<(String, String)> = rules
        .iter()
        .filter(|rule| moves(rule))
        .map(|rule| (rule.mirror.to_string(), rule.source.to_string()))
        .collect();
    sort_by(&mut pairs, |(a, _), (b, _)| {
        b.len().cmp(&a.len()).then(a.cmp(b))
    });
    pairs.dedup_by(|(mirror, source), (before, taken)| {
        let is_known = mirror == before;
        if is_known && source != taken {
            left.push(format!(
                "{mirror} is the mirror of {taken} and of {source}, and an alias is for one: {source} is left out"
            ));
        }
        is_known
    });
    let lines: Vec<String> = pairs
        .iter()
        .map(|(mirror, source)| format!("    {}: {}", scalar::quote(mirror), scalar::quote(source)))
        .collect();
    if lines.is_empty() {
        return "{\n  \"registryAliases\": {}\n}\n".to_owned();
    }
    format!(
        "{{\n  \"registryAliases\": {{\n{}\n  }}\n}}\n",
        lines.join(",\n")
    )
}
