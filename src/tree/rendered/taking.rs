//! What was judged of a resource, slot by slot, as fields.

use std::collections::{BTreeMap, BTreeSet};

use crate::edit;
use crate::finding::Finding;
use crate::judge::{Draft, ImageUse, UnitJudgement};
use crate::slot::Slot;
use crate::tree::value::{DocumentSlot, Printed};
use crate::yaml::Span;

use super::BuildsJudgement;
use super::fields::{id_of, located};

impl<'n, 's> BuildsJudgement<'n, 's> {
    /// Notes every slot with what it should be, and the findings with the slots that they are about:
    /// the first of each whose place counts. Gives the other findings, and the images.
    pub(super) fn take(
        &mut self,
        root: usize,
        printed: &Printed<'_, 'n, 's>,
        slots: &Slots<'_, '_>,
        judged: UnitJudgement<'_, '_>,
        counts: &dyn Fn(&DocumentSlot<'n, 's>) -> bool,
    ) -> (Vec<Finding>, Vec<ImageUse>) {
        let first = self.fields.len();
        let mut positions = BTreeMap::new();
        let changed = judged
            .changes
            .iter()
            .map(|change| (&change.slot, Some(&change.value)));
        let image_ids: BTreeSet<_> = slots.images.iter().map(id_of).collect();
        let allowed = judged.allowed.iter();
        let allowed: BTreeMap<_, _> = allowed
            .map(|(slot, exceptions)| (id_of(slot), exceptions))
            .collect();
        let running: BTreeSet<_> = slots.running.iter().map(id_of).collect();
        let kept = slots.images.iter().chain(&slots.others);
        let kept = kept.map(|slot| (slot, None));
        for (slot, wanted) in changed.chain(kept) {
            let id = id_of(slot);
            if positions.contains_key(&id) {
                continue;
            }
            positions.insert(id, self.fields.len());
            let wanted = wanted.cloned().map(|value| match value {
                // Its edits count in what was printed.
                edit::TargetValue::Document(text, _) => edit::TargetValue::Text(text),
                other => other,
            });
            let mut field = located(root, printed, slot, wanted);
            field.is_image = image_ids.contains(&id);
            if let Some(exceptions) = allowed.get(&id) {
                field.exceptions.clone_from(exceptions);
            }
            field.runs = running.contains(&id);
            let mut texts = judged.texts.iter();
            if let Some((_, images)) = texts.find(|(text, _)| id_of(text) == id) {
                field.images_in_text.clone_from(images);
            }
            self.fields.push(field);
        }
        // Whose an image is decides what its policy and secrets should be.
        let fields = &mut self.fields[first..];
        let unknown = fields.iter().find_map(|field| field.trace.unknown.clone());
        if unknown.is_some() {
            for field in fields {
                field.trace.unknown = field.trace.unknown.take().or_else(|| unknown.clone());
            }
        }
        let mut others = Vec::new();
        for Draft {
            mut finding,
            change,
        } in judged.drafts
        {
            let changes = change.and_then(|range| judged.changes.get(range));
            let changes = changes.unwrap_or_default().iter();
            let of_change: Vec<usize> = changes
                .filter_map(|change| positions.get(&id_of(&change.slot)).copied())
                .collect();
            let counts = |&field: &usize| self.fields[field].place.as_ref().is_some_and(counts);
            let counting = of_change.iter().copied().find(counts);
            if let Some(field) = counting.or(of_change.first().copied()) {
                finding.span = finding
                    .span
                    .as_ref()
                    .and_then(|span| in_text(printed, span));
                self.fields[field].findings.push(finding);
            } else {
                others.push(finding);
            }
        }
        (others, judged.images)
    }
}

/// Which bytes of a text that was built are meant by bytes of what was printed, as they count in the text in
/// the file.
pub(super) fn in_text(printed: &Printed<'_, '_, '_>, span: &Span) -> Option<Span> {
    let (value, span) = printed.in_text(span)?;
    let before = value.place()?.part.map_or(0, |(start, _)| start);
    Some(before + span.start..before + span.end)
}

/// The slots of a resource that was built.
#[derive(Default)]
pub(super) struct Slots<'n, 's> {
    /// Those of images and their parts.
    pub(super) images: Vec<Slot<'n, 's>>,
    /// The main one of each image that something runs.
    pub(super) running: Vec<Slot<'n, 's>>,
    /// Pull policies and lists of pull secrets.
    pub(super) others: Vec<Slot<'n, 's>>,
}
