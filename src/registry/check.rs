//! Checks that a set of mapping rules has no two equal sources, and that mapping an image twice
//! gives what mapping it once does.

use std::collections::HashMap;

use thiserror::Error;

use super::prefix::Prefix;
use super::{MappingRule, Scope};

/// Why rules do not fit together.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{message}")]
pub struct MappingError {
    /// The rule at fault, counted from 0.
    pub index: usize,
    /// The rule it does not fit with, if that is another one.
    pub other: Option<usize>,
    /// What is wrong.
    pub fault: MappingFault,
    message: String,
    help: String,
}

impl MappingError {
    /// What to write instead.
    pub fn help(&self) -> Option<String> {
        Some(self.help.clone())
    }
}

/// What can be wrong with rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MappingFault {
    /// Two rules have the same source.
    EqualSources,
    /// A rule maps its own result again.
    MapsItself,
    /// Another rule maps a rule's result again.
    MapsAgain,
    /// Rules map each other's results in a circle.
    Circle,
}

pub(super) fn check_sources(rules: &[MappingRule]) -> Result<(), MappingError> {
    let mut seen = HashMap::new();
    for (index, rule) in rules.iter().enumerate() {
        if let Some(other) = seen.insert(&rule.source, index) {
            return Err(MappingError {
                index,
                other: Some(other),
                fault: MappingFault::EqualSources,
                message: format!("`{}` and `{rule}` have the same source", rules[other]),
                help: "keep one of them".to_owned(),
            });
        }
    }
    Ok(())
}

/// Mapping the result of a mapping again must not change it.
pub(super) fn check_convergence(
    rules: &[MappingRule],
    agent_field: bool,
) -> Result<(), MappingError> {
    // Prefixes that cover one another are on one host, and most mirrors are on no source's.
    let mut hosts: HashMap<String, Vec<usize>> = HashMap::new();
    let serving = rules.iter().enumerate();
    for (index, rule) in serving.filter(|(_, rule)| rule.serves(agent_field)) {
        let known = hosts.entry(rule.source.plain_host()).or_default();
        known.push(index);
    }
    let successor = |index: usize| {
        let sources = hosts.get(&rules[index].mirror.plain_host());
        mapped_again_by(rules, sources?, agent_field, index)
    };
    for index in 0..rules.len() {
        let Some(other) = successor(index) else {
            continue;
        };
        let mut circle = vec![index];
        let mut next = Some(other);
        while let Some(rule) = next.filter(|rule| !circle.contains(rule)) {
            circle.push(rule);
            next = successor(rule);
        }
        return Err(if other == index {
            maps_itself(rules, index)
        } else if next == Some(index) {
            maps_in_circle(rules, &circle)
        } else {
            maps_again(rules, index, other)
        });
    }
    Ok(())
}

/// The rule that would map a result of the rule `index` again.
///
/// There is one iff the longest source that covers the mirror belongs to a rule that moves images,
/// or the source of such a rule is inside the mirror where results of this rule arrive.
/// Prefixes are enough to tell: below any prefix there is a repository that no longer source covers.
/// `sources` are the rules that serve the field and whose source is on the mirror's host.
fn mapped_again_by(
    rules: &[MappingRule],
    sources: &[usize],
    agent_field: bool,
    index: usize,
) -> Option<usize> {
    let rule = &rules[index];
    if rule.is_identity() || !rule.serves(agent_field) {
        return None;
    }
    let longest = |among: &mut dyn Iterator<Item = usize>, prefix: &Prefix| {
        among
            .filter(|&i| rules[i].serves(agent_field) && rules[i].source.covers(prefix).is_some())
            .max_by_key(|&i| rules[i].source.path().len())
    };
    let covering = longest(&mut sources.iter().copied(), &rule.mirror);
    covering.filter(|&i| !rules[i].is_identity()).or_else(|| {
        sources.iter().copied().find(|&i| {
            let arriving = rule
                .mirror
                .covers(&rules[i].source)
                .filter(|rest| !rest.is_empty());
            let arrives = |rest: &str| {
                longest(&mut (0..rules.len()), &rule.source.descend(rest)) == Some(index)
            };
            !rules[i].is_identity() && arriving.is_some_and(arrives)
        })
    })
}

fn maps_itself(rules: &[MappingRule], index: usize) -> MappingError {
    let rule = &rules[index];
    let help = if rule.source.covers(&rule.mirror).is_some() {
        exempt(rules, &rule.mirror, rule.scope)
    } else {
        format!("choose a mirror that does not hold `{}`", rule.source)
    };
    MappingError {
        index,
        other: None,
        fault: MappingFault::MapsItself,
        message: format!("`{rule}` maps its own result again"),
        help,
    }
}

fn maps_again(rules: &[MappingRule], index: usize, other: usize) -> MappingError {
    let (rule, again) = (&rules[index], &rules[other]);
    // Where one of the two serves only agents' images, they meet on agents' images only.
    let scope = if again.scope == Scope::All {
        rule.scope
    } else {
        Scope::Agents
    };
    let help = match (
        again.source.covers(&rule.mirror),
        rule.mirror.covers(&again.source),
    ) {
        (Some(""), _) => format!("map `{}` straight to `{}`", rule.source, again.mirror),
        (Some(_), _) => exempt(rules, &rule.mirror, scope),
        (None, rest) => format!(
            "add a rule for `{}` that leads elsewhere",
            rule.source.descend(rest.unwrap_or_default())
        ),
    };
    MappingError {
        index,
        other: Some(other),
        fault: MappingFault::MapsAgain,
        message: format!("`{again}` maps the result of `{rule}` again"),
        help,
    }
}

fn maps_in_circle(rules: &[MappingRule], circle: &[usize]) -> MappingError {
    let names: Vec<String> = circle.iter().map(|&i| format!("`{}`", rules[i])).collect();
    MappingError {
        index: circle[0],
        other: Some(circle[1]),
        fault: MappingFault::Circle,
        message: format!("{} map in a circle", names.join(" and ")),
        help: "remove one of them".to_owned(),
    }
}

/// The help that says how to exempt `prefix` from the rules of a wider source.
fn exempt(rules: &[MappingRule], prefix: &Prefix, scope: Scope) -> String {
    // An exemption that exists for agents only has to be widened, not written a second time.
    if let Some(rule) = rules.iter().find(|rule| rule.source == *prefix) {
        return format!("give `{rule}` the scope `all`");
    }
    let scope = if scope == Scope::All {
        " of scope `all`"
    } else {
        ""
    };
    format!("add a rule{scope} whose source and mirror are both `{prefix}`")
}
