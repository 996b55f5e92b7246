//! Applications and ApplicationSets of Argo CD.

use crate::chart::ValuePath;
use crate::slot::Slot;
use crate::yaml::{Error, Node};

use super::super::layer::{Content, Layer};
use super::{ChartName, Elsewhere, Maker, Release, text_at};

impl<'n, 's> Maker<'_, 'n, 's> {
    pub(super) fn argo_cd(&self) -> Result<Option<Release<'n, 's>>, Error> {
        let mut release = Release::of(ChartName {
            name: self.text(&["chart"])?,
            repository: self.text(&["repoURL"])?,
            version: self.text(&["targetRevision"])?,
            source: None,
        });
        let helm = self.spec.get("helm")?;
        if release.chart.name.is_none() && helm.is_none() {
            return Ok(None);
        }
        let folder = self
            .text(&["path"])?
            .filter(|_| release.chart.name.is_none());
        if let Some(folder) = folder {
            release.file(Elsewhere::Chart(folder), self.unknown());
        }
        let helm_node = helm.filter(|helm| helm.entries().is_some());
        let files = match helm_node {
            Some(helm) => helm.get("valueFiles")?.and_then(Node::items),
            None => None,
        };
        let may_miss = match helm_node {
            Some(helm) => text_at(helm, &["ignoreMissingValueFiles"])? == Some("true"),
            None => false,
        };
        for file in files.unwrap_or_default() {
            let at = release.layers.len();
            if let Some(file) = file.text() {
                let in_repository = file.strip_prefix('$').and_then(|rest| rest.split_once('/'));
                let (folder, file) = match (in_repository, folder) {
                    (Some((_, file)), _) => ("/", file),
                    (None, Some(folder)) if !file.starts_with('/') => (folder, file),
                    (None, Some(_)) => ("/", file),
                    // They are in the chart.
                    (None, None) => {
                        release.layers.push(self.unknown());
                        continue;
                    }
                };
                let is_plain = !file.contains(['*', '{', '$']) && !file.contains("://");
                let elsewhere = Elsewhere::FileIn {
                    folder,
                    file,
                    may_miss: may_miss && is_plain,
                };
                release.elsewhere.push((at, elsewhere));
            }
            release.layers.push(self.unknown());
        }
        let Some(helm) = helm_node else {
            let layer = self.tree(self.spec, self.path.clone(), &["helm", "valuesObject"]);
            release.layers.push(layer);
            return Ok(Some(release));
        };
        let path = self.path.key("helm");
        let object = helm.get("valuesObject")?.filter(|node| !node.is_null());
        let text = self.inner(&Slot::key(helm, path.clone(), "values"));
        match (object, text) {
            (None, Some(text)) => release.layers.push(text),
            // `values` is not read beside `valuesObject`.
            _ => release
                .layers
                .push(self.tree(helm, path.clone(), &["valuesObject"])),
        }
        let parameters = helm
            .get("parameters")?
            .and_then(Node::items)
            .unwrap_or_default();
        let path = path.key("parameters");
        let mut set = Vec::new();
        for (index, parameter) in parameters.iter().enumerate() {
            if let Some(name) = text_at(parameter, &["name"])?.and_then(ValuePath::parse_set) {
                set.push((name, Slot::key(parameter, path.index(index), "value")));
            }
        }
        if !set.is_empty() {
            release.layers.push(Layer {
                document: self.document,
                content: Content::Set(set),
                is_own: false,
            });
        }
        let files = helm.get("fileParameters")?.and_then(Node::items);
        for parameter in files.unwrap_or_default() {
            let name = text_at(parameter, &["name"])?;
            let layer = self.unknown_at(name.and_then(ValuePath::parse_set));
            release.layers.push(layer);
        }
        Ok(Some(release))
    }
}
