//! What objects beside a release say of its chart: the repositories of Flux.

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

/// Of objects of one name in several folders, keeps to those in the release's: those with which it has the most
/// of its path in common, or, where folders of clusters or environments are beside each other, those in a folder
/// whose name is in its path.
fn keep_near<T>(path: &str, found: &mut Vec<(&str, T)>) {
    let folders =
        |path: &str| -> Vec<String> { folder_of(path).split('/').map(str::to_owned).collect() };
    let own = folders(path);
    let all: Vec<Vec<String>> = found.iter().map(|(path, _)| folders(path)).collect();
    let in_common = |other: &Vec<String>| {
        let pairs = own.iter().zip(other);
        pairs.take_while(|(one, other)| one == other).count()
    };
    let most = all.iter().map(in_common).max().unwrap_or_default();
    let mut is_its: Vec<bool> = all.iter().map(|one| in_common(one) == most).collect();
    if !is_its.contains(&false)
        && let Some(first) = all.first()
        && all.iter().all(|one| one.len() == first.len())
    {
        // Where they differ, each has the name of its cluster or environment.
        let differs = |at: &usize| all.iter().any(|one| one[*at] != first[*at]);
        let special: Vec<usize> = (0..first.len()).filter(differs).collect();
        let is_in = |one: &Vec<String>| special.iter().all(|at| own.contains(&one[*at]));
        is_its = all.iter().map(is_in).collect();
    }
    if is_its.contains(&true) {
        let mut is_its = is_its.into_iter();
        found.retain(|_| is_its.next().unwrap_or_default());
    }
}
