//! Which proposals are right by themselves, without those that are settled beside them.

use std::collections::HashMap;

use super::{Dataflow, Proposal};

/// So many flows are run again to find it out; of further proposals it is not known.
const RUNS: usize = 1 << 17;

impl<'n, 's> Dataflow<'_, 'n, 's> {
    /// Whether each proposal, if nothing else is written, gives its own group what is wanted, and leaves every
    /// other image as it is or makes it right.
    pub(in crate::tree) fn holding_alone(
        &self,
        groups: &[Vec<usize>],
        solved: &[Option<Proposal<'n, 's>>],
    ) -> Vec<bool> {
        let mut group_of = vec![0; self.flows.len()];
        for (group, flows) in groups.iter().enumerate() {
            flows.iter().for_each(|&flow| group_of[flow] = group);
        }
        // By entry, the flows of which a list has it.
        let mut lists_of: HashMap<usize, Vec<usize>> = HashMap::new();
        for (list, entries) in self.lists.lists.iter().enumerate() {
            for &entry in entries {
                lists_of.entry(entry).or_default().push(list);
            }
        }
        let mut flows_of: HashMap<usize, Vec<usize>> = HashMap::new();
        for (position, flow) in self.flows.iter().enumerate() {
            for pass in &flow.passes {
                flows_of.entry(pass.list).or_default().push(position);
            }
        }
        let mut runs = RUNS;
        let all = solved.iter().enumerate().map(|(group, proposal)| {
            let Some(own) = proposal else { return false };
            let entries = own.fields.keys();
            let lists = entries.filter_map(|entry| lists_of.get(entry)).flatten();
            let flows = lists.filter_map(|list| flows_of.get(list)).flatten();
            let mut others: Vec<usize> = flows.copied().collect();
            others.retain(|flow| group_of[*flow] != group);
            crate::sort::sort(&mut others);
            others.dedup();
            let Some(left) = runs.checked_sub(others.len()) else {
                return false;
            };
            runs = left;
            let stays = |flow: usize| {
                let outcome = self.outcome(flow, own);
                outcome == self.now(flow).0
                    || !self.is_right(flow) && self.flows[flow].takes(&outcome)
            };
            others.into_iter().all(stays)
        });
        all.collect()
    }
}
