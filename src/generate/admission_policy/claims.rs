//! Whose an image is, for the API server: what [`crate::decide`] finds for each place that an agent's image
//! can be in, for whoever sees one object alone.
//!
//! An API server sees one object at a time. It cannot know which agents run in the same instance as
//! a shared image, and it judges no images in environment variables, arguments and custom
//! resources.

mod owners;

use std::collections::BTreeMap;

use crate::agent::{Agent, AgentImage, Official, UndeclaredMirrors};
use crate::config::Config;
use crate::decide::name::Destination;
use crate::decide::provenance::{self, Provenance};
use crate::image::Repository;
use crate::registry::{MappingRule, Scope};
use crate::sort::sort;

use super::cel::{all, any, list, literal, quoted};

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
    pub(super) suffixes: Vec<String>,
    /// Whether agents in play disagree about tag and pull policy, which are then not checked.
    pub(super) is_disputed: bool,
    /// Whether they disagree about copies of it on undeclared mirrors, which are then not looked at.
    pub(super) has_disputed_copies: bool,
    /// The pull secrets that an image `i` needs wherever it comes from, each list with the condition under
    /// which it does, if there is one.
    pub(super) secrets: Vec<(Option<String>, Vec<String>)>,
}

/// The images that agents claim, and who may claim copies of them on undeclared mirrors.
#[derive(Debug)]
pub(super) struct Claims<'c> {
    /// The images of the agents in play that the function would edit.
    pub(super) images: Vec<Claimed<'c>>,
    /// The key of the claim to a copy whose path ends so, after a `/`; of an end that several agents claim who
    /// disagree, [`DISPUTED`].
    pub(super) by_end: BTreeMap<String, String>,
}

/// Stands in the place of a claim's key where agents disagree and nothing is checked.
const DISPUTED: &str = "?";

/// An official name: the repositories that hold its image, and the one that should.
#[derive(Debug)]
pub(super) struct Name {
    /// The end of a path on an undeclared mirror that is this name's alone: `/gcr.io/a/b`, or `/a/b` where
    /// no other name has that path.
    pub(super) copy: String,
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

/// The claims of the agents in play.
pub(super) fn claims(config: &Config) -> Claims<'_> {
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
                has_disputed_copies: false,
                secrets: Vec::new(),
            });
        }
    }
    owners::settle(config, claimed)
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
    sort(&mut locations);
    locations.dedup();
    let copy = if own.path().contains('/') && image.has_path_alone(official) {
        format!("/{}", own.path())
    } else {
        format!("/{}", own.plain_name())
    };
    let mapped = config.rules.map(own, true);
    let legal = mapped.filter(|(_, mirror)| mirror.is_legal());
    let destination = Destination::of((own, &official.written), legal);
    Name {
        copy,
        locations,
        desired: destination.repository.plain_name(),
        secrets: destination.secrets(config).to_vec(),
        written: destination.written,
    }
}

/// The ends of paths, of two segments at least, by which a copy on an undeclared mirror is
/// recognised.
fn suffixes(image: &AgentImage) -> Vec<String> {
    // A host before a path that is enough by itself says no more.
    let ends = image.ends();
    let ends = ends.filter(|end| !end.has_host || !end.path.contains('/'));
    let ends = ends.map(|end| {
        if end.has_host {
            end.name.repository.plain_name()
        } else {
            end.path.to_owned()
        }
    });
    let mut suffixes: Vec<String> = ends.collect();
    sort(&mut suffixes);
    suffixes.dedup();
    suffixes
}
