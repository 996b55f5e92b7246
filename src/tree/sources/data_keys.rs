//! The ConfigMaps and Secrets that generators make of a file.

use std::collections::{BTreeMap, BTreeSet};

use crate::finding::ResourceRef;
use crate::judge::InConfigMap;
use crate::tree::kustomization::Needed;

/// The keys under which generators put a file into ConfigMaps; that of a Secret is empty.
#[derive(Debug, Clone, Default)]
pub(in crate::tree) struct DataKeys {
    /// Of those that are read, each with the namespaces and names of these ConfigMaps.
    read: BTreeMap<String, BTreeSet<(String, String)>>,
    /// Of those that an annotation leaves alone.
    ignored: BTreeSet<String>,
}

impl DataKeys {
    /// Adds a file of a kustomization with a namespace.
    pub(in crate::tree) fn add(&mut self, file: &Needed<'_, '_>, namespace: Option<&str>) {
        let key = file.data().1.to_owned();
        if file.is_ignored {
            self.ignored.insert(key);
            return;
        }
        let (own, name) = file.config_map();
        let namespace = namespace.or(own).unwrap_or_default().to_owned();
        let held_by = (namespace, name.unwrap_or_default().to_owned());
        self.read.entry(key).or_default().insert(held_by);
    }

    /// Adds those of another kustomization.
    pub(in crate::tree) fn join(&mut self, other: DataKeys) {
        for (key, held_by) in other.read {
            self.read.entry(key).or_default().extend(held_by);
        }
        self.ignored.extend(other.ignored);
    }

    /// The ConfigMap that holds the file of a text under a key of a manifest; of several, what their names have
    /// in common. What an annotation leaves alone stays where annotations are held.
    pub(in crate::tree) fn config_map(
        &self,
        manifests: &[String],
        text: &str,
        holds_annotation: bool,
    ) -> InConfigMap {
        let keys = self.read.iter().filter(|(key, _)| manifests.contains(key));
        let mut all = keys.flat_map(|(_, config_maps)| config_maps).cloned();
        let same = |one: String, other: &str| if one == other { one } else { String::new() };
        let one = all.next().map(|first| {
            all.fold(first, |(namespace, name), (other_namespace, other)| {
                (same(namespace, &other_namespace), same(name, &other))
            })
        });
        let id = one.map(|(namespace, name)| ResourceRef {
            api_version: "v1".into(),
            kind: "ConfigMap".into(),
            name: name.into(),
            namespace: namespace.into(),
        });
        let mut keys = self.read.keys().chain(&self.ignored);
        let is_other = keys.any(|key| !manifests.contains(key));
        let is_shared = is_other || holds_annotation && !self.ignored.is_empty();
        InConfigMap::of(id, text, is_shared)
    }

    /// Whether the file is no manifest: under none of these keys is one read, and annotations count where
    /// they are held.
    pub(in crate::tree) fn is_no_manifest(
        &self,
        manifests: &[String],
        holds_annotation: bool,
    ) -> bool {
        let ignored = self.ignored.iter().filter(|_| !holds_annotation);
        let mut keys = self.read.keys().chain(ignored);
        !keys.any(|key| manifests.contains(key))
    }
}
