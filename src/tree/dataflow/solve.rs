//! Finds changes that make a group of flows right: proposes them for each flow, then simulates and
//! checks them.

mod follow;

use super::proposal::Proposal;
use super::strategy::{Strategy, strategies};
use super::{Dataflow, Flow};
use crate::tree::images::{CurrentEntries, Hit, KustomizeParts};

/// What keeps a group of flows from being right.
pub(in crate::tree) struct Blocker {
    /// The flow that would be wrong.
    pub(in crate::tree) flow: usize,
    /// What would come out of it.
    pub(in crate::tree) outcome: String,
    /// The entry that would make that of it.
    pub(in crate::tree) entry: usize,
}

impl<'n, 's> Dataflow<'_, 'n, 's> {
    /// Changes that make a group of flows right, if there are any.
    pub(in crate::tree) fn solve(&self, flows: &[usize]) -> Option<Proposal<'n, 's>> {
        strategies(self.has_bare(flows)).find_map(|(strategy, rounds)| {
            let mut proposal = Proposal::default();
            self.attempt(flows, (strategy, rounds), &mut proposal)?;
            self.test(flows, &mut proposal)?;
            let is_fixed = |cell: &usize| self.cells[*cell].place.is_none();
            if proposal.texts.keys().any(is_fixed) {
                return None;
            }
            let holds = |&flow: &usize| self.holds(flow, &proposal);
            let is_right = flows.iter().all(holds) && self.keeps_united(&proposal, &proposal);
            is_right.then_some(proposal)
        })
    }

    /// The entry that keeps a group of flows from being right, if it is one.
    pub(in crate::tree) fn blocker(&self, flows: &[usize]) -> Option<Blocker> {
        let mut proposal = Proposal::default();
        let first = strategies(self.has_bare(flows)).next()?;
        // What it has come to is what is asked for.
        let _ = self.attempt(flows, first, &mut proposal);
        let flow = flows
            .iter()
            .copied()
            .find(|&flow| !self.holds(flow, &proposal))?;
        let (outcome, hits) = self.under(flow, &proposal);
        let entry = hits.last()?.entry;
        Some(Blocker {
            flow,
            outcome,
            entry,
        })
    }

    /// Whether one of the flows is wrong and meets no entry.
    fn has_bare(&self, flows: &[usize]) -> bool {
        let mut flows = flows.iter().filter(|flow| !self.given_up.contains(flow));
        flows.any(|&flow| {
            let (rendered, hits) = self.now(flow);
            hits.is_empty()
                && self.flows[flow]
                    .wanted
                    .as_ref()
                    .is_some_and(|wanted| wanted != rendered)
        })
    }

    /// Proposes what flows need, and what they need then: a tag that an entry no longer writes lets
    /// that of the manifest through, and a name that is right may be what an entry looks for.
    fn attempt(
        &self,
        flows: &[usize],
        (strategy, rounds): (Strategy, usize),
        proposal: &mut Proposal<'n, 's>,
    ) -> Option<()> {
        for _ in 0..rounds {
            let before = proposal.size();
            for &flow in flows {
                self.propose(flow, strategy, proposal)?;
            }
            self.follow(flows, proposal)?;
            let is_done = flows.iter().all(|&flow| self.holds(flow, proposal));
            if is_done || proposal.size() == before {
                break;
            }
        }
        Some(())
    }

    /// Whether a flow yields the wanted image under a proposal.
    pub(super) fn holds(&self, flow: usize, proposal: &Proposal<'_, '_>) -> bool {
        let outcome = self.outcome(flow, proposal);
        if self.given_up.contains(&flow) {
            return outcome == self.now(flow).0;
        }
        self.flows[flow].takes(&outcome)
    }

    /// Whether the entries that a proposal renames have one name with the same entries as before, under it
    /// and others: which of them are merged depends on it.
    pub(super) fn keeps_united(&self, own: &Proposal<'_, '_>, all: &Proposal<'_, '_>) -> bool {
        let now = |entry: usize| {
            let changed = all.fields.get(&entry);
            changed.unwrap_or(&self.fields[entry]).name.clone()
        };
        let renamed = own
            .entries
            .iter()
            .filter(|(_, change)| change.name.is_some());
        let mut renamed = renamed.map(|(&entry, _)| entry);
        let known = [&self.renamed, &all.renamed];
        renamed.all(|entry| {
            let written = &self.lists.entries[entry].fields.name;
            let united = &self.lists.united;
            united.keeps((entry, written), &now, &known)
        })
    }

    /// What comes out of a flow under a proposal.
    pub(in crate::tree) fn outcome(&self, flow: usize, proposal: &Proposal<'_, '_>) -> String {
        self.under(flow, proposal).0
    }

    /// What comes out of a flow under a proposal, and what it meets.
    fn under(&self, flow: usize, proposal: &Proposal<'_, '_>) -> (String, Vec<Hit>) {
        let flow = &self.flows[flow];
        let text = proposal.texts.get(&flow.cell);
        let text = text.unwrap_or(&self.cells[flow.cell].text);
        let fields = |entry: usize| {
            let changed = proposal.fields.get(&entry);
            changed.unwrap_or(&self.fields[entry])
        };
        let renamed = [&self.renamed, &proposal.renamed];
        let said = CurrentEntries::new(&fields, &renamed);
        self.lists.run(text, &flow.passes, said)
    }

    /// Proposes what a flow by itself needs beside what is written of a proposal.
    fn propose(
        &self,
        flow: usize,
        strategy: Strategy,
        proposal: &mut Proposal<'n, 's>,
    ) -> Option<()> {
        let (rendered, hits) = self.under(flow, proposal);
        let Flow {
            cell, wanted, also, ..
        } = &self.flows[flow];
        let stays = self.flows[flow].stays || self.given_up.contains(&flow);
        let is_wrong = !stays && !self.flows[flow].takes(&rendered);
        let Some(wanted) = wanted.as_ref().filter(|_| is_wrong) else {
            return Some(());
        };
        if hits.is_empty() {
            let change = proposal.cells.entry(*cell).or_default();
            return set(&mut change.whole, wanted.clone());
        }
        let fields = |hit: &&Hit| {
            let changed = proposal.fields.get(&hit.entry);
            changed.unwrap_or(&self.fields[hit.entry])
        };
        let last = hits.last().map(|hit| hit.entry);
        let naming = hits.iter().rev().find(|hit| fields(hit).sets_name());
        let naming = naming.filter(|_| !strategy.names_in_last);
        let naming = naming.map(|hit| hit.entry);
        let setting = hits.iter().rev().find(|hit| {
            let says = fields(hit);
            says.changes_version() || says.has_version_in_name()
        });
        let in_name = setting.is_some_and(|hit| !fields(&hit).changes_version());
        let setting = setting.map(|hit| hit.entry);
        let (now, mut wanted) = (KustomizeParts::of(&rendered), KustomizeParts::of(wanted));
        if let Some(also) = also.as_deref().filter(|_| strategy.writes_other_tag) {
            wanted = KustomizeParts::of(also);
        }
        if now.name != wanted.name {
            match naming.or(last.filter(|_| strategy.names_in_entries)) {
                Some(entry) => {
                    let change = proposal.entries.entry(entry).or_default();
                    set(&mut change.new_name, wanted.name.to_owned())?;
                }
                None => {
                    let change = proposal.cells.entry(*cell).or_default();
                    set(&mut change.name, wanted.name.to_owned())?;
                }
            }
        }
        if (now.tag, now.digest) != (wanted.tag, wanted.digest) {
            let version = (wanted.tag.to_owned(), wanted.digest.to_owned());
            if let Some(entry) = setting.filter(|_| in_name) {
                let change = proposal.entries.entry(entry).or_default();
                return set(&mut change.in_name, version);
            }
            match setting.or(last.filter(|_| strategy.versions_in_entries)) {
                Some(entry) => {
                    let change = proposal.entries.entry(entry).or_default();
                    set(&mut change.version, version)?;
                }
                None => {
                    let change = proposal.cells.entry(*cell).or_default();
                    set(&mut change.version, version)?;
                }
            }
        }
        Some(())
    }

    /// Makes tests of JSON patches follow the images that they test.
    fn test(&self, flows: &[usize], proposal: &mut Proposal<'n, 's>) -> Option<()> {
        for &flow in flows {
            let Some(place) = &self.flows[flow].tested else {
                continue;
            };
            let new = self.outcome(flow, proposal);
            let known = proposal.tests.get(&place.id());
            if known.is_some_and(|(_, text)| *text != new) {
                return None;
            }
            if known.is_some() || self.now(flow).0 != new {
                proposal.tests.insert(place.id(), (place.clone(), new));
            }
        }
        Some(())
    }

    /// Writes the changes of a proposal out as texts.
    fn write(&self, proposal: &mut Proposal<'n, 's>) {
        for (&cell, change) in &proposal.cells {
            let text = change.whole.as_ref().unwrap_or(&self.cells[cell].text);
            let mut parts = KustomizeParts::of(text);
            if change.name.is_none() && change.version.is_none() {
                proposal.texts.insert(cell, text.clone());
                continue;
            }
            if let Some(name) = &change.name {
                parts.name = name;
            }
            if let Some((tag, digest)) = &change.version {
                (parts.tag, parts.digest) = (tag, digest);
            }
            proposal.texts.insert(cell, parts.join());
        }
        for (&entry, change) in &proposal.entries {
            let mut fields = self.fields[entry].clone();
            if let Some(name) = &change.name {
                fields.name.clone_from(name);
            }
            if let Some(new_name) = &change.new_name {
                let mut parts = KustomizeParts::of(&fields.new_name);
                parts.name = new_name;
                fields.new_name = parts.join();
            }
            if let Some((tag, digest)) = &change.in_name {
                let mut parts = KustomizeParts::of(&fields.new_name);
                (parts.tag, parts.digest) = (tag, digest);
                fields.new_name = parts.join();
            }
            if let Some((tag, digest)) = &change.version {
                fields.new_tag.clone_from(tag);
                fields.digest.clone_from(digest);
            }
            proposal.fields.insert(entry, fields);
        }
    }
}

/// Sets what is not set otherwise; `None` where it is.
fn set<T: PartialEq>(option: &mut Option<T>, value: T) -> Option<()> {
    match option {
        Some(old) if *old != value => None,
        _ => {
            *option = Some(value);
            Some(())
        }
    }
}
