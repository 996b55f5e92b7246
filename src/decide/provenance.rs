//! The official repository of a reference, which may name a mirror of it.

use crate::config::Config;
use crate::image::Repository;
use crate::registry::{MappingRule, Scope};

use super::steps::{Steps, TraceStep};

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
    of_agents_by_steps(config, repository, &mut Steps::unasked())
}

/// As [`of_agents`], with the step.
pub(super) fn of_agents_by_steps(
    config: &Config,
    repository: &Repository,
    steps: &mut Steps,
) -> Provenance {
    lead_back(
        config,
        repository,
        |rule, official| rule.scope == Scope::All || is_in_profile(config, official),
        steps,
    )
}

/// As [`of_agents`], for an image that belongs to no agent: only rules of scope `all` lead back.
pub fn of_others(config: &Config, repository: &Repository) -> Provenance {
    let is_for_all = |rule: &MappingRule, _: &Repository| rule.scope == Scope::All;
    lead_back(config, repository, is_for_all, &mut Steps::unasked())
}

/// Where a repository leads back to by the rules that are permitted, for each of the names that they give it.
fn lead_back(
    config: &Config,
    repository: &Repository,
    permitted: impl Fn(&MappingRule, &Repository) -> bool,
    steps: &mut Steps,
) -> Provenance {
    let mut refused = RefusedName::default();
    let mut candidates = config.rules.officials_behind(repository, |rule, official| {
        let is_permitted = permitted(rule, official);
        if !is_permitted && steps.are_asked() {
            refused.add(rule, official);
        }
        is_permitted
    });
    if candidates.len() > 1 {
        let named: Vec<_> = candidates.iter().map(|(_, official)| official).collect();
        if let Some(only) = only_in_profiles(config, named) {
            candidates = vec![candidates.swap_remove(only)];
        }
    }
    let found = match candidates.len() {
        0 => None,
        1 => Some(candidates.remove(0)),
        _ => {
            let candidates = candidates.into_iter().map(|(_, official)| official);
            let candidates: Vec<Repository> = candidates.collect();
            steps.note(|| unclear(&candidates));
            return Provenance::Unclear(candidates);
        }
    };
    match found {
        Some((rule, official)) if official != *repository => {
            steps.note(|| {
                let why = format!("back through the rule {rule}");
                TraceStep::new("official", official.to_string(), why)
            });
            Provenance::Known(official)
        }
        _ => {
            steps.note(|| TraceStep::new("official", repository.to_string(), refused.why()));
            Provenance::Known(repository.clone())
        }
    }
}

/// The rule with the longest mirror of those that may not lead a reference back, and where it would lead.
#[derive(Default)]
struct RefusedName(Option<(MappingRule, Repository)>);

impl RefusedName {
    fn add(&mut self, rule: &MappingRule, official: &Repository) {
        let length = |rule: &MappingRule| rule.mirror.path().len();
        let is_longest = self
            .0
            .as_ref()
            .is_none_or(|(known, _)| length(known) < length(rule));
        if is_longest {
            self.0 = Some((rule.clone(), official.clone()));
        }
    }

    /// Why a reference leads back to no other repository.
    fn why(&self) -> String {
        match &self.0 {
            Some((rule, found)) => format!(
                "the mirror of the rule {rule} leads to {found}, which is no agent's image in play, \
                 and the rule is for agents alone"
            ),
            None => "it is under no rule's mirror".to_owned(),
        }
    }
}

fn unclear(candidates: &[Repository]) -> TraceStep {
    let candidates: Vec<String> = candidates.iter().map(ToString::to_string).collect();
    let why = "several rules share the mirror: give them mirrors of their own";
    TraceStep::new("official", candidates.join(" or "), why)
}

/// The position of the one candidate that profiles in play name, or, where they name several, of the first name
/// of the image that all of these are names of: whichever was copied, the mirror has the same image.
fn only_in_profiles(config: &Config, candidates: Vec<&Repository>) -> Option<usize> {
    let all = candidates.iter().enumerate();
    let named: Vec<_> = all
        .filter(|(_, candidate)| is_in_profile(config, candidate))
        .collect();
    if let [(only, _)] = named[..] {
        return Some(only);
    }
    let images = config.agents.iter().flat_map(|agent| &agent.images);
    let mut firsts = images.filter_map(|image| {
        let has = |candidate: &Repository| image.names().any(|name| name.repository == *candidate);
        let is_of_all = !named.is_empty() && named.iter().all(|(_, candidate)| has(candidate));
        let mut names = image.names().filter(|_| is_of_all);
        names.find_map(|name| named.iter().find(|(_, one)| **one == &name.repository))
    });
    let (first, _) = firsts.next()?;
    firsts.all(|(other, _)| other == first).then_some(*first)
}

/// Whether a profile in play names the repository.
pub(crate) fn is_in_profile(config: &Config, repository: &Repository) -> bool {
    let mut alike = config.images_by_word.ending_as(repository.path());
    alike.any(|(agent, image)| {
        let mut names = config.agents[agent].images[image].names();
        names.any(|name| name.repository == *repository)
    })
}
