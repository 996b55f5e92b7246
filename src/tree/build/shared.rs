//! Builds that several roots have in common: each is made once, by whichever of the threads that build roots
//! needs it first, and kept for as long as it is asked for.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard};

use crate::parallel;
use crate::tree::built::Built;
use crate::tree::kustomization::Item;
use crate::tree::paths::join;
use crate::tree::sources::Sources;

/// Builds the kustomizations of a tree, each once.
pub(in crate::tree) struct Builder<'b, 'n, 's> {
    pub(super) sources: &'b Sources<'n, 's>,
    /// By position, what others refer to.
    pub(super) shared: HashMap<usize, SharedBuild<'n, 's>>,
    pub(super) order: Order,
    /// Steps that are left to all builds.
    left: AtomicUsize,
    is_exhausted: AtomicBool,
}

/// In which order builds are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::tree) enum Order {
    /// Several at once, where that makes no difference: nothing refers to itself, and no build becomes too
    /// large in any order, or [`Builder::is_exhausted`] says so.
    AtOnce,
    /// In the order of the files: what two builds share is counted as work of the first.
    OneByOne,
}

/// A kustomization that others refer to.
pub(super) struct SharedBuild<'n, 's> {
    /// Is held by who builds it, so that nobody else does.
    making: Mutex<()>,
    kept: Mutex<Kept<'n, 's>>,
}

/// What there is of it.
pub(super) struct Kept<'n, 's> {
    pub(super) built: Option<Built<'n, 's>>,
    /// The steps that it took.
    cost: usize,
    /// How often it is still asked for, as far as that is known.
    awaited: usize,
}

/// The build of one root, with those that it refers to.
pub(super) struct RootBuild<'r, 'b, 'n, 's> {
    pub(super) builder: &'r Builder<'b, 'n, 's>,
    /// The kustomizations that are being built, to refuse circles.
    pub(super) stack: Vec<usize>,
    /// Steps that are left to it.
    left: usize,
}

/// What the build of one root may cost, in steps: one for each resource that a patch, a list or an
/// expression in a list goes over, [`COPY`] for each resource and each document that a base gives. A thousand
/// resources with half as many patches come to that; layers that each take the one below twice double with
/// each layer, and would never end.
const STEPS_OF_ROOT: usize = 500_000;

/// What all builds may cost.
const STEPS: usize = 20_000_000;

/// By how much both grow with each document of the tree.
const STEPS_OF_DOCUMENT: usize = 1000;

/// Steps that a copy of a resource is worth, by the time and memory that it takes.
pub(super) const COPY: usize = 32;

impl<'b, 'n, 's> Builder<'b, 'n, 's> {
    pub(in crate::tree) fn new(sources: &'b Sources<'n, 's>, order: Order) -> Self {
        let below = below(sources);
        let order = if has_circle(&below) {
            Order::OneByOne
        } else {
            order
        };
        let shared = awaited(sources, &below).into_iter();
        let shared = shared.map(|(position, awaited)| {
            let kept = Mutex::new(Kept {
                built: None,
                cost: 0,
                awaited,
            });
            let making = Mutex::default();
            (position, SharedBuild { making, kept })
        });
        Builder {
            sources,
            shared: shared.collect(),
            order,
            left: AtomicUsize::new(STEPS + STEPS_OF_DOCUMENT * sources.documents.len()),
            is_exhausted: AtomicBool::new(false),
        }
    }

    pub(in crate::tree) fn order(&self) -> Order {
        self.order
    }

    /// Whether builds that were made at once may have become too large: then what they gave does not count,
    /// since it is the order of the files that says which of them did.
    pub(in crate::tree) fn is_exhausted(&self) -> bool {
        self.order == Order::AtOnce && self.is_exhausted.load(Ordering::Relaxed)
    }

    /// What a kustomization gives by itself.
    pub(in crate::tree) fn build(&self, position: usize) -> Built<'n, 's> {
        let mut build = RootBuild {
            builder: self,
            stack: Vec::new(),
            left: STEPS_OF_ROOT + STEPS_OF_DOCUMENT / 4 * self.sources.documents.len(),
        };
        build.build(position)
    }

    /// Takes steps from what is left to all, and says whether there were as many.
    fn spend(&self, steps: usize) -> bool {
        let spent = |left: usize| Some(left.saturating_sub(steps));
        let left = self
            .left
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, spent);
        left.is_ok_and(|left| steps <= left)
    }
}

impl<'n, 's> SharedBuild<'n, 's> {
    pub(super) fn kept(&self) -> MutexGuard<'_, Kept<'n, 's>> {
        parallel::lock(&self.kept)
    }
}

impl<'n, 's> Kept<'n, 's> {
    /// Counts it as asked for; gives it if it is there, to keep it for as long as it is asked for.
    fn ask(&mut self) -> Option<Built<'n, 's>> {
        self.awaited = self.awaited.saturating_sub(1);
        match self.awaited {
            0 => self.built.take(),
            _ => self.built.clone(),
        }
    }
}

impl<'n, 's> RootBuild<'_, '_, 'n, 's> {
    /// Takes steps from what is left, and says whether there were as many.
    pub(super) fn spend(&mut self, steps: usize) -> bool {
        let is_enough = self.builder.spend(steps) & (steps <= self.left);
        self.left = self.left.saturating_sub(steps);
        if !is_enough {
            self.builder.is_exhausted.store(true, Ordering::Relaxed);
        }
        is_enough
    }

    /// What a kustomization gives.
    pub(super) fn build(&mut self, position: usize) -> Built<'n, 's> {
        let builder = self.builder;
        let Some(shared) = builder.shared.get(&position) else {
            return self.run(position, Built::default());
        };
        let at_once = builder.order == Order::AtOnce;
        let making = at_once.then(|| parallel::lock(&shared.making));
        let (known, cost) = {
            let mut kept = shared.kept();
            (kept.ask(), kept.cost)
        };
        if let Some(built) = known {
            // Who asks first is not known here, so that everybody pays.
            if at_once {
                self.pay(cost);
            }
            return built;
        }
        let left = self.left;
        let built = self.run(position, Built::default());
        let mut kept = shared.kept();
        kept.cost = left - self.left;
        if kept.awaited > 0 {
            kept.built = Some(built.clone());
        }
        drop(making);
        built
    }

    /// Takes steps that others have made.
    fn pay(&mut self, steps: usize) {
        if steps > self.left {
            self.builder.is_exhausted.store(true, Ordering::Relaxed);
        }
        self.left = self.left.saturating_sub(steps);
    }
}

/// What each kustomization refers to: those among its resources, and its components.
type Below = Vec<(Vec<usize>, Vec<usize>)>;

fn below(sources: &Sources<'_, '_>) -> Below {
    let all = sources.kustomizations.iter().map(|one| {
        let folders = |items: &[Item<'_, '_>]| {
            let folders = items
                .iter()
                .filter_map(|item| join(&one.folder, &item.path));
            let positions = folders.filter_map(|folder| sources.folders.get(&folder).copied());
            positions.collect()
        };
        (folders(&one.resources), folders(&one.components))
    });
    all.collect()
}

/// Whether a kustomization refers to itself, by itself or through others.
fn has_circle(below: &Below) -> bool {
    // What nothing refers to that is left is taken away until nothing is: of a circle something stays.
    let all = || {
        below
            .iter()
            .flat_map(|(some, more)| some.iter().chain(more))
    };
    let mut above = vec![0_usize; below.len()];
    all().for_each(|&position| above[position] += 1);
    let free = above.iter().enumerate().filter(|(_, above)| **above == 0);
    let mut waiting: Vec<usize> = free.map(|(position, _)| position).collect();
    let mut taken = 0;
    while let Some(position) = waiting.pop() {
        taken += 1;
        let (some, more) = &below[position];
        for &position in some.iter().chain(more) {
            above[position] -= 1;
            if above[position] == 0 {
                waiting.push(position);
            }
        }
    }
    taken < below.len()
}

/// How often each kustomization that others refer to is asked for: by each of them, and by itself. A
/// component runs as often as it is used, so that what it refers to is kept to the end.
fn awaited(sources: &Sources<'_, '_>, below: &Below) -> HashMap<usize, usize> {
    let mut awaited = HashMap::new();
    for (one, (below, _)) in sources.kustomizations.iter().zip(below) {
        for position in below {
            let times: &mut usize = awaited.entry(*position).or_insert(1);
            let more = if one.is_component { usize::MAX } else { 1 };
            *times = times.saturating_add(more);
        }
    }
    awaited
}
