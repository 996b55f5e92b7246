//! Leaves those parts of images that another tool manages.

use crate::finding::{Finding, Rule};
use crate::judge;
use crate::tree::dataflow::Dataflow;
use crate::tree::images::KustomizeParts;
use crate::tree::locations::Answers;
use crate::tree::locations::entry_place;
use crate::tree::rendered::Field;
use crate::tree::settling::Settling;
use crate::tree::value::DocumentSlot;

impl<'n, 's> Settling<'_, '_, 'n, 's> {
    /// What should come out of a flow, but for the parts that another tool writes: these stay, with a
    /// warning.
    pub(super) fn leave_managed(
        &mut self,
        dataflow: &Dataflow<'_, 'n, 's>,
        flow: usize,
        field: &Field<'n, 's>,
        wanted: String,
    ) -> String {
        let (now, hits) = dataflow.now(flow);
        if !self.builds.setting.wants.leave_managed || *now == wanted {
            return wanted;
        }
        let cell = &dataflow.cells[dataflow.flows[flow].cell].place;
        if hits.is_empty() {
            let Some(cell) = cell else {
                return wanted;
            };
            return if self.managed(cell, field, now, &wanted) {
                now.clone()
            } else {
                wanted
            };
        }
        let (parts, mut left) = (KustomizeParts::of(now), KustomizeParts::of(&wanted));
        let decider = |is_name: bool| {
            let mut entries = hits.iter().rev().map(|hit| hit.entry);
            let entry = entries.find(|&entry| dataflow.fields[entry].decides(is_name));
            let place =
                entry.and_then(|entry| entry_place(&dataflow.lists.entries[entry], is_name));
            place.or_else(|| cell.clone())
        };
        let mut is_managed = |is_name, old: &str, new: &str| {
            decider(is_name).is_some_and(|place| self.managed(&place, field, old, new))
        };
        if parts.name != left.name && is_managed(true, parts.name, left.name) {
            left.name = parts.name;
        }
        let version = |parts: &KustomizeParts<'_>| {
            KustomizeParts {
                name: "",
                ..parts.clone()
            }
            .join()
        };
        let (old, new) = (version(&parts), version(&left));
        if old != new && is_managed(false, &old, &new) {
            (left.tag, left.digest) = (parts.tag, parts.digest);
        }
        left.join()
    }

    /// Whether another tool writes a place, which is reported.
    fn managed(
        &mut self,
        place: &DocumentSlot<'n, 's>,
        field: &Field<'n, 's>,
        old: &str,
        new: &str,
    ) -> bool {
        let document = &self.builds.sources.documents[place.document];
        let text = self.builds.editor.text_of(document);
        let what = format!("{old} → {new}");
        let Some(message) = judge::left_to(&place.slot(), text, &what) else {
            return false;
        };
        let rule = Rule::ManagedElsewhere;
        let finding = Finding {
            agent: field.findings.first().and_then(|first| first.agent.clone()),
            ..Finding::new(rule, self.builds.setting.config.mode, message)
        };
        self.place(place, finding, &Answers::default());
        true
    }
}
