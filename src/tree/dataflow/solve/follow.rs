//! Names of entries follow the images that they name.

use super::{Dataflow, Flow, Proposal, set};
use crate::tree::images::{CurrentEntries, KustomizeParts};

impl<'n, 's> Dataflow<'_, 'n, 's> {
    /// Makes names of entries follow the images that they name.
    pub(super) fn follow(&self, flows: &[usize], proposal: &mut Proposal<'n, 's>) -> Option<()> {
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
            let before = |entry: usize| &self.fields[entry];
            let order = self
                .lists
                .order(pass.list, CurrentEntries::new(&before, &[]));
            let mut at = 0;
            while let Some(next) = self.next_of_both(pass.list, &order, at, [&old, &new], proposal)
            {
                at = next + 1;
                let position = order[next];
                let before = &self.fields[position];
                for time in 0..=usize::from(pass.is_twice) {
                    let was_hit = before.matches(&old);
                    let says = proposal.fields.get(&position).unwrap_or(before);
                    let is_hit = says.matches(&new);
                    if was_hit && !is_hit && time == 0 {
                        if !self.is_closed[position] || !before.is_plain_name() {
                            return None;
                        }
                        let name = if before.name == KustomizeParts::of(&old).name {
                            KustomizeParts::of(&new).name.to_owned()
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
                        proposal.renamed.add(position, &proposal.fields[&position]);
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

    /// The next position in the order of a list whose entry matches an image as it is, or as it would
    /// be under a proposal.
    fn next_of_both(
        &self,
        list: usize,
        order: &[usize],
        from: usize,
        [old, new]: [&str; 2],
        proposal: &Proposal<'_, '_>,
    ) -> Option<usize> {
        let before = |entry: usize| &self.fields[entry];
        let after = |entry: usize| proposal.fields.get(&entry).unwrap_or(&self.fields[entry]);
        let renamed = [&self.renamed, &proposal.renamed];
        let next = |image, said| self.lists.next(list, order, from, image, said);
        let was = next(old, CurrentEntries::new(&before, &renamed[..1]));
        let is = next(new, CurrentEntries::new(&after, &renamed));
        was.into_iter().chain(is).min()
    }
}
