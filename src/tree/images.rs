//! Lists of images of a tree: their entries, and what comes of an image that goes through them.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use super::value::{Pass, Site};
pub(super) use crate::image::entry::{Fields, Parts};

/// An entry of a list of images.
#[derive(Debug, Clone)]
pub(super) struct Entry<'n, 's> {
    pub(super) fields: Fields,
    /// Where it is written.
    pub(super) site: Site<'n, 's>,
    pub(super) notation: Notation,
    /// Why it cannot be said what it makes of an image.
    pub(super) unclear: Option<Unclear>,
}

/// Why an entry is not clear.
#[derive(Debug, Clone)]
pub(super) enum Unclear {
    /// It holds what its tool replaces.
    Template,
    /// Versions of Flux treat the entry of the same name in a folder differently.
    Versions {
        /// The folder.
        folder: String,
    },
}

impl Unclear {
    /// What may change the images that the entry matches.
    pub(super) fn what(&self) -> Arc<str> {
        match self {
            Unclear::Template => "a template in an entry of images, which is not followed,".into(),
            Unclear::Versions { folder } => {
                format!("an entry of images in {folder}, which versions of Flux merge differently,")
                    .into()
            }
        }
    }
}

/// How an entry is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Notation {
    /// A mapping with a key for each part.
    Keys,
    /// One text, `NAME=NEWNAME:TAG`, as kustomize's `edit set image` takes it.
    Text,
}

/// The lists of a tree and their entries.
#[derive(Debug, Default)]
pub(super) struct Lists<'n, 's> {
    pub(super) entries: Vec<Entry<'n, 's>>,
    /// The entries of each list, as a range of positions.
    pub(super) lists: Vec<Vec<usize>>,
    /// The lists that are sorted by the names of their entries.
    pub(super) sorted: HashSet<usize>,
    /// Entries that objects of Flux and Argo CD merge, by document and offset.
    by_site: HashMap<(usize, usize), Vec<usize>>,
}

/// An entry that an image met.
#[derive(Debug, Clone)]
pub(super) struct Hit {
    /// Position of the entry.
    pub(super) entry: usize,
}

impl<'n, 's> Lists<'n, 's> {
    /// Adds an entry, which may be in the lists of several folders; gives its position.
    pub(super) fn add(&mut self, entry: Entry<'n, 's>) -> usize {
        let is_same = |known: &Entry<'_, '_>| known.fields == entry.fields;
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

    /// Runs an image through lists; gives what comes out, and what hit it.
    /// `fields` says what an entry says now.
    pub(super) fn run<'f>(
        &'f self,
        image: &str,
        passes: &[Pass],
        fields: &impl Fn(usize) -> &'f Fields,
    ) -> (String, Vec<Hit>) {
        let mut image = image.to_owned();
        let mut hits = Vec::new();
        for pass in passes {
            for &entry in self.order(pass.list, fields).iter() {
                let says = fields(entry);
                for _ in 0..=usize::from(pass.is_twice) {
                    if !says.matches(&image) {
                        break;
                    }
                    image = says.apply(&image);
                    hits.push(Hit { entry });
                }
            }
        }
        (image, hits)
    }

    /// The entries of a list in the order in which they run: Argo CD sorts them by name, and keeps the
    /// last of one name.
    fn order<'f>(&self, list: usize, fields: &impl Fn(usize) -> &'f Fields) -> Cow<'_, [usize]> {
        let entries = &self.lists[list];
        if !self.sorted.contains(&list) {
            return Cow::Borrowed(entries);
        }
        let named = entries.iter().map(|&entry| (&*fields(entry).name, entry));
        let named: BTreeMap<&str, usize> = named.collect();
        Cow::Owned(named.into_values().collect())
    }

    /// As [`Lists::run`], by what the entries say in the files.
    pub(super) fn run_as_written(&self, image: &str, passes: &[Pass]) -> (String, Vec<Hit>) {
        self.run(image, passes, &|entry| &self.entries[entry].fields)
    }
}
