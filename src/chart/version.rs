//! What a profile knows of one version of a chart.

use super::range::{self, is_open};
use super::{Chart, ChartImage};

/// A version of a chart, as a release names it.
#[derive(Debug, Clone, Copy)]
pub struct ChartVersion<'c, 'v> {
    chart: &'c Chart,
    /// The version by which images are looked up; `None` is the newest.
    version: Option<&'v str>,
    /// Whether what is named leaves open which version that is.
    is_open: bool,
    /// What to do with its images where it is older than what the profile knows, in words.
    pub before_known: Option<&'c str>,
}

impl Chart {
    /// The version of the chart that a release names. One that is older than what the profile knows is taken
    /// for the oldest that it knows, although of such a version no key is certain but for those that are
    /// written.
    pub fn in_version<'c: 'v, 'v>(&'c self, named: Option<&'v str>) -> ChartVersion<'c, 'v> {
        let is_known = range::has(named, self.since.as_deref(), None);
        let before_known = self.before.as_deref().filter(|_| !is_known);
        ChartVersion {
            chart: self,
            version: match before_known {
                Some(_) => self.since.as_deref(),
                None => named,
            },
            is_open: named.is_some_and(is_open),
            before_known,
        }
    }
}

impl ChartVersion<'_, '_> {
    /// Whether nobody knows if the version has the image.
    pub fn leaves_open(&self, image: &ChartImage) -> bool {
        let is_of_versions =
            self.chart.since.is_some() || image.since.is_some() || image.until.is_some();
        self.is_open && is_of_versions
    }

    /// Whether the version has the image.
    pub fn has(&self, image: &ChartImage) -> bool {
        image.is_in(self.version)
    }
}

impl ChartImage {
    /// Whether a version of the chart has the image; an unknown one may be any, and is taken for
    /// newer than every version that the profile knows of.
    pub fn is_in(&self, chart_version: Option<&str>) -> bool {
        range::has(chart_version, self.since.as_deref(), self.until.as_deref())
    }
}
