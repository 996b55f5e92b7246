//! What is in a value, found in one walk: most resources hold little of what a judge looks for.

use super::{BuildValue, Pair, Scalar, Trace};

/// The key of lists of pull secrets.
pub(in crate::tree) const SECRETS: &str = "imagePullSecrets";

/// What is in a value.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(in crate::tree) struct Inside {
    /// Whether the build does something to a text in it.
    pub(in crate::tree) is_traced: bool,
    /// Whether lists of images go over a text in it.
    pub(in crate::tree) is_listed: bool,
    /// Whether they do so in newer versions of kustomize alone.
    pub(in crate::tree) is_listed_later: bool,
    /// Whether a text in it has come from elsewhere.
    pub(in crate::tree) has_copies: bool,
    /// Whether something in it may list pull secrets.
    pub(in crate::tree) has_pods: bool,
}

impl Inside {
    /// What is in a value; calls `traced` for each text to which the build does something.
    pub(in crate::tree) fn of<'v, 'n, 's>(
        value: &'v BuildValue<'n, 's>,
        traced: &mut impl FnMut(&'v Scalar<'n, 's>, &'v Trace),
    ) -> Self {
        let mut inside = Inside::default();
        inside.note(value, traced);
        inside
    }

    fn note<'v, 'n, 's>(
        &mut self,
        value: &'v BuildValue<'n, 's>,
        traced: &mut impl FnMut(&'v Scalar<'n, 's>, &'v Trace),
    ) {
        match value {
            BuildValue::Scalar(scalar) => {
                if let Some(trace) = &scalar.trace {
                    self.is_traced = true;
                    self.is_listed |= !trace.lists.is_empty();
                    self.is_listed_later |= !trace.later.is_empty();
                    self.has_copies |= trace.is_copy;
                    traced(scalar, trace);
                }
            }
            BuildValue::Mapping(pairs, _) => {
                for pair in pairs {
                    self.has_pods |= is_of_pod(pair);
                    self.note(&pair.1, traced);
                }
            }
            BuildValue::Sequence(items, _) => {
                items.iter().for_each(|item| self.note(item, traced));
            }
        }
    }
}

/// Whether what holds a key has pull secrets, or could have: it lists some, or containers.
pub(in crate::tree) fn is_of_pod((key, value): &Pair<'_, '_>) -> bool {
    matches!(value, BuildValue::Sequence(..))
        && matches!(&**key, "containers" | "initContainers" | SECRETS)
}
