//! What several objects say of one release: a HelmChartConfig of a HelmChart, and the part of a
//! HelmRelease that an overlay has.

use std::collections::{BTreeSet, HashMap};

use crate::krm::resource::Resource;
use crate::values::{ChartName, Content, Layer, Release};

/// A release where it was found.
pub(super) struct LocatedRelease<'t> {
    pub(super) document: usize,
    pub(super) resource: Resource<'t, 't>,
    pub(super) release: Release<'t, 't>,
}

/// Joins what several objects say of one release.
pub(super) fn joined(found: &mut Vec<LocatedRelease<'_>>) {
    let mut by_name: HashMap<(&str, &str), Vec<usize>> = HashMap::new();
    for (position, one) in found.iter().enumerate() {
        let id = (one.resource.kind, one.resource.name);
        by_name.entry(id).or_default().push(position);
    }
    let mut gone = BTreeSet::new();
    for part in 0..found.len() {
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
        let mut bases = named.into_iter().flatten().copied().filter(is_base);
        let (Some(base), None) = (bases.next(), bases.next()) else {
            continue;
        };
        let mut above = found[part].release.layers.clone();
        above.iter_mut().for_each(|layer| layer.is_own = false);
        let is_config = base_kind == "HelmChart";
        let below = found[base].release.clone();
        let release = &mut found[if is_config { base } else { part }].release;
        release.chart = below.chart;
        // Values set one by one (`--set`) take precedence over all trees of values.
        let is_set = |layer: &Layer<'_, '_>| matches!(layer.content, Content::Set(_));
        let (set, trees): (Vec<_>, Vec<_>) = below.layers.into_iter().partition(is_set);
        release.layers = trees;
        release.layers.extend(above);
        release.layers.extend(set);
        if is_config {
            gone.insert(part);
        }
    }
    let mut position = 0;
    found.retain(|_| {
        position += 1;
        !gone.contains(&(position - 1))
    });
}
