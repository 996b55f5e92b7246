//! Rules for every image, as they hold for images that are no agent's.

use crate::config::Config;
use crate::registry::{MappingRule, Prefix, Scope};

use super::cel::{all, quoted, under};

/// A rule for every image, as it holds for those that are no agent's.
pub(super) struct General<'c> {
    pub(super) rule: &'c MappingRule,
    /// Where an image `i` is wrong, and what it becomes.
    pub(super) wrong: Vec<(String, String)>,
    /// Whether `i` lies under the mirror and should; `None` where it could be another rule's.
    pub(super) is_copy: Option<String>,
}

/// The rules for every image.
///
/// An image under a mirror is taken back to its source first, so that what lies under the mirror of
/// a wide rule and is the source of a nearer one moves on to the nearer one's mirror.
pub(super) fn general(config: &Config) -> Vec<General<'_>> {
    let is_all = |rule: &&MappingRule| rule.scope == Scope::All;
    let rules: Vec<&MappingRule> = config.rules.iter().filter(is_all).collect();
    let mirrors: Vec<String> = rules
        .iter()
        .filter(|rule| rule.source != rule.mirror)
        .map(|rule| not_under(&rule.mirror))
        .collect();
    let general = rules.iter().map(|&rule| {
        // Rules for a part of this one's source, with what is left of theirs below it.
        let nearer = |wide: &MappingRule| -> Vec<(&MappingRule, Prefix)> {
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
            let parts = nearer(rule);
            conditions.extend(parts.iter().map(|(part, _)| not_under(&part.source)));
            conditions.extend(mirrors.iter().cloned());
            wrong.push((all(&conditions), moved(&rule.source, rule)));
        }
        for wide in rules.iter().filter(|wide| wide.source != wide.mirror) {
            let parts = nearer(wide);
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
            let parts = nearer(rule);
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

/// The image of `i`, which lies under a prefix, at a rule's mirror.
fn moved(from: &Prefix, rule: &MappingRule) -> String {
    let mirror = quoted(&rule.mirror.to_string());
    let skip = from.to_string().len();
    format!("{mirror} + i.repo.substring({skip}) + i.version")
}
