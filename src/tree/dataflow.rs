//! The dataflow of images, and which places to edit so that every build has the images that it should.
//!
//! An image is a flow: from the cell that it is written in through the lists of images of each
//! build. Flows that share a cell or an entry are settled together: edits are proposed, the lists are
//! run again, and what does not come out right for all of them is left.

mod alone;
mod proposal;
mod solve;
mod strategy;

use std::cell::OnceCell;
use std::collections::{HashMap, HashSet};

use crate::components::Components;
use crate::edit::TargetValue;

use super::editing::DesiredValue;
use super::images::{CurrentEntries, Fields, Hit, Renamed, TreeLists};
use super::locations;
use super::value::{DocumentSlot, Held, ListPass, PlaceId};

pub(super) use proposal::Proposal;
pub(super) use solve::Blocker;

/// So many flows are run again to find which proposal changes one of them.
const FEW_RUNS: usize = 1 << 12;

/// A text in a document that is an image, or part of one.
#[derive(Debug, Clone)]
pub(super) struct Cell<'n, 's> {
    /// Where it is; none for what a build itself makes, which cannot be edited.
    pub(super) place: Option<DocumentSlot<'n, 's>>,
    /// What is written there.
    pub(super) written: String,
    /// What is to be written there, as far as that is settled.
    pub(super) text: String,
}

/// An image of one build.
#[derive(Debug, Clone)]
pub(super) struct Flow<'n, 's> {
    /// Position of its cell.
    pub(super) cell: usize,
    /// The lists that it goes through.
    pub(super) passes: Vec<ListPass>,
    /// What should come out; `None` where that does not matter.
    pub(super) wanted: Option<String>,
    /// What may come out as well.
    pub(super) also: Option<String>,
    /// The place that has to say what comes out, since a JSON patch tests it.
    pub(super) tested: Option<DocumentSlot<'n, 's>>,
    /// How it has to come out as it does, since something reads it.
    pub(super) held: Option<Held>,
    /// Whether nothing is changed for its sake, since what comes out of it is not known.
    pub(super) stays: bool,
    /// What comes out as far as that is settled, and what it meets, once that has been asked for.
    pub(super) now: OnceCell<(String, Vec<Hit>)>,
}

/// All flows of a tree, as far as they are settled.
pub(super) struct Dataflow<'l, 'n, 's> {
    pub(super) lists: &'l TreeLists<'n, 's>,
    /// What the entries are to say.
    pub(super) fields: Vec<Fields>,
    /// The entries that are to have other names.
    pub(super) renamed: Renamed,
    /// What tests of JSON patches are to expect.
    pub(super) tests: HashMap<PlaceId, (DocumentSlot<'n, 's>, String)>,
    /// Whether the images under each entry's list are all known, so that its name may follow them.
    pub(super) is_closed: Vec<bool>,
    pub(super) cells: Vec<Cell<'n, 's>>,
    pub(super) flows: Vec<Flow<'n, 's>>,
    /// Flows that are left for the sake of others in their group.
    pub(super) given_up: HashSet<usize>,
    /// Whether something is to be other than it is written.
    pub(super) is_changed: bool,
}

impl<'n, 's> Dataflow<'_, 'n, 's> {
    /// What comes out of a flow, and what it meets.
    pub(super) fn now(&self, flow: usize) -> &(String, Vec<Hit>) {
        let flow = &self.flows[flow];
        flow.now.get_or_init(|| {
            let text = &self.cells[flow.cell].text;
            let fields = |entry: usize| &self.fields[entry];
            let renamed = [&self.renamed];
            let said = CurrentEntries::new(&fields, &renamed);
            self.lists.run(text, &flow.passes, said)
        })
    }

    /// Whether a flow yields the wanted image.
    pub(super) fn is_right(&self, flow: usize) -> bool {
        self.flows[flow].takes(&self.now(flow).0)
    }

    /// The flows of a group that have to stay for others to come out right. An entry over images that nobody knows
    /// keeps its name, so what it meets has to keep its own, and what does not meet it cannot be renamed with it.
    fn below_open(&self, group: &[usize]) -> Vec<usize> {
        let is_open = |hit: &Hit| !self.is_closed[hit.entry];
        let meets = |flow: &usize| self.now(*flow).1.iter().any(is_open);
        let (above, below): (Vec<usize>, Vec<usize>) = group.iter().partition(|flow| meets(flow));
        let is_wrong = |flow: &usize| !self.is_right(*flow);
        if above.iter().any(is_wrong) {
            below.into_iter().filter(is_wrong).collect()
        } else {
            Vec::new()
        }
    }

    /// Changes that make right what entries over unknown images meet, if there are any; the other flows of the
    /// group are given up.
    pub(super) fn solve_above(&mut self, group: &[usize]) -> Option<Proposal<'n, 's>> {
        let left = self.below_open(group);
        if left.is_empty() {
            return None;
        }
        self.given_up.extend(&left);
        let found = self.solve(group).filter(|found| !found.is_empty());
        if found.is_none() {
            for flow in left {
                self.given_up.remove(&flow);
            }
        }
        found
    }

    /// Merges the proposals that agree with each other and do not affect other flows; removes the
    /// rest from `solved`.
    pub(super) fn agreed(
        &self,
        groups: &[Vec<usize>],
        solved: &mut [Option<Proposal<'n, 's>>],
    ) -> Proposal<'n, 's> {
        loop {
            let mut all = Proposal::default();
            if solved.iter().all(Option::is_none) {
                return all;
            }
            for proposal in solved.iter_mut() {
                if proposal
                    .as_ref()
                    .is_some_and(|found| all.join(found).is_none())
                {
                    *proposal = None;
                }
            }
            let is_wrong = |&group: &usize| {
                let proposal = solved[group].as_ref();
                proposal.is_some_and(|own| !self.keeps_united(own, &all))
                    || groups[group].iter().any(|&flow| match proposal {
                        Some(_) => !self.holds(flow, &all),
                        None => self.now(flow).0 != self.outcome(flow, &all),
                    })
            };
            let wrong: Vec<usize> = (0..groups.len()).filter(is_wrong).collect();
            if wrong.is_empty() {
                return all;
            }
            // If an unsolved group changes, the entries of other groups changed it.
            let left = wrong.iter().filter(|group| solved[**group].is_none());
            let flows = left.flat_map(|&group| &groups[group]).copied();
            let flows: Vec<usize> = flows.collect();
            let passes = flows.iter().flat_map(|&flow| &self.flows[flow].passes);
            let lists: HashSet<usize> = passes.map(|pass| pass.list).collect();
            let changes = |proposal: &Proposal<'_, '_>| {
                let mut lists = lists.iter().flat_map(|&list| &self.lists.lists[list]);
                lists.any(|entry| proposal.fields.contains_key(entry))
            };
            let culprits = solved.iter().map(|one| one.as_ref().is_some_and(changes));
            let mut dropped: Vec<bool> = culprits.collect();
            let suspects = dropped.iter().filter(|is_dropped| **is_dropped).count();
            if suspects > 1 && suspects * flows.len() <= FEW_RUNS {
                // Others change entries of the same lists that these flows do not meet.
                let alters = |proposal: &Proposal<'_, '_>| {
                    let mut flows = flows.iter();
                    flows.any(|&flow| self.now(flow).0 != self.outcome(flow, proposal))
                };
                let guilty = solved.iter().zip(&dropped);
                let guilty =
                    guilty.map(|(one, is_suspect)| *is_suspect && one.as_ref().is_some_and(alters));
                let guilty: Vec<bool> = guilty.collect();
                if guilty.contains(&true) {
                    dropped = guilty;
                }
            }
            if !dropped.contains(&true) {
                for group in wrong {
                    dropped[group] = true;
                }
            }
            for (proposal, is_dropped) in solved.iter_mut().zip(dropped) {
                proposal.take_if(|_| is_dropped);
            }
        }
    }

    /// The lists with an entry that one of some proposals changes, but for these.
    pub(super) fn lists_changed_by(
        &self,
        solved: &[Option<Proposal<'n, 's>>],
        known: &HashSet<usize>,
    ) -> HashSet<usize> {
        let changed = solved.iter().flatten().flat_map(|one| one.fields.keys());
        let changed: HashSet<usize> = changed.copied().collect();
        if changed.is_empty() {
            return HashSet::new();
        }
        let lists = self.lists.lists.iter().enumerate();
        let lists = lists.filter(|(list, entries)| {
            !known.contains(list) && entries.iter().any(|entry| changed.contains(entry))
        });
        lists.map(|(list, _)| list).collect()
    }

    /// Takes a proposal for settled.
    pub(super) fn commit(&mut self, proposal: Proposal<'n, 's>) {
        self.is_changed = true;
        for (cell, text) in proposal.texts {
            self.cells[cell].text = text;
        }
        for (entry, fields) in proposal.fields {
            if fields.name != self.lists.entries[entry].fields.name {
                self.renamed.add(entry, &fields);
            }
            self.fields[entry] = fields;
        }
        for flow in &mut self.flows {
            flow.now.take();
        }
        self.tests.extend(proposal.tests);
    }

    /// What a proposal writes.
    pub(super) fn wishes(&self, proposal: &Proposal<'n, 's>) -> Vec<DesiredValue<'n, 's>> {
        let cells = proposal.texts.iter();
        let cells = cells.filter_map(|(&cell, text)| self.cells[cell].wish(text));
        let tests = proposal.tests.values().map(test_wish);
        let entries = proposal.fields.iter().flat_map(|(&entry, fields)| {
            locations::entry_wishes(&self.lists.entries[entry], fields)
        });
        cells.chain(tests).chain(entries).collect()
    }

    /// All wishes in the documents that `counts` accepts, as if the proposal were committed.
    pub(super) fn wishes_under(
        &self,
        proposal: &Proposal<'n, 's>,
        counts: &impl Fn(usize) -> bool,
    ) -> Vec<DesiredValue<'n, 's>> {
        let cells = self.cells.iter().enumerate().filter(|(_, cell)| {
            let place = cell.place.as_ref();
            place.is_some_and(|place| counts(place.document))
        });
        let cells = cells.filter_map(|(position, cell)| {
            let text = proposal.texts.get(&position);
            cell.wish(text.unwrap_or(&cell.text))
        });
        let before = self.tests.iter();
        let before = before.filter(|(id, _)| !proposal.tests.contains_key(*id));
        let tests = before.chain(&proposal.tests).map(|(_, test)| test);
        let tests = tests.filter(|(place, _)| counts(place.document));
        let entries = self.lists.entries.iter().enumerate();
        let entries = entries.filter(|(_, entry)| counts(entry.site.document));
        let entries = entries.flat_map(|(position, entry)| {
            let fields = proposal.fields.get(&position);
            locations::entry_wishes(entry, fields.unwrap_or(&self.fields[position]))
        });
        cells.chain(tests.map(test_wish)).chain(entries).collect()
    }

    /// Groups of flows that share a cell or an entry.
    pub(super) fn groups(&self) -> Vec<Vec<usize>> {
        let mut components = Components::new(self.flows.len());
        let (mut of_cell, mut of_entry) = (HashMap::new(), HashMap::new());
        for (position, flow) in self.flows.iter().enumerate() {
            let first = *of_cell.entry(flow.cell).or_insert(position);
            components.join(first, position);
            for hit in &self.now(position).1 {
                let first = *of_entry.entry(hit.entry).or_insert(position);
                components.join(first, position);
            }
        }
        components.groups()
    }
}

impl Flow<'_, '_> {
    /// Whether an image may come out of it.
    fn takes(&self, image: &str) -> bool {
        let wanted = self.wanted.as_deref();
        if let Some(part) = self.held.as_ref().and_then(|held| held.part.as_ref()) {
            return wanted.is_none_or(|wanted| part.of(wanted) == part.of(image));
        }
        wanted.is_none_or(|wanted| wanted == image) || self.also.as_deref() == Some(image)
    }
}

impl<'n, 's> Cell<'n, 's> {
    /// What is written for the cell to say a text.
    fn wish(&self, text: &str) -> Option<DesiredValue<'n, 's>> {
        let place = self.place.clone().filter(|_| self.written != text)?;
        let value = TargetValue::Text(place.with(text));
        Some(DesiredValue { place, value })
    }
}

fn test_wish<'n, 's>((place, text): &(DocumentSlot<'n, 's>, String)) -> DesiredValue<'n, 's> {
    DesiredValue {
        place: place.clone(),
        value: TargetValue::Text(text.clone()),
    }
}
