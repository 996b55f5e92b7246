//! What a survey notes of the resources that it reads: their kinds, and what they give to the
//! configuration.

use std::collections::HashSet;

use crate::krm::item_config::ItemConfig;
use crate::krm::kinds::{KindPositions, KindTable};
use crate::krm::resource::{self, Budget, Resource};
use crate::yaml::{Error, Node, Span};

use super::Survey;

/// Kinds, profiles, rules and pull secrets that were met.
#[derive(Debug, Default)]
pub(super) struct Notes<'s> {
    kinds: KindTable,
    observed: Vec<Span>,
    pub(super) gathered: ItemConfig<'s>,
}

impl<'s> Notes<'s> {
    /// Notes what the resources of a root give, and says of which kinds they are.
    pub(super) fn note(&mut self, root: &Node<'_>) -> Result<KindPositions, Error> {
        let mut budget = Budget::new(root.span.len());
        let resources = resource::resources(root, &mut budget)?;
        let mut kinds = Vec::with_capacity(1);
        for resource in &resources {
            self.gathered.note(resource)?;
            self.observed.extend(observed(resource));
            let kind = self.kinds.position(resource.api_version, resource.kind);
            kinds.push(kind);
        }
        if kinds.len() > 1 {
            let mut seen = HashSet::new();
            kinds.retain(|kind| seen.insert(*kind));
        }
        Ok(kinds.into_iter().collect())
    }

    /// Adds what was noted of later resources; gives the positions of their kinds among all.
    pub(super) fn merge(&mut self, later: Notes<'s>) -> Vec<usize> {
        self.gathered.take(later.gathered);
        self.observed.extend(later.observed);
        self.kinds.merge(&later.kinds)
    }

    /// The positions of all kinds.
    pub(super) fn all_kinds(&self) -> KindPositions {
        (0..self.kinds.kinds.len()).collect()
    }

    /// A survey without units.
    pub(super) fn into_survey(self) -> Survey<'s> {
        Survey {
            kinds: self.kinds.kinds,
            observed: self.observed,
            gathered: self.gathered,
            ..Survey::default()
        }
    }
}

/// Where kubectl keeps what was applied last.
const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

/// Where a resource says what a cluster made of it and what it was before.
fn observed(resource: &Resource<'_, '_>) -> Vec<Span> {
    let status = resource.node.get("status").ok().flatten();
    let status = status.filter(|status| status.entries().is_some() && !resource.kind.is_empty());
    let applied = resource.annotation(LAST_APPLIED).ok().flatten();
    let both = applied.into_iter().chain(status);
    both.map(|node| node.span.clone()).collect()
}
