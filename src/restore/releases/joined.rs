//! What several objects say of one release: a HelmChartConfig of a HelmChart, and the part of a
//! HelmRelease that an overlay has.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::values::{ChartName, Layer, LayerContent, Release};

use super::environments::{Candidate, retain};
use super::set::{LocatedRelease, ReleaseSet};

/// How many HelmChartConfigs of one name are judged, each with the HelmChart.
const MOST_CONFIGS: usize = 1024;

impl ReleaseSet<'_> {
    /// Joins what several objects say of one release.
    pub(super) fn joined(&self, found: &mut Vec<LocatedRelease<'_>>) {
        let mut by_name: HashMap<(&str, &str), Vec<usize>> = HashMap::new();
        for (position, one) in found.iter().enumerate() {
            let id = (one.resource.kind, one.resource.name);
            by_name.entry(id).or_default().push(position);
        }
        let mut gone = BTreeSet::new();
        let mut more = Vec::new();
        // A HelmChart has one HelmChartConfig in a cluster: of several, each is of another environment.
        let mut configured: BTreeMap<usize, Vec<Release<'_, '_>>> = BTreeMap::new();
        for part in 0..found.len() {
            let mut of_part = None;
            let LocatedRelease {
                resource, release, ..
            } = &found[part];
            let base_kind = match resource.kind {
                "HelmChartConfig" => "HelmChart",
                "HelmRelease" if release.chart == ChartName::default() => "HelmRelease",
                _ => continue,
            };
            let is_base = |&base: &usize| {
                let LocatedRelease {
                    resource: other,
                    release,
                    ..
                } = &found[base];
                let is_near = other.namespace == resource.namespace
                    || other.namespace.is_empty()
                    || resource.namespace.is_empty();
                base != part && is_near && release.chart != ChartName::default()
            };
            let named = by_name.get(&(base_kind, resource.name));
            let file = |at: usize| self.file_of(found[at].document);
            let bases = named.into_iter().flatten().copied().filter(is_base);
            let bases = bases.map(|base| Candidate::written(file(base), base));
            let mut bases: Vec<Candidate<usize>> = bases.collect();
            self.keep_applied_with(file(part), &mut bases);
            let bases: Vec<usize> = bases.into_iter().map(|base| base.object).collect();
            let Some(&first) = bases.first() else {
                continue;
            };
            // One object comes several times, where its values are others in each environment.
            let node = |base: &usize| std::ptr::from_ref(found[*base].resource.node);
            if bases.iter().any(|base| node(base) != node(&first)) {
                continue;
            }
            let mut above = found[part].release.layers.clone();
            above.iter_mut().for_each(|layer| layer.is_own = false);
            let is_config = base_kind == "HelmChart";
            for base in bases {
                let below = found[base].release.clone();
                // Values set one by one (`--set`) take precedence over all trees of values.
                let is_set = |layer: &Layer<'_, '_>| matches!(layer.content, LayerContent::Set(_));
                let (set, trees): (Vec<_>, Vec<_>) = below.layers.into_iter().partition(is_set);
                let mut release = if is_config {
                    found[base].release.clone()
                } else {
                    found[part].release.clone()
                };
                release.chart = below.chart;
                release.layers = trees;
                release.layers.extend(above.iter().cloned());
                release.layers.extend(set);
                if is_config {
                    configured.entry(base).or_default().push(release);
                } else if base == first {
                    of_part = Some(release);
                } else {
                    more.push(LocatedRelease {
                        document: found[part].document,
                        resource: found[part].resource.clone(),
                        release,
                    });
                }
            }
            if let Some(release) = of_part {
                found[part].release = release;
            }
            if is_config {
                gone.insert(part);
            }
        }
        for (base, mut releases) in configured {
            let are_too_many = releases.len() > MOST_CONFIGS;
            releases.truncate(MOST_CONFIGS);
            for release in &mut releases {
                release.has_more_variants |= are_too_many;
            }
            let mut releases = releases.into_iter();
            if let Some(first) = releases.next() {
                found[base].release = first;
            }
            let (document, resource) = (found[base].document, found[base].resource.clone());
            more.extend(releases.map(|release| LocatedRelease {
                document,
                resource: resource.clone(),
                release,
            }));
        }
        retain(found, |at| !gone.contains(&at));
        found.extend(more);
    }
}
