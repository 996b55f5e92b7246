//! Images, which pass through the image lists of every build.

use std::collections::{HashMap, HashSet};

use super::{Settling, may_change};
use crate::config::ImageLists;
use crate::edit;
use crate::finding::{Aspect, Finding, Rule};
use crate::judge::{self, LIST};
use crate::tree::dataflow::{Cell, Dataflow, Flow, Proposal};
use crate::tree::images::{Entry, Notation, Parts, Renamed};
use crate::tree::kustomization::spelling;
use crate::tree::rendered::Field;
use crate::tree::value::{DocumentSlot, PlaceId};

const NO_EDIT: &str = "no edit of these files gives every build the right one";

impl<'n, 's> Settling<'_, '_, 'n, 's> {
    /// Images, through the lists of all builds.
    pub(super) fn flows(&mut self, mut fields: Vec<Field<'n, 's>>) {
        let builds = self.builds;
        let lists = &builds.sources.lists;
        let mut dataflow = Dataflow {
            lists,
            fields: lists
                .entries
                .iter()
                .map(|entry| entry.fields.clone())
                .collect(),
            renamed: Renamed::default(),
            is_closed: builds.closed_entries(),
            cells: Vec::new(),
            flows: Vec::new(),
            tests: HashMap::new(),
        };
        let mut cells = HashMap::new();
        for field in &fields {
            let next = dataflow.cells.len();
            let place = field.place.as_ref().filter(|_| !field.is_example);
            let cell = match place {
                Some(place) => *cells.entry(place.id()).or_insert(next),
                None => next,
            };
            if cell == next {
                let node = place.and_then(|place| place.node().scalar());
                let made = field.trace.origin.as_ref().or(field.rendered.as_ref());
                let written = node
                    .map(str::to_owned)
                    .or(made.cloned())
                    .unwrap_or_default();
                dataflow.cells.push(Cell {
                    place: place.cloned(),
                    text: written.clone(),
                    written,
                });
            }
            dataflow.flows.push(Flow {
                cell,
                passes: field.trace.lists.clone(),
                tested: None,
                wanted: None,
                also: None,
            });
        }
        self.set_wanted(&mut dataflow, &mut fields);
        let judged = builds.built.iter().filter(|built| built.refused.is_none());
        for tested in judged.flat_map(|built| &built.tested) {
            // What no build gives as an image is never edited.
            if let Some(&cell) = cells.get(&tested.cell.id()) {
                dataflow.flows.push(Flow {
                    cell,
                    passes: tested.passes.clone(),
                    wanted: None,
                    also: None,
                    tested: Some(tested.expected.clone()),
                });
            }
        }
        self.settle_flows(&mut dataflow, &mut fields);
    }

    /// Says of each flow what should come out.
    fn set_wanted(&mut self, dataflow: &mut Dataflow<'_, 'n, 's>, fields: &mut [Field<'n, 's>]) {
        let builds = self.builds;
        for (position, field) in fields.iter_mut().enumerate() {
            let (now, hits) = dataflow.now(position);
            dataflow.flows[position].wanted = Some(now);
            let wanted = match field.wanted.clone() {
                Some(edit::TargetValue::Text(wanted)) => wanted,
                Some(_) if !field.is_bystander => {
                    self.leave(field, NO_EDIT);
                    field.findings.clear();
                    continue;
                }
                _ => continue,
            };
            if field.is_bystander {
                dataflow.flows[position].also = Some(wanted);
                continue;
            }
            if let Some(what) = &field.trace.unknown {
                self.leave(field, &may_change(what));
                field.findings.clear();
                continue;
            }
            let wanted = self.leave_managed(dataflow, position, field, wanted);
            if dataflow.flows[position].wanted.as_ref() == Some(&wanted) {
                field.findings.clear();
                continue;
            }
            let is_listed = hits.iter().any(|hit| {
                let says = &dataflow.fields[hit.entry];
                says.sets_name() || says.sets_version()
            });
            match builds.setting.config.image_lists {
                ImageLists::Report if is_listed => {
                    let findings = std::mem::take(&mut field.findings).into_iter();
                    let findings = findings.map(|finding| self.of_list(finding)).collect();
                    self.tell(dataflow, position, findings, &[]);
                }
                ImageLists::Ignore if is_listed => field.findings.clear(),
                _ => dataflow.flows[position].wanted = Some(wanted),
            }
        }
    }

    /// What should come out of a flow, but for the parts that another tool writes: these stay, with a
    /// warning.
    fn leave_managed(
        &mut self,
        dataflow: &Dataflow<'_, 'n, 's>,
        flow: usize,
        field: &Field<'n, 's>,
        wanted: String,
    ) -> String {
        let (now, hits) = dataflow.now(flow);
        if !self.builds.setting.wants.leave_managed || now == wanted {
            return wanted;
        }
        let cell = &dataflow.cells[dataflow.flows[flow].cell].place;
        if hits.is_empty() {
            let Some(cell) = cell else {
                return wanted;
            };
            return if self.managed(cell, field, &now, &wanted) {
                now
            } else {
                wanted
            };
        }
        let (parts, mut left) = (Parts::of(&now), Parts::of(&wanted));
        let decider = |is_name: bool| {
            let mut entries = hits.iter().rev().map(|hit| hit.entry);
            let entry = entries.find(|&entry| dataflow.fields[entry].decides(is_name));
            let place = entry.and_then(|entry| entry_place(dataflow, entry, is_name));
            place.or_else(|| cell.clone())
        };
        let mut is_managed = |is_name, old: &str, new: &str| {
            decider(is_name).is_some_and(|place| self.managed(&place, field, old, new))
        };
        if parts.name != left.name && is_managed(true, parts.name, left.name) {
            left.name = parts.name;
        }
        let version = |parts: &Parts<'_>| {
            Parts {
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
        self.place(place, finding, Vec::new());
        true
    }

    /// A finding about an image that a list decides and that is only reported.
    fn of_list(&self, finding: Finding) -> Finding {
        Finding {
            rule: Rule::WrongImageOverride,
            severity: Rule::WrongImageOverride.severity(self.builds.setting.config.mode),
            message: format!("{} is not edited, {LIST}", finding.message).into(),
            ..finding
        }
    }

    /// Settles groups of flows in rounds, since what one group changes may let another be settled.
    fn settle_flows(&mut self, dataflow: &mut Dataflow<'_, 'n, 's>, fields: &mut [Field<'n, 's>]) {
        let mut reasons: HashMap<usize, String> = HashMap::new();
        loop {
            let groups = dataflow.groups();
            let solve = |group: &Vec<usize>| {
                let is_right = group.iter().all(|&flow| dataflow.is_right(flow));
                if is_right {
                    None
                } else {
                    dataflow.solve(group)
                }
            };
            let mut solved: Vec<Option<Proposal<'n, 's>>> = groups.iter().map(solve).collect();
            let mut all = dataflow.agreed(&groups, &mut solved);
            if !all.is_empty() && self.tries(dataflow, &all).is_err() {
                // Only now is it worth trying each by itself.
                for (group, proposal) in groups.iter().zip(&mut solved) {
                    let tried = proposal.as_ref().map(|found| self.tries(dataflow, found));
                    if let Some(Err(why)) = tried {
                        reasons.insert(group[0], why);
                        *proposal = None;
                    }
                }
                all = dataflow.agreed(&groups, &mut solved);
                if let Err(why) = self.tries(dataflow, &all) {
                    reasons.extend(groups.iter().map(|group| (group[0], why.clone())));
                    solved.fill(None);
                    all = Proposal::default();
                }
            }
            if all.is_empty() {
                for group in &groups {
                    let why = reasons.get(&group[0]).map(String::as_str);
                    self.leave_group(dataflow, group, fields, why);
                }
                break;
            }
            dataflow.commit(all);
            for (group, proposal) in groups.iter().zip(&solved) {
                let Some(proposal) = proposal else { continue };
                let own = dataflow.wishes(proposal);
                let own: Vec<PlaceId> = own.iter().map(|wish| wish.place.id()).collect();
                let of_fields = fields.len();
                for &flow in group.iter().filter(|flow| **flow < of_fields) {
                    let findings = std::mem::take(&mut fields[flow].findings);
                    self.tell(dataflow, flow, findings, &own);
                }
            }
        }
        let settled = dataflow.wishes_under(&Proposal::default(), &|_| true);
        self.wishes.extend(settled);
    }

    /// Whether a proposal can be written, beside what is to be written anyway: in the files that it
    /// changes, since no other file bears on it.
    fn tries(
        &self,
        dataflow: &Dataflow<'_, 'n, 's>,
        proposal: &Proposal<'n, 's>,
    ) -> Result<(), String> {
        let input = |document: usize| self.builds.sources.documents[document].input;
        let own = dataflow.wishes(proposal).into_iter();
        let files: HashSet<usize> = own.map(|wish| input(wish.place.document)).collect();
        let counts = |document: usize| files.contains(&input(document));
        let mut all = dataflow.wishes_under(proposal, &counts);
        let beside = self.wishes.iter();
        all.extend(beside.filter(|wish| counts(wish.place.document)).cloned());
        self.builds.editor.edits(&all).map(|_| ())
    }

    /// Reports findings of a flow at the places that decide it.
    fn tell(
        &mut self,
        dataflow: &Dataflow<'_, 'n, 's>,
        flow: usize,
        findings: Vec<Finding>,
        answers: &[PlaceId],
    ) {
        let (_, hits) = dataflow.now(flow);
        let cell = dataflow.flows[flow].cell;
        for finding in findings {
            let of_registry = |aspect| aspect == Aspect::Registry;
            let is_name =
                finding.rule == Rule::WrongRegistry || finding.allow.iter().all(of_registry);
            let entry = hits.iter().rev().map(|hit| hit.entry).find(|&entry| {
                let written = &dataflow.lists.entries[entry].fields;
                dataflow.fields[entry].decides(is_name) || written.decides(is_name)
            });
            let place = entry.and_then(|entry| entry_place(dataflow, entry, is_name));
            if let Some(place) = place.or_else(|| dataflow.cells[cell].place.clone()) {
                self.place(&place, finding, answers.to_vec());
            }
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
    fn leave_group(
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
                (Some(why), _) => self.leave(field, why),
                (None, Some(_)) if let Some(why) = &unread => self.leave(field, why),
                (None, Some(other)) => self.conflict(field, field.root, fields[other].root),
                (None, None) => self.leave(field, NO_EDIT),
            }
        }
    }
}

/// The place of an entry that a finding is about.
fn entry_place<'n, 's>(
    dataflow: &Dataflow<'_, 'n, 's>,
    entry: usize,
    is_name: bool,
) -> Option<DocumentSlot<'n, 's>> {
    let Entry { site, notation, .. } = &dataflow.lists.entries[entry];
    if *notation == Notation::Text {
        return site.place();
    }
    let keys: &[&str] = if is_name {
        &["newName", "name"]
    } else {
        &["newTag", "digest", "newName", "name"]
    };
    let mut written = keys.iter().filter_map(|key| spelling(site.node, key));
    Some(site.place_of(written.next()?, "name"))
}
