//! What newer versions of kustomize make of images that others leave alone: both have to come out right.

use std::collections::HashSet;

use crate::judge::Round;
use crate::tree::images::TreeLists;
use crate::tree::sources::Sources;
use crate::tree::target::BuiltResource;
use crate::tree::value::{BuildValue, DocumentSlot, PlaceId};
use crate::yaml::Error;

use super::{BuildsJudgement, Field, KnownOfBuild, Setting};

impl<'n, 's> BuildsJudgement<'n, 's> {
    /// Judges a resource as newer versions of kustomize build it, for the images that they alone have lists
    /// go over; `as_built` does the rest of the build.
    pub(super) fn judge_newer(
        &mut self,
        setting: Setting<'_>,
        sources: &Sources<'n, 's>,
        (root, resource): (usize, &BuiltResource<'n, 's>),
        known: &KnownOfBuild,
        as_built: &dyn Fn(&BuiltResource<'n, 's>) -> BuildValue<'n, 's>,
    ) -> Result<(), Error> {
        let places = met_later(&sources.lists, &resource.value);
        if places.is_empty() {
            return Ok(());
        }
        let mut resource = resource.clone();
        resource.value.each_mut(&mut |scalar| {
            if let Some(trace) = &mut scalar.trace
                && !trace.later.is_empty()
            {
                trace.lists = std::mem::take(&mut trace.later);
            }
        });
        let mut newer = BuildsJudgement::default();
        let value = as_built(&resource);
        newer.judge_one(setting, sources, (root, &value), known, &[], Round::Last)?;
        let is_met = |field: &Field<'_, '_>| {
            let place = field.place.as_ref();
            place.is_some_and(|place| places.contains(&place.id()))
        };
        let fields = newer.fields.into_iter().filter(is_met);
        let first = self.fields.len();
        self.fields.extend(fields.map(|field| Field {
            resource: Some(first),
            is_newer: true,
            ..field
        }));
        Ok(())
    }
}

/// The places of the images that entries of lists meet in newer versions of kustomize alone.
fn met_later(lists: &TreeLists<'_, '_>, value: &BuildValue<'_, '_>) -> HashSet<PlaceId> {
    let mut found = HashSet::new();
    value.each(&mut |scalar| {
        if let Some(trace) = &scalar.trace
            && !trace.later.is_empty()
            && !lists.met(&scalar.text, &trace.later).is_empty()
        {
            found.extend(scalar.place.as_ref().map(DocumentSlot::id));
        }
    });
    found
}
