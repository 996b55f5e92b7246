//! What objects beside a release say of its chart: the repositories of Flux.

use std::collections::BTreeSet;

use crate::config::Config;
use crate::judge::values::agreed;
use crate::krm::chart_source::ChartSource;
use crate::tree::folder_of;
use crate::values::{Release, SourceName};
use crate::yaml::Error;

use super::set::ReleaseSet;

impl<'t> ReleaseSet<'t> {
    /// The chart's repository, and the name of a chart that an OCIRepository is; `path` is the file of the
    /// release.
    pub(super) fn name_chart(
        &self,
        config: &Config,
        path: &str,
        release: &mut Release<'t, 't>,
    ) -> Result<(), Error> {
        let find = |wanted: SourceName<'t>| {
            let mut found = Vec::new();
            for &position in self.named(wanted.kind, wanted.name) {
                let (document, resource) = &self.resources[position];
                if let Some(source) = ChartSource::of(resource)? {
                    found.push((self.path_of(*document), source));
                }
            }
            wanted.keep_near(&mut found, |(_, source)| source.namespace);
            keep_near(path, &mut found);
            Ok(found.into_iter().map(|(_, source)| source).collect())
        };
        release.chart = agreed(config, release.chart.resolved(&find)?);
        Ok(())
    }
}

/// Of objects of one name in several folders, keeps to those in the release's: clusters and environments have
/// a folder each, whose name is in the paths of all that is theirs.
fn keep_near<T>(path: &str, found: &mut Vec<(&str, T)>) {
    let folders = |path: &str| -> BTreeSet<String> {
        folder_of(path).split('/').map(str::to_owned).collect()
    };
    let all: Vec<BTreeSet<String>> = found.iter().map(|(path, _)| folders(path)).collect();
    let Some((first, rest)) = all.split_first() else {
        return;
    };
    let common = { rest.iter() }.fold(first.clone(), |common, folders| &common & folders);
    let own = folders(path);
    let is_its: Vec<bool> = all
        .iter()
        .map(|folders| {
            let mut special = folders.iter().filter(|folder| !common.contains(*folder));
            special.any(|folder| own.contains(folder))
        })
        .collect();
    if is_its.contains(&true) {
        let mut is_its = is_its.into_iter();
        found.retain(|_| is_its.next().unwrap_or_default());
    }
}
