//! Values of charts in a build: what patches decide of the releases that come out.

use std::collections::{BTreeSet, HashSet};

use crate::config::Config;
use crate::finding::Rule;
use crate::judge::Judged;
use crate::tree::sources::Sources;
use crate::tree::value::{Place, PlaceId, Printed};

use super::{Field, Judgement, located};

impl<'n, 's> Judgement<'n, 's> {
    /// Notes what was judged of values, as far as patches decide it: the rest of the values is judged
    /// in the files that it is in.
    pub(super) fn take_patched(
        &mut self,
        sources: &Sources<'n, 's>,
        root: usize,
        printed: &Printed<'_, 'n, 's>,
        judged: Judged<'_, '_>,
        (config, patches): (&Config, &BTreeSet<usize>),
    ) {
        let (fields, remarks, images) = (self.fields.len(), self.remarks.len(), self.images.len());
        let parted = parted(root, printed, &judged, patches);
        let is_patched = |place: &Place<'_, '_>| patches.contains(&place.document);
        let none = [Vec::new(), Vec::new()];
        let (drafts, uses) = self.take(root, printed, none, judged, &is_patched);
        self.remark(&sources.lists, printed, drafts);
        self.list(&sources.lists, printed, uses);
        retain(&mut self.fields, fields, |field| {
            field.place.as_ref().is_some_and(is_patched)
        });
        for field in &mut self.fields[fields..] {
            let id = field.place.as_ref().map(Place::id);
            if id.is_some_and(|id| parted.contains(&id)) {
                field.leave_parted(config);
            }
        }
        retain(&mut self.remarks, remarks, |remark| {
            patches.contains(&remark.document)
        });
        retain(&mut self.images, images, |run| {
            patches.contains(&run.document)
        });
    }
}

/// Keeps those of the items from a position on that count.
fn retain<T>(items: &mut Vec<T>, from: usize, counts: impl Fn(&T) -> bool) {
    let mut position = 0;
    items.retain(|item| {
        position += 1;
        position <= from || counts(item)
    });
}

/// The places in patches of values that are parts of an image with others which are not.
fn parted(
    root: usize,
    printed: &Printed<'_, '_, '_>,
    judged: &Judged<'_, '_>,
    patches: &BTreeSet<usize>,
) -> HashSet<PlaceId> {
    let mut parted = HashSet::new();
    for draft in &judged.drafts {
        let changes = draft.change.clone().map(|range| &judged.changes[range]);
        let changes = changes.unwrap_or_default().iter();
        let places = changes.map(|change| located(root, printed, &change.slot, None).place);
        let is_patched = |place: &&Option<Place<'_, '_>>| {
            let document = place.as_ref().map(|place| place.document);
            document.is_some_and(|document| patches.contains(&document))
        };
        let places: Vec<_> = places.collect();
        let (own, others): (Vec<_>, Vec<_>) = places.iter().partition(is_patched);
        if !others.is_empty() {
            parted.extend(own.into_iter().flatten().map(Place::id));
        }
    }
    parted
}

impl Field<'_, '_> {
    /// Leaves a part of an image whose other parts are written elsewhere.
    fn leave_parted(&mut self, config: &Config) {
        self.wanted = None;
        for finding in &mut self.findings {
            finding.rule = Rule::UnresolvedImage;
            finding.severity = finding.rule.severity(config.mode);
            finding.message = format!(
                "{}: left, since other parts of the image are written elsewhere: write them in one \
                 place",
                finding.message
            )
            .into();
        }
    }
}
