//! Schemas of `openapi`: kustomize has one for all of a build, in the place of its own, and it says which
//! lists a strategic-merge patch merges by a key.

use std::collections::HashSet;

use crate::tree::kustomization::field;
use crate::tree::paths::join;

use super::Sources;

impl Sources<'_, '_> {
    /// Notes with each kustomization whether a build that it is in has a schema: those below whatever
    /// brings one that names it.
    pub(in crate::tree) fn find_schemas(&mut self) {
        let has_schema = |&position: &usize| {
            let root = self.documents[self.kustomizations[position].document].root;
            let path = field(root, "openapi").and_then(|of| field(of, "path"));
            path.is_some_and(|path| !path.is_null())
        };
        let all = 0..self.kustomizations.len();
        let naming: Vec<usize> = all.clone().filter(has_schema).collect();
        if naming.is_empty() {
            return;
        }
        let below: Vec<Vec<usize>> = all.clone().map(|position| self.below(position)).collect();
        let mut above = vec![Vec::new(); below.len()];
        for position in all {
            for &one in &below[position] {
                above[one].push(position);
            }
        }
        let tops = reached(naming, &above);
        for position in reached(tops, &below) {
            self.kustomizations[position].has_schema = true;
        }
    }

    /// The kustomizations that one brings.
    fn below(&self, position: usize) -> Vec<usize> {
        let kustomization = &self.kustomizations[position];
        let all = kustomization
            .resources
            .iter()
            .chain(&kustomization.components);
        let folders = all.filter_map(|entry| join(&kustomization.folder, &entry.path));
        let known = folders.filter_map(|folder| self.folders.get(&folder).copied());
        known.collect()
    }
}

/// What can be reached from some positions, with these.
fn reached(from: Vec<usize>, next: &[Vec<usize>]) -> Vec<usize> {
    let mut known: HashSet<usize> = from.iter().copied().collect();
    let mut waiting = from;
    while let Some(position) = waiting.pop() {
        let new = next[position].iter().filter(|one| known.insert(**one));
        waiting.extend(new);
    }
    known.into_iter().collect()
}
