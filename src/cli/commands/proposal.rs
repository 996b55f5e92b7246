//! The agents, registries and secrets found in a folder, from which `init` makes a configuration.

mod values;
mod written;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::judged::{JudgedFiles, unreadable};
use super::secrets_of_hosts::SecretsOfHosts;
use crate::config::Config;
use crate::decide::undeclared;
use crate::image::{Reference, Repository};
use crate::judge::ImageUse;
use crate::quote::piece;
use crate::report::Problem;
use crate::yaml::place::places;
use values::{ValuesLike, values_like};

/// Where something was seen.
#[derive(Default)]
struct Places {
    first: String,
    count: usize,
}

impl Places {
    fn add(&mut self, place: &str) {
        if self.count == 0 {
            place.clone_into(&mut self.first);
        }
        self.count += 1;
    }

    fn words(&self) -> String {
        match self.count {
            0 | 1 => piece(&self.first),
            count => format!("{} and {} more", piece(&self.first), count - 1),
        }
    }
}

/// A registry that holds copies of agents' images.
#[derive(Default)]
struct Mirror {
    places: Places,
    /// Its host.
    host: String,
}

/// What a folder has.
#[derive(Default)]
pub(super) struct FolderSummary {
    agents: BTreeMap<String, Places>,
    /// How many images come from each registry.
    registries: BTreeMap<String, usize>,
    /// By source and mirror.
    mirrors: BTreeMap<(String, String), Mirror>,
    secrets: SecretsOfHosts,
    /// Images of agents that come from their vendor's registry, by that and by their path.
    official: BTreeMap<String, BTreeMap<String, Places>>,
    /// How many images of each agent come from each registry of a vendor.
    outside: BTreeMap<String, BTreeMap<String, usize>>,
    /// Agents of which images come from a registry that holds copies.
    copied: BTreeSet<String>,
    /// Files that cannot be read, as patterns, and why.
    broken: Vec<(String, String)>,
    /// Files that read like values of charts, and that nothing names as such.
    values: Vec<ValuesLike>,
    files: usize,
}

impl FolderSummary {
    /// What the files have; patterns begin at `folder`, which holds the configuration.
    pub(super) fn of(judged: &JudgedFiles, folder: &Path) -> Self {
        let mut seen = FolderSummary::default();
        // Whose charts are installed, and by which files.
        let mut of_charts = BTreeSet::new();
        for (file, outcome) in judged.files.files.iter().zip(&judged.together.files) {
            let (text, outcome) = match (&file.text, outcome) {
                (Ok(text), Ok(outcome)) => (text, outcome),
                _ if file.left_out.is_some() => continue,
                (text, outcome) => {
                    let problem = match (text, outcome) {
                        (Err(why), _) => unreadable(why),
                        (_, Err(error)) => Problem::of(error),
                        (Ok(_), Ok(_)) => continue,
                    };
                    if let Some(pattern) = pattern(&file.path, folder) {
                        seen.broken.push((pattern, problem.what));
                    }
                    continue;
                }
            };
            seen.values
                .extend(values_like((&file.path, text), outcome, folder));
            for values in &outcome.values {
                let agents = values.agents.iter().map(|agent| (agent, &file.shown));
                of_charts.extend(agents);
            }
            seen.files += usize::from(outcome.skipped.is_none());
            let starts: Vec<usize> = outcome.images.iter().map(|one| one.span.start).collect();
            for (image, place) in outcome.images.iter().zip(places(text, &starts)) {
                let at = format!("{}:{}", file.shown, place.line);
                seen.take(&judged.together.config, image, &file.shown, &at);
            }
        }
        of_charts.retain(|(agent, _)| !seen.agents.contains_key(*agent));
        for (agent, file) in of_charts {
            seen.agents.entry(agent.clone()).or_default().add(file);
        }
        seen
    }

    fn take(&mut self, config: &Config, image: &ImageUse, file: &str, at: &str) {
        let reference = image.image.as_deref().map(Reference::parse);
        let Some(Ok(reference)) = reference else {
            return;
        };
        let repository = reference.repository();
        let registry = repository.domain().to_owned();
        let resource = &image.resource;
        let pod = format!(
            "{file}\n{}\n{}\n{}",
            resource.kind, resource.namespace, resource.name
        );
        self.secrets.add(pod, &registry, &image.listed_secrets);
        *self.registries.entry(registry.clone()).or_default() += 1;
        let copy_of = undeclared::rule_of_any(config, &repository);
        let Some(agent) = &image.agent else {
            // Others run it too, and it may be of no agent: so it counts on a registry of no vendor alone.
            let shared = copy_of.filter(|_| !is_vendors(config, &repository));
            if let Some(id) = shared {
                self.mirror(id, registry, at);
            }
            return;
        };
        self.agents.entry(agent.clone()).or_default().add(at);
        if let Some(id) = copy_of {
            self.copied.insert(agent.clone());
            self.mirror(id, registry, at);
            return;
        }
        // A mirror has the official path at the end of its own.
        let repository = repository.to_string();
        let official = image
            .official
            .as_deref()
            .and_then(|name| name.split_once('/'));
        let Some((host, path)) = official else { return };
        let prefix = repository.strip_suffix(path);
        let Some(prefix) = prefix.and_then(|prefix| prefix.strip_suffix('/')) else {
            return;
        };
        if prefix == host {
            let of_host = self.official.entry(host.to_owned()).or_default();
            of_host.entry(path.to_owned()).or_default().add(at);
            let outside = self.outside.entry(agent.clone()).or_default();
            *outside.entry(host.to_owned()).or_default() += 1;
            return;
        }
        self.copied.insert(agent.clone());
        self.mirror((host.to_owned(), prefix.to_owned()), registry, at);
    }

    /// Notes a copy on a registry, by the source and the mirror of a rule.
    fn mirror(&mut self, id: (String, String), registry: String, at: &str) {
        let mirror = self.mirrors.entry(id).or_default();
        mirror.places.add(at);
        mirror.host = registry;
    }

    /// Whether somebody has to say whether a registry is a mirror.
    pub(super) fn asks(&self) -> bool {
        !self.mirrors.is_empty()
    }

    /// Whether no manifest was looked at.
    pub(super) fn is_empty(&self) -> bool {
        self.files == 0
    }

    /// Whether no agent was seen.
    pub(super) fn has_no_agent(&self) -> bool {
        self.agents.is_empty()
    }
}

/// Whether a vendor of an agent publishes on a repository's registry.
fn is_vendors(config: &Config, repository: &Repository) -> bool {
    let images = config.agents.iter().flat_map(|agent| &agent.images);
    let mut names = images.flat_map(|image| image.names());
    names.any(|name| name.repository.is_on(repository.domain()))
}

/// The pattern that leaves out one file below a folder; none for what lies elsewhere.
fn pattern(file: &Path, folder: &Path) -> Option<String> {
    let below = file.strip_prefix(folder).ok()?.to_str()?;
    let mut pattern = String::from("/");
    for c in below.chars() {
        if matches!(c, '*' | '?' | '[' | ']' | '\\' | ' ') {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    Some(pattern)
}
