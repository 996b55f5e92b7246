//! Where changes of version and name go first, where there is a choice.

/// One way to choose.
#[derive(Debug, Clone, Copy)]
pub(super) struct Strategy {
    pub(super) names_in_entries: bool,
    pub(super) versions_in_entries: bool,
    /// The last entry sets the name, even where one before it does: what that one sets may be what
    /// the last one looks for.
    pub(super) names_in_last: bool,
    /// Where no tag is wanted, the other one that is right is written: what is below an entry may not
    /// be anybody's to edit.
    pub(super) writes_other_tag: bool,
}

const STRATEGIES: [Strategy; 6] = [
    Strategy::of(true, false),
    Strategy::of(false, false),
    Strategy::of(true, true),
    Strategy::of(false, true),
    Strategy::of(true, false).with_names_in_last(),
    Strategy::of(true, true).with_names_in_last(),
];

const OTHER_TAG: [Strategy; 2] = [
    Strategy::of(true, true).with_other_tag(),
    Strategy::of(false, true).with_other_tag(),
];

/// How often what comes out is looked at again: each time, what a change has let through is changed,
/// too.
const ROUNDS: usize = 16;

impl Strategy {
    const fn of(names_in_entries: bool, versions_in_entries: bool) -> Self {
        Strategy {
            names_in_entries,
            versions_in_entries,
            names_in_last: false,
            writes_other_tag: false,
        }
    }

    const fn with_names_in_last(self) -> Self {
        Strategy {
            names_in_last: true,
            ..self
        }
    }

    const fn with_other_tag(self) -> Self {
        Strategy {
            writes_other_tag: true,
            ..self
        }
    }
}

/// The strategies for a group of flows, each with its number of rounds, in the order in which they are
/// tried: those that change less go first.
///
/// `has_bare` says that a wrong image meets no entry, and so has to change in its cell; the names in
/// entries then follow it.
pub(super) fn strategies(has_bare: bool) -> impl Iterator<Item = (Strategy, usize)> {
    let is_first =
        move |strategy: &Strategy| strategy.names_in_entries != has_bare && !strategy.names_in_last;
    let (first, last): (Vec<Strategy>, Vec<Strategy>) = STRATEGIES.into_iter().partition(is_first);
    let all: Vec<Strategy> = first.into_iter().chain(last).collect();
    let once = all.clone().into_iter().map(|strategy| (strategy, 1));
    let again = all.into_iter().chain(OTHER_TAG);
    once.chain(again.map(|strategy| (strategy, ROUNDS)))
}
