//! Schemas of `openapi`: kustomize has one for all of a build, in the place of its own, and it says which
//! lists a strategic-merge patch merges by a key.

use std::collections::{HashMap, HashSet};

use crate::tree::kustomization::Kustomization;
use crate::tree::paths::join;

use super::Sources;

impl Sources<'_, '_> {
    /// Whether a kustomization is built together with one that names a schema.
    pub(in crate::tree) fn has_own_schema(&self, kustomization: &Kustomization<'_, '_>) -> bool {
        self.own_schema.contains(&kustomization.folder)
    }

    /// Notes the kustomizations that are built together with one that names a schema.
    pub(in crate::tree) fn find_schemas(&mut self) {
        let naming = self.kustomizations.iter().filter(|one| one.has_schema);
        let naming: Vec<String> = naming.map(|one| one.folder.clone()).collect();
        if naming.is_empty() {
            return;
        }
        let mut below: HashMap<String, Vec<String>> = HashMap::new();
        let mut above: HashMap<String, Vec<String>> = HashMap::new();
        for one in &self.kustomizations {
            for entry in one.resources.iter().chain(&one.components) {
                let folder = join(&one.folder, &entry.path);
                let folder = folder.and_then(|folder| self.folders.get(&folder));
                let Some(&position) = folder else { continue };
                let folder = &self.kustomizations[position].folder;
                above
                    .entry(folder.clone())
                    .or_default()
                    .push(one.folder.clone());
                below
                    .entry(one.folder.clone())
                    .or_default()
                    .push(folder.clone());
            }
        }
        let roots = reached(naming, &above);
        self.own_schema = reached(roots.into_iter().collect(), &below);
    }
}

/// What some folders lead to, and these.
fn reached(mut waiting: Vec<String>, next: &HashMap<String, Vec<String>>) -> HashSet<String> {
    let mut found = HashSet::new();
    while let Some(folder) = waiting.pop() {
        if found.insert(folder.clone()) {
            waiting.extend(next.get(&folder).into_iter().flatten().cloned());
        }
    }
    found
}
