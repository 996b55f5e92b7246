//! What differs from older reports: errors and warnings are told apart by their fingerprints, so that a
//! line that moved is no difference.

use std::collections::{BTreeMap, HashSet};

use super::{Changes, Joined, JoinedFinding, NamedReport, Since};
use crate::report::fingerprint::UNREADABLE;

/// Says of each report what differs from the older one of its name; of one report and one older one,
/// whatever their names are.
pub fn compare(joined: &mut Joined, older: &[NamedReport]) {
    // The files of one report and its older one have names of their own.
    let only = match (joined.reports.len(), older) {
        (1, [old]) => Some(old),
        _ => None,
    };
    let named = older.iter().filter(|_| only.is_none());
    let mut by_name: BTreeMap<&str, &NamedReport> =
        named.map(|entry| (&*entry.name, entry)).collect();
    let mut sum = Changes::default();
    for entry in &mut joined.reports {
        let old = only.or_else(|| by_name.remove(&*entry.name));
        entry.changes = old.map(|old| changes(entry, old));
        if entry.changes.is_none() {
            forget(entry);
        }
        let changes = entry.changes.unwrap_or_default();
        sum.new += changes.new;
        sum.gone += changes.gone;
        sum.left += changes.left;
    }
    joined.changes = Some(sum);
    joined.missing = by_name.into_keys().map(str::to_owned).collect();
}

/// Takes out what an earlier comparison said.
pub(super) fn forget(entry: &mut NamedReport) {
    entry.changes = None;
    entry.gone.clear();
    entry
        .findings
        .iter_mut()
        .for_each(|found| found.since = None);
}

fn changes(entry: &mut NamedReport, old: &NamedReport) -> Changes {
    forget(entry);
    let before: HashSet<&str> = wrong(old).map(|found| &*found.fingerprint).collect();
    let mut changes = Changes::default();
    for found in entry.findings.iter_mut().filter(|found| found.is_wrong()) {
        if before.contains(&*found.fingerprint) {
            changes.left += 1;
            found.since = Some(Since::Left);
        } else {
            changes.new += 1;
            found.since = Some(Since::New);
        }
    }
    let now: HashSet<&str> = wrong(entry).map(|found| &*found.fingerprint).collect();
    // Nobody knows what is still in a file that cannot be read any more.
    let unreadable = wrong(entry).filter(|found| found.rule == UNREADABLE);
    let unknown: HashSet<&str> = unreadable
        .filter_map(|found| found.path.as_deref())
        .collect();
    let gone = wrong(old).filter(|found| {
        let is_unknown = found
            .path
            .as_deref()
            .is_some_and(|path| unknown.contains(path));
        !is_unknown && !now.contains(&*found.fingerprint)
    });
    let gone = gone.map(|found| JoinedFinding {
        since: Some(Since::Gone),
        ..found.clone()
    });
    let gone: Vec<JoinedFinding> = gone.collect();
    changes.gone = gone.len();
    entry.gone = gone;
    changes
}

fn wrong(entry: &NamedReport) -> impl Iterator<Item = &JoinedFinding> {
    entry.findings.iter().filter(|found| found.is_wrong())
}
