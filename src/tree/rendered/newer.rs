//! What newer versions of kustomize make of images that others leave alone: both have to come out right.

use std::collections::{HashMap, HashSet};

use crate::edit::TargetValue;
use crate::finding::{Finding, Rule};
use crate::judge::Round;
use crate::tree::images::TreeLists;
use crate::tree::sources::Sources;
use crate::tree::target::BuiltResource;
use crate::tree::value::{BuildValue, DocumentSlot, PlaceId};
use crate::yaml::Error;
use crate::yaml::parse::Arena;

use super::{BuildsJudgement, Field, KnownOfBuild, Setting};

impl<'n, 's> BuildsJudgement<'n, 's> {
    /// Judges resources as newer versions of kustomize build them, for the images that they alone have lists
    /// go over: each of these resources has one; the fields of the build begin at a position, and `as_built` does the rest of it.
    pub(super) fn judge_newer<'r>(
        &mut self,
        setting: Setting<'_>,
        sources: &Sources<'n, 's>,
        (root, of_build, resources): (usize, usize, &[&'r BuiltResource<'n, 's>]),
        known: &KnownOfBuild,
        as_built: &dyn Fn(&BuiltResource<'n, 's>) -> BuildValue<'n, 's>,
    ) -> Result<(), Error>
    where
        'n: 'r,
        's: 'r,
    {
        if resources.is_empty() {
            return Ok(());
        }
        // An image may meet an entry only as it should be.
        let mut wanted: HashMap<PlaceId, String> = HashMap::new();
        for field in &self.fields[of_build..] {
            if let (Some(place), Some(TargetValue::Text(text))) = (&field.place, &field.wanted) {
                wanted.insert(place.id(), text.clone());
            }
        }
        for resource in resources {
            let places = met_later(&sources.lists, &resource.value, &wanted);
            if places.is_empty() {
                continue;
            }
            let mut resource = BuiltResource::clone(resource);
            resource.value.each_mut(&mut |scalar| {
                if let Some(trace) = &mut scalar.trace
                    && !trace.later.is_empty()
                {
                    trace.lists = std::mem::take(&mut trace.later);
                }
            });
            let mut newer = BuildsJudgement::default();
            let value = as_built(&resource);
            newer.judge_one(
                setting,
                sources,
                (root, &value),
                known,
                &[],
                (Round::Last, &Arena::default()),
            )?;
            let is_met = |field: &Field<'_, '_>| {
                let place = field.place.as_ref();
                place.is_some_and(|place| places.contains(&place.id()))
            };
            let fields = newer.fields.into_iter().filter(is_met);
            let first = self.fields.len();
            let fields: Vec<Field<'_, '_>> = fields
                .map(|field| Field {
                    findings: self.without_told(of_build, &field),
                    resource: Some(first),
                    is_newer: true,
                    ..field
                })
                .collect();
            self.fields.extend(fields);
        }
        Ok(())
    }

    /// The findings of a field without that its workload cannot be updated, where the build says so already.
    fn without_told(&self, of_build: usize, field: &Field<'n, 's>) -> Vec<Finding> {
        let place = field.place.as_ref().map(DocumentSlot::id);
        let mut known = self.fields[of_build..].iter();
        let is_immutable = |finding: &Finding| finding.rule == Rule::ImmutableWorkload;
        let is_told = known.any(|known| {
            let is_same = known.place.as_ref().map(DocumentSlot::id) == place;
            is_same && known.findings.iter().any(is_immutable)
        });
        let findings = field.findings.iter();
        let findings = findings.filter(|finding| !(is_told && is_immutable(finding)));
        findings.cloned().collect()
    }
}

/// The places of the images that entries of lists meet in newer versions of kustomize alone, as they are or
/// as they should be.
fn met_later(
    lists: &TreeLists<'_, '_>,
    value: &BuildValue<'_, '_>,
    wanted: &HashMap<PlaceId, String>,
) -> HashSet<PlaceId> {
    let mut found = HashSet::new();
    value.each(&mut |scalar| {
        let trace = scalar.trace.as_ref();
        let (Some(trace), Some(place)) =
            (trace.filter(|trace| !trace.later.is_empty()), &scalar.place)
        else {
            return;
        };
        let meets = |image: &str| !lists.met(image, &trace.later).is_empty();
        let id = place.id();
        if meets(&scalar.text) || wanted.get(&id).is_some_and(|image| meets(image)) {
            found.insert(id);
        }
    });
    found
}
