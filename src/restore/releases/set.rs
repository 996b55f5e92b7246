//! Releases across files: resolves the layers of each, judges them together, and returns edits and
//! findings by file.

mod judged;

use std::collections::{BTreeSet, HashMap, HashSet};
use std::ops::Range;

use crate::krm::KUSTOMIZE_GROUP;
use crate::krm::resource::Resource;
use crate::values::{Elsewhere, Release, text_at};
use crate::yaml::Error;

use super::file::{ReleaseFile, texts_in};
use super::layers::{GeneratedOf, InText, generated};
use super::paths::Paths;

/// The files that were read, the resources in them, and the documents in texts of these.
pub(super) struct ReleaseSet<'t> {
    pub(super) paths: &'t Paths<'t>,
    pub(super) files: &'t [ReleaseFile<'t>],
    /// Index into `files` by the file's position among all inputs.
    by_position: HashMap<usize, usize>,
    /// What is in each file.
    pub(super) of_files: Vec<ReleasesOfFile>,
    pub(super) resources: Vec<(usize, Resource<'t, 't>)>,
    /// Resources by kind and name.
    by_name: HashMap<(&'t str, &'t str), Vec<usize>>,
    /// What ConfigMaps that kustomizations generate are made of, by name and key.
    pub(super) generated: HashMap<(String, &'t str), Vec<Origin>>,
    /// The keys of ConfigMaps that releases want.
    wanted: HashSet<&'t str>,
    /// Texts that are documents, with the document that holds each.
    pub(super) texts: Vec<(usize, InText<'t, 't>)>,
}

/// A release where it was found.
pub(super) struct LocatedRelease<'t> {
    pub(super) document: usize,
    pub(super) resource: Resource<'t, 't>,
    pub(super) release: Release<'t, 't>,
}

/// What a key of a generated ConfigMap is made of.
#[derive(Debug, Clone, Copy)]
pub(super) enum GeneratedKey {
    /// A file, by its position.
    File(usize),
    /// A text, by its position among those of the set.
    Text(usize),
}

/// What makes a key of a generated ConfigMap.
#[derive(Debug, Clone, Copy)]
pub(super) struct Origin {
    /// The position of the kustomization's file.
    pub(super) by: usize,
    /// What it is made of; `None` for what is not at hand.
    pub(super) of: Option<GeneratedKey>,
}

/// What is in one file.
pub(super) struct ReleasesOfFile {
    /// The position of its first document.
    pub(super) first: usize,
    /// Positions among the resources and the texts.
    resources: Range<usize>,
    pub(super) texts: Range<usize>,
}

impl<'t> ReleaseSet<'t> {
    pub(super) fn of(paths: &'t Paths<'t>, files: &'t [ReleaseFile<'t>]) -> Result<Self, Error> {
        let positions = files.iter().enumerate();
        let positions = positions.map(|(index, file)| (file.position, index));
        let mut set = ReleaseSet {
            paths,
            files,
            by_position: positions.collect(),
            of_files: Vec::new(),
            resources: Vec::new(),
            by_name: HashMap::new(),
            generated: HashMap::new(),
            wanted: HashSet::new(),
            texts: Vec::new(),
        };
        for release in files.iter().map(ReleaseFile::releases) {
            for (_, elsewhere) in release?.into_iter().flat_map(|release| release.elsewhere) {
                if let Elsewhere::ConfigMap { key, .. } = elsewhere {
                    set.wanted.insert(key);
                }
            }
        }
        let mut first = 0;
        for file in files {
            let (resources, held) = (set.resources.len(), set.texts.len());
            for (ordinal, resource) in file.resources()? {
                set.add(file, first + ordinal, resource)?;
            }
            set.of_files.push(ReleasesOfFile {
                first,
                resources: resources..set.resources.len(),
                texts: held..set.texts.len(),
            });
            first += file.roots.len();
        }
        Ok(set)
    }

    fn add(
        &mut self,
        file: &ReleaseFile<'_>,
        document: usize,
        resource: Resource<'t, 't>,
    ) -> Result<(), Error> {
        let held = self.texts.len();
        let texts = texts_in(&resource, &self.wanted)?.into_iter();
        self.texts.extend(texts.map(|text| (document, text)));
        if resource.group() == KUSTOMIZE_GROUP {
            for one in generated(resource.node)? {
                let of = match one.of {
                    GeneratedOf::File(of) => {
                        self.paths.beside(&file.path, of).map(GeneratedKey::File)
                    }
                    GeneratedOf::Literal(literal) => {
                        let mut own = self.texts[held..].iter();
                        let is_it = |(_, text): &(usize, InText<'_, '_>)| {
                            std::ptr::eq(text.slot.holder, literal.slot.holder)
                                && text.slot.at == literal.slot.at
                        };
                        own.position(is_it).map(|at| GeneratedKey::Text(held + at))
                    }
                };
                let says = |key| text_at(resource.node, &[key]);
                let (prefix, suffix) = (says("namePrefix")?, says("nameSuffix")?);
                let (prefix, suffix) = (prefix.unwrap_or_default(), suffix.unwrap_or_default());
                // A release names it as it comes out, or kustomize follows the name.
                let names = [one.name.to_owned(), format!("{prefix}{}{suffix}", one.name)];
                for name in BTreeSet::from(names) {
                    let known = self.generated.entry((name, one.key));
                    let by = file.position;
                    known.or_default().push(Origin { by, of });
                }
            }
        }
        let id = (resource.kind, resource.name);
        self.by_name
            .entry(id)
            .or_default()
            .push(self.resources.len());
        self.resources.push((document, resource));
        Ok(())
    }

    /// The positions of the resources of a kind and name.
    pub(super) fn named(&self, kind: &'t str, name: &'t str) -> &[usize] {
        self.by_name.get(&(kind, name)).map_or(&[], |found| found)
    }

    /// The first document of the file of a position.
    pub(super) fn document_of(&self, position: usize) -> Option<(usize, &'t ReleaseFile<'t>)> {
        let index = *self.by_position.get(&position)?;
        Some((self.of_files[index].first, &self.files[index]))
    }

    /// The position of the file that a document is in.
    pub(super) fn file_of(&self, document: usize) -> usize {
        let after = |of_file: &ReleasesOfFile| of_file.first <= document;
        let index = self.of_files.partition_point(after) - 1;
        self.files[index].position
    }
}
