//! Charts of profiles: reads them as they are written, with subcharts in their place.

mod at_paths;
mod eras;

use super::chart_entry::{
    ChartEntry, ChartImageEntry, DefaultByEntry, FormWord, PartEntry, SecretsEntry,
};
use super::fault::{ConfigFault, quoted};
use super::field_entry::ImageFieldEntry;
use super::spanned::Spanned;
use crate::chart::{Chart, ChartImage, DefaultBy, Part, SecretsForm, SecretsPart, ValuePath};
use crate::image::version;
use at_paths::at_paths;
use eras::{as_of, in_eras};

/// The charts of a profile, each with the images of its subcharts; the images at `helm` paths, whatever
/// the chart is called, are those of a chart without a name.
pub(super) fn charts(
    entries: &[ChartEntry],
    helm: &[Spanned<ImageFieldEntry>],
) -> Result<Vec<Chart>, ConfigFault> {
    let own: Result<Vec<Vec<ChartImage>>, ConfigFault> = entries
        .iter()
        .map(|entry| {
            Ok(entry
                .images
                .iter()
                .map(in_eras)
                .collect::<Result<Vec<_>, _>>()?
                .concat())
        })
        .collect();
    let own = own?;
    let repositories = entries.iter().flat_map(|entry| &entry.repositories);
    let repositories: Vec<String> = repositories.cloned().collect();
    let whole = entries.iter().enumerate().map(|(position, entry)| {
        let (mut images, mut partial_where) = (Vec::new(), Vec::new());
        let partial = &mut partial_where;
        collect(
            (entries, &own),
            position,
            &mut Vec::new(),
            (&mut images, partial),
        )?;
        Ok(Chart {
            name: entry.name.value.clone(),
            repositories: entry.repositories.clone(),
            is_common: entry.common,
            is_partial: entry.partial,
            partial_where,
            since: bound(&entry.since)?,
            before: entry.since.as_ref().map(|since| before(entry, since)),
            siblings: repositories.clone(),
            images,
        })
    });
    let mut charts = whole.collect::<Result<Vec<Chart>, ConfigFault>>()?;
    if !helm.is_empty() {
        let image = |entry: &Spanned<ImageFieldEntry>| {
            at_paths(&entry.value).map_err(|fault| fault.or_at(entry.at, &entry.key))
        };
        let images: Result<Vec<ChartImage>, ConfigFault> = helm.iter().map(image).collect();
        charts.push(Chart {
            images: images?,
            ..Chart::default()
        });
    }
    Ok(charts)
}

/// What to do with an image of a version of a chart that its profile does not know.
fn before(entry: &ChartEntry, since: &Spanned<String>) -> String {
    format!(
        "its profile knows the chart {} from {} on: write the image's name as this version documents it",
        entry.name.value, since.value
    )
}

/// Adds the images of a chart and its subcharts below the keys that lead there, and the switches of those
/// subcharts that run more images.
fn collect(
    (entries, own): (&[ChartEntry], &[Vec<ChartImage>]),
    position: usize,
    keys: &mut Vec<String>,
    (images, partial_where): (&mut Vec<ChartImage>, &mut Vec<Vec<Part>>),
) -> Result<(), ConfigFault> {
    images.extend(own[position].iter().map(|image| image.below(keys)));
    for subchart in &entries[position].subcharts {
        let name = &subchart.chart;
        let known = |entry: &ChartEntry| entry.name.value == name.value;
        let Some(other) = entries.iter().position(known) else {
            let what = format!("{} is no chart of the profile", quoted(&name.value));
            return Err(name.fault(what).help("add it to `charts`".to_owned()));
        };
        // No chart has another one below itself as deep as there are charts.
        if keys.len() >= entries.len() {
            let what = format!("the chart {} is below itself", quoted(&name.value));
            return Err(name.fault(what).help("take it out of one".to_owned()));
        }
        let key = subchart.under.as_ref().unwrap_or(name);
        let switch = part(&subchart.enabled_by)?.map(|part| part.below(keys));
        let (since, until) = (bound(&subchart.since)?, bound(&subchart.until)?);
        let (mut brought, mut partial) = (Vec::new(), Vec::new());
        keys.push(key.value.clone());
        collect((entries, own), other, keys, (&mut brought, &mut partial))?;
        keys.pop();
        partial.extend(entries[other].partial.then(Vec::new));
        partial_where.extend(partial.into_iter().map(|mut switches| {
            switches.extend(switch.clone());
            switches
        }));
        // The bounds of a subchart's images count its own versions.
        let version = bound(&subchart.version)?;
        brought.retain(|image| image.is_in(version.as_deref()));
        images.extend(brought.into_iter().map(|mut image| {
            image.enabled_by.extend(switch.clone());
            (image.since, image.until) = (since.clone(), until.clone());
            image
        }));
    }
    Ok(())
}

/// An image as the versions have it that end with one, or as the newest has it.
fn image(entry: &ChartImageEntry, until: Option<&str>) -> Result<ChartImage, ConfigFault> {
    let in_era = |entry: &Option<Spanned<PartEntry>>| {
        let part = part(entry)?;
        part.map(|part| as_of(part, entry, until)).transpose()
    };
    let image = ChartImage {
        whole: in_era(&entry.image)?,
        name: in_era(&entry.name)?,
        host: in_era(&entry.host)?,
        registry: in_era(&entry.registry)?,
        repository: in_era(&entry.repository)?,
        tag: part(&entry.tag)?,
        digest: part(&entry.digest)?,
        policy: part(&entry.image_pull_policy)?,
        secrets: secrets(&entry.image_pull_secrets)?,
        lacks_secrets: entry.no_pull_secrets,
        unlisted_pods: entry.unlisted_pods.clone(),
        unless: entry.unless.as_ref().map(path).transpose()?,
        enabled_by: part(&entry.enabled_by)?.into_iter().collect(),
        since: bound(&entry.since)?,
        until: bound(&entry.until)?,
        instead: entry.instead.clone(),
        depends_on_version: false,
        is_guess: false,
        is_nameless: false,
        rivals: Vec::new(),
    };
    Ok(image)
}

fn defaults_by(entries: &[DefaultByEntry]) -> Result<Vec<DefaultBy>, ConfigFault> {
    let by = |entry: &DefaultByEntry| {
        Ok(DefaultBy {
            path: path(&entry.path)?,
            value: entry.value.clone(),
            default: entry.default.clone(),
        })
    };
    entries.iter().map(by).collect()
}

fn part(entry: &Option<Spanned<PartEntry>>) -> Result<Option<Part>, ConfigFault> {
    let Some(entry) = entry else {
        return Ok(None);
    };
    let part = match &entry.value {
        PartEntry::Path(text) => Part {
            path: path(&entry.with(text.clone()))?,
            ..Part::default()
        },
        PartEntry::Literal(literal) => Part {
            default: Some(literal.literal.clone()),
            ..Part::default()
        },
        PartEntry::Full(full) => Part {
            path: path(&full.path)?,
            default: full.default.clone().filter(|text| !text.is_empty()),
            default_by: defaults_by(&full.default_by)?,
            known_where: full
                .known_where
                .iter()
                .map(|known| Ok((path(&known.path)?, known.value.clone())))
                .collect::<Result<_, ConfigFault>>()?,
            is_unsure: false,
            default_where_empty: full.default_where_empty,
            overridden_by: paths(&full.overridden_by)?,
            fallbacks: paths(&full.fallbacks)?,
        },
    };
    Ok(Some(part))
}

fn secrets(entry: &Option<Spanned<SecretsEntry>>) -> Result<Option<SecretsPart>, ConfigFault> {
    let Some(entry) = entry else {
        return Ok(None);
    };
    let part = match &entry.value {
        SecretsEntry::Path(text) => SecretsPart {
            path: path(&entry.with(text.clone()))?,
            ..SecretsPart::default()
        },
        SecretsEntry::Full(full) => SecretsPart {
            path: path(&full.path)?,
            overridden_by: paths(&full.overridden_by)?,
            fallbacks: paths(&full.fallbacks)?,
            joined_with: paths(&full.joined_with)?,
            form: match full.form {
                FormWord::Mappings => SecretsForm::Mappings,
                FormWord::Names => SecretsForm::Names,
                FormWord::Text => SecretsForm::Text,
            },
            instead: full.instead.clone(),
        },
    };
    Ok(Some(part))
}

fn paths(texts: &[Spanned<String>]) -> Result<Vec<ValuePath>, ConfigFault> {
    texts.iter().map(path).collect()
}

fn path(text: &Spanned<String>) -> Result<ValuePath, ConfigFault> {
    ValuePath::parse(&text.value).ok_or_else(|| {
        let what = format!("{} is no path of keys", quoted(&text.value));
        let help = "write it as `helm --set` does: `agent.image.repository`";
        text.fault(what).help(help.to_owned())
    })
}

fn bound(text: &Option<Spanned<String>>) -> Result<Option<String>, ConfigFault> {
    let text = text.as_ref().map(chart_version).transpose()?;
    Ok(text.map(str::to_owned))
}

/// A version of a chart.
fn chart_version(text: &Spanned<String>) -> Result<&str, ConfigFault> {
    if version::parse(&text.value).is_some() {
        return Ok(&text.value);
    }
    let fault = text.fault(format!("{} is no version", quoted(&text.value)));
    Err(fault.help("write a version of the chart: \"1.2.9\"".to_owned()))
}
