//! What a build changes in a resource that installs charts.

use std::collections::{BTreeSet, HashSet};

use crate::tree::chart_sources::{ChangedSources, names_other_chart};
use crate::tree::sources::Sources;
use crate::tree::value::{BuildValue, DocumentSlot, PlaceId, TestedText};

/// What a build changes in a resource that installs charts.
pub(super) struct ReleaseChanges {
    /// The documents of the patches.
    pub(super) patches: BTreeSet<usize>,
    /// The images in its values that lists of images meet.
    pub(super) listed: HashSet<PlaceId>,
    /// The values of its document that JSON patches test.
    pub(super) tested: HashSet<PlaceId>,
    /// Whether the build decides which chart it installs, or in which version.
    pub(super) is_of_other_chart: bool,
    /// Whether the build takes out what the file says.
    takes_out: bool,
    /// Whether the build decides which files of values the release names.
    pub(super) names_other_files: bool,
}

impl ReleaseChanges {
    pub(super) fn of<'n, 's>(
        sources: &Sources<'n, 's>,
        value: &BuildValue<'n, 's>,
        tested: &[TestedText<'n, 's>],
        of_charts: &ChangedSources,
    ) -> Self {
        let own = value.site().map(|site| site.document);
        let mut listed = HashSet::new();
        value.each(&mut |scalar| {
            let Some(trace) = &scalar.trace else { return };
            let image = trace.origin.as_deref().unwrap_or(&scalar.text);
            let hits = sources.lists.met(image, &trace.lists);
            let place = scalar.place.as_ref().filter(|_| !hits.is_empty());
            listed.extend(place.map(DocumentSlot::id));
        });
        let tested = tested.iter().map(|tested| &tested.cell);
        let tested = tested.filter(|cell| Some(cell.document) == own);
        let patches = sources.patched_in(value);
        ReleaseChanges {
            names_other_files: names_files_of(value, &patches, false),
            patches,
            listed,
            tested: tested.map(DocumentSlot::id).collect(),
            is_of_other_chart: of_charts.are_named_by(value) || names_other_chart(value),
            takes_out: lacks_keys(value),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        let changes_values =
            !(self.patches.is_empty() && self.listed.is_empty() && self.tested.is_empty());
        !(changes_values || self.is_of_other_chart || self.takes_out)
    }

    /// Whether the build decides a value, and not the file that the resource is in.
    pub(super) fn decides(&self, place: &DocumentSlot<'_, '_>) -> bool {
        self.patches.contains(&place.document) || self.listed.contains(&place.id())
    }
}

/// Keys of what names files of values, or says where they are.
const OF_FILES: [&str; 6] = [
    "valueFiles",
    "valuesFrom",
    "valuesFiles",
    "valuesFile",
    "additionalValuesFiles",
    "fileParameters",
];

/// Whether patches say which files of values a release names; `is_below` says whether the value is under such a
/// key.
fn names_files_of(value: &BuildValue<'_, '_>, patches: &BTreeSet<usize>, is_below: bool) -> bool {
    let is_own = |value: &BuildValue<'_, '_>| {
        let place = value.place().filter(|_| is_below);
        place.is_some_and(|place| patches.contains(&place.document))
    };
    match value {
        BuildValue::Mapping(pairs, _) => {
            // Where a source has files, its path is a part of theirs.
            let is_source = pairs.iter().any(|(key, _)| *key == "helm");
            pairs.iter().any(|(key, value)| {
                let key: &str = key;
                let is_path = is_source && matches!(key, "path" | "repoURL" | "ref");
                let is_below = is_below || is_path || OF_FILES.contains(&key);
                names_files_of(value, patches, is_below)
            })
        }
        BuildValue::Sequence(items, _) => {
            { items.iter() }.any(|item| names_files_of(item, patches, is_below))
        }
        BuildValue::Scalar(_) => is_own(value),
    }
}

/// Whether a mapping in a value has lost a key of those that are written where it comes from.
fn lacks_keys(value: &BuildValue<'_, '_>) -> bool {
    match value {
        BuildValue::Mapping(pairs, site) => {
            let entries = site.iter().flat_map(|site| site.node.target().entries());
            let mut written = entries.flatten().filter(|entry| !entry.value.is_null());
            written.any(|entry| {
                let key = entry.key.scalar().filter(|_| !entry.is_merge());
                key.is_some_and(|key| !pairs.iter().any(|(known, _)| *known == key))
            }) || pairs.iter().any(|(_, value)| lacks_keys(value))
        }
        BuildValue::Sequence(items, _) => items.iter().any(lacks_keys),
        BuildValue::Scalar(_) => false,
    }
}
