//! Which of several objects of one name belong to a release: those that are applied together with it.
//!
//! An environment is a set of objects that are applied together. What one kustomization builds is one; of what
//! none builds, the nearest folder is taken for it.

use std::collections::BTreeSet;

use crate::tree::folder_of;

use super::set::ReleaseSet;

/// An object that a release may refer to by its name.
#[derive(Debug, Clone, Copy)]
pub(super) struct Candidate<T> {
    /// The position of its file, or of the kustomization that generates it.
    pub(super) file: usize,
    /// Whether a kustomization generates it, and may merge it into one of a layer below.
    pub(super) is_generated: bool,
    pub(super) object: T,
}

impl<T> Candidate<T> {
    pub(super) fn written(file: usize, object: T) -> Self {
        Candidate {
            file,
            is_generated: false,
            object,
        }
    }
}

impl ReleaseSet<'_> {
    /// Keeps those of the candidates that are applied together with what is in a file.
    pub(super) fn keep_applied_with<T>(&self, file: usize, found: &mut Vec<Candidate<T>>) {
        let Some(first) = found.first().map(|first| first.file) else {
            return;
        };
        if found.iter().all(|one| one.file == first) {
            return;
        }
        let references = self.paths.references();
        let of_each: Vec<BTreeSet<usize>> = found
            .iter()
            .map(|one| references.roots_of(one.file))
            .collect();
        let brought_by = |root: usize| -> BTreeSet<usize> {
            let holds = |at: &usize| of_each[*at].contains(&root);
            (0..found.len()).filter(holds).collect()
        };
        let roots = references.roots_of(file).into_iter();
        let brought: Vec<BTreeSet<usize>> = roots
            .map(brought_by)
            .filter(|brought| !brought.is_empty())
            .collect();
        if brought.is_empty() {
            return self.keep_near(file, found);
        }
        // A root of several environments tells none of them apart: those below it do.
        let is_lowest = |set: &&BTreeSet<usize>| {
            let mut others = brought.iter();
            !others.any(|other| other.len() < set.len() && other.is_subset(set))
        };
        let mut own: BTreeSet<usize> = brought
            .iter()
            .filter(is_lowest)
            .flatten()
            .copied()
            .collect();
        let generated = brought.iter().flatten().copied();
        own.extend(generated.filter(|at| found[*at].is_generated));
        retain(found, |at| own.contains(&at));
    }

    /// Of candidates in several folders, keeps to those nearest to a file: those with which it has the most of its
    /// path in common, or, where folders of clusters or environments are beside each other, those in a folder whose
    /// name is in its path.
    fn keep_near<T>(&self, file: usize, found: &mut Vec<Candidate<T>>) {
        let folders = |file: usize| -> Vec<&str> {
            let path = self.document_of(file).map(|(_, file)| &*file.path);
            folder_of(path.unwrap_or_default()).split('/').collect()
        };
        let own = folders(file);
        let all: Vec<Vec<&str>> = found.iter().map(|one| folders(one.file)).collect();
        let in_common = |other: &Vec<&str>| {
            let pairs = own.iter().zip(other);
            pairs.take_while(|(one, other)| one == other).count()
        };
        let most = all.iter().map(in_common).max().unwrap_or_default();
        let mut is_its: Vec<bool> = all.iter().map(|one| in_common(one) == most).collect();
        if !is_its.contains(&false)
            && let Some(first) = all.first()
            && all.iter().all(|one| one.len() == first.len())
        {
            // Where they differ, each has the name of its cluster or environment.
            let differs = |at: &usize| all.iter().any(|one| one[*at] != first[*at]);
            let special: Vec<usize> = (0..first.len()).filter(differs).collect();
            let is_in = |one: &Vec<&str>| special.iter().all(|at| own.contains(&one[*at]));
            is_its = all.iter().map(is_in).collect();
        }
        if is_its.contains(&true) {
            retain(found, |at| is_its[at]);
        }
    }
}

/// Keeps the items at positions that count.
pub(super) fn retain<T>(items: &mut Vec<T>, counts: impl Fn(usize) -> bool) {
    let mut position = 0;
    items.retain(|_| {
        position += 1;
        counts(position - 1)
    });
}
