//! HelmReleases of Flux.

use crate::chart::ValuePath;
use crate::yaml::{Error, Node};

use super::{ChartName, Elsewhere, Maker, Release, text_at};

impl<'n, 's> Maker<'_, 'n, 's> {
    pub(super) fn flux(&self) -> Result<Release<'n, 's>, Error> {
        let mut release = Release::of(ChartName {
            name: self.text(&["chart", "spec", "chart"])?,
            version: self.text(&["chart", "spec", "version"])?,
            ..ChartName::default()
        });
        for keys in [&["chart", "spec", "sourceRef"][..], &["chartRef"]] {
            let of = |key| text_at(self.spec, &[keys, &[key]].concat());
            release.chart.source = release.chart.source.or(of("kind")?.zip(of("name")?));
        }
        self.flux_chart(&mut release)?;
        // Values at a path beat those that are written in the release, or give way to them, as chance
        // would have it.
        let mut at_paths = Vec::new();
        let from = self.spec.get("valuesFrom")?.and_then(Node::items);
        for item in from.unwrap_or_default() {
            let is_config_map = text_at(item, &["kind"])? == Some("ConfigMap");
            if let Some(path) = text_at(item, &["targetPath"])? {
                at_paths.push(self.unknown_at(ValuePath::parse_set(path)));
                continue;
            }
            if let Some(name) = text_at(item, &["name"])?.filter(|_| is_config_map) {
                let key = text_at(item, &["valuesKey"])?.unwrap_or("values.yaml");
                let at = release.layers.len();
                let may_miss = text_at(item, &["optional"])? == Some("true");
                let of_map = Elsewhere::ConfigMap {
                    name,
                    key,
                    may_miss,
                };
                release.elsewhere.push((at, of_map));
            }
            if !is_config_map && let Some(name) = text_at(item, &["name"])? {
                release.unread.push(format!("Secret {name}"));
            }
            release.layers.push(self.unknown());
        }
        release
            .layers
            .push(self.tree(self.spec, self.path.clone(), &["values"]));
        release.layers.extend(at_paths);
        Ok(release)
    }

    /// The chart of a HelmRelease where it is in a repository of files: a folder, with its values or
    /// others in the place of these.
    fn flux_chart(&self, release: &mut Release<'n, 's>) -> Result<(), Error> {
        let kind = release.chart.source.map(|(kind, _)| kind);
        let Some(folder) = release.chart.name else {
            return Ok(());
        };
        if !matches!(kind, Some("GitRepository" | "Bucket")) && !folder.starts_with("./") {
            return Ok(());
        }
        release.chart.name = folder.trim_end_matches('/').rsplit('/').next();
        let files = self.spec.at(&["chart", "spec", "valuesFiles"])?;
        let files = files.and_then(Node::items).unwrap_or_default();
        for file in files.iter().filter_map(Node::text) {
            let file = Elsewhere::FileIn {
                folder: "/",
                file,
                may_miss: false,
            };
            release.file(file, self.silent());
        }
        if files.is_empty() {
            release.file(Elsewhere::Chart(folder), self.silent());
        }
        Ok(())
    }
}
