//! Images whose defaults differed in older versions of their chart.

use std::cmp::Ordering;

use super::super::chart_entry::{ChartImageEntry, EarlierEntry, PartEntry};
use super::super::fault::ConfigFault;
use super::super::spanned::Spanned;
use super::{bound, chart_version, defaults_by, image};
use crate::chart::{ChartImage, Part, first_after};
use crate::image::version;
use crate::sort::sort_by;

/// An image as each version of the chart has it, where older ones have other defaults.
pub(super) fn in_eras(entry: &ChartImageEntry) -> Result<Vec<ChartImage>, ConfigFault> {
    let parts = [
        &entry.image,
        &entry.name,
        &entry.host,
        &entry.registry,
        &entry.repository,
    ];
    let mut ends = Vec::new();
    for part in parts.into_iter().flatten() {
        if let PartEntry::Full(full) = &part.value {
            for earlier in &full.earlier {
                ends.push(chart_version(&earlier.until)?);
            }
        }
    }
    sort_by(&mut ends, |one, other| ordered(one, other));
    ends.dedup();
    let mut eras = Vec::new();
    let mut since = bound(&entry.since)?;
    let first = since.clone();
    for end in ends {
        // An era of which the chart has no version does not begin the next one.
        if first
            .as_deref()
            .is_some_and(|first| ordered(end, first).is_lt())
        {
            continue;
        }
        eras.push(ChartImage {
            since: since.take(),
            until: Some(end.to_owned()),
            ..image(entry, Some(end))?
        });
        since = first_after(end);
    }
    eras.push(ChartImage {
        since,
        ..image(entry, None)?
    });
    Ok(eras)
}

/// A part with the default of versions that end with one.
pub(super) fn as_of(
    mut part: Part,
    entry: &Option<Spanned<PartEntry>>,
    until: Option<&str>,
) -> Result<Part, ConfigFault> {
    let (Some(PartEntry::Full(full)), Some(until)) = (entry.as_ref().map(|it| &it.value), until)
    else {
        return Ok(part);
    };
    let has_it = |earlier: &&EarlierEntry| ordered(&earlier.until.value, until).is_ge();
    if let Some(earlier) = full.earlier.iter().find(has_it) {
        part.is_unsure = earlier.default.is_none();
        part.default = earlier.default.clone().or(part.default);
        part.default_by = defaults_by(&earlier.default_by)?;
    }
    Ok(part)
}

/// Which of two versions is newer.
fn ordered(one: &str, other: &str) -> Ordering {
    match (version::parse(one), version::parse(other)) {
        (Some(one), Some(other)) => version::compare(&one, &other),
        _ => Ordering::Equal,
    }
}
