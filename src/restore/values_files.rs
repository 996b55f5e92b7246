//! Entries of `files.values` without effect: there is no such file, or the chart's name is misspelt.

use crate::config::{Config, UnmatchedAgents};
use crate::finding::{Finding, Rule};
use crate::glob;
use crate::quote::piece;
use crate::suggest::nearest;
use crate::tree::join;

use super::source::SourceFile;

/// What is told of the entries of `files.values`, where these are all the files there are.
pub(super) fn unmatched(config: &Config, files: &[SourceFile<'_>]) -> Vec<Finding> {
    if config.unmatched_agents == UnmatchedAgents::Ignore || config.values_files.is_empty() {
        return Vec::new();
    }
    let paths = files.iter().filter_map(|file| join("", file.place));
    let paths: Vec<String> = paths.collect();
    let mut found = Vec::new();
    for named in &config.values_files {
        let told = if !paths.iter().any(|path| named.is(path)) {
            let below = format!("{}/*", named.path.trim_end_matches('/'));
            let what = if paths.iter().any(|path| glob::is_file(&below, path)) {
                format!("is a folder: write `{}`", piece(&below))
            } else {
                "is no file here: correct or remove it".to_owned()
            };
            let path = piece(&named.path);
            Some((named.at, format!("`{path}` under files.values {what}")))
        } else {
            let chart = named.chart.as_deref();
            let near = chart.and_then(|chart| Some((chart, misspelt(config, chart)?)));
            near.map(|(chart, near)| {
                let chart = piece(chart);
                let told = format!(
                    "no agent's profile knows the chart `{chart}` of files.values, so that its images are \
                     found by their shape alone: did you mean `{near}`?"
                );
                (named.chart_at, told)
            })
        };
        found.extend(told.map(|(at, message)| Finding {
            span: Some(at..at),
            ..Finding::new(
                Rule::UnmatchedValuesFile,
                config.mode,
                format!("{message} (or set unmatchedAgents to ignore)"),
            )
        }));
    }
    found
}

/// The chart that is nearly called like one that no profile knows.
fn misspelt<'c>(config: &'c Config, chart: &str) -> Option<&'c str> {
    let charts = config.agents.iter().flat_map(|agent| &agent.charts);
    let names = charts.map(|chart| chart.name.as_str());
    let names: Vec<&str> = names.filter(|name| !name.is_empty()).collect();
    if names.contains(&chart) {
        return None;
    }
    nearest(chart, names)
}
