//! Why images of a release are not judged: nobody knows its chart, or not all of it.

use crate::config::{Config, ReadValues};
use crate::registry::Scope;
use crate::values::{Lead, Release};
use crate::yaml::{Error, Node};

use super::super::Installed;
use super::{charts_of, own_name, owning, runs_more};

impl<'n, 's> Installed<'n, 's> {
    /// The scalar that names the chart, or the object that says what chart it is.
    pub fn name_of_chart(&self) -> Result<&'n Node<'s>, Error> {
        let node = self.resource.node;
        // A HelmRelease has one of both.
        for keys in [
            &["spec", "chart", "spec", "chart"][..],
            &["spec", "chartRef", "name"],
        ] {
            if let Some(named) = node.at(keys)? {
                return Ok(named);
            }
        }
        let name = self.release.chart.name;
        let mut open = vec![node];
        while let Some(node) = open.pop() {
            for entry in node.entries().unwrap_or_default() {
                let key = entry.key.scalar().unwrap_or_default();
                // A folder is called by its last name.
                let chart = entry.value.scalar();
                let chart = chart.and_then(|chart| chart.trim_end_matches('/').rsplit('/').next());
                if key == "chart" && chart == name {
                    return Ok(&entry.value);
                }
                // Values may say anything.
                if !key.starts_with("values") {
                    open.push(&entry.value);
                }
            }
            open.extend(node.items().unwrap_or_default());
        }
        Ok(node.get("kind")?.unwrap_or(node))
    }
}

/// Why images of a release are not judged: its values are in too many files, the profile of its chart does
/// not name all of them, or it has the name of a profile's chart, and is of a repository that the profile
/// does not name.
pub fn unjudged(config: &Config, release: &Release<'_, '_>) -> Option<String> {
    if release.has_more_variants {
        let why = "its values may be in more files, or combinations of files, than are checked: name them \
                   under `files.values` of the configuration";
        return Some(why.to_owned());
    }
    if let Some(why) = lost(release) {
        return Some(why);
    }
    let name = release.chart.name?;
    if charts_of(config, release).any(|chart| runs_more(chart, release)) {
        let why =
            "the chart runs images that its profile does not name: `check --rendered` checks them";
        return Some(why.to_owned());
    }
    let version = release.chart.version;
    if let Some(before) =
        charts_of(config, release).find_map(|chart| chart.in_version(version).before_known)
    {
        return Some(format!(
            "its images are checked where they are written: {before}"
        ));
    }
    own_name(release)?;
    let (repository, source) = (release.chart.repository, release.chart.source);
    if repository.is_none() && source.is_none() || !owning(config, release).is_empty() {
        return None;
    }
    let agents = config.agents.iter();
    let mut charts = agents.flat_map(|agent| agent.charts.iter().map(move |chart| (agent, chart)));
    let (agent, chart) = charts.find(|(_, chart)| {
        let is_open = chart.is_common || repository.is_some() || release.chart.is_folder;
        chart.name == name && is_open
    })?;
    let (agent, known) = (&agent.name, chart.repositories.join(", "));
    Some(match (repository, told_source(release)) {
        (Some(_), _) => {
            format!(
                "it is no chart of {known}: if it is one of {agent}, its images are not checked"
            )
        }
        (None, Some(source)) if release.chart.lead == Lead::Missing => format!(
            "{source}, which says its repository, is not among what was given: give it, too; if it is {known}, \
             its images are those of {agent}, and not checked"
        ),
        (None, _) => format!(
            "no object here says its repository: if it is {known}, its images are those of {agent}, and \
             not checked"
        ),
    })
}

/// Why images are not judged of a chart that no profile knows: its values name some of them at most, and rules are
/// about images of anybody.
pub fn unnamed(config: &Config, one: &Installed<'_, '_>) -> Option<&'static str> {
    let release = &one.release;
    let mut rules = config.rules.iter();
    let is_asked = config.values == ReadValues::Conventions
        && rules.any(|rule| rule.scope == Scope::All)
        && !one.resource.kind.is_empty();
    let is_known = charts_of(config, release).next().is_some() || release.is_made_in_chart;
    (is_asked && !is_known && release.chart.name.is_some()).then_some(
        "no profile knows the chart, and of its images those are checked that its values name: `check --rendered` \
         checks all",
    )
}

/// Why nobody knows what the chart of a release is, although it names an object that says it.
pub fn lost(release: &Release<'_, '_>) -> Option<String> {
    let source = told_source(release)?;
    match release.chart.lead {
        Lead::Followed => None,
        Lead::Missing if release.chart.name.is_some() => None,
        Lead::Missing => Some(format!(
            "{source}, which says what chart it is, is not among what was given: give it, too"
        )),
        Lead::Several => Some(format!(
            "there are several {source}, which say different charts: check the files of one cluster at a time"
        )),
    }
}

/// The object that is not there and would say what the chart of a release is.
pub(in super::super) fn lost_source(release: &Release<'_, '_>) -> Option<String> {
    let is_lost = release.chart.lead == Lead::Missing && release.chart.name.is_none();
    told_source(release).filter(|_| is_lost)
}

/// The object of Flux that says what the chart of a release is, or where, in words.
fn told_source(release: &Release<'_, '_>) -> Option<String> {
    let (kind, name) = release.chart.source?;
    let namespace = release
        .chart
        .namespace
        .filter(|namespace| !namespace.is_empty());
    let name = namespace.map_or(name.to_owned(), |namespace| format!("{namespace}/{name}"));
    let is_of_flux = kind.ends_with("Repository") || kind == "HelmChart" && namespace.is_some();
    is_of_flux.then(|| format!("{kind} {name}"))
}
