//! Values of builds that nobody judges and that edits could change all the same: they have to come out as
//! they do.

use std::collections::{BTreeSet, HashMap};

use crate::judge::Round;
use crate::tree::sources::Sources;
use crate::tree::strategic::has_directives;
use crate::tree::target::BuiltResource;
use crate::tree::value::{
    BuildValue, DocumentSlot, Inside, ListPass, PlaceId, SECRETS, Scalar, Site, Traced, is_of_pod,
};
use crate::yaml::Error;
use crate::yaml::parse::Arena;

use super::{BuildsJudgement, Field, KnownOfBuild, Setting};

impl<'n, 's> BuildsJudgement<'n, 's> {
    /// Notes the values of a resource that a patch has made one of another kind, as if it were still of the
    /// first one.
    pub(super) fn hold(
        &mut self,
        setting: Setting<'_>,
        sources: &Sources<'n, 's>,
        (root, value): (usize, &BuildValue<'n, 's>),
        known: &KnownOfBuild,
    ) -> Result<(), Error> {
        let mut held = BuildsJudgement::default();
        held.judge_one(
            setting,
            sources,
            (root, value),
            known,
            &[],
            (Round::Last, &Arena::default()),
        )?;
        self.fields
            .extend(held.fields.into_iter().map(|field| Field {
                wanted: None,
                findings: Vec::new(),
                is_image: false,
                is_kept: true,
                ..field
            }));
        Ok(())
    }

    /// Notes what of a resource is not among the fields from `first` on: texts that lists of images go over,
    /// and lists of pull secrets.
    pub(super) fn keep_rest(&mut self, first: usize, root: usize, value: &BuildValue<'n, 's>) {
        let judged = self.fields[first..].iter();
        let judged = judged.filter_map(|field| field.place.as_ref().map(DocumentSlot::key));
        let judged: BTreeSet<_> = judged.collect();
        let mut rest = Vec::new();
        let is_rest = |place: &DocumentSlot<'n, 's>| !judged.contains(&place.key());
        let mut keep = |place: DocumentSlot<'n, 's>, field: Field<'n, 's>| {
            rest.push(Field {
                root,
                place: Some(place),
                is_kept: true,
                ..field
            });
        };
        value.each(&mut |scalar| {
            let trace = scalar.trace.as_ref();
            let trace = trace.filter(|trace| !trace.lists.is_empty());
            if let (Some(trace), Some(place)) = (trace, &scalar.place)
                && is_rest(place)
            {
                let field = Field {
                    rendered: Some(scalar.text.clone()),
                    trace: Traced::from(Some(trace.clone())),
                    ..Field::default()
                };
                keep(place.clone(), field);
            }
        });
        each_secrets(value, &mut |place| {
            if is_rest(&place) {
                keep(place, Field::default());
            }
        });
        self.fields.extend(rest);
    }
}

impl<'n, 's> BuildsJudgement<'n, 's> {
    /// Notes the copies of texts that nobody judges where they are, of the fields from `first` on, which
    /// are those of a build.
    pub(super) fn keep_copies(
        &mut self,
        first: usize,
        root: usize,
        resources: &[BuiltResource<'n, 's>],
    ) {
        let mut copies: HashMap<(PlaceId, Vec<ListPass>), Vec<&Scalar<'n, 's>>> = HashMap::new();
        for resource in resources {
            resource.value.each(&mut |scalar| {
                if let (Some(trace), Some(place)) = (&scalar.trace, &scalar.place)
                    && trace.is_copy
                    && trace.unknown.is_none()
                {
                    let key = (place.id(), trace.lists.clone());
                    copies.entry(key).or_default().push(scalar);
                }
            });
        }
        if copies.is_empty() {
            return;
        }
        for field in &self.fields[first..] {
            if let Some(place) = &field.place
                && field.trace.is_copy
                && !field.is_kept
            {
                let key = (place.id(), field.trace.lists.clone());
                copies.get_mut(&key).and_then(Vec::pop);
            }
        }
        let kept = copies.into_values().filter_map(|left| {
            let scalar = *left.first()?;
            Some(Field {
                root,
                place: scalar.place.clone(),
                rendered: Some(scalar.text.clone()),
                trace: Traced::from(scalar.trace.clone()),
                is_kept: true,
                ..Field::default()
            })
        });
        self.fields.extend(kept);
    }
}

/// Whether edits could change a resource that nobody judges.
pub(super) fn is_reached(value: &BuildValue<'_, '_>, inside: Inside) -> bool {
    let mut is_reached = inside.is_listed;
    if inside.has_pods {
        each_secrets(value, &mut |_| is_reached = true);
    }
    is_reached
}

/// Calls `call` for the place of each list of pull secrets, written or not, of what has one or containers.
fn each_secrets<'n, 's>(value: &BuildValue<'n, 's>, call: &mut impl FnMut(DocumentSlot<'n, 's>)) {
    match value {
        BuildValue::Scalar(_) => {}
        BuildValue::Sequence(items, _) => items.iter().for_each(|item| each_secrets(item, call)),
        BuildValue::Mapping(pairs, site) => {
            if pairs.iter().any(is_of_pod) {
                let list = value.get(SECRETS);
                // What a patch takes away is not added to; a directive without a list below it means
                // something else once there is one.
                let is_written =
                    |site: &&Site<'_, '_>| matches!(site.node.get(SECRETS), Ok(Some(_)));
                let site = site.as_ref().filter(|site| !is_written(site));
                let site = site.filter(|_| list.is_none_or(has_directives));
                let below = site.map(|site| site.place_of(SECRETS, ""));
                let place = list.and_then(BuildValue::place).into_iter().chain(below);
                place.for_each(&mut *call);
            }
            pairs
                .iter()
                .for_each(|(_, value)| each_secrets(value, call));
        }
    }
}
