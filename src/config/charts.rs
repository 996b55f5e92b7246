//! Charts of profiles: reads them as they are written, with subcharts in their place.

use std::cmp::Ordering;

use super::chart_entry::{
    ChartEntry, ChartImageEntry, DefaultByEntry, EarlierEntry, FormWord, PartEntry, SecretsEntry,
};
use super::fault::{ConfigFault, quoted};
use super::field_entry::ImageFieldEntry;
use super::fields;
use super::spanned::Spanned;
use crate::chart::{
    Chart, ChartImage, DefaultBy, Part, SecretsForm, SecretsPart, ValuePath, first_after,
};
use crate::field::query::KeyPath;
use crate::field::table::ImagePaths;
use crate::image::version;

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
        let mut images = Vec::new();
        collect(entries, &own, position, &mut Vec::new(), &mut images)?;
        Ok(Chart {
            name: entry.name.value.clone(),
            repositories: entry.repositories.clone(),
            is_common: entry.common,
            is_partial: entry.partial,
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

/// An image at paths of a chart that is not named.
fn at_paths(entry: &ImageFieldEntry) -> Result<ChartImage, ConfigFault> {
    if let Some(default) = &entry.default_repository {
        let fault =
            default.fault("`helm` is for any chart, which may have another repository by default");
        return Err(fault.help("say under `charts` what a chart has".to_owned()));
    }
    let paths = fields::image(entry)?;
    let value_path = |path: &KeyPath| match path.names() {
        Some(keys) => Ok(ValuePath(keys)),
        None => {
            let text = entry.image.as_ref().or(entry.repository.as_ref());
            let what = "a path in a chart's values is of keys alone";
            Err(text.map_or_else(|| ConfigFault::without_place(what), |text| text.fault(what)))
        }
    };
    let part = |path: &Option<KeyPath>| -> Result<Option<Part>, ConfigFault> {
        let path = path.as_ref().map(value_path).transpose()?;
        Ok(path.map(|path| Part {
            path,
            ..Part::default()
        }))
    };
    let split = paths.split.clone().unwrap_or_default();
    let main = part(&Some(paths.main.clone()))?;
    let (whole, repository) = match paths.split {
        None => (main, None),
        Some(_) => (None, main),
    };
    let mut registry = part(&split.registry)?;
    if let (Some(registry), Some(default)) = (&mut registry, &split.default_registry) {
        registry.default = Some(default.clone());
    }
    Ok(ChartImage {
        is_guess: split.default_registry.is_none(),
        whole,
        repository,
        registry,
        tag: part(&split.tag)?,
        digest: part(&split.digest)?,
        policy: part(&paths.policy)?,
        secrets: secrets_at(&paths, value_path)?,
        unless: paths.unless.as_ref().map(value_path).transpose()?,
        ..ChartImage::default()
    })
}

/// Where the pull secrets of an image at paths are listed, or the only one is named.
fn secrets_at(
    paths: &ImagePaths,
    value_path: impl Fn(&KeyPath) -> Result<ValuePath, ConfigFault>,
) -> Result<Option<SecretsPart>, ConfigFault> {
    let only = paths.only_secret.as_ref().map(|(path, _)| path);
    let form = match &paths.secrets {
        Some(_) if paths.secrets_are_names => SecretsForm::Names,
        Some(_) => SecretsForm::Mappings,
        None => match only {
            Some(_) => SecretsForm::Text,
            None => SecretsForm::Mappings,
        },
    };
    let overriding = paths.overriding_secrets.as_ref();
    // Alone, it is the only list.
    let Some(path) = paths.secrets.as_ref().or(only).or(overriding) else {
        return Ok(None);
    };
    let overridden_by = overriding.filter(|other| *other != path).map(&value_path);
    Ok(Some(SecretsPart {
        path: value_path(path)?,
        form,
        overridden_by: overridden_by.into_iter().collect::<Result<_, _>>()?,
        ..SecretsPart::default()
    }))
}

/// Adds the images of a chart and its subcharts below the keys that lead there.
fn collect(
    entries: &[ChartEntry],
    own: &[Vec<ChartImage>],
    position: usize,
    keys: &mut Vec<String>,
    images: &mut Vec<ChartImage>,
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
        let mut brought = Vec::new();
        keys.push(key.value.clone());
        collect(entries, own, other, keys, &mut brought)?;
        keys.pop();
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

/// An image as each version of the chart has it, where older ones have other defaults.
fn in_eras(entry: &ChartImageEntry) -> Result<Vec<ChartImage>, ConfigFault> {
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
                bound(&Some(earlier.until.with(earlier.until.value.clone())))?;
                ends.push(earlier.until.value.as_str());
            }
        }
    }
    ends.sort_by(|one, other| ordered(one, other));
    ends.dedup();
    let mut eras = Vec::new();
    let mut since = bound(&entry.since)?;
    for end in ends {
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

/// Which of two versions is newer.
fn ordered(one: &str, other: &str) -> Ordering {
    match (version::parse(one), version::parse(other)) {
        (Some(one), Some(other)) => version::compare(&one, &other),
        _ => Ordering::Equal,
    }
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

/// A part with the default of versions that end with one.
fn as_of(
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
    let Some(text) = text else {
        return Ok(None);
    };
    if version::parse(&text.value).is_none() {
        let fault = text.fault(format!("{} is no version", quoted(&text.value)));
        return Err(fault.help("write a version of the chart: \"1.2.9\"".to_owned()));
    }
    Ok(Some(text.value.clone()))
}
