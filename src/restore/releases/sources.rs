//! What objects beside a release say of its chart: the repositories of Flux.

use crate::values::{ChartName, Release, text_at};
use crate::yaml::Error;

use super::set::ReleaseSet;

impl<'t> ReleaseSet<'t> {
    /// The chart's repository, and the name of a chart that an OCIRepository is.
    pub(super) fn name_chart(&self, release: &mut Release<'t, 't>) -> Result<(), Error> {
        let Some((kind, name)) = release.chart.source else {
            return Ok(());
        };
        for &position in self.named(kind, name) {
            let (_, source) = &self.resources[position];
            if !source.group().ends_with("toolkit.fluxcd.io") {
                continue;
            }
            let Some(spec) = source.node.get("spec")? else {
                continue;
            };
            release.chart.repository = text_at(spec, &["url"])?;
            if kind == "HelmChart" {
                release.chart = ChartName {
                    name: text_at(spec, &["chart"])?,
                    version: text_at(spec, &["version"])?,
                    ..release.chart
                };
                let of = |key| text_at(spec, &["sourceRef", key]);
                let source = of("kind")?.zip(of("name")?);
                if let Some(source) = source.filter(|(kind, _)| *kind != "HelmChart") {
                    release.chart.source = Some(source);
                    return self.name_chart(release);
                }
                continue;
            }
            if kind == "OCIRepository" {
                let url = release.chart.repository.unwrap_or_default();
                release.chart.name = url.rsplit('/').next();
                release.chart.version = text_at(spec, &["ref", "tag"])?;
            }
        }
        Ok(())
    }
}
