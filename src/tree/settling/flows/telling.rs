//! What is told of images, settled or left, at the places that decide them.

use std::collections::HashSet;

use crate::finding::{Aspect, Finding, Rule};
use crate::tree::dataflow::Dataflow;
use crate::tree::locations::entry_place;
use crate::tree::rendered::Field;
use crate::tree::settling::Settling;
use crate::tree::value::{DocumentSlot, PlaceId};

use super::NO_EDIT;

impl<'n, 's> Settling<'_, '_, 'n, 's> {
    /// Reports findings of a flow at the places that decide it.
    pub(super) fn tell(
        &mut self,
        dataflow: &Dataflow<'_, 'n, 's>,
        flow: usize,
        findings: Vec<Finding>,
        answers: &[PlaceId],
    ) {
        for finding in findings {
            if let Some(place) = decider(dataflow, flow, &finding) {
                self.place(&place, finding, answers.to_vec());
            }
        }
    }

    /// Reports that an image is left, at the place that decides it: where it is written first, it may
    /// be right.
    fn leave_where_decided(
        &mut self,
        dataflow: &Dataflow<'_, 'n, 's>,
        flow: usize,
        field: &Field<'n, 's>,
        why: &str,
    ) {
        let finding = self.said(field, Rule::UnresolvedImage, &self.left(field, why));
        let Some(finding) = finding else { return };
        let place = decider(dataflow, flow, &finding);
        match place.filter(|place| !self.builds.is_excluded(place.document)) {
            Some(place) => self.place(&place, finding, Vec::new()),
            None => self.leave(field, why),
        }
    }

    /// Why an entry of a group cannot follow the images that it names, if it also applies to
    /// resources that are not known.
    fn unread_below(&self, dataflow: &Dataflow<'_, 'n, 's>, group: &[usize]) -> Option<String> {
        let hits = group.iter().flat_map(|&flow| dataflow.now(flow).1);
        let entries = hits.map(|hit| hit.entry);
        let entries: HashSet<usize> = entries
            .filter(|&entry| !dataflow.is_closed[entry])
            .collect();
        let what = self.builds.open_below(&entries)?;
        Some(format!(
            "{what} cannot be known, and an entry of images over it may need its name"
        ))
    }

    /// Reports a group of flows that is left, or right.
    pub(super) fn leave_group(
        &mut self,
        dataflow: &Dataflow<'_, 'n, 's>,
        group: &[usize],
        fields: &mut [Field<'n, 's>],
        reason: Option<&str>,
    ) {
        let of_fields = fields.len();
        for &flow in group.iter().filter(|flow| **flow < of_fields) {
            if dataflow.is_right(flow) {
                let findings = std::mem::take(&mut fields[flow].findings);
                self.tell(dataflow, flow, findings, &[]);
                continue;
            }
            let (field, wanted) = (&fields[flow], &dataflow.flows[flow].wanted);
            let cell = dataflow.flows[flow].cell;
            let other = group.iter().copied().find(|&other| {
                let other_flow = &dataflow.flows[other];
                other < fields.len()
                    && other_flow.cell == cell
                    && other_flow.wanted != *wanted
                    && (other_flow.also.is_none() || other_flow.also != *wanted)
            });
            let unread = self.unread_below(dataflow, group);
            match (reason, other) {
                (Some(why), _) => self.leave_where_decided(dataflow, flow, field, why),
                (None, Some(_)) if let Some(why) = &unread => self.leave(field, why),
                (None, Some(other)) => self.conflict(field, field.root, fields[other].root),
                (None, None) => self.leave(field, NO_EDIT),
            }
        }
    }
}

/// The place that decides what a finding of a flow is about.
fn decider<'n, 's>(
    dataflow: &Dataflow<'_, 'n, 's>,
    flow: usize,
    finding: &Finding,
) -> Option<DocumentSlot<'n, 's>> {
    let (_, hits) = dataflow.now(flow);
    let of_registry = |aspect| aspect == Aspect::Registry;
    let is_name = finding.rule == Rule::WrongRegistry || finding.allow.iter().all(of_registry);
    let entry = hits.iter().rev().map(|hit| hit.entry).find(|&entry| {
        let written = &dataflow.lists.entries[entry].fields;
        dataflow.fields[entry].decides(is_name) || written.decides(is_name)
    });
    let place = entry.and_then(|entry| entry_place(&dataflow.lists.entries[entry], is_name));
    place.or_else(|| dataflow.cells[dataflow.flows[flow].cell].place.clone())
}
