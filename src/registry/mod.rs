//! Registry mapping rules, which lead from an official repository to its mirror and back.

mod check;
mod prefix;

use schemars::JsonSchema;
use serde::Deserialize;

use std::fmt;

use crate::image::{Reference, Repository};

pub use check::{MappingError, MappingFault};
use check::{check_convergence, check_sources};
pub use prefix::{Prefix, PrefixError, PrefixFault};

/// Which image fields a rule serves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename = "scope", rename_all = "camelCase")]
pub enum Scope {
    /// Those that a monitoring agent runs.
    #[default]
    Agents,
    /// Every one.
    All,
}

/// A registry mapping rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MappingRule {
    /// The prefix of the official repositories.
    pub source: Prefix,
    /// The prefix of their copies; equal to the source where the rule only exempts the source from
    /// a wider rule.
    pub mirror: Prefix,
    /// Which image fields it serves.
    pub scope: Scope,
    /// The pull secrets that the mirror needs; `None` means those of the general list.
    pub pull_secrets: Option<Vec<String>>,
}

impl MappingRule {
    fn serves(&self, agent_field: bool) -> bool {
        agent_field || self.scope == Scope::All
    }

    fn is_identity(&self) -> bool {
        self.source == self.mirror
    }
}

/// Prints `source → mirror`.
impl fmt::Display for MappingRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} → {}", self.source, self.mirror)
    }
}

/// An image that is used from a mirror.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mirrored {
    /// Where its vendor publishes it.
    pub official: Repository,
    /// Where its copy is.
    pub mirror: Repository,
    /// The tag; `latest` where neither tag nor digest are written.
    pub tag: Option<String>,
    /// The digest.
    pub digest: Option<String>,
}

impl Mirrored {
    /// The image of a reference's version, with the tag by which a runtime pulls it.
    pub fn new(official: Repository, reference: &Reference<'_>, mirror: Repository) -> Self {
        let untagged = || reference.digest.is_none().then(|| "latest".to_owned());
        Self {
            official,
            mirror,
            tag: reference.tag.map(str::to_owned).or_else(untagged),
            digest: reference.digest.map(str::to_owned),
        }
    }
}

/// Rules that fit together: no two equal sources, and mapping a result again changes nothing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MappingRules {
    rules: Vec<MappingRule>,
}

impl MappingRules {
    /// Checks the rules against each other: all of them, as they hold for agents' images, then only
    /// those of scope `all`, as they hold for other images.
    pub fn new(rules: Vec<MappingRule>) -> Result<Self, MappingError> {
        check_sources(&rules)?;
        check_convergence(&rules, true)?;
        check_convergence(&rules, false)?;
        Ok(Self { rules })
    }

    /// The rules in order of declaration.
    pub fn iter(&self) -> std::slice::Iter<'_, MappingRule> {
        self.rules.iter()
    }

    /// The mirror's repository for an official one, by the longest source among the rules that
    /// serve the field; `None` if no rule does.
    ///
    /// The repository may not be legal: see [`Prefix::join`].
    pub fn map(
        &self,
        official: &Repository,
        agent_field: bool,
    ) -> Option<(&MappingRule, Repository)> {
        let (rule, remainder) = self
            .rules
            .iter()
            .filter(|rule| rule.serves(agent_field))
            .filter_map(|rule| Some((rule, rule.source.below(official)?)))
            .max_by_key(|(rule, _)| rule.source.path().len())?;
        Some((rule, rule.mirror.join(remainder)))
    }

    /// The rules whose mirror holds `repo`, each with the official repository that it leads back to.
    ///
    /// A rule that is not `permitted` is left out first, so that it hides no other. Of the others,
    /// those with the longest mirror stay, in order of declaration, one for each official
    /// repository.
    pub fn officials_behind(
        &self,
        repo: &Repository,
        mut permitted: impl FnMut(&MappingRule, &Repository) -> bool,
    ) -> Vec<(&MappingRule, Repository)> {
        let mut officials: Vec<(&MappingRule, Repository)> = Vec::new();
        for rule in &self.rules {
            let Some(remainder) = rule.mirror.below(repo) else {
                continue;
            };
            let official = rule.source.join(remainder);
            // A bare host is no repository: the mirror of a whole host is not itself a copy.
            if official.path().is_empty() || !permitted(rule, &official) {
                continue;
            }
            // Mirrors that all hold `repo` are nested in each other, so equal length means equal.
            let longest = officials
                .first()
                .map_or(0, |(first, _)| first.mirror.path().len());
            let length = rule.mirror.path().len();
            if length < longest {
                continue;
            }
            if length > longest {
                officials.clear();
            }
            if officials.iter().all(|(_, known)| *known != official) {
                officials.push((rule, official));
            }
        }
        officials
    }

    /// Whether some rule's source is on this host.
    pub fn has_source_host(&self, domain: &str) -> bool {
        self.rules.iter().any(|rule| rule.source.is_on(domain))
    }

    /// Whether some rule's mirror is on this host.
    pub fn has_mirror_host(&self, domain: &str) -> bool {
        self.rules.iter().any(|rule| rule.mirror.is_on(domain))
    }
}
