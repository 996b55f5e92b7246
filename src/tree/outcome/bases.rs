//! What is said of a base by itself and of no build that brings it: a base rarely runs alone.

use std::collections::HashSet;

use crate::finding::Rule;
use crate::tree::builds::Builds;
use crate::tree::rendered::FindingWithoutEdit;

impl<'n, 's> Builds<'_, 'n, 's> {
    /// Takes back that a ServiceAccount is not known in a base, where the builds that bring the base know it.
    pub(super) fn forget_in_bases(&self, without_edits: &mut Vec<FindingWithoutEdit<'n, 's>>) {
        let is_meant = |found: &FindingWithoutEdit<'_, '_>| {
            found.finding.rule == Rule::ShadowsServiceAccountSecrets
        };
        if !without_edits.iter().any(is_meant) {
            return;
        }
        let all = 0..self.built.len();
        let judged: Vec<usize> = all
            .filter(|&root| {
                let is_root = self.sources.kustomizations[root].is_root();
                is_root && self.built[root].refused.is_none() && !self.is_left_out(root)
            })
            .collect();
        let brought: HashSet<usize> = judged.iter().flat_map(|root| self.used_by(*root)).collect();
        let tops: Vec<usize> = judged
            .into_iter()
            .filter(|root| !brought.contains(root))
            .collect();
        let place = |found: &FindingWithoutEdit<'_, '_>| (found.document, found.node.span.start);
        let of_tops = without_edits
            .iter()
            .filter(|found| is_meant(found) && !brought.contains(&found.root));
        let of_tops: HashSet<(usize, usize)> = of_tops.map(place).collect();
        without_edits.retain(|found| {
            let is_of_base = is_meant(found) && brought.contains(&found.root);
            let bring = |root: &usize| self.built[*root].documents.contains(&found.document);
            !is_of_base || of_tops.contains(&place(found)) || !tops.iter().any(bring)
        });
    }
}
