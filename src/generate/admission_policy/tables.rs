//! The claims of images as expressions of CEL: maps and lists in which a policy looks a repository, the
//! end of a path or a container's name up.

use std::collections::{BTreeMap, BTreeSet};

use crate::config::Config;
use crate::registry::{MappingRule, Scope};
use crate::sort::{gather, sort, sort_by_key};

use super::cel::{all, any, fits, list, quoted};
use super::claims::{Claimed, Claims};

/// A map literal from repositories to the keys of claims, for unshared images.
pub(super) fn table(claimed: &[Claimed<'_>]) -> String {
    let mut keys: BTreeMap<&str, &str> = BTreeMap::new();
    for claim in claimed.iter().filter(|claim| !claim.image.shared) {
        for location in claim.names.iter().flat_map(|name| &name.locations) {
            keys.entry(location).or_insert(&claim.key);
        }
    }
    if keys.is_empty() {
        // An empty literal would have no type.
        "{'': ''}".to_owned()
    } else {
        map_of(&keys)
    }
}

/// A list literal of repositories of shared images with their claims; a repository may have
/// several.
pub(super) fn shared_table(claimed: &[Claimed<'_>]) -> String {
    let shared = claimed.iter().filter(|claim| claim.image.shared);
    let rows = shared.flat_map(|claim| {
        let locations = claim.names.iter().flat_map(|name| &name.locations);
        locations.map(move |location| row(location, claim))
    });
    rows_of(rows)
}

/// A list literal of the ends of paths of shared images with their claims, the longest first, since it is the
/// surest; an end may have several.
pub(super) fn shared_path_table(claimed: &[Claimed<'_>]) -> String {
    let shared = claimed.iter().filter(|claim| claim.image.shared);
    let paths = shared.flat_map(|claim| {
        let ends = claim.suffixes.iter();
        ends.map(move |end| (format!("/{end}"), claim))
    });
    let mut paths: Vec<(String, &Claimed<'_>)> = paths.collect();
    sort_by_key(&mut paths, |(end, _)| {
        (std::cmp::Reverse(end.len()), end.clone())
    });
    rows_of(paths.iter().map(|(end, claim)| row(end, claim)))
}

/// A map literal from the ends of paths of unshared images to the keys of claims, and the claim that an
/// image `i` finds in it as the variable `paths`; `None` where there are no such ends.
///
/// The ends of the image's path are looked up, rather than those of the table compared, so that the cost
/// does not grow with the number of images that agents have.
pub(super) fn by_path(config: &Config, claims: &Claims<'_>) -> Option<(String, String)> {
    let keys = claims.by_end.iter();
    let keys: BTreeMap<String, &str> =
        gather(keys.map(|(end, key)| (format!("/{end}"), key.as_str())));
    let depths: BTreeSet<usize> = keys.keys().map(|end| end.matches('/').count()).collect();
    let ends = depths.iter().rev().map(|depth| {
        let pattern = format!("(/[^/]+){{{depth}}}$");
        format!("i.repo.find({})", quoted(&pattern))
    });
    let ends: Vec<String> = ends.collect();
    let found = format!(
        "([{}].filter(e, e in variables.paths).map(e, variables.paths[e]) + [''])[0]",
        ends.join(", ")
    );
    let claim = match undeclared(config).as_slice() {
        [] => found,
        conditions => format!("({} ? {found} : '')", all(conditions)),
    };
    (!keys.is_empty()).then(|| (map_of(&keys), claim))
}

/// A map literal that is not empty.
fn map_of<K: AsRef<str>>(pairs: &BTreeMap<K, &str>) -> String {
    let pairs = pairs
        .iter()
        .map(|(key, value)| format!("  {}: {}", quoted(key.as_ref()), quoted(value)));
    let pairs: Vec<String> = pairs.collect();
    format!("{{\n{}\n}}", pairs.join(",\n"))
}

fn row(place: &str, claim: &Claimed<'_>) -> String {
    format!(
        "  {{'place': {}, 'key': {}, 'agent': {}}}",
        quoted(place),
        quoted(&claim.key),
        quoted(&claim.agent.name)
    )
}

fn rows_of(rows: impl Iterator<Item = String>) -> String {
    let rows: Vec<String> = rows.collect();
    if rows.is_empty() {
        NOBODY.to_owned()
    } else {
        format!("[\n{}\n]", rows.join(",\n"))
    }
}

/// The key of the first of a table's rows `r` that a condition holds for; empty if there is none.
pub(super) fn first_row(table: &str, condition: &str) -> String {
    format!("(variables.{table}.filter(r, {condition}).map(r, r.key) + [''])[0]")
}

/// The condition that the path of an image `i` ends as a row `r` says, and that it may be on an undeclared
/// mirror.
pub(super) fn ends(config: &Config) -> String {
    let mut conditions = undeclared(config);
    conditions.push("i.repo.endsWith(r.place)".to_owned());
    all(&conditions)
}

/// The conditions that an image `i` may be on an undeclared mirror: its host is no rule's source, and no
/// rule of scope `all` leads it back from a mirror.
fn undeclared(config: &Config) -> Vec<String> {
    let sources = config.rules.iter().map(|rule| &rule.source);
    let mut hosts: Vec<String> = sources
        .filter(|source| !config.rules.has_mirror_host(source.domain()))
        .map(|source| {
            let host = format!("{}/", source.plain_host());
            format!("!i.repo.startsWith({})", quoted(&host))
        })
        .collect();
    sort(&mut hosts);
    hosts.dedup();
    let leads_back = |rule: &&MappingRule| {
        rule.scope == Scope::All && !config.rules.has_mirror_host(rule.source.domain())
    };
    let mirrors = config.rules.iter().filter(leads_back);
    hosts.extend(mirrors.map(|rule| {
        let mirror = quoted(&format!("{}/", rule.mirror.plain()));
        format!("!(i.repo + '/').startsWith({mirror})")
    }));
    hosts
}

/// The key of the claim to an image `i` by the names of its container and workload, or an empty
/// text.
pub(super) fn by_name(claimed: &[Claimed<'_>], shared: bool) -> String {
    let named = claimed.iter();
    let named = named.filter(|claim| claim.image.shared == shared && claim.by_name());
    let arms = named.map(|claim| {
        let fits_one = |value: &str, patterns: &[String]| {
            let patterns = patterns.iter().map(|pattern| fits(value, pattern, ""));
            any(&patterns.collect::<Vec<String>>())
        };
        let mut conditions = vec![
            fits_one("i.name", &claim.image.containers),
            fits_one("variables.name", &claim.image.workloads),
        ];
        if shared {
            conditions.push(format!("{} in variables.agents", quoted(&claim.agent.name)));
        }
        (all(&conditions), quoted(&claim.key))
    });
    choice(arms.collect(), NOBODY)
}

/// The agents that own shared images in the request's namespace because the configuration lists it.
pub(super) fn at_home(claimed: &[Claimed<'_>]) -> Vec<String> {
    let mut agents: Vec<String> = claimed
        .iter()
        .filter(|claim| claim.image.shared && !claim.agent.namespaces.is_empty())
        .map(|claim| {
            let namespaces = list(&claim.agent.namespaces);
            let agent = list([&claim.agent.name]);
            format!("(request.namespace in {namespaces} ? {agent} : [])")
        })
        .collect();
    agents.dedup();
    agents
}

/// The value of the first condition that holds, or `otherwise`.
///
/// The conditions are entries of a list, because they may nest no deeper than 250 levels.
pub(super) fn choice(arms: Vec<(String, String)>, otherwise: &str) -> String {
    if arms.is_empty() {
        return otherwise.to_owned();
    }
    let arms = arms
        .iter()
        .map(|(condition, value)| format!("    {condition} ? [{value}] : []"));
    let arms: Vec<String> = arms.collect();
    format!(
        "([\n{},\n    [{otherwise}]\n  ].filter(l, l.size() > 0))[0][0]",
        arms.join(",\n")
    )
}

/// The claim of nobody.
pub(super) const NOBODY: &str = "''";
