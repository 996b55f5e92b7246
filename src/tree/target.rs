//! Which resources a patch is for.

use std::sync::Arc;

use crate::intern::intern;
use crate::krm::resource::{group, version};
use crate::pattern::{self, GoMeaning};
use crate::yaml::Node;

use super::kustomization::text;
use super::scope::{self, NamespaceChange};
use super::selector::requirements;
use super::value::BuildValue;

/// A resource that is being built, with every id that it has had.
#[derive(Debug, Clone)]
pub(super) struct BuiltResource<'n, 's> {
    pub(super) value: BuildValue<'n, 's>,
    /// From the first to the present one.
    pub(super) ids: Vec<Arc<Id>>,
    /// Whether a hash of what is in it will be added to its name.
    pub(super) is_hashed: bool,
}

/// What a resource is known by.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Id {
    pub(super) api_version: Arc<str>,
    pub(super) kind: Arc<str>,
    pub(super) name: Arc<str>,
    /// `default` where none is written, and what kustomize says of kinds that have none.
    pub(super) namespace: Arc<str>,
}

impl Id {
    pub(super) fn of(value: &BuildValue<'_, '_>) -> Self {
        let [api_version, kind, name, namespace] = texts_of(value);
        Id {
            api_version: intern(api_version),
            kind: intern(kind),
            name: name.into(),
            namespace: intern(namespace),
        }
    }

    /// The id of a value, which has been known by this one.
    fn with(&self, [api_version, kind, name, namespace]: [&str; 4]) -> Self {
        let shared = |known: &Arc<str>, now: &str| {
            let same = Some(known).filter(|known| ***known == *now);
            same.map_or_else(|| intern(now), Arc::clone)
        };
        Id {
            api_version: shared(&self.api_version, api_version),
            kind: shared(&self.kind, kind),
            name: shared(&self.name, name),
            namespace: shared(&self.namespace, namespace),
        }
    }

    fn is(&self, [api_version, kind, name, namespace]: [&str; 4]) -> bool {
        *self.name == *name
            && *self.namespace == *namespace
            && *self.kind == *kind
            && *self.api_version == *api_version
    }
}

/// What a value is known by: its apiVersion, kind, name and namespace.
fn texts_of<'v>(value: &'v BuildValue<'_, '_>) -> [&'v str; 4] {
    let metadata = value.get("metadata");
    let of_metadata = |key| metadata.map_or("", |metadata| metadata.text_at(&[key]));
    let namespace = Some(of_metadata("namespace")).filter(|namespace| !namespace.is_empty());
    // Whatever a resource of such a kind says, it has none.
    let is_namespaced = scope::of(value) == NamespaceChange::Namespaced;
    let namespace = if is_namespaced {
        namespace.unwrap_or("default")
    } else {
        "_non_namespaceable_"
    };
    [
        value.text_at(&["apiVersion"]),
        value.text_at(&["kind"]),
        of_metadata("name"),
        namespace,
    ]
}

impl<'n, 's> BuiltResource<'n, 's> {
    pub(super) fn new(value: BuildValue<'n, 's>) -> Self {
        let ids = vec![Arc::new(Id::of(&value))];
        BuiltResource {
            value,
            ids,
            is_hashed: false,
        }
    }

    /// Notes the id that it has now.
    pub(super) fn renamed(&mut self) {
        let now = texts_of(&self.value);
        let now = match self.ids.last() {
            Some(last) if last.is(now) => return,
            Some(last) => last.with(now),
            None => Id::of(&self.value),
        };
        self.ids.push(Arc::new(now));
    }

    /// Whether a strategic-merge patch without `target` names it, by any id that it has had.
    pub(super) fn is_named_by(&self, patch: &Id) -> bool {
        self.ids.iter().any(|id| **id == *patch)
    }

    /// Whether a `target` selects it.
    ///
    /// # Errors
    /// Why that cannot be said.
    pub(super) fn is_selected_by(&self, target: &Node<'_>) -> Result<bool, NoSelector> {
        let matches = |key: &str, texts: &[&str]| match text(target, key) {
            None => Ok(true),
            Some(pattern) if pattern::reading(pattern) == GoMeaning::Otherwise => {
                Err(NoSelector::Unclear)
            }
            Some(pattern) => {
                let pattern = anchored(pattern);
                let mut texts = texts.iter();
                texts.try_fold(false, |found, text| {
                    let is_match = pattern::is_match(&pattern, text);
                    Ok(found || is_match.ok_or(NoSelector::Unclear)?)
                })
            }
        };
        let (Some(first), Some(now)) = (self.ids.first(), self.ids.last()) else {
            return Err(NoSelector::Unclear);
        };
        let is_selected = matches("group", &[group(&now.api_version)])?
            && matches("version", &[version(&now.api_version)])?
            && matches("kind", &[&now.kind])?
            && matches("name", &[&first.name, &now.name])?
            && matches("namespace", &[&first.namespace, &now.namespace])?;
        Ok(is_selected && self.has_selected_labels(target)?)
    }

    /// Whether a `target` selects its labels and annotations, whatever else it says.
    ///
    /// # Errors
    /// kustomize refuses the selector.
    pub(super) fn has_selected_labels(&self, target: &Node<'_>) -> Result<bool, NoSelector> {
        let mut is_selected = true;
        for (key, map) in [
            ("labelSelector", "labels"),
            ("annotationSelector", "annotations"),
        ] {
            let Some(selector) = text(target, key) else {
                continue;
            };
            let refused = || NoSelector::Refused(format!("`{key}` is no selector of labels"));
            let all = requirements(selector).ok_or_else(refused)?;
            let map = self.value.at(&["metadata", map]);
            let find = |key: &str| {
                let value = map.and_then(|map| map.get(key));
                value.and_then(BuildValue::scalar).map(str::to_owned)
            };
            is_selected &= all.iter().all(|one| one.takes(find));
        }
        Ok(is_selected)
    }

    /// Whether a selector names it letter by letter, by any id that it has had, as `replacements` do.
    pub(super) fn is_named_in(&self, selector: &Node<'_>) -> bool {
        self.ids.iter().any(|id| {
            let is = |key, own: &str| text(selector, key).is_none_or(|text| text == own);
            is("group", group(&id.api_version))
                && is("version", version(&id.api_version))
                && is("kind", &id.kind)
                && is("name", &id.name)
                && is("namespace", &id.namespace)
        })
    }
}

/// Why it cannot be said what a selector selects.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum NoSelector {
    /// It is not understood here.
    Unclear,
    /// kustomize refuses it; why, in words.
    Refused(String),
}

impl NoSelector {
    pub(super) fn told(self) -> String {
        match self {
            NoSelector::Unclear => "a selector is not understood".to_owned(),
            NoSelector::Refused(what) => what,
        }
    }
}

/// Why kustomize refuses a `target` whatever there is to be selected, if it does: of its expressions,
/// those that are none in its syntax either.
pub(super) fn fault(target: &Node<'_>) -> Option<String> {
    let mut keys = ["group", "version", "kind", "name", "namespace"].into_iter();
    let broken = |key: &&str| {
        let pattern = text(target, key);
        pattern.is_some_and(|pattern| pattern::reading(pattern) == GoMeaning::Broken)
    };
    keys.find(broken)
        .map(|key| format!("`{key}` of a target is no regular expression"))
}

fn anchored(pattern: &str) -> String {
    format!("^(?:{pattern})$")
}

/// Marks every value of resources as one that something may change which is not followed.
pub(super) fn obscure(resources: &mut [BuiltResource<'_, '_>], what: &Arc<str>) {
    for resource in resources {
        resource.value.obscure(what);
    }
}
