//! Images, which pass through the image lists of every build.

mod alike;
mod managed;
mod telling;

use std::cell::OnceCell;
use std::collections::{HashMap, HashSet};

use super::{Settling, concerned};
use crate::config::ImageLists;
use crate::decide::LISTS_ARE_REPORTED;
use crate::edit;
use crate::finding::{Finding, Rule};
use crate::tree::dataflow::{Cell, Dataflow, Flow, Proposal};
use crate::tree::images::{KustomizeParts, Renamed};
use crate::tree::locations::Answers;
use crate::tree::rendered::{Field, NEWER};
use crate::tree::value::DocumentSlot;

const NO_EDIT: &str = "no edit of these files gives every build the right one";

/// Why an image stays with its pull secrets.
const NO_SECRETS: &str = "the pull secrets that it needs there are left";

impl<'n, 's> Settling<'_, '_, 'n, 's> {
    /// Images, through the lists of all builds: those that there is something to settle of, and once more
    /// with all that go through a list of which an entry may change.
    pub(super) fn flows(&mut self, fields: &[Field<'n, 's>]) {
        let lists = &self.builds.sources.lists;
        let before = (self.placed.len(), self.wishes.len(), self.woken.clone());
        let mut changing = HashSet::new();
        loop {
            let kept = concerned::flowing(lists, fields, &self.tests, &changing).into_iter();
            let kept = kept.map(|position| fields[position].clone());
            let Err(more) = self.settle_some(kept.collect(), &changing) else {
                return;
            };
            self.placed.truncate(before.0);
            self.wishes.truncate(before.1);
            self.woken.clone_from(&before.2);
            let is_first = changing.is_empty();
            changing.extend(more);
            if !is_first {
                changing.extend(0..lists.lists.len());
            }
        }
    }

    /// Settles some images.
    ///
    /// # Errors
    /// The lists of which an entry may change, if there is one beside those that are known to change.
    fn settle_some(
        &mut self,
        mut fields: Vec<Field<'n, 's>>,
        changing: &HashSet<usize>,
    ) -> Result<(), HashSet<usize>> {
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
            given_up: HashSet::new(),
            is_changed: false,
        };
        let mut cells = HashMap::new();
        for field in &fields {
            // An entry keeps its name for an image that it may meet.
            let origin = field.trace.origin.as_ref();
            let met = origin.map(|origin| lists.met_newly(origin, &field.trace.lists));
            for entry in met.into_iter().flatten() {
                dataflow.is_closed[entry] = false;
            }
            let next = dataflow.cells.len();
            let place = field.place.as_ref().filter(|_| !field.is_example);
            let cell = match place {
                Some(place) => *cells.entry(place.id()).or_insert(next),
                None => next,
            };
            if cell == next {
                let node = place.and_then(DocumentSlot::written);
                let made = field.trace.origin.as_deref().or(field.rendered.as_deref());
                let written = node.or(made).unwrap_or_default().to_owned();
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
                held: None,
                stays: field.is_kept,
                wanted: None,
                also: None,
                now: OnceCell::new(),
            });
        }
        self.set_wanted(&mut dataflow, &mut fields);
        for tested in self.tests.iter().flat_map(|tests| &tests.texts) {
            // What no build gives as an image is never edited.
            if let Some(&cell) = cells.get(&tested.cell.id()) {
                let text = &dataflow.cells[cell].text;
                let now = || lists.run_as_written(text, &tested.passes).0;
                // A test that cannot be edited holds what there is.
                let held = tested.expected.as_ref().err().cloned();
                let wanted = held.is_some().then(now);
                dataflow.flows.push(Flow {
                    cell,
                    passes: tested.passes.clone(),
                    wanted,
                    also: None,
                    tested: tested.expected.clone().ok(),
                    // Nothing is changed for it to stay as it is.
                    stays: held.is_some(),
                    held,
                    now: OnceCell::new(),
                });
            }
        }
        self.settle_flows(&mut dataflow, &mut fields, changing)
    }

    /// Says of each flow what should come out.
    fn set_wanted(&mut self, dataflow: &mut Dataflow<'_, 'n, 's>, fields: &mut [Field<'n, 's>]) {
        let builds = self.builds;
        for (position, field) in fields.iter_mut().enumerate() {
            let (now, hits) = dataflow.now(position).clone();
            dataflow.flows[position].wanted = Some(now.clone());
            let wanted = match field.wanted.clone() {
                Some(edit::TargetValue::Text(wanted)) => match &field.trace.filled_in {
                    // What is filled in stays, and nothing else can be said of the version.
                    Some(version) => format!("{}{version}", KustomizeParts::of(&wanted).name),
                    None => wanted,
                },
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
                dataflow.flows[position].stays = true;
                self.leave_changeable(field, what);
                field.findings.clear();
                continue;
            }
            if field
                .resource
                .is_some_and(|resource| self.lacking.contains(&resource))
                && KustomizeParts::of(&wanted).name != KustomizeParts::of(&now).name
            {
                self.leave(field, NO_SECRETS);
                field.findings.clear();
                continue;
            }
            let place = field.place.iter().map(|place| place.document);
            let entries = hits.iter();
            let entries = entries.map(|hit| builds.sources.lists.entries[hit.entry].site.document);
            let lost = place
                .chain(entries)
                .find_map(|document| self.lost.get(&document));
            let doubted = || {
                let written = field.place.as_ref()?.node().text();
                let texts = [now.as_str(), wanted.as_str(), written.unwrap_or_default()];
                builds.why_doubted(&self.doubted, field.place.as_ref()?, &texts)
            };
            if let Some(why) = lost.cloned().or_else(doubted) {
                dataflow.flows[position].stays = true;
                self.leave(field, &why);
                field.findings.clear();
                continue;
            }
            let wanted = self.leave_managed(dataflow, position, field, wanted);
            if dataflow.flows[position].wanted.as_ref() == Some(&wanted) {
                field.findings.clear();
                continue;
            }
            let lists = &field.trace.lists;
            if !builds.sources.lists.met_newly(&wanted, lists).is_empty() {
                dataflow.flows[position].stays = true;
                self.leave_changeable(field, NEWER);
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
                    let findings: Vec<Finding> =
                        findings.map(|finding| self.of_list(finding)).collect();
                    // The list is what is to be corrected, whatever of the image it says.
                    self.tell_at_entry(dataflow, &hits, findings);
                }
                ImageLists::Ignore if is_listed => field.findings.clear(),
                _ => {
                    dataflow.flows[position].also = self.alike(field, &wanted);
                    dataflow.flows[position].wanted = Some(wanted);
                }
            }
        }
    }

    /// A finding about an image that a list decides and that is only reported.
    fn of_list(&self, finding: Finding) -> Finding {
        Finding {
            rule: Rule::WrongImageOverride,
            severity: Rule::WrongImageOverride.severity(self.builds.setting.config.mode),
            message: format!("{} is not edited, {LISTS_ARE_REPORTED}", finding.message).into(),
            ..finding
        }
    }

    /// Settles groups of flows in rounds, since what one group changes may let another be settled.
    fn settle_flows(
        &mut self,
        dataflow: &mut Dataflow<'_, 'n, 's>,
        fields: &mut [Field<'n, 's>],
        changing: &HashSet<usize>,
    ) -> Result<(), HashSet<usize>> {
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
            let unsolved = groups.iter().zip(&mut solved);
            for (group, proposal) in unsolved.filter(|(_, proposal)| proposal.is_none()) {
                *proposal = dataflow.solve_above(group);
            }
            let more = dataflow.lists_changed_by(&solved, changing);
            if !more.is_empty() {
                return Err(more);
            }
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
            let mut answers = self.answers(dataflow, &groups, &solved).into_iter();
            dataflow.commit(all);
            let given_up = std::mem::take(&mut dataflow.given_up);
            for (group, proposal) in groups.iter().zip(&solved) {
                let own = answers.next().unwrap_or_default();
                if proposal.is_none() {
                    continue;
                }
                let of_fields = fields.len();
                let settled = group.iter().filter(|flow| !given_up.contains(flow));
                for &flow in settled.filter(|flow| **flow < of_fields) {
                    let findings = std::mem::take(&mut fields[flow].findings);
                    self.tell(dataflow, flow, findings, &own);
                }
            }
        }
        let settled = dataflow.wishes_under(&Proposal::default(), &|_| true);
        self.wishes.extend(settled);
        Ok(())
    }

    /// The places that answer the findings of each group, where they do so alone: what needs the edits of
    /// another group, or of a round before, is not whole.
    fn answers(
        &self,
        dataflow: &Dataflow<'_, 'n, 's>,
        groups: &[Vec<usize>],
        solved: &[Option<Proposal<'n, 's>>],
    ) -> Vec<Answers> {
        if !self.builds.setting.wants.fixes || dataflow.is_changed {
            return Vec::new();
        }
        let alone = dataflow.holding_alone(groups, solved);
        let both = solved.iter().zip(alone);
        let answers = both.map(|(proposal, is_alone)| {
            let own = proposal.as_ref().filter(|_| is_alone);
            let own = own.map_or_else(Vec::new, |own| dataflow.wishes(own));
            own.iter().map(|wish| wish.place.id()).collect()
        });
        answers.collect()
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
}
