//! Judges everything that is installed.

use std::cell::RefCell;
use std::collections::BTreeSet;

use crate::config::Config;
use crate::judge::values::{self, Installed, ValuesDocument, own_chart};
use crate::judge::{Instances, JudgeContext};
use crate::krm::OWN_GROUP;
use crate::krm::item_config::ItemConfig;
use crate::krm::resource::group;
use crate::values::{ChartName, Release, TextAt, releases, text_at};
use crate::yaml::{Error, Node};

use super::super::file::{ReleaseFile, plain};
use super::super::layers::whole;
use super::super::{Among, Values};
use super::{LocatedRelease, ReleaseSet};

impl<'t> ReleaseSet<'t> {
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
                    path: file.shown,
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
    pub(in super::super) fn judge(
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
                        self.name_chart(config, file.position, &mut release)?;
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
        self.joined(&mut found);
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
        let named = config.values_file(file.place)?;
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
