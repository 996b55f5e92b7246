//! Charts in the tree: their own values, those of the charts that they bring, and of environments.

use std::collections::{BTreeMap, BTreeSet};

use crate::tree::{folder_of, join};
use crate::values::{ChartName, Layer, LayerContent, Release, SetValues, text_at};
use crate::yaml::Error;

use super::file::{ReleaseFile, plain};
use super::layers::{dependencies, whole};
use super::set::LocatedRelease;
use super::set::ReleaseSet;

impl<'t> ReleaseSet<'t> {
    /// The values of a chart in the tree are the lowest layer of what installs it, except those of its
    /// subcharts, which this returns.
    pub(super) fn in_chart(
        &self,
        position: usize,
        layer: usize,
        release: &mut Release<'t, 't>,
    ) -> Result<Vec<Layer<'t, 't>>, Error> {
        let Some((_, chart)) = self.document_of(position) else {
            return Ok(Vec::new());
        };
        release.chart_file = Some(position);
        if let Some(root) = chart.roots.first() {
            release.chart.is_folder = false;
            release.chart.name = text_at(root, &["name"])?;
            release.chart.version = text_at(root, &["version"])?;
            release.dependencies = dependencies(root)?;
        }
        release.layers[layer].content = LayerContent::Set(SetValues::default());
        if let Some((document, file)) = self.base_of(chart) {
            let base = whole(document, file.roots.first(), true);
            // What absent keys of the chart itself become, this gets from there.
            let is_made_there = base.has_values() && !file.is_left_out;
            if is_made_there {
                release.is_made_in_chart = true;
                release
                    .layers
                    .iter_mut()
                    .for_each(|layer| layer.is_own = false);
            }
            release.layers[layer] = Layer {
                is_own: is_made_there,
                ..base
            };
        }
        self.subcharts(chart, &[], &mut BTreeSet::new())
    }

    /// The values of a chart itself.
    fn base_of(&self, chart: &ReleaseFile<'_>) -> Option<(usize, &'t ReleaseFile<'t>)> {
        let mut values = self.paths.values_beside(&chart.path);
        values.find_map(|position| {
            let (document, file) = self.document_of(position)?;
            is_base(file).then_some((document, file))
        })
    }

    /// The values of the charts in the tree that a chart brings, the lowest first, each below its key.
    fn subcharts(
        &self,
        chart: &'t ReleaseFile<'t>,
        below: &[&'t str],
        known: &mut BTreeSet<usize>,
    ) -> Result<Vec<Layer<'t, 't>>, Error> {
        let (Some(root), true) = (chart.roots.first(), known.insert(chart.position)) else {
            return Ok(Vec::new());
        };
        let mut named = BTreeMap::new();
        let charts = join(folder_of(&chart.path), "charts").unwrap_or_default();
        for &position in self.paths.charts_in(&charts) {
            if let Some((_, sub)) = self.document_of(position)
                && let Some(root) = sub.roots.first()
                && let Some(name) = text_at(root, &["name"])?
            {
                named.insert(name, sub);
            }
        }
        let mut included = BTreeSet::new();
        let mut brought: Vec<(&'t str, &'t ReleaseFile<'t>)> = Vec::new();
        for dependency in dependencies(root)? {
            let name = dependency.chart.name.unwrap_or_default();
            let repository = dependency.chart.repository.unwrap_or_default();
            let beside = repository.strip_prefix("file://").and_then(|folder| {
                let chart_file = format!("{}/Chart.yaml", folder.trim_end_matches('/'));
                let position = self.paths.beside(&chart.path, &chart_file)?;
                Some(self.document_of(position)?.1)
            });
            // Several aliases may bring one chart.
            let sub = named.get(name).copied();
            included.insert(name);
            brought.extend(sub.or(beside).map(|sub| (dependency.key, sub)));
        }
        named.retain(|name, _| !included.contains(name));
        brought.extend(named);
        let mut layers = Vec::new();
        for (key, sub) in brought {
            let below = [below, &[key]].concat();
            layers.extend(self.subcharts(sub, &below, known)?);
            let Some((document, values)) = self.base_of(sub) else {
                continue;
            };
            let mut layer = whole(document, values.roots.first(), false);
            if let LayerContent::Tree(root) = &mut layer.content {
                root.below = below;
                layers.push(layer);
            }
        }
        known.remove(&chart.position);
        Ok(layers)
    }

    /// The values that a chart in the tree has, with those of the charts that it brings.
    pub(super) fn layers_of(
        &self,
        chart: &'t ReleaseFile<'t>,
    ) -> Result<Vec<Layer<'t, 't>>, Error> {
        let mut layers = self.subcharts(chart, &[], &mut BTreeSet::new())?;
        let base = self.base_of(chart);
        layers.extend(base.map(|(document, file)| whole(document, file.roots.first(), true)));
        Ok(layers)
    }

    /// The values beside a chart, by themselves and with those of each environment above them. A
    /// chart without values is reported where it is installed, if it is.
    pub(super) fn beside_chart(
        &self,
        chart: &'t ReleaseFile<'t>,
        document: usize,
        is_installed: bool,
    ) -> Result<Vec<LocatedRelease<'t>>, Error> {
        let (true, Some(root)) = (chart.is_chart(), chart.roots.first()) else {
            return Ok(Vec::new());
        };
        let mut base = Release::of(ChartName {
            name: text_at(root, &["name"])?,
            version: text_at(root, &["version"])?,
            ..ChartName::default()
        });
        base.dependencies = dependencies(root)?;
        base.layers = self.subcharts(chart, &[], &mut BTreeSet::new())?;
        let values = self.paths.values_beside(&chart.path);
        let values: Vec<(usize, &ReleaseFile<'_>)> = values
            .filter_map(|position| self.document_of(position))
            .collect();
        for (document, file) in values.iter().filter(|(_, file)| is_base(file)) {
            base.layers.push(whole(*document, file.roots.first(), true));
        }
        let has_base = values.iter().any(|(_, file)| is_base(file));
        let found_in = |document, release| LocatedRelease {
            document,
            resource: plain(root, "", ""),
            release,
        };
        let mut found = Vec::new();
        for (document, file) in values.iter().filter(|(_, file)| !is_base(file)) {
            let mut release = base.clone();
            let layer = whole(*document, file.roots.first(), !has_base);
            release.layers.push(layer);
            found.push(found_in(*document, release));
        }
        let has_values = base
            .layers
            .iter()
            .any(|layer| layer.is_own && layer.has_values());
        if has_values || !is_installed {
            found.push(found_in(document, base));
        }
        Ok(found)
    }
}

/// Whether a file of values is a chart's own.
fn is_base(file: &ReleaseFile<'_>) -> bool {
    file.name().starts_with("values.y")
}
