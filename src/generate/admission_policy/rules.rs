//! Mapping rules of scope `all`, as conditions on images that belong to no agent.

use crate::config::Config;
use crate::registry::{MappingRule, Prefix, Scope};

use super::cel::{all, quoted, under};

/// A mapping rule of scope `all`, as it holds for images that belong to no agent.
pub(super) struct General<'c> {
    pub(super) rule: &'c MappingRule,
    /// Conditions that an image `i` is in the wrong place, each with the image that it becomes.
    pub(super) wrong: Vec<(String, String)>,
    /// The condition that `i` is under the mirror and should be; `None` where the mirror's image
    /// could be another rule's.
    pub(super) is_copy: Option<String>,
}

/// The mapping rules of scope `all`.
///
/// An image under a mirror goes back to its official repository first. If a narrower rule covers
/// that repository, the image moves on from the wide rule's mirror to the narrower rule's.
pub(super) fn general(config: &Config) -> Vec<General<'_>> {
    let is_all = |rule: &&MappingRule| rule.scope == Scope::All;
    let rules: Vec<&MappingRule> = config.rules.iter().filter(is_all).collect();
    let mirrors: Vec<String> = rules
        .iter()
        .filter(|rule| rule.source != rule.mirror)
        .map(|rule| not_under(&rule.mirror))
        .collect();
    let general = rules.iter().map(|&rule| {
        // Rules whose source is below a wide rule's, each with its place under the wide mirror.
        let narrower = |wide: &MappingRule| -> Vec<(&MappingRule, Prefix)> {
            let others = rules.iter().filter(|other| other.source != wide.source);
            let below =
                |other: &&&MappingRule| wide.source.covers(&other.source).map(str::to_owned);
            others
                .filter_map(|other| Some((*other, wide.mirror.descend(&below(&other)?))))
                .collect()
        };
        let mut wrong = Vec::new();
        if rule.source != rule.mirror {
            let mut conditions = vec![under("i.repo", &rule.source)];
            let parts = narrower(rule);
            conditions.extend(parts.iter().map(|(part, _)| not_under(&part.source)));
            conditions.extend(mirrors.iter().cloned());
            wrong.push((all(&conditions), moved(&rule.source, rule)));
        }
        for wide in rules.iter().filter(|wide| wide.source != wide.mirror) {
            let parts = narrower(wide);
            let Some((_, from)) = parts.iter().find(|(part, _)| part.source == rule.source) else {
                continue;
            };
            if *from == rule.mirror {
                continue;
            }
            let mut conditions = vec![under("i.repo", from)];
            let deeper = parts.iter().filter(|(_, deeper)| deeper != from);
            let deeper = deeper.filter(|(_, deeper)| from.covers(deeper).is_some());
            conditions.extend(deeper.map(|(_, deeper)| not_under(deeper)));
            wrong.push((all(&conditions), moved(from, rule)));
        }
        let same = rules.iter().filter(|other| other.mirror == rule.mirror);
        let is_copy = (rule.source != rule.mirror && same.count() == 1).then(|| {
            let mut conditions = vec![under("i.repo", &rule.mirror)];
            let inner = rules.iter().filter(|other| other.mirror != rule.mirror);
            let inner = inner.filter(|other| rule.mirror.covers(&other.mirror).is_some());
            conditions.extend(inner.map(|other| not_under(&other.mirror)));
            let parts = narrower(rule);
            conditions.extend(parts.iter().map(|(_, place)| not_under(place)));
            all(&conditions)
        });
        General {
            rule,
            wrong,
            is_copy,
        }
    });
    general.collect()
}

fn not_under(prefix: &Prefix) -> String {
    format!("!{}", under("i.repo", prefix))
}

/// The image of `i`, moved from under a prefix to a rule's mirror.
fn moved(from: &Prefix, rule: &MappingRule) -> String {
    let mirror = quoted(&rule.mirror.to_string());
    let skip = from.plain().len();
    format!("{mirror} + i.repo.substring({skip}) + i.version")
}
