//! Whose an image is, for the API server: what [`crate::decide::claim`] finds, as tables of
//! repositories.
//!
//! An API server sees one object at a time. It cannot know which agents run in the same instance as
//! a shared image, and it judges no images in environment variables, arguments and custom
//! resources.

use std::collections::{BTreeMap, BTreeSet};

use crate::agent::{Agent, AgentImage, Official, UndeclaredMirrors};
use crate::config::Config;
use crate::decide::provenance::{self, Provenance};
use crate::image::Repository;
use crate::registry::{MappingRule, Scope};

use super::cel::{all, any, fits, list, literal, quoted};

/// An image of an agent, and what the API server recognises it by.
#[derive(Debug)]
pub(super) struct Claimed<'c> {
    /// The name of the claim in expressions: `AGENT/POSITION`.
    pub(super) key: String,
    pub(super) agent: &'c Agent,
    pub(super) image: &'c AgentImage,
    /// Its official names, the main one first.
    pub(super) names: Vec<Name>,
    /// The ends of paths, after a `/`, by which a copy on an undeclared mirror is recognised.
    suffixes: Vec<String>,
    /// Whether agents in play disagree about tag and pull policy, which are then not checked.
    pub(super) is_disputed: bool,
}

/// An official name: the repositories that hold its image, and the one that should.
#[derive(Debug)]
pub(super) struct Name {
    /// The end of a path on an undeclared mirror that is this name's alone: `/gcr.io/a/b`, or `/a/b` where
    /// no other name has that path.
    copy: String,
    /// Canonical repositories from which the rules lead back to it.
    pub(super) locations: Vec<String>,
    /// The canonical repository that the image should come from.
    pub(super) desired: String,
    /// The same repository as it is to be written.
    pub(super) written: String,
    /// The pull secrets that its mirror needs.
    pub(super) secrets: Vec<String>,
}

impl Claimed<'_> {
    /// Whether the names of container and workload are enough to recognise the image, even if it is
    /// no reference.
    pub(super) fn by_name(&self) -> bool {
        !self.image.containers.is_empty() && !self.image.workloads.is_empty()
    }

    /// Whether an image on an undeclared mirror goes back to where the rules say.
    pub(super) fn restores(&self) -> bool {
        self.agent.undeclared_mirrors == UndeclaredMirrors::Restore
    }

    /// The condition that an image `i` of the agent is in a name's repository, or goes back to this
    /// name from an undeclared mirror that keeps its host or its path.
    pub(super) fn is_of(&self, name: &Name) -> String {
        let mut ways = vec![format!("i.repo in {}", list(&name.locations))];
        ways.extend(self.is_copy(name));
        any(&ways)
    }

    /// The condition that the container of an image `i` ran an image from one of this one's repositories
    /// before.
    pub(super) fn ran_before(&self) -> String {
        let locations = self.names.iter().flat_map(|name| &name.locations);
        let places = locations.map(|location| {
            // Docker Hub's host may be left out, and the folder of its official images.
            let Some(path) = location.strip_prefix("docker.io/") else {
                return literal(location);
            };
            let path = match path.strip_prefix("library/") {
                Some(name) => format!("(library/)?{}", literal(name)),
                None => literal(path),
            };
            format!(r"((index\.)?docker\.io/)?{path}")
        });
        let places: Vec<String> = places.collect();
        let expression = format!("^({})([:@]|$)", places.join("|"));
        format!(
            "variables.before.exists(b, b.name == i.name && b.image.matches({}))",
            quoted(&expression)
        )
    }

    /// The condition that an image `i` is on an undeclared mirror and goes back to this alias; `None`
    /// where none does, or to the main name like every other.
    pub(super) fn is_copy(&self, name: &Name) -> Option<String> {
        if !self.restores() || name.copy == self.names[0].copy {
            return None;
        }
        let mut conditions = vec![format!("i.repo.endsWith({})", quoted(&name.copy))];
        // The longest end says which name it is.
        let others = self.names.iter().map(|other| other.copy.clone());
        let documented = self.image.mirror_paths.iter();
        let others = others.chain(documented.map(|path| format!("/{path}")));
        let longer = others.filter(|end| end.len() > name.copy.len() && end.ends_with(&name.copy));
        conditions.extend(longer.map(|end| format!("!i.repo.endsWith({})", quoted(&end))));
        let declared = self.names.iter().flat_map(|name| &name.locations);
        let declared: Vec<&String> = declared
            .filter(|location| location.ends_with(&name.copy))
            .collect();
        if !declared.is_empty() {
            conditions.push(format!("!(i.repo in {})", list(declared)));
        }
        Some(all(&conditions))
    }
}

/// The images of the agents in play that the function would edit.
pub(super) fn claimed(config: &Config) -> Vec<Claimed<'_>> {
    let mut claimed: Vec<Claimed<'_>> = Vec::new();
    for agent in &config.agents {
        for (position, image) in agent.images.iter().enumerate() {
            claimed.push(Claimed {
                key: format!("{}/{position}", agent.name),
                agent,
                image,
                names: image
                    .names()
                    .map(|official| name(config, image, official))
                    .collect(),
                suffixes: suffixes(image),
                is_disputed: false,
            });
        }
    }
    resolve_shared_names(&mut claimed);
    claimed
}

fn name(config: &Config, image: &AgentImage, official: &Official) -> Name {
    let own = &official.repository;
    let below = |rule: &MappingRule| {
        let rest = rule.source.below(own)?;
        Some(rule.mirror.join(rest))
    };
    let mut places: Vec<Repository> = config.rules.iter().filter_map(below).collect();
    places.push(own.clone());
    let leads_back = Provenance::Known(own.clone());
    places.retain(|place| provenance::of_agents(config, place) == leads_back);
    // Names that a rule for agents leads from to this one.
    let former = |rule: &MappingRule| {
        let rest = rule.mirror.below(own)?;
        Some(rule.source.join(rest))
    };
    let of_agents = config
        .rules
        .iter()
        .filter(|rule| rule.scope == Scope::Agents);
    let leads_here = |place: &Repository| {
        let mapped = config.rules.map(place, true);
        mapped.is_some_and(|(rule, mapped)| rule.scope == Scope::Agents && mapped == *own)
    };
    places.extend(of_agents.filter_map(former).filter(leads_here));
    let mut locations: Vec<String> = places.iter().map(Repository::plain_name).collect();
    locations.sort_unstable();
    locations.dedup();
    let mapped = config.rules.map(own, true);
    let path = own.path();
    let same = image.names().filter(|name| name.repository.path() == path);
    let copy = if path.contains('/') && same.count() == 1 {
        format!("/{path}")
    } else {
        format!("/{}", own.plain_name())
    };
    match mapped.filter(|(_, mirror)| mirror != own && mirror.is_legal()) {
        Some((rule, mirror)) => Name {
            copy,
            locations,
            desired: mirror.plain_name(),
            written: mirror.to_string(),
            secrets: config.mirror_secrets(rule).to_vec(),
        },
        None => Name {
            copy,
            locations,
            desired: own.plain_name(),
            written: official.written.clone(),
            secrets: Vec::new(),
        },
    }
}

/// The ends of paths, of two segments at least, by which a copy on an undeclared mirror is
/// recognised.
fn suffixes(image: &AgentImage) -> Vec<String> {
    let paths = image.names().map(|official| {
        let repository = &official.repository;
        if repository.path().contains('/') {
            repository.path().to_owned()
        } else {
            // After the official host, even a path of one segment can only be this vendor's.
            repository.plain_name()
        }
    });
    let mut suffixes: Vec<String> = paths.chain(image.mirror_paths.iter().cloned()).collect();
    suffixes.sort_unstable();
    suffixes.dedup();
    suffixes
}

/// Where several agents name one repository, an unshared image beats a shared one. If the rest
/// disagree, tag and pull policy are not checked.
fn resolve_shared_names(claimed: &mut [Claimed<'_>]) {
    let mut by_name: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (index, claim) in claimed.iter().enumerate() {
        for name in &claim.names {
            let all = by_name.entry(name.desired.clone()).or_default();
            if !all.contains(&index) {
                all.push(index);
            }
        }
    }
    for indices in by_name.into_values().filter(|indices| indices.len() > 1) {
        let is_unshared = |index: &&usize| !claimed[**index].image.shared;
        let unshared: Vec<usize> = indices.iter().filter(is_unshared).copied().collect();
        let rivals = if unshared.is_empty() {
            indices
        } else {
            unshared
        };
        let first = claimed[rivals[0]].image;
        let agree = rivals.iter().all(|&index| {
            let image = claimed[index].image;
            image.agrees_with(first) && image.pull_secrets == first.pull_secrets
        });
        if !agree {
            rivals
                .into_iter()
                .for_each(|index| claimed[index].is_disputed = true);
        }
    }
}

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

/// The ends of paths on undeclared mirrors, each with a claim, the longest first, since it is the
/// surest.
fn paths<'c, 'a>(claimed: &'c [Claimed<'a>], shared: bool) -> Vec<(String, &'c Claimed<'a>)> {
    let mut paths: Vec<(String, &Claimed<'_>)> = claimed
        .iter()
        .filter(|claim| claim.image.shared == shared)
        .flat_map(|claim| {
            claim
                .suffixes
                .iter()
                .map(move |end| (format!("/{end}"), claim))
        })
        .collect();
    paths.sort_by_key(|(end, _)| (std::cmp::Reverse(end.len()), end.clone()));
    paths
}

/// A list literal of the ends of paths of shared images with their claims; an end may have several.
pub(super) fn shared_path_table(claimed: &[Claimed<'_>]) -> String {
    let paths = paths(claimed, true);
    rows_of(paths.iter().map(|(end, claim)| row(end, claim)))
}

/// A map literal from the ends of paths of unshared images to the keys of claims, and the claim that an
/// image `i` finds in it as the variable `paths`; `None` where there are no such ends.
///
/// The ends of the image's path are looked up, rather than those of the table compared, so that the cost
/// does not grow with the number of images that agents have.
pub(super) fn by_path(config: &Config, claimed: &[Claimed<'_>]) -> Option<(String, String)> {
    let mut keys: BTreeMap<String, &str> = BTreeMap::new();
    for (end, claim) in paths(claimed, false) {
        keys.entry(end).or_insert(&claim.key);
    }
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
    hosts.sort_unstable();
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
