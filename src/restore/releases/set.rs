//! Releases across files: resolves the layers of each, judges them together, and returns edits and
//! findings by file.

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::ops::Range;

use crate::config::Config;
use crate::judge::values::{self, Installed, ValuesDocument, own_chart};
use crate::judge::{Instances, JudgeContext};
use crate::krm::gathered::ItemConfig;
use crate::krm::resource::{Resource, group};
use crate::krm::{KUSTOMIZE_GROUP, OWN_GROUP};
use crate::values::{ChartName, Elsewhere, Release, TextAt, releases, text_at};
use crate::yaml::{Error, Node};

use super::file::{ReleaseFile, plain, texts_in};
use super::joined::{LocatedRelease, joined};
use super::layers::{GeneratedOf, InText, generated, whole};
use super::paths::Paths;
use super::{Among, Values};

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
    /// What ConfigMaps that kustomizations generate are made of, by name and key; `None` for what is not
    /// at hand.
    pub(super) generated: HashMap<(String, &'t str), Vec<Option<GeneratedKey>>>,
    /// The keys of ConfigMaps that releases want.
    wanted: HashSet<&'t str>,
    /// Texts that are documents, with the document that holds each.
    pub(super) texts: Vec<(usize, InText<'t, 't>)>,
}

/// What a key of a generated ConfigMap is made of.
#[derive(Debug, Clone, Copy)]
pub(super) enum GeneratedKey {
    /// A file, by its position.
    File(usize),
    /// A text, by its position among those of the set.
    Text(usize),
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
                    known.or_default().push(of);
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

    /// The path of the file that a document is in.
    pub(super) fn path_of(&self, document: usize) -> &'t str {
        let after = |of_file: &ReleasesOfFile| of_file.first <= document;
        let index = self.of_files.partition_point(after) - 1;
        &self.files[index].path
    }

    fn documents(
        &self,
        files: &Among<'_>,
        inner: &'t [Option<Node<'t>>],
    ) -> Vec<ValuesDocument<'t, 't>> {
        let mut documents: Vec<ValuesDocument<'t, 't>> = Vec::new();
        for file in self.files {
            let is_excluded = files.files[file.position].left_out.is_some();
            let place = Some(file.place).filter(|place| !place.is_empty());
            for (ordinal, root) in file.roots.iter().enumerate() {
                documents.push(ValuesDocument {
                    text: file.text,
                    root,
                    ordinal,
                    outer: None,
                    begins: 0,
                    input: file.position,
                    path: &file.path,
                    file: place,
                    is_excluded,
                    is_whole: true,
                });
            }
        }
        for ((document, held), root) in self.texts.iter().zip(inner) {
            let outer = &documents[*document];
            let (root, (input, path, file), is_excluded) = (
                root.as_ref().unwrap_or(outer.root),
                (outer.input, outer.path, outer.file),
                outer.is_excluded,
            );
            documents.push(ValuesDocument {
                text: held.text(),
                root,
                ordinal: 0,
                outer: Some((*document, held.slot.clone())),
                begins: held.within.start,
                input,
                path,
                file,
                is_excluded,
                is_whole: true,
            });
        }
        documents
    }

    /// Judges everything that is installed; `inner` are the roots of the texts.
    pub(super) fn judge(
        &'t self,
        files: &Among<'_>,
        config: &'t Config,
        gathered: &ItemConfig<'_>,
        inner: &'t [Option<Node<'t>>],
    ) -> Result<Values, Error> {
        let documents = self.documents(files, inner);
        let installed = self.installed(config, &documents, inner)?;
        let instances = Instances::default();
        let context = JudgeContext::new(config, files.today, gathered, &instances, files.wants);
        let mut settled = values::judge(&context, &installed, &documents, files.builds)?;
        let unread = values::unread(config, &installed, &settled.read)?;
        settled.unread.extend(unread);
        settled.unread.extend(self.unfollowed_targets(config)?);
        self.outcome((files, config), &installed, &documents, settled)
    }

    /// Everything that is installed, with its layers in their places.
    fn installed(
        &'t self,
        config: &'t Config,
        documents: &[ValuesDocument<'t, 't>],
        inner: &'t [Option<Node<'t>>],
    ) -> Result<Vec<Installed<'t, 't>>, Error> {
        let own = documents.len() - self.texts.len();
        let texts = self.texts.iter().zip(inner).enumerate();
        let texts: Vec<TextAt<'t, 't>> = texts
            .map(|(position, ((_, held), root))| TextAt {
                slot: held.slot.clone(),
                document: own + position,
                root: root.as_ref(),
            })
            .collect();
        let mut found = Vec::new();
        let mut installed = BTreeSet::new();
        for file in self.files {
            for (_, elsewhere) in file.releases()?.into_iter().flat_map(|one| one.elsewhere) {
                if elsewhere.is_chart() {
                    installed.extend(self.paths.elsewhere(file, &elsewhere));
                }
            }
        }
        let used = RefCell::new(BTreeSet::new());
        let files = |folder: &str, name: &str, namespace: &str| {
            self.source_files(&used, (folder, name, namespace))
        };
        let has_source_files = self.paths.source_files().next().is_some();
        for (of_file, file) in self.of_files.iter().zip(self.files) {
            for (document, resource) in &self.resources[of_file.resources.clone()] {
                // Those of files beside a source are its texts, too.
                let own = if has_source_files {
                    &texts[..]
                } else {
                    &texts[of_file.texts.clone()]
                };
                for release in releases(resource, *document, own, &files)? {
                    for mut release in self.resolved(file, resource, release, &texts)? {
                        self.name_chart(config, &file.path, &mut release)?;
                        found.push(LocatedRelease {
                            document: *document,
                            resource: resource.clone(),
                            release,
                        });
                    }
                }
            }
            let is_installed = installed.contains(&file.position);
            found.extend(self.beside_chart(file, of_file.first, is_installed)?);
            found.extend(self.named_by_configuration(config, file, of_file.first));
        }
        found.extend(self.beside_source_files(&used.borrow(), &texts)?);
        joined(&mut found);
        for one in &mut found {
            one.release.with_place(one.document, &one.resource);
        }
        let installed = found.into_iter().map(|one| {
            Ok(Installed {
                own: own_chart(config, &one.release)?,
                resource: one.resource,
                document: one.document,
                release: one.release,
            })
        });
        installed.collect()
    }

    fn named_by_configuration(
        &self,
        config: &'t Config,
        file: &'t ReleaseFile<'t>,
        document: usize,
    ) -> Option<LocatedRelease<'t>> {
        let named = config.values_file(&file.path)?;
        let root = file.roots.first()?;
        // A pattern may mean the configuration, too, which is no values.
        let api_version = text_at(root, &["apiVersion"]).ok().flatten();
        if api_version.is_some_and(|version| group(version) == OWN_GROUP) {
            return None;
        }
        let mut release = Release::of(ChartName {
            name: named.chart.as_deref(),
            repository: named.repository.as_deref(),
            version: named.version.as_deref(),
            ..ChartName::default()
        });
        release.layers.push(whole(document, Some(root), true));
        Some(LocatedRelease {
            document,
            resource: plain(root, "", ""),
            release,
        })
    }
}
