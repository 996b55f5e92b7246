//! What objects beside a release say of its chart: the repositories of Flux.

use crate::krm::chart_source::ChartSource;
use crate::values::Release;
use crate::yaml::Error;

use super::set::ReleaseSet;

impl<'t> ReleaseSet<'t> {
    /// The chart's repository, and the name of a chart that an OCIRepository is.
    pub(super) fn name_chart(&self, release: &mut Release<'t, 't>) -> Result<(), Error> {
        let find = |kind: &'t str, name: &'t str| {
            let named = self.named(kind, name).iter();
            let resources = named.map(|&position| &self.resources[position].1);
            let sources = resources.map(ChartSource::of);
            let sources: Result<Vec<_>, Error> = sources.collect();
            Ok(sources?.into_iter().flatten().collect())
        };
        release.chart.resolve(&find)
    }
}
