//! What profiles know of the chart of a release, and which images it has besides.

mod identity;
mod unjudged;

use std::collections::BTreeSet;

use crate::agent::{Agent, AgentImage};
use crate::chart::{Chart, ChartImage, Part, ValuePath};
use crate::config::{Config, ReadValues};
use crate::decide::claim::AgentSet;
use crate::image::{Reference, Repository};
use crate::values::{
    ChartName, Release, SlotKey, ValueImage, are_on, conventions, hidden, images, variables,
};
use crate::yaml::Error;

use super::telling::span_of;
use super::{Ground, Installed, Unjudged};
pub use identity::agreed;
use identity::is_of;
pub(super) use unjudged::lost_source;
pub use unjudged::{lost, unjudged, unnamed};

/// How many images of charts that nobody knows are looked up in how many texts of values: each of them in each
/// of these.
const MOST_LOOKED_UP: usize = 1 << 16;

/// The images of a release that are not those of a profile's chart: of charts that its own chart brings, those
/// in variables that a profile names, and, where values are read so, those that have the shape of an image.
///
/// # Errors
/// A mapping that is read has a key twice.
pub fn own_chart(config: &Config, release: &Release<'_, '_>) -> Result<Chart, Error> {
    let mut own = Chart::default();
    if config.values == ReadValues::None {
        return Ok(own);
    }
    for dependency in &release.dependencies {
        let keys = [dependency.key.to_owned()];
        let of_tag = dependency.tag.map(|tag| Part {
            path: ValuePath(vec!["tags".to_owned(), tag.to_owned()]),
            default: Some("true".to_owned()),
            ..Part::default()
        });
        let switch = dependency.condition.and_then(switch).or(of_tag);
        for chart in charts(config, &dependency.chart) {
            let version = chart.in_version(dependency.chart.version);
            let all = chart.images.iter();
            let brought = all.filter(|image| version.leaves_open(image) || version.has(image));
            own.images.extend(brought.map(|image| {
                ChartImage {
                    since: None,
                    until: None,
                    depends_on_version: version.leaves_open(image),
                    instead: image
                        .instead
                        .clone()
                        .or(version.before_known.map(str::to_owned)),
                    ..switched(image.below(&keys), switch.as_ref())
                }
            }));
        }
    }
    own.images
        .extend(variables(&release.layers, &config.carriers)?);
    if config.values == ReadValues::Conventions {
        let mut known: BTreeSet<ValuePath> = name_paths(&own.images).cloned().collect();
        for chart in charts_of(config, release) {
            known.extend(name_paths(&chart.images).cloned());
        }
        let found = conventions(&release.layers, &known)?;
        own.images.extend(found.images);
        own.is_partial = found.is_partial;
        if own.images.len() * release.layers.len() > MOST_LOOKED_UP {
            own.images.retain(|image| !image.is_guess);
            own.is_partial = true;
        }
    }
    Ok(own)
}

/// The values that a condition of a dependency names, of which the first one that is there counts.
fn switch(condition: &str) -> Option<Part> {
    let mut paths = condition.split(',').filter_map(ValuePath::parse);
    Some(Part {
        path: paths.next()?,
        default: Some("true".to_owned()),
        fallbacks: paths.collect(),
        ..Part::default()
    })
}

/// An image that runs only as a value says.
fn switched(mut image: ChartImage, switch: Option<&Part>) -> ChartImage {
    image.enabled_by.extend(switch.cloned());
    image
}

/// The paths of all that names of images are made of: what a chart calls `repository` may be an owner.
fn name_paths(images: &[ChartImage]) -> impl Iterator<Item = &ValuePath> {
    let parts = images.iter().flat_map(|image| {
        [
            &image.whole,
            &image.name,
            &image.host,
            &image.registry,
            &image.repository,
        ]
    });
    parts.flatten().flat_map(|part| part.paths())
}

/// The charts of profiles that a release is of.
fn charts<'c>(config: &'c Config, name: &ChartName<'_>) -> impl Iterator<Item = &'c Chart> {
    let all = config.agents.iter().flat_map(|agent| &agent.charts);
    all.filter(move |chart| is_of(chart, name))
}

/// The charts of profiles that the chart of a release is. A chart that brings one of its own name is
/// somebody's own, around the vendor's.
fn charts_of<'c>(config: &'c Config, release: &Release<'_, '_>) -> impl Iterator<Item = &'c Chart> {
    let name = own_name(release);
    name.into_iter().flat_map(|name| charts(config, name))
}

/// What the chart of a release is called, unless it only has the name of a chart that it brings.
fn own_name<'r, 'n>(release: &'r Release<'n, '_>) -> Option<&'r ChartName<'n>> {
    let mut brought = release.dependencies.iter();
    let is_around = brought.any(|brought| brought.chart.name == release.chart.name);
    Some(&release.chart).filter(|_| !is_around)
}

/// The agents whose chart a release is: the images in it that others run, too, are theirs.
pub(super) fn owning(config: &Config, release: &Release<'_, '_>) -> AgentSet {
    let names = release
        .dependencies
        .iter()
        .map(|dependency| &dependency.chart);
    let names: Vec<&ChartName<'_>> = names.chain(own_name(release)).collect();
    let agents = config.agents.iter().enumerate();
    let owns = |(_, agent): &(usize, &Agent)| {
        let mut all = names
            .iter()
            .flat_map(|name| agent.charts.iter().map(move |chart| (chart, name)));
        all.any(|(chart, name)| is_of(chart, name))
    };
    agents.filter(owns).map(|(index, _)| index).collect()
}

/// Whether profiles know every image of the chart of a release.
pub(super) fn is_known_whole(config: &Config, release: &Release<'_, '_>) -> bool {
    let mut charts = charts_of(config, release).peekable();
    charts.peek().is_some() && charts.all(|chart| !runs_more(chart, release))
}

/// Whether a chart of a profile runs images that the profile does not name, with the values of a release.
fn runs_more<'n>(chart: &'n Chart, release: &Release<'n, '_>) -> bool {
    let is_on = |switches: &Vec<Part>| are_on(switches, &release.layers).unwrap_or(true);
    chart.is_partial || chart.partial_where.iter().any(is_on)
}

/// The names of the agents whose chart a release is.
pub fn owners(config: &Config, release: &Release<'_, '_>) -> Vec<String> {
    let owning = owning(config, release).into_iter();
    owning
        .map(|agent| config.agents[agent].name.to_string())
        .collect()
}

/// The images of a release: those of profiles, and those that have the shape of one.
///
/// # Errors
/// A mapping that is read has a key twice.
pub(super) fn images_of<'n, 's>(
    config: &'n Config,
    installed: &'n Installed<'n, 's>,
) -> Result<Vec<ValueImage<'n, 's>>, Error> {
    let release = &installed.release;
    let (layers, version) = (&release.layers, release.chart.version);
    let mut found: Vec<ValueImage<'n, 's>> = Vec::new();
    for chart in charts_of(config, release) {
        found.extend(images(chart, version, layers)?);
    }
    let is_known = !found.is_empty();
    // Charts without a name are read of every release. If the release names no chart, those of all
    // agents are tried, and what is one of their images by what is written there is theirs.
    let mut seen: BTreeSet<SlotKey> = found.iter().flat_map(ValueImage::main_place).collect();
    let is_named = release.chart.name.is_some();
    for agent in config.agents.iter() {
        for chart in &agent.charts {
            if (is_known || is_named) && !chart.name.is_empty() {
                continue;
            }
            for mut image in images(chart, None, layers)? {
                let place = image.main_place();
                let is_known = place.as_ref().is_none_or(|place| seen.contains(place));
                if !image.is_written
                    || is_known
                    || !is_one_of(config, agent, &image)
                    || image.has_other_registry(layers)?
                {
                    continue;
                }
                if is_named {
                    image.is_makeable = false;
                    image.keep_to_what_is_there();
                } else {
                    image.keep_to_what_is_written();
                }
                seen.extend(place);
                found.push(image);
            }
        }
    }
    // What a profile says of a place takes precedence over its shape.
    let known: BTreeSet<SlotKey> = found.iter().flat_map(ValueImage::places).collect();
    for image in images(&installed.own, None, layers)? {
        let place = image.main_place();
        let is_part = || place.as_ref().is_some_and(|place| known.contains(place));
        if image.is_nameless() && is_part() {
            continue;
        }
        // One value may be of an image for each alias of the chart that has it.
        if image.is_known || place.is_some_and(|place| !seen.contains(&place)) {
            found.push(image);
        }
    }
    Ok(found)
}

/// The values of a release that its chart reads in the place of what images are called by: the position of
/// the document, the bytes, and what is said of them.
///
/// # Errors
/// A mapping that is read has a key twice.
pub(super) fn hiding<'n>(
    config: &'n Config,
    installed: &'n Installed<'n, '_>,
) -> Result<Vec<Unjudged>, Error> {
    let release = &installed.release;
    let own = charts_of(config, release).flat_map(|chart| &chart.images);
    let mut found = Vec::new();
    for image in own.chain(&installed.own.images) {
        if let Some(site) = hidden(image, &release.layers)? {
            let what = "the chart puts it before the names of images, which are not checked: look at what is rendered";
            found.push(Unjudged {
                document: site.document,
                span: span_of(&site),
                why: what.to_owned(),
                ground: Ground::Known,
            });
        }
    }
    Ok(found)
}

/// Whether what a chart that nobody named would run, and has its name written there, is one of an agent's
/// images, or a copy in a mirror.
fn is_one_of(config: &Config, agent: &Agent, image: &ValueImage<'_, '_>) -> bool {
    let parts = &image.parts;
    let mut named = [&parts.whole, &parts.name, &parts.repository].into_iter();
    if !named.any(|part| part.is_written && !part.text.is_empty()) {
        return false;
    }
    let text = image.parts.text();
    let Ok(reference) = Reference::parse(&text) else {
        return false;
    };
    let repository = reference.repository();
    let is_its = |repository: &Repository| {
        let mut names = agent.images.iter().flat_map(AgentImage::names);
        names.any(|name| name.repository == *repository)
    };
    let is_mirrored = || {
        let behind = config.rules.officials_behind(&repository, |_, _| true);
        behind.iter().any(|(_, official)| is_its(official))
    };
    let is_copy = || {
        let mut names = agent.images.iter().flat_map(AgentImage::names);
        names.any(|name| {
            let path = name.repository.path();
            let before = repository.path().strip_suffix(path);
            path.contains('/')
                && before.is_some_and(|before| before.is_empty() || before.ends_with('/'))
        })
    };
    is_its(&repository) || is_mirrored() || is_copy()
}
