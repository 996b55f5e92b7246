//! Which places to edit so that every build gives the images that it should.
//!
//! An image is a flow: from the cell that it is written in through the lists of images of each
//! build. Flows that share a cell or an entry are settled together: edits are proposed, the lists are
//! run again, and what does not come out right for all of them is left.

use std::collections::{HashMap, HashSet};

use crate::edit::Value;

use super::editing::Wish;
use super::images::{Fields, Hit, Lists, Parts};
use super::report;
use super::value::{Pass, Place, PlaceId};

/// A text in a document that is an image, or part of one.
#[derive(Debug, Clone)]
pub(super) struct Cell<'n, 's> {
    /// Where it is; none for what a build itself makes, which cannot be edited.
    pub(super) place: Option<Place<'n, 's>>,
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
    pub(super) passes: Vec<Pass>,
    /// What should come out; `None` where that does not matter.
    pub(super) wanted: Option<String>,
    /// The place that has to say what comes out, since a JSON patch tests it.
    pub(super) tested: Option<Place<'n, 's>>,
}

/// Where changes of version and name go first, where there is a choice.
#[derive(Debug, Clone, Copy)]
struct Strategy {
    names_in_entries: bool,
    versions_in_entries: bool,
}

const STRATEGIES: [Strategy; 4] = [
    Strategy {
        names_in_entries: true,
        versions_in_entries: false,
    },
    Strategy {
        names_in_entries: false,
        versions_in_entries: false,
    },
    Strategy {
        names_in_entries: true,
        versions_in_entries: true,
    },
    Strategy {
        names_in_entries: false,
        versions_in_entries: true,
    },
];

/// Tag and digest.
type Version = (String, String);

/// What changes in a cell.
#[derive(Debug, Clone, Default)]
struct CellChange {
    /// All of it, where no list has a part in the image.
    whole: Option<String>,
    name: Option<String>,
    version: Option<Version>,
}

/// What changes in an entry.
#[derive(Debug, Clone, Default)]
struct EntryChange {
    name: Option<String>,
    new_name: Option<String>,
    version: Option<Version>,
}

/// Changes that make flows right.
#[derive(Debug, Clone, Default)]
pub(super) struct Proposal<'n, 's> {
    cells: HashMap<usize, CellChange>,
    entries: HashMap<usize, EntryChange>,
    /// The new texts of cells.
    pub(super) texts: HashMap<usize, String>,
    /// The new fields of entries.
    pub(super) fields: HashMap<usize, Fields>,
    /// The new texts of tests.
    pub(super) tests: HashMap<PlaceId, (Place<'n, 's>, String)>,
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

/// All flows of a tree, as far as they are settled.
#[derive(Clone)]
pub(super) struct Network<'l, 'n, 's> {
    pub(super) lists: &'l Lists<'n, 's>,
    /// What the entries are to say.
    pub(super) fields: Vec<Fields>,
    /// What tests of JSON patches are to expect.
    pub(super) tests: HashMap<PlaceId, (Place<'n, 's>, String)>,
    /// Whether the images under each entry's list are all known, so that its name may follow them.
    pub(super) is_closed: Vec<bool>,
    pub(super) cells: Vec<Cell<'n, 's>>,
    pub(super) flows: Vec<Flow<'n, 's>>,
}

impl<'n, 's> Network<'_, 'n, 's> {
    /// What comes out of a flow, and what it meets.
    pub(super) fn now(&self, flow: usize) -> (String, Vec<Hit>) {
        let flow = &self.flows[flow];
        let text = &self.cells[flow.cell].text;
        self.lists
            .run(text, &flow.passes, &|entry| &self.fields[entry])
    }

    /// Whether what should comes out of a flow.
    pub(super) fn is_right(&self, flow: usize) -> bool {
        let wanted = self.flows[flow].wanted.as_ref();
        wanted.is_none_or(|wanted| self.now(flow).0 == *wanted)
    }

    /// The proposals that agree with each other and leave the rest as it is, as one; the others are
    /// taken out.
    pub(super) fn agreed(
        &self,
        groups: &[Vec<usize>],
        solved: &mut [Option<Proposal<'n, 's>>],
    ) -> Proposal<'n, 's> {
        loop {
            let mut all = Proposal::default();
            for proposal in solved.iter_mut() {
                if proposal
                    .as_ref()
                    .is_some_and(|found| all.join(found).is_none())
                {
                    *proposal = None;
                }
            }
            let is_wrong = |&group: &usize| {
                groups[group].iter().any(|&flow| match &solved[group] {
                    Some(_) => !self.holds(flow, &all),
                    None => self.now(flow).0 != self.outcome(flow, &all),
                })
            };
            let wrong: Vec<usize> = (0..groups.len()).filter(is_wrong).collect();
            if wrong.is_empty() {
                return all;
            }
            // A group that is left and comes out otherwise is changed by the entries of others.
            let left = wrong.iter().filter(|group| solved[**group].is_none());
            let flows = left.flat_map(|&group| &groups[group]);
            let passes = flows.flat_map(|&flow| &self.flows[flow].passes);
            let lists: HashSet<usize> = passes.map(|pass| pass.list).collect();
            let changes = |proposal: &Proposal<'_, '_>| {
                let lists = lists.iter().flat_map(|&list| &self.lists.lists[list]);
                { lists }.any(|entry| proposal.fields.contains_key(entry))
            };
            let culprits = solved.iter().map(|one| one.as_ref().is_some_and(changes));
            let mut dropped: Vec<bool> = culprits.collect();
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

    /// As the network would be under a proposal.
    pub(super) fn under(&self, proposal: &Proposal<'n, 's>) -> Self {
        let mut network = self.clone();
        network.commit(proposal.clone());
        network
    }

    /// Takes a proposal for settled.
    pub(super) fn commit(&mut self, proposal: Proposal<'n, 's>) {
        for (cell, text) in proposal.texts {
            self.cells[cell].text = text;
        }
        for (entry, fields) in proposal.fields {
            self.fields[entry] = fields;
        }
        self.tests.extend(proposal.tests);
    }

    /// What a proposal writes.
    pub(super) fn wishes(&self, proposal: &Proposal<'n, 's>) -> Vec<Wish<'n, 's>> {
        let cells = proposal.texts.iter();
        let cells = cells.filter_map(|(&cell, text)| self.cells[cell].wish(text));
        let tests = proposal.tests.values().map(test_wish);
        let entries = proposal
            .fields
            .iter()
            .flat_map(|(&entry, fields)| report::entry_wishes(&self.lists.entries[entry], fields));
        cells.chain(tests).chain(entries).collect()
    }

    /// What all that is settled writes.
    pub(super) fn all_wishes(&self) -> Vec<Wish<'n, 's>> {
        let cells = self.cells.iter().filter_map(|cell| cell.wish(&cell.text));
        let tests = self.tests.values().map(test_wish);
        let entries = self.lists.entries.iter().zip(&self.fields);
        let entries = entries.flat_map(|(entry, fields)| report::entry_wishes(entry, fields));
        cells.chain(tests).chain(entries).collect()
    }

    /// Groups of flows that share a cell or an entry.
    pub(super) fn groups(&self) -> Vec<Vec<usize>> {
        let mut parents: Vec<usize> = (0..self.flows.len()).collect();
        let (mut of_cell, mut of_entry) = (HashMap::new(), HashMap::new());
        for (position, flow) in self.flows.iter().enumerate() {
            let first = *of_cell.entry(flow.cell).or_insert(position);
            join(&mut parents, first, position);
            for hit in self.now(position).1 {
                let first = *of_entry.entry(hit.entry).or_insert(position);
                join(&mut parents, first, position);
            }
        }
        let mut groups: HashMap<usize, Vec<usize>> = HashMap::new();
        for position in 0..self.flows.len() {
            let root = find(&mut parents, position);
            groups.entry(root).or_default().push(position);
        }
        let mut groups: Vec<Vec<usize>> = groups.into_values().collect();
        groups.sort();
        groups
    }

    /// Changes that make a group of flows right, if there are any.
    pub(super) fn solve(&self, flows: &[usize]) -> Option<Proposal<'n, 's>> {
        // What is wrong where no entry meets it has to change in its cell, and then the names follow.
        let is_bare = |&flow: &usize| {
            let (rendered, hits) = self.now(flow);
            hits.is_empty()
                && self.flows[flow]
                    .wanted
                    .as_ref()
                    .is_some_and(|wanted| *wanted != rendered)
        };
        let has_bare = flows.iter().any(is_bare);
        let strategies = STRATEGIES.into_iter();
        let (first, last): (Vec<Strategy>, Vec<Strategy>) =
            strategies.partition(|strategy| strategy.names_in_entries != has_bare);
        first.into_iter().chain(last).find_map(|strategy| {
            let mut proposal = Proposal::default();
            for &flow in flows {
                self.propose(flow, strategy, &mut proposal)?;
            }
            self.follow(flows, &mut proposal)?;
            self.test(flows, &mut proposal)?;
            let is_fixed = |cell: &usize| self.cells[*cell].place.is_none();
            if proposal.texts.keys().any(is_fixed) {
                return None;
            }
            let holds = |&flow: &usize| self.holds(flow, &proposal);
            flows.iter().all(holds).then_some(proposal)
        })
    }

    /// Whether what should comes out of a flow under a proposal.
    fn holds(&self, flow: usize, proposal: &Proposal<'_, '_>) -> bool {
        let wanted = self.flows[flow].wanted.as_ref();
        wanted.is_none_or(|wanted| self.outcome(flow, proposal) == *wanted)
    }

    /// What comes out of a flow under a proposal.
    pub(super) fn outcome(&self, flow: usize, proposal: &Proposal<'_, '_>) -> String {
        let flow = &self.flows[flow];
        let text = proposal.texts.get(&flow.cell);
        let text = text.unwrap_or(&self.cells[flow.cell].text);
        let fields = |entry: usize| {
            let changed = proposal.fields.get(&entry);
            changed.unwrap_or(&self.fields[entry])
        };
        self.lists.run(text, &flow.passes, &fields).0
    }

    /// Proposes what a flow by itself would need.
    fn propose(
        &self,
        flow: usize,
        strategy: Strategy,
        proposal: &mut Proposal<'n, 's>,
    ) -> Option<()> {
        let (rendered, hits) = self.now(flow);
        let Flow { cell, wanted, .. } = &self.flows[flow];
        let Some(wanted) = wanted.as_ref().filter(|wanted| **wanted != rendered) else {
            return Some(());
        };
        if hits.is_empty() {
            let change = proposal.cells.entry(*cell).or_default();
            return set(&mut change.whole, wanted.clone());
        }
        let (now, wanted) = (Parts::of(&rendered), Parts::of(wanted));
        let fields = |hit: &&Hit| &self.fields[hit.entry];
        let last = hits.last().map(|hit| hit.entry);
        if now.name != wanted.name {
            let naming = hits.iter().rev().find(|hit| fields(hit).sets_name());
            let naming = naming.map(|hit| hit.entry);
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
            let setting = hits.iter().rev().find(|hit| fields(hit).changes_version());
            let setting = setting.map(|hit| hit.entry);
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

    /// Makes names of entries follow the images that they name.
    fn follow(&self, flows: &[usize], proposal: &mut Proposal<'n, 's>) -> Option<()> {
        self.write(proposal);
        // Each round renames an entry for good, so there are no more rounds than entries.
        for _ in 0..=self.lists.entries.len() {
            let mut is_done = true;
            for &flow in flows {
                is_done &= !self.follow_one(flow, proposal)?;
            }
            if is_done {
                return Some(());
            }
        }
        None
    }

    /// Walks a flow as it is and as it would be side by side; gives whether a name changed.
    fn follow_one(&self, flow: usize, proposal: &mut Proposal<'n, 's>) -> Option<bool> {
        let Flow { cell, passes, .. } = &self.flows[flow];
        let mut old = self.cells[*cell].text.clone();
        let mut new = proposal.texts.get(cell).unwrap_or(&old).clone();
        let mut has_renamed = false;
        for pass in passes {
            for &position in &self.lists.lists[pass.list] {
                let before = &self.fields[position];
                for time in 0..=usize::from(pass.is_twice) {
                    let was_hit = before.matches(&old);
                    let says = proposal.fields.get(&position).unwrap_or(before);
                    let is_hit = says.matches(&new);
                    if was_hit && !is_hit && time == 0 {
                        if !self.is_closed[position] || !before.is_plain_name() {
                            return None;
                        }
                        let name = if before.name == Parts::of(&old).name {
                            Parts::of(&new).name.to_owned()
                        } else if before.name == old {
                            new.clone()
                        } else {
                            return None;
                        };
                        set(
                            &mut proposal.entries.entry(position).or_default().name,
                            name,
                        )?;
                        self.write(proposal);
                        has_renamed = true;
                    }
                    if was_hit {
                        old = before.apply(&old);
                    }
                    let says = proposal.fields.get(&position).unwrap_or(before);
                    if says.matches(&new) {
                        new = says.apply(&new);
                    }
                }
            }
        }
        Some(has_renamed)
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
            let mut parts = Parts::of(text);
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
                let mut parts = Parts::of(&fields.new_name);
                parts.name = new_name;
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

impl<'n, 's> Cell<'n, 's> {
    /// What is written for the cell to say a text.
    fn wish(&self, text: &str) -> Option<Wish<'n, 's>> {
        let place = self.place.clone().filter(|_| self.written != text)?;
        let value = Value::Text(text.to_owned());
        Some(Wish { place, value })
    }
}

fn test_wish<'n, 's>((place, text): &(Place<'n, 's>, String)) -> Wish<'n, 's> {
    Wish {
        place: place.clone(),
        value: Value::Text(text.clone()),
    }
}

impl<'n, 's> Proposal<'n, 's> {
    pub(super) fn is_empty(&self) -> bool {
        self.texts.is_empty() && self.fields.is_empty() && self.tests.is_empty()
    }

    /// Adds another proposal; `None` where they want different things.
    pub(super) fn join(&mut self, other: &Self) -> Option<()> {
        for (cell, text) in &other.texts {
            if self.texts.get(cell).is_some_and(|known| known != text) {
                return None;
            }
        }
        for (entry, fields) in &other.fields {
            if self.fields.get(entry).is_some_and(|known| known != fields) {
                return None;
            }
        }
        for (id, (_, text)) in &other.tests {
            if self.tests.get(id).is_some_and(|(_, known)| known != text) {
                return None;
            }
        }
        self.texts.extend(other.texts.clone());
        self.fields.extend(other.fields.clone());
        self.tests.extend(other.tests.clone());
        Some(())
    }
}

fn find(parents: &mut [usize], mut at: usize) -> usize {
    while parents[at] != at {
        parents[at] = parents[parents[at]];
        at = parents[at];
    }
    at
}

fn join(parents: &mut [usize], a: usize, b: usize) {
    let (a, b) = (find(parents, a), find(parents, b));
    parents[a.max(b)] = a.min(b);
}
