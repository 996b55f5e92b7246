//! Which resources a patch is for.

use std::sync::Arc;

use crate::krm::resource::{group, version};
use crate::pattern;
use crate::yaml::Node;

use super::kustomization::text;
use super::value::BuildValue;

/// A resource that is being built, with every id that it has had.
#[derive(Debug, Clone)]
pub(super) struct Resource<'n, 's> {
    pub(super) value: BuildValue<'n, 's>,
    /// From the first to the present one.
    pub(super) ids: Vec<Id>,
}

/// What a resource is known by.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Id {
    pub(super) api_version: String,
    pub(super) kind: String,
    pub(super) name: String,
    /// `default` where none is written.
    pub(super) namespace: String,
}

impl Id {
    pub(super) fn of(value: &BuildValue<'_, '_>) -> Self {
        let namespace = value.text_at(&["metadata", "namespace"]);
        let namespace = if namespace.is_empty() {
            "default"
        } else {
            namespace
        };
        Id {
            api_version: value.text_at(&["apiVersion"]).to_owned(),
            kind: value.text_at(&["kind"]).to_owned(),
            name: value.text_at(&["metadata", "name"]).to_owned(),
            namespace: namespace.to_owned(),
        }
    }
}

impl<'n, 's> Resource<'n, 's> {
    pub(super) fn new(value: BuildValue<'n, 's>) -> Self {
        let ids = vec![Id::of(&value)];
        Resource { value, ids }
    }

    /// Notes the id that it has now.
    pub(super) fn renamed(&mut self) {
        let now = Id::of(&self.value);
        if self.ids.last() != Some(&now) {
            self.ids.push(now);
        }
    }

    /// Whether a strategic-merge patch without `target` names it, by any id that it has had.
    pub(super) fn is_named_by(&self, patch: &Id) -> bool {
        self.ids.contains(patch)
    }

    /// Whether a `target` selects it; `None` where that cannot be said.
    pub(super) fn is_selected_by(&self, target: &Node<'_>) -> Option<bool> {
        let matches = |key: &str, texts: &[&str]| match text(target, key) {
            None => Some(true),
            Some(pattern) => {
                let pattern = format!("^(?:{pattern})$");
                texts.iter().try_fold(false, |found, text| {
                    Some(found || pattern::is_match(&pattern, text)?)
                })
            }
        };
        let (first, now) = (self.ids.first()?, self.ids.last()?);
        let is_selected = matches("group", &[group(&now.api_version)])?
            && matches("version", &[version(&now.api_version)])?
            && matches("kind", &[&now.kind])?
            && matches("name", &[&first.name, &now.name])?
            && matches("namespace", &[&first.namespace, &now.namespace])?;
        let selectors = [
            ("labelSelector", "labels"),
            ("annotationSelector", "annotations"),
        ];
        let mut is_selected = is_selected;
        for (key, map) in selectors {
            if let Some(selector) = text(target, key) {
                let map = self.value.at(&["metadata", map]);
                is_selected = is_selected && selects(selector, map)?;
            }
        }
        Some(is_selected)
    }
}

/// Marks every value of resources as one that something may change which is not followed.
pub(super) fn obscure(resources: &mut [Resource<'_, '_>], what: &Arc<str>) {
    for resource in resources {
        resource.value.obscure(what);
    }
}

/// Whether a selector as kubectl takes it selects a map; `None` where it is not understood.
fn selects(selector: &str, map: Option<&BuildValue<'_, '_>>) -> Option<bool> {
    let get = |key: &str| {
        map.and_then(|map| map.get(key.trim()))
            .and_then(BuildValue::scalar)
    };
    let mut all = true;
    for term in requirements(selector) {
        let term = term.trim();
        let (key, rest) = match term.find([' ', '=', '!']) {
            Some(0) if term.starts_with('!') => (&term[1..], "absent"),
            Some(at) => (&term[..at], term[at..].trim()),
            None => (term, "present"),
        };
        let values = |rest: &str| -> Option<Vec<String>> {
            let inner = rest.trim().strip_prefix('(')?.strip_suffix(')')?;
            Some(
                inner
                    .split(',')
                    .map(|value| value.trim().to_owned())
                    .collect(),
            )
        };
        let value = get(key);
        all &= if rest == "absent" {
            value.is_none()
        } else if rest == "present" {
            value.is_some()
        } else if let Some(other) = rest.strip_prefix("!=") {
            value != Some(other.trim())
        } else if let Some(other) = rest.strip_prefix("==").or(rest.strip_prefix('=')) {
            value == Some(other.trim())
        } else if let Some(list) = rest.strip_prefix("notin") {
            let list = values(list)?;
            value.is_none_or(|value| !list.iter().any(|item| item == value))
        } else if let Some(list) = rest.strip_prefix("in") {
            let list = values(list)?;
            value.is_some_and(|value| list.iter().any(|item| item == value))
        } else {
            return None;
        };
    }
    Some(all)
}

/// The requirements of a selector: what commas outside of parentheses separate.
fn requirements(selector: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let (mut start, mut depth) = (0, 0usize);
    for (at, c) in selector.char_indices() {
        match c {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => {
                found.push(&selector[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    found.push(&selector[start..]);
    found
}
