//! What people keep in Git: building what `fix` wrote gives what restoring the build gives.
//!
//! Real kustomize builds generated trees before and after. `SOURCES_TREES=2000 SOURCES_SEED=1` takes
//! more of them, from another seed on, and prints what came of them; a single tree and all that was
//! said of it are printed by `SOURCES_TREES=1`.

mod applied;
mod asides;
mod beside;
mod build;
mod cases;
mod chance;
mod changeable;
mod counted;
mod decides;
mod directives;
mod environments;
mod extras;
mod fields;
mod fitting;
mod fixes;
mod guarded;
mod held;
mod installed;
mod labelled;
mod law;
mod links;
mod listed;
mod made;
mod merged;
mod merging;
mod objects;
mod operations;
mod parts;
mod patches;
mod places;
mod rebuilt;
mod refused;
mod releases;
mod silent;
mod spelled;
mod taken;
mod templated;
mod tested;
mod together;
mod tree;
mod unbuildable;
mod united;
mod unknown;
mod versionless;
mod versions;

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;
use std::thread;

use crate::support::tool;
use law::{Breach, Outcome, Tally};

/// How many trees CI judges.
const TREES: u64 = 40;

fn number(variable: &str) -> Option<u64> {
    std::env::var(variable).ok()?.parse().ok()
}

/// The outcomes of trees, two at a time, in the order of their seeds.
fn judged(kustomize: &Path, seeds: std::ops::Range<u64>) -> Vec<(u64, Outcome)> {
    let half = |first: u64| {
        let seeds = seeds.clone().filter(move |seed| seed % 2 == first);
        let judge = |seed| (seed, law::judge(kustomize, &chance::tree(seed)));
        seeds.map(judge).collect::<Vec<_>>()
    };
    let mut all = thread::scope(|scope| {
        let odd = scope.spawn(|| half(1));
        let mut even = half(0);
        even.extend(odd.join().expect("judged"));
        even
    });
    all.sort_by_key(|(seed, _)| *seed);
    all
}

#[test]
fn building_what_fix_wrote_gives_the_restored_build() {
    let Some(kustomize) = tool("kustomize") else {
        return;
    };
    let trees = number("SOURCES_TREES");
    let first = number("SOURCES_SEED").unwrap_or(0);
    let outcomes = judged(&kustomize, first..first + trees.unwrap_or(TREES));
    let mut tally = Tally::default();
    let mut breaches: BTreeMap<Breach, Vec<u64>> = BTreeMap::new();
    for (seed, outcome) in &outcomes {
        tally.add(&outcome.tally);
        for breach in &outcome.breaches {
            breaches.entry(*breach).or_default().push(*seed);
        }
    }
    let mut told = tally.shown() + "\n";
    for (breach, seeds) in &breaches {
        let shown = &seeds[..seeds.len().min(12)];
        told += &format!("{breach:?}: {} trees, seeds {shown:?}\n", seeds.len());
    }
    if let (Some(1), [(seed, outcome)]) = (trees, &outcomes[..]) {
        let tree = chance::tree(*seed).shown();
        told += &format!("\nseed {seed}\n{tree}\n~~~\n{}\n", outcome.told);
    }
    // To the stream itself: the harness keeps what a passing test prints.
    let _ = write!(std::io::stderr(), "\n{told}");
    for (breach, seeds) in &breaches {
        let smallest = law::smallest(&kustomize, &chance::tree(seeds[0]), *breach);
        let outcome = law::judge(&kustomize, &smallest);
        told += &format!(
            "\n=== {breach:?}, seed {}, made small\n{}\n~~~\n{}\n",
            seeds[0],
            smallest.shown(),
            outcome.told
        );
    }
    assert_eq!(tally.silent, 0, "silent differences\n{told}");
    assert!(breaches.is_empty(), "the law is broken\n{told}");
    // Trees of chance want different things of one place more often than people do.
    assert!(
        tally.settled * 3 > tally.settled + tally.left,
        "little is settled\n{told}"
    );
}
