//! What a policy of Kyverno asks before it replaces a registry, which no rule does.
//!
//! What is known to ask nothing is listed, and everything else is a condition.

use crate::exchange::ImportFault;
use crate::yaml::Node;

/// The names of the conditions of a rule, each once.
pub(super) fn of(policy: &Node<'_>, rule: &Node<'_>) -> Result<Vec<String>, ImportFault> {
    let mut asked = Vec::new();
    // It is for the namespace that it is in.
    if policy.get("kind")?.and_then(Node::scalar) == Some("Policy") {
        asked.push("a namespace".to_owned());
    }
    let spec = policy.get("spec")?;
    if let Some(webhook) = spec
        .map(|spec| spec.get("webhookConfiguration"))
        .transpose()?
    {
        let conditions = webhook.map(|it| it.get("matchConditions")).transpose()?;
        if conditions.flatten().is_some() {
            asked.push("matchConditions".to_owned());
        }
    }
    others(
        rule,
        &[
            "name",
            "match",
            "mutate",
            "context",
            "skipBackgroundRequests",
            "reportProperties",
        ],
        &mut asked,
    );
    if let Some(matched) = rule.get("match")? {
        of_match(matched, &mut asked)?;
    }
    if let Some(mutation) = rule.get("mutate")? {
        others(
            mutation,
            &["foreach", super::MERGE, super::PATCH],
            &mut asked,
        );
        of_mutation(mutation, &mut asked)?;
    }
    let mut once: Vec<String> = Vec::new();
    for name in asked {
        if !once.contains(&name) {
            once.push(name);
        }
    }
    Ok(once)
}

/// Adds the keys of a mapping that are not among those that ask nothing.
fn others(node: &Node<'_>, silent: &[&str], asked: &mut Vec<String>) {
    let entries = node.entries().unwrap_or_default().iter();
    let keys = entries.filter_map(|entry| entry.key.scalar());
    asked.extend(keys.filter(|key| !silent.contains(key)).map(str::to_owned));
}

/// What is asked of a resource: of several filters by `any`, the one that asks least counts.
fn of_match(matched: &Node<'_>, asked: &mut Vec<String>) -> Result<(), ImportFault> {
    others(matched, &["any", "all", "resources"], asked);
    if matched.get("resources")?.is_some() {
        of_resources(matched, asked)?;
    }
    for filter in matched
        .get("all")?
        .and_then(Node::items)
        .unwrap_or_default()
    {
        others(filter, &["resources"], asked);
        of_resources(filter, asked)?;
    }
    let mut least: Option<Vec<String>> = None;
    for filter in matched
        .get("any")?
        .and_then(Node::items)
        .unwrap_or_default()
    {
        let mut own = Vec::new();
        others(filter, &["resources"], &mut own);
        of_resources(filter, &mut own)?;
        if least.as_ref().is_none_or(|least| own.len() < least.len()) {
            least = Some(own);
        }
    }
    asked.extend(least.unwrap_or_default());
    Ok(())
}

fn of_resources(filter: &Node<'_>, asked: &mut Vec<String>) -> Result<(), ImportFault> {
    let Some(resources) = filter.get("resources")? else {
        return Ok(());
    };
    others(resources, &["kinds", "operations"], asked);
    // Kyverno makes rules for workloads of a rule for pods.
    for (key, all) in [
        ("kinds", &["Pod", "v1/Pod", "*/Pod", "*"][..]),
        ("operations", &["CREATE"]),
    ] {
        if let Some(words) = resources.get(key)?.and_then(Node::items) {
            let mut words = words.iter().filter_map(Node::scalar);
            if !words.any(|word| all.contains(&word)) {
                asked.push(key.to_owned());
            }
        }
    }
    Ok(())
}

/// What is asked in a mutation: in its loops, and by anchors.
fn of_mutation(mutation: &Node<'_>, asked: &mut Vec<String>) -> Result<(), ImportFault> {
    if let Some(merge) = mutation.get(super::MERGE)? {
        anchors(merge, asked);
    }
    for each in mutation
        .get("foreach")?
        .and_then(Node::items)
        .unwrap_or_default()
    {
        let silent = [
            "list",
            "order",
            "context",
            "foreach",
            super::MERGE,
            super::PATCH,
        ];
        others(each, &silent, asked);
        let list = each.get("list")?.and_then(Node::scalar);
        if !list.is_none_or(is_whole_list) {
            asked.push("list".to_owned());
        }
        of_mutation(each, asked)?;
    }
    Ok(())
}

/// Whether a loop is over all containers of a list, or of several: `request.object.spec.containers`,
/// `request.object.spec.[initContainers, containers][]`.
fn is_whole_list(list: &str) -> bool {
    let list = list.trim();
    let list = list.strip_suffix("|| `[]`").unwrap_or(list);
    list.chars()
        .all(|c| c.is_ascii_alphabetic() || " .,[]".contains(c))
}

/// Adds the anchors of a merge that ask for something: `(name): "web*"`.
fn anchors(node: &Node<'_>, asked: &mut Vec<String>) {
    for item in node.items().unwrap_or_default() {
        anchors(item, asked);
    }
    for entry in node.entries().unwrap_or_default() {
        let key = entry.key.scalar().unwrap_or_default();
        let is_anchor = key.contains('(') && key.ends_with(')');
        let asks = match entry.value.scalar() {
            Some(text) => !asks_nothing(key, text),
            None => !key.starts_with('('),
        };
        if is_anchor && asks {
            asked.push(key.to_owned());
        }
        anchors(&entry.value, asked);
    }
}

/// Whether an anchor's value is any, or the very one of the container that a loop is at.
fn asks_nothing(key: &str, text: &str) -> bool {
    let plain: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    let inner = key.strip_prefix('(').and_then(|key| key.strip_suffix(')'));
    inner.is_some_and(|name| {
        matches!(&*plain, "*" | "?*") || plain == format!("{{{{element.{name}}}}}")
    })
}
