//! The official repository of a reference, which may name a mirror of it.

use crate::config::Config;
use crate::image::Repository;
use crate::registry::{MappingRule, Scope};

/// The official repository of a reference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Provenance {
    /// The one official repository that the reference leads back to.
    Known(Repository),
    /// Several mapping rules share the mirror, and no profile in play says which of their sources
    /// the image comes from.
    Unclear(Vec<Repository>),
}

/// The official repository of a reference: back through the mirror that holds it, if any.
pub fn of_agents(config: &Config, repository: &Repository) -> Provenance {
    behind(config, repository, |rule, official| {
        rule.scope == Scope::All || is_in_profile(config, official)
    })
}

/// As [`of_agents`], for an image that belongs to no agent: only rules of scope `all` lead back.
pub fn of_others(config: &Config, repository: &Repository) -> Provenance {
    behind(config, repository, |rule, _| rule.scope == Scope::All)
}

fn behind(
    config: &Config,
    repository: &Repository,
    permitted: impl Fn(&MappingRule, &Repository) -> bool,
) -> Provenance {
    let mut candidates: Vec<Repository> = config
        .rules
        .officials_behind(repository, permitted)
        .into_iter()
        .map(|(_, official)| official)
        .collect();
    if candidates.len() > 1 {
        let named: Vec<&Repository> = candidates
            .iter()
            .filter(|candidate| is_in_profile(config, candidate))
            .collect();
        if let [only] = named[..] {
            return Provenance::Known(only.clone());
        }
    }
    match candidates.len() {
        0 => Provenance::Known(repository.clone()),
        1 => Provenance::Known(candidates.remove(0)),
        _ => Provenance::Unclear(candidates),
    }
}

/// Whether a profile in play names the repository.
pub(crate) fn is_in_profile(config: &Config, repository: &Repository) -> bool {
    let mut alike = config.images_by_word.ending_as(repository.path());
    alike.any(|(agent, image)| {
        let mut names = config.agents[agent].images[image].names();
        names.any(|name| name.repository == *repository)
    })
}
