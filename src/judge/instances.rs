//! What runs in each release: agents with an image of their own, and in which versions; and the two rounds in
//! which everything is judged that depends on it.

use std::collections::{BTreeSet, HashMap};

use crate::decide::claim::AgentSet;

/// A namespace, and the release or chart that a resource in it belongs to.
pub(super) type Tie = (String, String);

/// The version of an agent's own image, where the agent's profile says what its vendor tested.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct AgentVersion {
    /// Position of the agent in the configuration.
    pub(super) agent: usize,
    /// Position of its release in the agent's table; `None` if it is of none.
    pub(super) release: Option<usize>,
    pub(super) tag: String,
    /// Whether a version of no release is reported where it runs.
    pub(super) is_told: bool,
}

/// An agent that runs an image of its own, as one resource says.
#[derive(Debug)]
pub struct InstanceNote {
    pub(super) tie: Tie,
    pub(super) agent: usize,
    pub(super) versions: Vec<AgentVersion>,
}

/// Agents that run an image of their own, by namespace and the release or chart that it belongs to.
#[derive(Debug, Default)]
pub struct Instances {
    by_tie: HashMap<Tie, Instance>,
    /// Whether the version of any agent is known: most have none that would say anything.
    has_versions: bool,
}

#[derive(Debug, Default)]
struct Instance {
    agents: AgentSet,
    versions: BTreeSet<AgentVersion>,
}

impl Instances {
    /// Adds what a resource says.
    pub fn add(&mut self, note: InstanceNote) {
        let instance = self.by_tie.entry(note.tie).or_default();
        self.has_versions |= !note.versions.is_empty();
        instance.agents.insert(note.agent);
        instance.versions.extend(note.versions);
    }

    /// The agents of an instance.
    pub(super) fn agents(&self, tie: &Tie) -> impl Iterator<Item = usize> {
        self.by_tie
            .get(tie)
            .into_iter()
            .flat_map(|one| &one.agents)
            .copied()
    }

    /// The versions of agents' own images in an instance.
    pub(super) fn versions(&self, tie: &Tie) -> impl Iterator<Item = &AgentVersion> {
        let known = self.has_versions.then(|| self.by_tie.get(tie)).flatten();
        known.into_iter().flat_map(|one| &one.versions)
    }
}

/// How much is known of instances while something is judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Round {
    /// Those that were met before: what others may say more of waits.
    First,
    /// All of them.
    Last,
}

/// Judges everything, and what depends on an instance that was not known then once more, when all are.
///
/// `judge` judges several in their order. In the first round, it keeps the instances that it meets, and gives
/// the positions of those that wait.
///
/// # Errors
/// As `judge`.
pub(crate) fn judge_in_rounds<T: Copy, E>(
    all: &[T],
    mut judge: impl FnMut(&[T], Round) -> Result<Vec<usize>, E>,
) -> Result<(), E> {
    let waiting = judge(all, Round::First)?.into_iter();
    let waiting: Vec<T> = waiting.map(|position| all[position]).collect();
    judge(&waiting, Round::Last)?;
    Ok(())
}
