//! The files `.argocd-source.yaml` and `.argocd-source-NAME.yaml` in the folder of an Argo CD source: they
//! override what the Application says of that source.

use std::cell::RefCell;
use std::collections::BTreeSet;

use crate::tree::{SOURCE_FILES, join};
use crate::values::{ChartName, Release, SourceSettings, TextAt, of_source_file, text_at};
use crate::yaml::{Error, Path};

use super::file::plain;
use super::layers::dependencies;
use super::set::LocatedRelease;
use super::set::ReleaseSet;

impl<'t> ReleaseSet<'t> {
    /// What the files beside a folder say of the source of an Application there, the weakest first; `used`
    /// notes the files.
    pub(super) fn source_files(
        &self,
        used: &RefCell<BTreeSet<usize>>,
        (folder, name, namespace): (&str, &str, &str),
    ) -> Vec<SourceSettings<'t, 't>> {
        // An Application out of Argo CD's own namespace is known by both.
        let names = [
            format!("{SOURCE_FILES}.yaml"),
            format!("{SOURCE_FILES}-{name}.yaml"),
            format!("{SOURCE_FILES}-{namespace}_{name}.yaml"),
        ];
        let files = names.iter().filter_map(|file| {
            let position = self.paths.find(&join(folder.trim_matches('/'), file)?)?;
            let (document, file) = self.document_of(position)?;
            used.borrow_mut().insert(position);
            Some(SourceSettings {
                document,
                source: file.roots.first()?,
                path: Path::default(),
                is_template: false,
            })
        });
        files.collect()
    }

    /// The charts beside such files whose Applications are not here, each with what its file says.
    pub(super) fn beside_source_files(
        &self,
        used: &BTreeSet<usize>,
        texts: &[TextAt<'t, 't>],
    ) -> Result<Vec<LocatedRelease<'t>>, Error> {
        let mut found = Vec::new();
        for (position, chart) in self.paths.source_files() {
            let chart = chart.and_then(|chart| self.document_of(chart));
            let (Some((_, chart)), false) = (chart, used.contains(&position)) else {
                continue;
            };
            let (Some(root), Some((document, file))) =
                (chart.roots.first(), self.document_of(position))
            else {
                continue;
            };
            let Some(settings) = file.roots.first() else {
                continue;
            };
            let mut release = Release::of(ChartName {
                name: text_at(root, &["name"])?,
                version: text_at(root, &["version"])?,
                ..ChartName::default()
            });
            release.dependencies = dependencies(root)?;
            release.layers = self.layers_of(chart)?;
            of_source_file(settings, document, texts, &mut release)?;
            found.push(LocatedRelease {
                document,
                resource: plain(settings, "", ""),
                release,
            });
        }
        Ok(found)
    }
}
