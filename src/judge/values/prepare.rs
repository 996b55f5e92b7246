//! The images of releases, whose each is, and what it should be.

use std::collections::{BTreeSet, HashMap};

use crate::agent::Agent;
use crate::chart::{Chart, ChartImage, ValuePath};
use crate::config::{Config, ReadValues};
use crate::decide::claim::AgentSet;
use crate::field::{ImageField, ImageGroup, Notation, Role, Secrets};
use crate::finding::{Aspect, Rule};
use crate::mask;
use crate::values::{ChartName, Doubt, Place, Release, Site, ValueImage, conventions, images};
use crate::verdict::Note;
use crate::yaml::{Error, Path};

use super::super::Judged;
use super::super::verdict::{self, FieldVerdict};
use super::planning::Document;
use super::{Context, Installed, Settled};

/// The images of one release.
#[derive(Debug, Default)]
pub(super) struct Prepared<'n, 's> {
    pub(super) images: Vec<ValueImage<'n, 's>>,
    /// The images as fields, in groups that share a list of pull secrets.
    pub(super) groups: Vec<ImageGroup<'n, 's>>,
    /// The image of each field of each group.
    pub(super) order: Vec<Vec<usize>>,
}

/// The verdicts on the fields of one release, in the order of its groups.
pub(super) type Verdicts<'n, 'f, 's> = Vec<Vec<FieldVerdict<'n, 'f, 'n, 's>>>;

/// All that was judged together.
#[derive(Clone, Copy)]
pub(super) struct All<'a, 'n, 's, 'g> {
    pub(super) context: &'a Context<'n, 'g>,
    pub(super) installed: &'n [Installed<'n, 's>],
    pub(super) prepared: &'a [Prepared<'n, 's>],
    pub(super) judged: &'a [Verdicts<'n, 'a, 's>],
    pub(super) documents: &'a [Document<'n, 's>],
}

/// The images of a release that are not those of a profile's chart: of charts that its own chart
/// brings, and, where values are read so, those that have the shape of an image.
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
        for chart in charts(config, &dependency.chart) {
            let in_version = chart
                .images
                .iter()
                .filter(|image| image.is_in(dependency.chart.version));
            own.images.extend(in_version.map(|image| ChartImage {
                since: None,
                until: None,
                ..image.below(&keys)
            }));
        }
    }
    if config.values == ReadValues::Conventions {
        let mut known: BTreeSet<ValuePath> = main_paths(&own.images).cloned().collect();
        for chart in charts(config, &release.chart) {
            known.extend(main_paths(&chart.images).cloned());
        }
        own.images
            .extend(conventions(&release.layers, &known)?.images);
    }
    Ok(own)
}

/// The paths at which images are named.
fn main_paths(images: &[ChartImage]) -> impl Iterator<Item = &ValuePath> {
    let parts = images
        .iter()
        .flat_map(|image| [&image.whole, &image.name, &image.repository]);
    parts.flatten().flat_map(|part| part.paths())
}

/// The charts of profiles that a release is of.
fn charts<'c>(config: &'c Config, name: &ChartName<'_>) -> impl Iterator<Item = &'c Chart> {
    let all = config.agents.iter().flat_map(|agent| &agent.charts);
    all.filter(move |chart| is_of(chart, name))
}

/// The agents whose chart a release is: the images in it that others run, too, are theirs.
fn owning(config: &Config, release: &Release<'_, '_>) -> AgentSet {
    let names = release
        .dependencies
        .iter()
        .map(|dependency| &dependency.chart);
    let names: Vec<&ChartName<'_>> = names.chain([&release.chart]).collect();
    let agents = config.agents.iter().enumerate();
    let owns = |(_, agent): &(usize, &Agent)| {
        let mut all = names
            .iter()
            .flat_map(|name| agent.charts.iter().map(move |chart| (chart, name)));
        all.any(|(chart, name)| is_of(chart, name))
    };
    agents.filter(owns).map(|(index, _)| index).collect()
}

/// The names of the agents whose chart a release is.
pub fn owners(config: &Config, release: &Release<'_, '_>) -> Vec<String> {
    let owning = owning(config, release).into_iter();
    owning
        .map(|agent| config.agents[agent].name.to_string())
        .collect()
}

/// Whether a release is of a chart.
fn is_of(chart: &Chart, name: &ChartName<'_>) -> bool {
    let own = name.name.filter(|own| !own.is_empty());
    own.is_some_and(|own| !chart.name.is_empty() && chart.is(own, name.repository))
}

/// The images of releases, as fields to be judged.
pub(super) fn prepare<'n, 's>(
    context: &Context<'n, '_>,
    installed: &'n [Installed<'n, 's>],
) -> Result<Vec<Prepared<'n, 's>>, Error> {
    let all = installed.iter().map(|one| {
        let images = if context.config.values == ReadValues::None {
            Vec::new()
        } else {
            images_of(context.config, one)?
        };
        Ok(grouped(images))
    });
    all.collect()
}

fn images_of<'n, 's>(
    config: &'n Config,
    installed: &'n Installed<'n, 's>,
) -> Result<Vec<ValueImage<'n, 's>>, Error> {
    let release = &installed.release;
    let (layers, version) = (&release.layers, release.chart.version);
    let mut found: Vec<ValueImage<'n, 's>> = Vec::new();
    for chart in charts(config, &release.chart) {
        found.extend(images(chart, version, layers)?);
    }
    let is_known = !found.is_empty();
    // If the release names no chart, the written keys of every chart count; otherwise only those of
    // charts without a name.
    let mut seen: BTreeSet<Place> = found.iter().flat_map(ValueImage::main_place).collect();
    let is_named = release.chart.name.is_some();
    for agent in config.agents.iter() {
        for chart in &agent.charts {
            if (is_known || is_named) && !chart.name.is_empty() {
                continue;
            }
            for mut image in images(chart, None, layers)? {
                let place = image.main_place();
                let is_known = place.as_ref().is_none_or(|place| seen.contains(place));
                if !image.is_written || is_known || !says_where(&image) {
                    continue;
                }
                seen.extend(place);
                image.is_makeable = false;
                keep_to_what_is_there(&mut image);
                found.push(image);
            }
        }
    }
    // What a profile says of a place takes precedence over its shape.
    for image in images(&installed.own, None, layers)? {
        let place = image.main_place();
        if image.is_known || place.is_some_and(|place| seen.insert(place)) {
            found.push(image);
        }
    }
    Ok(found)
}

/// Whether the written keys of an image say where it comes from: `registry: txt` alone is a word that
/// charts have for other things.
fn says_where(image: &ValueImage<'_, '_>) -> bool {
    let parts = &image.parts;
    let named = [&parts.whole, &parts.name, &parts.repository];
    let registry = &parts.registry;
    named.iter().any(|part| part.is_written)
        || !registry.is_written
        || registry.text.contains(['.', ':'])
}

/// Drops policy and secrets whose parent mapping is not written: the chart may keep them elsewhere.
fn keep_to_what_is_there(image: &mut ValueImage<'_, '_>) {
    let has_mapping = |site: &Site<'_, '_>| {
        let missing = site.missing.as_ref();
        missing.is_none_or(|(_, _, keys)| keys.len() == 1)
    };
    let policy = image.policy.take();
    image.policy = policy.filter(|policy| {
        let site = policy.slot.as_ref().and_then(|slot| image.site_of(slot));
        site.is_some_and(has_mapping)
    });
    image.secrets = image
        .secrets
        .take()
        .filter(|secrets| has_mapping(&secrets.site));
}

/// Images in groups, one for each list of pull secrets.
fn grouped<'n, 's>(images: Vec<ValueImage<'n, 's>>) -> Prepared<'n, 's> {
    let mut prepared = Prepared::default();
    let mut by_list: HashMap<Place, usize> = HashMap::new();
    for (position, image) in images.iter().enumerate() {
        let Some(main) = image.parts.main() else {
            continue;
        };
        let text = image.parts.text();
        let policy = image
            .policy
            .as_ref()
            .filter(|policy| image.is_written || (image.is_makeable && policy.is_written));
        let field = ImageField {
            notation: Notation::Parts {
                main: main.clone(),
                parts: Box::new(image.parts.clone()),
            },
            policy_slot: policy.and_then(|policy| policy.slot.clone()),
            secrets: match image.secrets {
                Some(_) => Secrets::Pod,
                None if image.lacks_secrets => Secrets::NoKey,
                None => Secrets::None,
            },
            role: Role::Other,
            container: None,
            image: Some(text).filter(|text| !text.is_empty()),
            policy: policy.and_then(|_| image.policy_text()),
        };
        let place = image.secrets.as_ref().map(|secrets| secrets.site.place());
        let known = place.as_ref().and_then(|place| by_list.get(place)).copied();
        let group = known.unwrap_or_else(|| {
            prepared.groups.push(ImageGroup {
                path: Path::default(),
                fields: Vec::new(),
                pull_secrets: Vec::new(),
                secrets_slot: image
                    .secrets
                    .as_ref()
                    .map(|secrets| secrets.site.slot.clone()),
                service_account: None,
            });
            prepared.order.push(Vec::new());
            prepared.groups.len() - 1
        });
        if let (Some(place), Some(secrets)) = (place, &image.secrets) {
            by_list.insert(place, group);
            // A list that is joined with others counts with them.
            prepared.groups[group]
                .pull_secrets
                .clone_from(&secrets.names);
        }
        prepared.groups[group].fields.push(field);
        prepared.order[group].push(position);
    }
    prepared.images = images;
    prepared
}

/// The verdict on each image.
pub(super) fn verdicts<'n, 'f, 's>(
    context: &Context<'n, '_>,
    installed: &'n [Installed<'n, 's>],
    prepared: &'f [Prepared<'n, 's>],
    settled: &mut Settled<'n, 's>,
) -> Result<Vec<Verdicts<'n, 'f, 's>>, Error> {
    let mut all = Vec::new();
    for (one, prepared) in installed.iter().zip(prepared) {
        let mut judged = Judged::default();
        let owners = owning(context.config, &one.release);
        let (resource, groups) = (&one.resource, &prepared.groups);
        let mut of_release = verdict::verdicts(context, resource, groups, &owners, &mut judged);
        for (verdicts, order) in of_release.iter_mut().zip(&prepared.order) {
            for (verdict, &image) in verdicts.iter_mut().zip(order) {
                limit(context.config, &prepared.images[image], verdict);
                if prepared.images[image].is_written || prepared.images[image].is_makeable {
                    settled
                        .seen
                        .extend(verdict.claim.as_ref().map(|claim| claim.index));
                }
            }
        }
        all.push(of_release);
    }
    Ok(all)
}

/// Removes from a verdict what cannot be judged for an image that is only partly written.
fn limit(config: &Config, image: &ValueImage<'_, '_>, verdict: &mut FieldVerdict<'_, '_, '_, '_>) {
    let parts = &image.parts;
    let is_of_name = |aspect: Aspect| aspect == Aspect::Registry;
    let decided = &mut verdict.verdict;
    if parts.whole.text.is_empty() && !parts.tag.is_written && !parts.digest.is_written {
        // The chart's own version runs.
        (decided.tag, decided.digest) = (None, None);
        decided
            .differences
            .retain(|difference| is_of_name(difference.aspect));
        decided.notes.retain(|note| {
            note.aspect.is_none_or(is_of_name) && note.rule != Rule::OutdatedVersion
        });
    }
    let old = mask::image(verdict.field.image.as_deref().unwrap_or_default()).into_owned();
    if !image.is_written {
        // The chart's own name runs, in the version and by the policy that are written.
        decided.notes.retain(|note| {
            let is_of_version = note.aspect.is_some_and(|aspect| !is_of_name(aspect));
            image.is_makeable && is_of_version
        });
        let of_name = decided.differences.iter_mut();
        for difference in of_name.filter(|difference| is_of_name(difference.aspect)) {
            difference.what = "the chart's default comes from no mirror".to_owned();
        }
        let is_ruled = verdict.claim.as_ref().is_none_or(|claim| {
            config
                .rules
                .map(&claim.restored().repository, true)
                .is_some()
        });
        if !image.is_makeable {
            (decided.tag, decided.digest, verdict.policy) = (None, None, None);
            decided.differences.clear();
        }
        if !image.is_makeable || !is_ruled {
            decided
                .differences
                .retain(|difference| !is_of_name(difference.aspect));
            decided.mirror_secrets.clear();
            decided.name = None;
        }
    }
    let new = decided.name.clone();
    let why = match (&image.doubt, image.instead.filter(|_| !image.is_written)) {
        (Some(Doubt::Unread), _) => "a part of it may be in values that were not read".to_owned(),
        (Some(Doubt::Registry), _) => {
            "the chart may put a registry of its own before it: write the registry, too".to_owned()
        }
        (Some(Doubt::Template), _) => "it is a template, and filled in elsewhere".to_owned(),
        (None, Some(instead)) => instead.to_owned(),
        (None, None) => String::new(),
    };
    if let Some(new) = new.filter(|_| !why.is_empty()) {
        decided.differences.clear();
        decided.mirror_secrets.clear();
        decided.name = None;
        let message = format!("{old} → {new} is not written: {why}");
        decided
            .notes
            .push(Note::unresolved(Aspect::Registry, message));
    }
    let is_ours = verdict.claim.is_some() || decided.has_name;
    if let Some(message) = number(image).filter(|_| is_ours) {
        decided.notes.push(Note::unresolved(Aspect::Tag, message));
    }
}

/// What is said of a tag or digest that Helm prints otherwise than it is written.
pub(super) fn number(image: &ValueImage<'_, '_>) -> Option<String> {
    let (written, printed) = image.number.as_ref()?;
    Some(format!(
        "the tag {written} is a number, which Helm prints as {printed}: quote it (\"{written}\")"
    ))
}
