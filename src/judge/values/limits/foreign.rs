//! Images of others that a chart runs in the place of an agent's.

use crate::agent::AgentImage;
use crate::config::Config;
use crate::image::Repository;
use crate::values::ValueImage;

use super::super::super::verdict::FieldVerdict;

/// The image of an agent's own, with the agent's position, in whose place in a chart that is known another one
/// is written, which is none of the agent's.
pub(in crate::judge::values) fn replaced<'c>(
    config: &'c Config,
    image: &ValueImage<'_, '_>,
    verdict: &FieldVerdict<'_, '_, '_, '_>,
) -> Option<(usize, &'c AgentImage)> {
    let is_known = image.is_written && image.doubt.is_none() && verdict.claim.is_none();
    let reference = verdict.reference.as_ref().filter(|_| is_known)?;
    let own = image.default_repository()?;
    if reference.repository() == own || verdict.verdict.has_name {
        return None;
    }
    let agents = config.agents.iter().enumerate();
    let mut images = agents.flat_map(|(at, agent)| agent.images.iter().map(move |of| (at, of)));
    images.find(|(_, image)| {
        let mut names = image.names();
        !image.shared && !image.vendor_managed && names.any(|name| name.repository == own)
    })
}

/// What is said of an image that takes the place of an agent's in a chart that is known, where it is none
/// of the agent's.
pub(super) fn foreign(
    config: &Config,
    image: &ValueImage<'_, '_>,
    verdict: &FieldVerdict<'_, '_, '_, '_>,
) -> Option<String> {
    let (agent, official) = replaced(config, image, verdict)?;
    let agent = &config.agents[agent];
    let (reference, own) = (verdict.reference.as_ref()?, image.default_repository()?);
    let key = image.written_key().map(|key| format!(", with `{key}`"));
    let copy = reference.repository();
    // Under the mirror of the rule for the official one, another path is a mistake, and no mirror to declare.
    let mapped = config.rules.map(&own, true);
    let remedy = match mapped.filter(|(rule, _)| rule.mirror.below(&copy).is_some()) {
        Some((rule, mirrored)) => {
            format!("the rule {rule} leads to {}: write that", mirrored.name())
        }
        None if is_of_one_owner(&own, &copy) => {
            "it is another image of the same owner, and no copy: take it out".to_owned()
        }
        None => {
            let (source, mirror) = rule_between(config, &own.name(), &copy.name());
            format!("where it is a copy, declare it with `source: {source}` and `mirror: {mirror}`")
        }
    };
    Some(format!(
        "{reference} is not {}, which the chart of {} runs there{}, and stays: {remedy}, or allow it by an exception",
        official.official.written,
        agent.name,
        key.unwrap_or_default()
    ))
}

/// Whether two repositories are on one host, below one name.
fn is_of_one_owner(one: &Repository, other: &Repository) -> bool {
    let owner = |repository: &Repository| {
        let owner = repository.path().split_once('/');
        owner.map(|(owner, _)| owner.to_owned())
    };
    one.domain() == other.domain() && owner(one).is_some() && owner(one) == owner(other)
}

/// The source and the mirror of a rule by which a name is a copy of an official one: without what both end
/// in, as far as no other rule has that source.
fn rule_between(config: &Config, official: &str, copy: &str) -> (String, String) {
    let is_free = |source: &str| {
        let mut rules = config.rules.iter();
        rules.all(|rule| rule.source.to_string() != source)
    };
    let (mut source, mut mirror) = (official, copy);
    while let (Some((before, last)), Some((other, own))) =
        (source.rsplit_once('/'), mirror.rsplit_once('/'))
        && last == own
        && is_free(before)
    {
        (source, mirror) = (before, other);
    }
    (source.to_owned(), mirror.to_owned())
}
