//! Lists of images of a tree: their entries, and what comes of an image that goes through them.

mod by_name;
mod united;

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{Arc, OnceLock};

use by_name::ByName;
use united::UnitedEntries;

use super::value::{ListPass, Site};
pub(super) use crate::image::entry::{Fields, KustomizeParts};
use crate::sort::gather;

/// An entry of a list of images.
#[derive(Debug, Clone)]
pub(super) struct ListEntry<'n, 's> {
    pub(super) fields: Fields,
    /// Where it is written.
    pub(super) site: Site<'n, 's>,
    pub(super) notation: EntryNotation,
    /// Why it cannot be said what it makes of an image.
    pub(super) unclear: Option<Unclear>,
}

/// Why an entry is not clear.
#[derive(Debug, Clone)]
pub(super) enum Unclear {
    /// It holds what its tool replaces.
    Template,
    /// Versions of Flux treat the entry of the same name in a kustomization differently.
    Versions {
        /// The position of its document.
        document: usize,
    },
}

impl Unclear {
    /// What may change the images that the entry matches.
    pub(super) fn what(&self) -> Arc<str> {
        match self {
            Unclear::Template => "a template in an entry of images, which is not followed,".into(),
            Unclear::Versions { .. } => {
                "an entry of images, which versions of Flux merge differently,".into()
            }
        }
    }
}

/// How an entry is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum EntryNotation {
    /// A mapping with a key for each part.
    Keys,
    /// One text, `NAME=NEWNAME:TAG`, as kustomize's `edit set image` takes it.
    Text,
}

/// The lists of a tree and their entries.
#[derive(Debug, Default)]
pub(super) struct TreeLists<'n, 's> {
    pub(super) entries: Vec<ListEntry<'n, 's>>,
    /// The entries of each list, as a range of positions.
    pub(super) lists: Vec<Vec<usize>>,
    /// The lists that are sorted by the names of their entries.
    pub(super) sorted: HashSet<usize>,
    /// The entries of which those of one name are merged.
    pub(super) united: UnitedEntries,
    /// Entries that objects of Flux and Argo CD merge, by document and offset.
    by_site: HashMap<(usize, usize), Vec<usize>>,
    /// Long lists by the names of their entries, each made when it is first needed: after the last one
    /// has been added.
    indices: OnceLock<Vec<OnceLock<Index>>>,
}

/// An entry that an image met.
#[derive(Debug, Clone)]
pub(super) struct Hit {
    /// Position of the entry.
    pub(super) entry: usize,
}

/// What entries say now.
#[derive(Clone, Copy)]
pub(super) struct CurrentEntries<'f> {
    fields: &'f dyn Fn(usize) -> &'f Fields,
    /// Those that have another name than what is written.
    renamed: &'f [&'f Renamed],
}

impl<'f> CurrentEntries<'f> {
    pub(super) fn new(fields: &'f dyn Fn(usize) -> &'f Fields, renamed: &'f [&'f Renamed]) -> Self {
        CurrentEntries { fields, renamed }
    }

    pub(super) fn fields(&self, entry: usize) -> &'f Fields {
        (self.fields)(entry)
    }
}

/// Entries by names that they have not got in the files.
pub(super) type Renamed = ByName;

/// A list by the names of its entries.
#[derive(Debug)]
struct Index {
    by_name: ByName,
    /// The positions of its entries in it.
    position: HashMap<usize, usize>,
}

/// Lists of so many entries are gone through from the first to the last.
const FEW: usize = 16;

impl<'n, 's> TreeLists<'n, 's> {
    /// Adds an entry, which may be in the lists of several folders; gives its position.
    pub(super) fn add(&mut self, entry: ListEntry<'n, 's>) -> usize {
        let is_same = |known: &ListEntry<'_, '_>| known.fields == entry.fields;
        let id = (entry.site.document, entry.site.node.span.start);
        let known = self.by_site.entry(id).or_default();
        let mut same = known.iter().copied();
        if let Some(position) = same.find(|position| is_same(&self.entries[*position])) {
            let unclear = &mut self.entries[position].unclear;
            *unclear = unclear.take().or(entry.unclear);
            return position;
        }
        known.push(self.entries.len());
        self.entries.push(entry);
        self.entries.len() - 1
    }

    /// How many entries of a list are tried on each image: those whose names are expressions, and all of
    /// a list that is sorted by what they are now.
    pub(super) fn tried(&self, list: usize) -> usize {
        let entries = &self.lists[list];
        if self.sorted.contains(&list) {
            return entries.len();
        }
        let fields = entries.iter().map(|&entry| &self.entries[entry].fields);
        fields.filter(|fields| !fields.is_plain_name()).count()
    }

    /// Runs an image through lists; returns the resulting image and the entries that matched. `said`
    /// is the current text of the entries, with the edits that are proposed.
    pub(super) fn run(
        &self,
        image: &str,
        passes: &[ListPass],
        said: CurrentEntries<'_>,
    ) -> (String, Vec<Hit>) {
        let (image, hits) = self.run_through(image, passes, said);
        (image.into_owned(), hits)
    }

    /// As [`TreeLists::run`], without a copy of an image that stays.
    fn run_through<'i>(
        &self,
        image: &'i str,
        passes: &[ListPass],
        said: CurrentEntries<'_>,
    ) -> (Cow<'i, str>, Vec<Hit>) {
        let mut image = Cow::Borrowed(image);
        let mut hits = Vec::new();
        for pass in passes {
            let order = self.order(pass.list, said);
            let mut at = 0;
            while let Some(next) = self.next(pass.list, &order, at, &image, said) {
                let entry = order[next];
                let says = said.fields(entry);
                for _ in 0..=usize::from(pass.is_twice) {
                    if !says.matches(&image) {
                        break;
                    }
                    image = says.apply(&image).into();
                    hits.push(Hit { entry });
                }
                at = next + 1;
            }
        }
        (image, hits)
    }

    /// The next position in the order of a list, from one on, whose entry matches an image.
    pub(super) fn next(
        &self,
        list: usize,
        order: &[usize],
        from: usize,
        image: &str,
        said: CurrentEntries<'_>,
    ) -> Option<usize> {
        let matches = |position: &usize| said.fields(order[*position]).matches(image);
        let Some(index) = self.index(list, order) else {
            return (from..order.len()).find(matches);
        };
        let of_name = |all: &[usize]| {
            let start = all.partition_point(|position| *position < from);
            all[start..].iter().copied().find(matches)
        };
        let written = index.by_name.candidates(image).into_iter();
        let written = written.filter_map(of_name).min();
        let renamed = said.renamed.iter().filter(|renamed| !renamed.is_empty());
        let renamed = renamed.flat_map(|renamed| renamed.candidates(image));
        let renamed = renamed
            .flatten()
            .filter_map(|entry| index.position.get(entry));
        let renamed = renamed.copied().filter(|position| *position >= from);
        written.into_iter().chain(renamed.filter(matches)).min()
    }

    /// A list by the names of its entries, where it is worth it: Argo CD's change their order.
    fn index(&self, list: usize, order: &[usize]) -> Option<&Index> {
        if order.len() <= FEW || self.sorted.contains(&list) {
            return None;
        }
        let indices = self.indices.get_or_init(|| {
            let lists = self.lists.iter();
            lists.map(|_| OnceLock::new()).collect()
        });
        let make = || Index {
            by_name: ByName::of(order.iter().map(|&entry| &self.entries[entry].fields)),
            position: order
                .iter()
                .enumerate()
                .map(|(position, &entry)| (entry, position))
                .collect(),
        };
        Some(indices.get(list)?.get_or_init(make))
    }

    /// The entries of a list in the order in which they run: Argo CD sorts them by name, and keeps the
    /// last of one name.
    pub(super) fn order(&self, list: usize, said: CurrentEntries<'_>) -> Cow<'_, [usize]> {
        let entries = &self.lists[list];
        if !self.sorted.contains(&list) {
            return Cow::Borrowed(entries);
        }
        let named = entries
            .iter()
            .map(|&entry| (&*said.fields(entry).name, entry));
        let named: BTreeMap<&str, usize> = gather(named);
        Cow::Owned(named.into_values().collect())
    }

    /// The entries that an image meets in newer versions of kustomize alone: up to 5.8.1 a digest is one of
    /// SHA-256.
    pub(super) fn met_newly(&self, image: &str, passes: &[ListPass]) -> Vec<usize> {
        let Some((name, digest)) = image.split_once('@') else {
            return Vec::new();
        };
        let hash = match digest.split_once(':') {
            Some(("sha256", _)) => return Vec::new(),
            Some((_, hash)) => hash,
            None => digest,
        };
        let hits = self.met(&format!("{name}@sha256:{hash}"), passes);
        let hits = hits.into_iter().map(|hit| hit.entry);
        hits.filter(|entry| !self.entries[*entry].fields.matches(image))
            .collect()
    }

    /// The entries that an image meets, by what they say in the files.
    pub(super) fn met(&self, image: &str, passes: &[ListPass]) -> Vec<Hit> {
        let fields = |entry: usize| &self.entries[entry].fields;
        self.run_through(image, passes, CurrentEntries::new(&fields, &[]))
            .1
    }

    /// Whether no entry meets an image, by what they say in the files.
    pub(super) fn leave(&self, image: &str, passes: &[ListPass]) -> bool {
        let fields = |entry: usize| &self.entries[entry].fields;
        let said = CurrentEntries::new(&fields, &[]);
        passes.iter().all(|pass| {
            let order = self.order(pass.list, said);
            self.next(pass.list, &order, 0, image, said).is_none()
        })
    }

    /// As [`TreeLists::run`], by what the entries say in the files.
    pub(super) fn run_as_written(&self, image: &str, passes: &[ListPass]) -> (String, Vec<Hit>) {
        let fields = |entry: usize| &self.entries[entry].fields;
        self.run(image, passes, CurrentEntries::new(&fields, &[]))
    }
}
