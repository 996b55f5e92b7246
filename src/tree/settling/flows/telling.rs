//! What is told of images, settled or left, at the places that decide them.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use crate::finding::{Aspect, FieldRef, Finding, Rule};
use crate::mask;
use crate::quote::piece;
use crate::tree::dataflow::{Blocker, Dataflow};
use crate::tree::images::Hit;
use crate::tree::locations::{Answers, entry_place};
use crate::tree::rendered::Field;
use crate::tree::settling::Settling;
use crate::tree::value::DocumentSlot;

use super::NO_EDIT;

/// Why an image is left that a build copies.
const COPIED: &str =
    "a replacement or an operation copies it to where it is not checked: change both by hand";

/// What to do where builds cannot all have what they want of one image.
const APART: &str = "give the builds images of their own, by an entry of images or a patch in each";

/// Why the image of a volume is left that an entry meets in some versions of kustomize.
const NEWER: &str = "an entry of images goes over the images of volumes from kustomize 5.7 on alone, and no edit \
                     is right for both: give the volume and the entry names of their own";

impl<'n, 's> Settling<'_, '_, 'n, 's> {
    /// Reports findings of a flow at the places that decide it, and what is said of entries that match
    /// its image only as it will be.
    pub(super) fn tell(
        &mut self,
        dataflow: &Dataflow<'_, 'n, 's>,
        flow: usize,
        findings: Vec<Finding>,
        answers: &Answers,
    ) {
        let mut woken = woken(dataflow, flow);
        self.woken.extend(woken.iter().copied());
        let first = findings.first().cloned();
        for mut finding in findings {
            let deciding = deciding(dataflow, flow, &finding);
            let place = decided_at(dataflow, flow, deciding, &finding);
            if let Some(entry) = deciding.filter(|entry| woken.contains(entry)) {
                woken.retain(|other| *other != entry);
                finding = matching_then(dataflow, flow, entry, finding);
            }
            if let Some(place) = place {
                self.place(&place, finding, answers);
            }
        }
        let Some(first) = first else { return };
        for entry in woken {
            if dataflow.fields[entry] == dataflow.lists.entries[entry].fields {
                continue;
            }
            let finding = matching_then(dataflow, flow, entry, first.clone());
            if let Some(place) = entry_place(&dataflow.lists.entries[entry], false) {
                self.place(&place, finding, answers);
            }
        }
    }

    /// Reports findings about an image at the last entry that it meets.
    pub(super) fn tell_at_entry(
        &mut self,
        dataflow: &Dataflow<'_, 'n, 's>,
        hits: &[Hit],
        findings: Vec<Finding>,
    ) {
        let Some(last) = hits.last() else { return };
        for finding in findings {
            let entry = deciding_of(dataflow, hits, &finding).unwrap_or(last.entry);
            let entry = &dataflow.lists.entries[entry];
            if let Some(place) = entry_place(entry, is_about_name(&finding)) {
                self.place(&place, finding, &Answers::default());
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
        let why = self.left(field, why);
        self.report_where_decided(dataflow, flow, field, (Rule::UnresolvedImage, &why));
    }

    /// Reports an image by another rule than the one that it breaks, at the place that decides it.
    fn report_where_decided(
        &mut self,
        dataflow: &Dataflow<'_, 'n, 's>,
        flow: usize,
        field: &Field<'n, 's>,
        (rule, why): (Rule, &str),
    ) {
        let Some(broken) = field.findings.first() else {
            return;
        };
        let entry = deciding(dataflow, flow, broken);
        let place = decided_at(dataflow, flow, entry, broken);
        let place = place.filter(|place| !self.builds.is_excluded(place.document));
        match (place, self.said(field, rule, why)) {
            (Some(place), Some(finding)) => self.place(&place, finding, &Answers::default()),
            _ => self.report(field, rule, why),
        }
    }

    /// Why no edit makes a group right, with the entry of a list that stands in the way.
    fn no_edit(
        &self,
        dataflow: &Dataflow<'_, 'n, 's>,
        group: &[usize],
        fields: &[Field<'n, 's>],
    ) -> String {
        let blocked = || {
            let Blocker {
                flow,
                outcome,
                entry,
            } = dataflow.blocker(group)?;
            let place = entry_place(&dataflow.lists.entries[entry], false)?;
            Some(format!(
                "{NO_EDIT}: the entry of images at {} would make it {} in {}: change both by hand",
                self.builds.line_of(&place),
                piece(&mask::image(&outcome)),
                self.builds.path_of(fields.get(flow)?.root)
            ))
        };
        blocked().unwrap_or_else(|| format!("{NO_EDIT}: {APART}"))
    }

    /// Why an entry of a group cannot follow the images that it names, if it also applies to
    /// resources that are not known.
    fn unread_below(&self, dataflow: &Dataflow<'_, 'n, 's>, group: &[usize]) -> Option<String> {
        let hits = group.iter().flat_map(|&flow| &dataflow.now(flow).1);
        let entries = hits.map(|hit| hit.entry);
        let entries: HashSet<usize> = entries
            .filter(|&entry| !dataflow.is_closed[entry])
            .collect();
        let what = self.builds.open_below(&entries)?;
        let first = entries.iter().min()?;
        let place = entry_place(&dataflow.lists.entries[*first], true)?;
        Some(format!(
            "{what} cannot be known, and the entry of images at {} may need its name for that: add one for the new \
             name beside it, and write that by hand",
            self.builds.line_of(&place)
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
        let mut by_cell: HashMap<usize, Vec<usize>> = HashMap::new();
        let is_right = group.iter().all(|&flow| dataflow.is_right(flow));
        let disputable = group.iter().filter(|flow| !is_right && **flow < of_fields);
        for &flow in disputable {
            let of_cell = by_cell.entry(dataflow.flows[flow].cell).or_default();
            of_cell.push(flow);
        }
        let (mut no_edit, mut unread) = (None, None);
        let mut told = HashSet::new();
        let mut held = group.iter().map(|&flow| &dataflow.flows[flow].held);
        let held = held.find_map(|held| held.as_ref().map(|held| held.why));
        for &flow in group.iter().filter(|flow| **flow < of_fields) {
            if dataflow.is_right(flow) {
                let findings = std::mem::take(&mut fields[flow].findings);
                self.tell(dataflow, flow, findings, &Answers::default());
                continue;
            }
            let (field, wanted) = (&fields[flow], &dataflow.flows[flow].wanted);
            self.unsettled.insert(field.root);
            let cell = dataflow.flows[flow].cell;
            let mut of_cell = by_cell.get(&cell).into_iter().flatten().copied();
            let other = of_cell.find(|&other| {
                let other_flow = &dataflow.flows[other];
                other_flow.wanted != *wanted
                    && (other_flow.also.is_none() || other_flow.also != *wanted)
            });
            let is_disputed = reason.is_none() && other.is_some();
            // What all builds want of a place, and cannot have for one reason, is told once.
            let broken = field.findings.first();
            let entry = broken.and_then(|broken| deciding(dataflow, flow, broken));
            let broken = broken.map(|broken| broken.message.clone());
            if !is_disputed && !told.insert((cell, entry, wanted, broken)) {
                continue;
            }
            if is_disputed && unread.is_none() {
                unread = Some(self.unread_below(dataflow, group));
            }
            match (reason, other) {
                (Some(why), _) => self.leave_where_decided(dataflow, flow, field, why),
                (None, Some(_)) if let Some(Some(why)) = &unread => self.leave(field, why),
                (None, _) if let Some(why) = held => {
                    self.leave_where_decided(dataflow, flow, field, why);
                }
                (None, Some(other)) => match &fields[other].trace.unknown {
                    Some(what) => {
                        let root = self.builds.path_of(fields[other].root);
                        let advice = self.builds.advice(fields[other].root, None);
                        let why = format!(
                            "{what} may change it in {root}: {advice}, and write that by hand"
                        );
                        self.leave(field, &why);
                    }
                    None if fields[other].is_kept && fields[other].trace.is_copy => {
                        self.leave_where_decided(dataflow, flow, field, COPIED);
                    }
                    None if field.is_newer || fields[other].is_newer => {
                        // It is the same for all builds of the place.
                        let why = format!("left, since {NEWER}");
                        let told = (Rule::UnresolvedImage, &*why);
                        self.report_where_decided(dataflow, flow, field, told);
                    }
                    None => {
                        let why = self.conflicting(field.root, fields[other].root);
                        let told = (Rule::ConflictingSources, &*why);
                        self.report_where_decided(dataflow, flow, field, told);
                    }
                },
                (None, None) => {
                    let why = || self.no_edit(dataflow, group, fields);
                    let why = no_edit.get_or_insert_with(why);
                    self.leave_where_decided(dataflow, flow, field, why);
                }
            }
        }
    }
}

/// The entries that match the image of a flow as it will be, and none as it is written.
fn woken(dataflow: &Dataflow<'_, '_, '_>, flow: usize) -> Vec<usize> {
    if !dataflow.is_changed {
        return Vec::new();
    }
    let (written, passes) = {
        let flow = &dataflow.flows[flow];
        (&dataflow.cells[flow.cell].written, &flow.passes)
    };
    let before = dataflow.lists.met(written, passes);
    let before: HashSet<usize> = before.into_iter().map(|hit| hit.entry).collect();
    let (_, now) = dataflow.now(flow);
    let mut woken: Vec<usize> = now.iter().map(|hit| hit.entry).collect();
    woken.retain(|entry| !before.contains(entry));
    woken.dedup();
    woken
}

/// A finding at an entry that matches the image only as it will be, with what the entry would make of
/// it.
fn matching_then(
    dataflow: &Dataflow<'_, '_, '_>,
    flow: usize,
    entry: usize,
    finding: Finding,
) -> Finding {
    let (image, _) = dataflow.now(flow);
    let made = dataflow.lists.entries[entry].fields.apply(image);
    let made = mask::image(&made).into_owned();
    let message = format!(
        "{}: this entry matches it then, and would make it {}",
        finding.message,
        piece(&made)
    );
    let field = finding.field.map(|field| {
        let current = Some(made.into());
        Arc::new(FieldRef {
            current,
            ..(*field).clone()
        })
    });
    Finding {
        message: message.into(),
        field,
        ..finding
    }
}

/// The entry that decides what a finding of a flow is about, if one does.
fn deciding(dataflow: &Dataflow<'_, '_, '_>, flow: usize, finding: &Finding) -> Option<usize> {
    let (_, hits) = dataflow.now(flow);
    deciding_of(dataflow, hits, finding)
}

/// As [`deciding`], of the entries that the image meets.
fn deciding_of(dataflow: &Dataflow<'_, '_, '_>, hits: &[Hit], finding: &Finding) -> Option<usize> {
    let is_name = is_about_name(finding);
    hits.iter().rev().map(|hit| hit.entry).find(|&entry| {
        let written = &dataflow.lists.entries[entry].fields;
        dataflow.fields[entry].decides(is_name) || written.decides(is_name)
    })
}

fn is_about_name(finding: &Finding) -> bool {
    let of_registry = |aspect| aspect == Aspect::Registry;
    finding.rule == Rule::WrongRegistry || finding.allow.iter().all(of_registry)
}

/// The place that decides what a finding of a flow is about: in the entry that does, or where the image is
/// written.
fn decided_at<'n, 's>(
    dataflow: &Dataflow<'_, 'n, 's>,
    flow: usize,
    entry: Option<usize>,
    finding: &Finding,
) -> Option<DocumentSlot<'n, 's>> {
    let place =
        entry.and_then(|entry| entry_place(&dataflow.lists.entries[entry], is_about_name(finding)));
    place.or_else(|| dataflow.cells[dataflow.flows[flow].cell].place.clone())
}
