//! Which versions of agents' own images the images of a group run beside.

use std::collections::BTreeMap;

use crate::agent::TestedRelease;

use super::super::instances::AgentVersion;
use super::super::verdict::FieldVerdict;
use super::{tag_in, version};

/// The versions of agents' own images that the images of a group run beside, by the agent's position.
#[derive(Debug, Default)]
pub(in crate::judge) struct VersionsByAgent(pub(super) BTreeMap<usize, OfAgent>);

/// The versions of one agent's own images.
#[derive(Debug, Default)]
pub(super) struct OfAgent {
    /// Positions of their releases in the agent's table.
    pub(super) releases: Vec<usize>,
    /// A tag that is of no release.
    pub(super) unlisted: Option<String>,
    /// Whether they run in the group itself, and not elsewhere in its release.
    pub(super) is_here: bool,
}

impl VersionsByAgent {
    /// What runs beside the images of a group: the agents' `own` images in it, or those in `around`, the
    /// rest of its release, of agents that have none in it.
    pub(in crate::judge) fn of(
        own: impl Iterator<Item = AgentVersion>,
        around: &[AgentVersion],
    ) -> Self {
        let mut by_agent: BTreeMap<usize, OfAgent> = BTreeMap::new();
        for own in own {
            let known = by_agent.entry(own.agent).or_default();
            known.is_here = true;
            match own.release {
                // The first one says which release the pod is of.
                Some(release) if known.releases.is_empty() => known.releases.push(release),
                Some(_) => {}
                None => known.unlisted = known.unlisted.take().or(Some(own.tag)),
            }
        }
        for own in around {
            let known = by_agent.entry(own.agent).or_default();
            match own.release {
                _ if known.is_here => {}
                Some(release) => known.releases.push(release),
                None if own.is_told => {}
                None => known.unlisted = Some(own.tag.clone()),
            }
        }
        VersionsByAgent(by_agent)
    }

    /// The versions that an image's own agent runs in.
    pub(super) fn of_agent(&self, verdict: &FieldVerdict<'_, '_, '_, '_>) -> Option<&OfAgent> {
        self.0.get(&verdict.claim.as_ref()?.index)
    }

    /// The releases that an image runs in.
    pub(super) fn releases<'c>(
        &self,
        verdict: &FieldVerdict<'c, '_, '_, '_>,
    ) -> impl Iterator<Item = &'c TestedRelease> + Clone {
        let agent = verdict.claim.as_ref().map(|claim| claim.agent);
        let positions = self
            .of_agent(verdict)
            .map(|known| known.releases.as_slice());
        let positions = positions.unwrap_or_default().iter();
        positions.filter_map(move |&position| agent?.tested.get(position))
    }

    /// Whether no release that an image runs in has it, so that its official name with this tag is
    /// nowhere said to exist.
    pub(in crate::judge) fn lacks(&self, verdict: &FieldVerdict<'_, '_, '_, '_>) -> bool {
        let mut releases = self.releases(verdict).peekable();
        releases.peek().is_some()
            && version(verdict, None).is_some_and(|(repository, _)| {
                releases.all(|release| tag_in(release, repository).is_none())
                    && verdict.is_in_table(repository)
            })
    }
}
