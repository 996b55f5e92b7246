//! Where in a value something is that is to change, so that the rest of it is left as it is, and shared.

use super::{BuildValue, Scalar};

/// The mappings and lists of a value in the order in which they begin: for each, how many begin before its end,
/// and whether what is looked for is in it.
pub(in crate::tree) struct Reach(Vec<(usize, bool)>);

impl Reach {
    /// Looks for mappings and lists of which `is_meant` says that they are it.
    pub(in crate::tree) fn of<'n, 's>(
        value: &BuildValue<'n, 's>,
        is_meant: &impl Fn(&BuildValue<'n, 's>) -> bool,
    ) -> Self {
        // As many as a workload has.
        let mut reach = Reach(Vec::with_capacity(32));
        reach.note(value, is_meant);
        reach
    }

    fn note<'n, 's>(
        &mut self,
        value: &BuildValue<'n, 's>,
        is_meant: &impl Fn(&BuildValue<'n, 's>) -> bool,
    ) -> bool {
        let own = self.0.len();
        let mut is_in = match value {
            BuildValue::Scalar(_) => return false,
            _ => is_meant(value),
        };
        self.0.push((0, false));
        match value {
            BuildValue::Scalar(_) => {}
            BuildValue::Mapping(pairs, _) => {
                pairs
                    .iter()
                    .for_each(|pair| is_in |= self.note(&pair.1, is_meant));
            }
            BuildValue::Sequence(items, _) => {
                items
                    .iter()
                    .for_each(|item| is_in |= self.note(item, is_meant));
            }
        }
        self.0[own] = (self.0.len(), is_in);
        is_in
    }

    /// Whether what is looked for is in the next mapping or list; `at` says which that is, and is moved on: into
    /// it, or past it.
    pub(in crate::tree) fn enter(&self, at: &mut usize) -> bool {
        let Some(&(behind, is_in)) = self.0.get(*at) else {
            return false;
        };
        *at = if is_in { *at + 1 } else { behind };
        is_in
    }
}

impl<'n, 's> BuildValue<'n, 's> {
    /// Calls `each` for every scalar in it to which the build does something.
    pub(in crate::tree) fn each_traced_mut(&mut self, each: &mut impl FnMut(&mut Scalar<'n, 's>)) {
        let is_traced = |value: &BuildValue<'_, '_>| matches!(value, BuildValue::Scalar(scalar) if scalar.trace.is_some());
        let reach = Reach::of(self, &|value| match value {
            BuildValue::Scalar(_) => false,
            BuildValue::Mapping(pairs, _) => pairs.iter().any(|pair| is_traced(&pair.1)),
            BuildValue::Sequence(items, _) => items.iter().any(is_traced),
        });
        self.each_reached(&reach, &mut 0, each);
    }

    fn each_reached(
        &mut self,
        reach: &Reach,
        at: &mut usize,
        each: &mut impl FnMut(&mut Scalar<'n, 's>),
    ) {
        match self {
            BuildValue::Scalar(scalar) if scalar.trace.is_some() => each(scalar),
            BuildValue::Scalar(_) => {}
            BuildValue::Mapping(..) | BuildValue::Sequence(..) if !reach.enter(at) => {}
            BuildValue::Mapping(pairs, _) => {
                pairs
                    .iter_mut()
                    .for_each(|pair| pair.1.each_reached(reach, at, each));
            }
            BuildValue::Sequence(items, _) => {
                items
                    .iter_mut()
                    .for_each(|item| item.each_reached(reach, at, each));
            }
        }
    }
}
