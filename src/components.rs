//! Connected components: positions that were joined, as groups (a union-find).

/// A union-find over positions from zero on: each is its own component until it is joined with others.
pub(crate) struct Components {
    parents: Vec<usize>,
}

impl Components {
    pub(crate) fn new(number: usize) -> Self {
        Components {
            parents: (0..number).collect(),
        }
    }

    pub(crate) fn join(&mut self, a: usize, b: usize) {
        let (a, b) = (self.root(a), self.root(b));
        self.parents[a.max(b)] = a.min(b);
    }

    /// The first position of the component of another.
    fn root(&mut self, mut at: usize) -> usize {
        while self.parents[at] != at {
            self.parents[at] = self.parents[self.parents[at]];
            at = self.parents[at];
        }
        at
    }

    /// The components, in the order of their first positions, each with its positions in order.
    pub(crate) fn groups(mut self) -> Vec<Vec<usize>> {
        let mut groups = vec![Vec::new(); self.parents.len()];
        for position in 0..groups.len() {
            groups[self.root(position)].push(position);
        }
        groups.retain(|group| !group.is_empty());
        groups
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_joined_is_one_group() {
        let mut components = Components::new(6);
        for (a, b) in [(5, 1), (3, 4), (4, 1)] {
            components.join(a, b);
        }
        assert_eq!(components.groups(), [vec![0], vec![1, 3, 4, 5], vec![2]]);
    }
}
