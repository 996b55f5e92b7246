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
            if let (None, Some(source)) = (release.chart.source, of("kind")?.zip(of("name")?)) {
                release.chart.source = Some(source);
                release.chart.namespace = of("namespace")?;
            }
        }
        self.flux_chart(&mut release)?;
        // Values at a path beat those that are written in the release, or give way to them, as chance
        // would have it.
        let mut at_paths = Vec::new();
        let from = self.spec.get("valuesFrom")?.and_then(Node::items);
        for item in from.unwrap_or_default() {
            let target = text_at(item, &["targetPath"])?;
            let layer = match target {
                Some(path) => self.unknown_at(ValuePath::parse_set(path)),
                None => self.unknown(),
            };
            let name = text_at(item, &["name"])?;
            let is_config_map = text_at(item, &["kind"])? == Some("ConfigMap");
            let of_map = match name.filter(|_| is_config_map) {
                Some(name) => Some(Elsewhere::ConfigMap {
                    name,
                    key: text_at(item, &["valuesKey"])?.unwrap_or("values.yaml"),
                    may_miss: text_at(item, &["optional"])? == Some("true"),
                }),
                None => {
                    release
                        .unread
                        .extend(name.map(|name| format!("Secret {name}")));
                    None
                }
            };
            match (target, of_map) {
                (Some(_), of_map) => at_paths.push((layer, of_map)),
                (None, Some(of_map)) => release.file(of_map, layer),
                (None, None) => release.layers.push(layer),
            }
        }
        release
            .layers
            .push(self.tree(self.spec, self.path.clone(), &["values"]));
        for (layer, of_map) in at_paths {
            match of_map {
                Some(of_map) => release.file(of_map, layer),
                None => release.layers.push(layer),
            }
        }
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
        release.chart.is_folder = true;
        let files = self.spec.at(&["chart", "spec", "valuesFiles"])?;
        let files = files.and_then(Node::items).unwrap_or_default();
        for file in files.iter().filter_map(Node::text) {
            let file = Elsewhere::BesideChart {
                chart: folder,
                file,
            };
            release.file(file, self.silent());
        }
        if files.is_empty() {
            release.file(Elsewhere::Chart(folder), self.silent());
        }
        Ok(())
    }
}
