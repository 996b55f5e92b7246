//! Whether a release is of a chart that a profile knows: by name and repository.

use crate::agent::builtin;
use crate::chart::Chart;
use crate::config::Config;
use crate::values::{ChartName, Lead};

use super::charts;

/// Whether a release is of a chart.
pub(super) fn is_of(chart: &Chart, name: &ChartName<'_>) -> bool {
    let own = name.name.filter(|own| !own.is_empty());
    // A repository of files is no copy of one of charts: what is in it is the vendor's where a profile says so.
    let is_others = |repository: &str| {
        name.is_folder || is_of_publisher(repository) || builtin::names_repository(repository)
    };
    let is_anybodys = name.is_folder && name.repository.is_none();
    let own = own.filter(|_| name.lead != Lead::Several && !is_anybodys);
    own.is_some_and(|own| !chart.name.is_empty() && chart.is(own, name.repository, is_others))
}

/// One of what several objects of one name say of a chart, as far as all of them mean the same chart; what they
/// say differently is not known.
pub fn agreed<'n>(config: &Config, all: Vec<ChartName<'n>>) -> ChartName<'n> {
    let Some(&first) = all.first() else {
        return ChartName::default();
    };
    let known = |name: &ChartName<'_>| -> Vec<*const Chart> {
        charts(config, name).map(std::ptr::from_ref).collect()
    };
    let (of_first, mut others) = (known(&first), all.iter().skip(1));
    let (mut is_same, mut is_same_version) = (true, true);
    for other in others.by_ref() {
        is_same &= other.name == first.name && known(other) == of_first;
        is_same_version &= other.version == first.version;
    }
    if !is_same {
        let name = first
            .name
            .filter(|_| all.iter().all(|one| one.name == first.name));
        return ChartName {
            name,
            repository: None,
            lead: Lead::Several,
            ..first
        };
    }
    ChartName {
        version: if is_same_version {
            first.version
        } else {
            Some(SEVERAL)
        },
        ..first
    }
}

/// The version of a chart of which several objects say different ones.
const SEVERAL: &str = "one of several";

/// Repositories of charts that others made of programs which are not theirs, under the programs' names.
/// What is in no such list may be a copy of the vendor's charts.
const PUBLISHERS: [&str; 7] = [
    "charts.bitnami.com",
    "raw.githubusercontent.com/bitnami",
    "registry-1.docker.io/bitnamicharts",
    "docker.io/bitnamicharts",
    "charts.helm.sh",
    "kubernetes-charts.storage.googleapis.com",
    "kubernetes-charts-incubator.storage.googleapis.com",
];

/// Whether a repository, which is written without its scheme, is one of theirs.
fn is_of_publisher(repository: &str) -> bool {
    PUBLISHERS.iter().any(|publisher| {
        let below = repository.strip_prefix(publisher);
        below.is_some_and(|below| below.is_empty() || below.starts_with('/'))
    })
}
