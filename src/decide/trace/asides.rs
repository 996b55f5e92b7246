//! What `explain` adds to the steps of a verdict: which other agents the image may belong to, and which charts
//! have it.

use crate::agent::AgentImage;
use crate::config::Config;
use crate::decide::claim::{Subject, Surroundings};
use crate::decide::clues::Clues;
use crate::decide::steps::{Steps, TraceStep};
use crate::image::Repository;
use crate::sort::sort;

/// How many charts are told of one image.
const CHARTS: usize = 3;

/// The charts of profiles in whose values an image is named, or which run it by default.
pub(super) fn in_charts(config: &Config, official: &Repository) -> Vec<TraceStep> {
    let charts = config.agents.iter().flat_map(|agent| &agent.charts);
    let mut told: Vec<(&str, String)> = Vec::new();
    for chart in charts.filter(|chart| !chart.name.is_empty()) {
        let images = chart.images.iter().filter(|image| image.until.is_none());
        for image in images.filter(|image| image.default_repository().as_ref() == Some(official)) {
            let paths = [&image.whole, &image.registry, &image.repository];
            let paths = paths.into_iter().flatten().map(|part| &part.path);
            let paths: Vec<String> = paths
                .filter(|path| !path.is_empty())
                .map(ToString::to_string)
                .collect();
            if !paths.is_empty() {
                told.push((&chart.name, paths.join(", ")));
            }
        }
    }
    sort(&mut told);
    told.dedup();
    let rest = told.len().saturating_sub(CHARTS);
    told.truncate(CHARTS);
    let steps = told.into_iter().enumerate();
    let steps = steps.map(|(position, (chart, paths))| {
        let is_last = position + 1 == CHARTS && rest > 0;
        let more = if is_last {
            format!("; {rest} others have it, too")
        } else {
            String::new()
        };
        TraceStep::new("values", paths, format!("of the chart {chart}{more}"))
    });
    steps.collect()
}

/// That an agent may be known by where the image runs, of an image whose name is one of the agent's.
pub(super) fn by_names(config: &Config, repository: &Repository) -> Option<TraceStep> {
    let last = |path: &str| path.rsplit('/').next().map(str::to_owned);
    let is_alike = |image: &AgentImage| {
        !image.containers.is_empty()
            && last(image.official.repository.path()) == last(repository.path())
    };
    let mut agents = config.agents.iter();
    let agent = agents.find(|agent| agent.images.iter().any(is_alike))?;
    Some(TraceStep::new(
        "names",
        format!("may be {}'s", agent.name),
        "an agent is also recognised by its container and workload: name them with --container and --workload",
    ))
}

/// The built-in agents that are not in play and have an image of this repository, or of its path on a
/// mirror that no rule declares.
pub(super) fn others(config: &Config, repository: &Repository) -> Vec<String> {
    let in_play = |name: &str| config.agents.iter().any(|agent| *agent.name == *name);
    let all = Config::default();
    let everybody = (0..all.agents.len()).collect();
    let repository = Some(repository.clone());
    let clues = Clues::of(&all, Subject::default(), repository, &mut Steps::unasked());
    let found = clues.claims(&all, &Surroundings::in_pod_of(&everybody));
    let names = found
        .surest
        .iter()
        .map(|claim| claim.agent.name.to_string());
    names.filter(|name| !in_play(name)).collect()
}
