//! Which charts releases install where a build decides it: objects of Flux that a build changes, or of which
//! the tree has several by one name.

use std::collections::HashSet;
use std::convert::Infallible;

use crate::krm::chart_source::ChartSource;
use crate::krm::resource::group;
use crate::yaml::Node;

use super::kustomization::{field, text};
use super::value::BuildValue;

/// Where a HelmRelease says which chart it installs, below its `spec`.
const CHART: [&[&str]; 8] = [
    &["chart", "spec", "chart"],
    &["chart", "spec", "version"],
    &["chart", "spec", "sourceRef", "kind"],
    &["chart", "spec", "sourceRef", "name"],
    &["chart", "spec", "sourceRef", "namespace"],
    &["chartRef", "kind"],
    &["chartRef", "name"],
    &["chartRef", "namespace"],
];

/// The sources of charts in a build of which no file alone tells what they say, by kind and name.
#[derive(Debug, Default)]
pub(super) struct ChangedSources(HashSet<(String, String)>);

impl ChangedSources {
    /// Those among the values of a build; `rivals` are the sources of which the tree has several that differ.
    pub(super) fn of<'v, 'n: 'v, 's: 'n>(
        rivals: &HashSet<(&str, &str)>,
        values: impl Iterator<Item = &'v BuildValue<'n, 's>>,
    ) -> Self {
        let mut changed = HashSet::new();
        let mut all: Vec<(ChartSource<&str>, bool)> = Vec::new();
        for value in values {
            let Some(says) = built(value) else { continue };
            let written = value.site().and_then(|site| written(site.node));
            let is_as_written = written.is_some_and(|written| written.says_as(&says));
            let is_alone = !rivals.contains(&(says.kind, says.name));
            all.push((says, !(is_as_written && is_alone)));
        }
        // A HelmChart is another one where its repository is.
        for names_others in [false, true] {
            for (one, is_changed) in &all {
                let id = |(kind, name): (&str, &str)| (kind.to_owned(), name.to_owned());
                let is_behind = one.source.is_some_and(|of| changed.contains(&id(of)));
                if *is_changed || names_others && is_behind {
                    changed.insert(id((one.kind, one.name)));
                }
            }
        }
        ChangedSources(changed)
    }

    /// Whether a release names one of them for its chart.
    pub(super) fn are_named_by(&self, release: &BuildValue<'_, '_>) -> bool {
        let refers = |keys: &[&str]| {
            let of = |key| {
                release
                    .text_at(&[&["spec"], keys, &[key]].concat())
                    .to_owned()
            };
            self.0.contains(&(of("kind"), of("name")))
        };
        !self.0.is_empty() && (refers(&["chart", "spec", "sourceRef"]) || refers(&["chartRef"]))
    }
}

/// Whether a HelmRelease installs another chart, or another version of it, than its file says.
pub(super) fn names_other_chart(release: &BuildValue<'_, '_>) -> bool {
    let Some(site) = release.site() else {
        return false;
    };
    if release.text_at(&["kind"]) != "HelmRelease" {
        return false;
    }
    CHART.iter().any(|keys| {
        let keys = [&["spec"], *keys].concat();
        release.text_at(&keys) != below(site.node, &keys).unwrap_or_default()
    })
}

/// What a document says of a chart, if it is a source of charts.
pub(super) fn written<'n>(root: &'n Node<'_>) -> Option<ChartSource<&'n str>> {
    source(|keys| below(root, keys).unwrap_or_default())
}

/// What a resource of a build says of a chart, if it is a source of charts.
pub(super) fn built<'v>(value: &'v BuildValue<'_, '_>) -> Option<ChartSource<&'v str>> {
    source(|keys| value.text_at(keys))
}

/// Reads a source of charts, where `text` gives an empty text for what is not there.
fn source<'t>(text: impl Fn(&[&str]) -> &'t str) -> Option<ChartSource<&'t str>> {
    let id = (
        group(text(&["apiVersion"])),
        text(&["kind"]),
        text(&["metadata", "name"]),
        text(&["metadata", "namespace"]),
    );
    let of_spec = |keys: &[&str]| {
        let text = text(&[&["spec"], keys].concat());
        Ok::<_, Infallible>(Some(text).filter(|text| !text.is_empty()))
    };
    ChartSource::read(id, of_spec).unwrap_or_else(|never| match never {})
}

fn below<'n>(root: &'n Node<'_>, keys: &[&str]) -> Option<&'n str> {
    let (last, above) = keys.split_last()?;
    let holder = above.iter().try_fold(root, |node, key| field(node, key))?;
    text(holder, last)
}
