//! What objects beside a release say of its chart: the repositories of Flux.

use crate::config::Config;
use crate::judge::values::agreed;
use crate::krm::chart_source::ChartSource;
use crate::values::{Release, SourceName};
use crate::yaml::Error;

use super::environments::Candidate;
use super::set::ReleaseSet;

impl<'t> ReleaseSet<'t> {
    /// The chart's repository, and the name of a chart that an OCIRepository is; `file` is the position of the
    /// release's file.
    pub(super) fn name_chart(
        &self,
        config: &Config,
        file: usize,
        release: &mut Release<'t, 't>,
    ) -> Result<(), Error> {
        let find = |wanted: SourceName<'t>| {
            let mut found = Vec::new();
            for &position in self.named(wanted.kind, wanted.name) {
                let (document, resource) = &self.resources[position];
                if let Some(source) = ChartSource::of(resource)? {
                    found.push(Candidate::written(self.file_of(*document), source));
                }
            }
            wanted.keep_near(&mut found, |one| one.object.namespace);
            self.keep_applied_with(file, &mut found);
            Ok(found.into_iter().map(|one| one.object).collect())
        };
        release.chart = agreed(config, release.chart.resolved(&find)?);
        Ok(())
    }
}
