//! Image fields of custom resources: reads the built-in table, and those of the configuration.

use super::cursor::ReadBudget;
use super::de;
use super::fault::{ConfigFault, quoted};
use super::field_entry::{BuiltinFields, BuiltinRegistry, FieldEntry, ImageFieldEntry};
use super::spanned::Spanned;
use crate::agent::builtin;
use crate::field::query::KeyPath;
use crate::field::table::{self, FieldTable, ImagePaths, RegistryPath, SplitPaths};
use crate::yaml::parse;

/// The fields that the configuration adds.
pub(super) fn table(entries: &[FieldEntry]) -> Result<FieldTable, ConfigFault> {
    let mut table = FieldTable::default();
    for written in entries {
        table.add(versions_of(written)?);
    }
    Ok(table)
}

/// The built-in fields: where custom resources of the most used operators keep images.
pub(super) fn builtin() -> Result<Vec<table::KindFields>, ConfigFault> {
    let text = builtin::fields_text();
    let node = parse::document(&text).map_err(|error| ConfigFault::yaml("", error))?;
    let groups: Vec<BuiltinFields> = de::read(&node, &ReadBudget::new())?;
    groups.iter().map(builtin_entry).collect()
}

/// An entry for each version that one names.
fn versions_of(written: &FieldEntry) -> Result<Vec<table::KindFields>, ConfigFault> {
    let versions = written.api_version.iter().chain(&written.api_versions);
    let pods: Result<Vec<KeyPath>, ConfigFault> = written.pods.iter().map(path).collect();
    let pods = pods?;
    let has_image = written.image.is_some() || written.repository.is_some();
    if !has_image && pods.is_empty() {
        let fault = written.kind.fault("the kind has no image");
        return Err(fault.help("add `image`, `repository` or `pods`".to_owned()));
    }
    let images = has_image.then(|| image(&of_entry(written))).transpose()?;
    let images: Vec<ImagePaths> = images.into_iter().collect();
    let mut entries = Vec::new();
    for api_version in versions {
        let Some((group, version)) = api_version.value.split_once('/') else {
            let fault =
                api_version.fault(format!("{} names no API group", quoted(&api_version.value)));
            return Err(fault.help("write group and version: example.com/v1".to_owned()));
        };
        entries.push(table::KindFields {
            group: group.to_owned(),
            version: Some(version.to_owned()),
            kinds: vec![written.kind.value.clone()],
            pods: pods.clone(),
            images: images.clone(),
            whole_only: false,
            registries: Vec::new(),
            agents: Vec::new(),
        });
    }
    if entries.is_empty() {
        let fault = written.kind.fault("the kind has no apiVersion");
        return Err(fault.help("add `apiVersion: example.com/v1`".to_owned()));
    }
    Ok(entries)
}

/// The image of an entry, in the shape that profiles and built-in fields have.
fn of_entry(entry: &FieldEntry) -> ImageFieldEntry {
    ImageFieldEntry {
        image: entry.image.clone(),
        registry: entry.registry.clone(),
        default_registry: None,
        default_repository: None,
        repository: entry.repository.clone(),
        tag: entry.tag.clone(),
        digest: entry.digest.clone(),
        unless: None,
        image_pull_policy: entry.image_pull_policy.clone(),
        image_pull_secrets: entry.image_pull_secrets.clone(),
        pull_secret_names: None,
        image_pull_secret: None,
        overriding_pull_secrets: None,
    }
}

fn builtin_entry(entry: &BuiltinFields) -> Result<table::KindFields, ConfigFault> {
    let pods: Result<Vec<KeyPath>, ConfigFault> = entry.pods.iter().map(path).collect();
    let images: Result<Vec<ImagePaths>, ConfigFault> = entry.images.iter().map(image).collect();
    let registries = entry.registries.iter().map(registry);
    let registries: Result<Vec<RegistryPath>, ConfigFault> = registries.collect();
    Ok(table::KindFields {
        group: entry.group.clone(),
        version: None,
        kinds: entry.kinds.clone(),
        pods: pods?,
        images: images?,
        whole_only: entry.whole_only,
        registries: registries?,
        agents: entry.agents.clone(),
    })
}

fn registry(entry: &BuiltinRegistry) -> Result<RegistryPath, ConfigFault> {
    Ok(RegistryPath {
        main: path(&entry.registry)?,
        name: format!("/{}", entry.before),
        secrets: entry
            .image_pull_secrets
            .as_ref()
            .map(as_written)
            .transpose()?,
    })
}

/// Where an image is written, as an entry says it.
pub(super) fn image(entry: &ImageFieldEntry) -> Result<ImagePaths, ConfigFault> {
    let (main, split) = match (&entry.image, &entry.repository) {
        (Some(image), None) => (path(image)?, None),
        (None, Some(repository)) => {
            let split = SplitPaths {
                registry: optional(&entry.registry)?,
                tag: optional(&entry.tag)?,
                digest: optional(&entry.digest)?,
                default_registry: entry.default_registry.clone(),
                default_repository: entry.default_repository.as_ref().map(|it| it.value.clone()),
            };
            (path(repository)?, Some(split))
        }
        (image, _) => {
            let what = "an image field has either `image` or `repository`";
            let fault = match image {
                Some(image) => image.fault(what),
                None => ConfigFault::without_place(what),
            };
            return Err(fault.help("write the one that holds the name".to_owned()));
        }
    };
    Ok(ImagePaths {
        main,
        split,
        policy: optional(&entry.image_pull_policy)?,
        secrets: optional(&entry.image_pull_secrets)?.or(optional(&entry.pull_secret_names)?),
        secrets_are_names: entry.pull_secret_names.is_some(),
        only_secret: entry
            .image_pull_secret
            .as_ref()
            .map(as_written)
            .transpose()?,
        overriding_secrets: optional(&entry.overriding_pull_secrets)?,
        unless: optional(&entry.unless)?,
    })
}

fn optional(text: &Option<Spanned<String>>) -> Result<Option<KeyPath>, ConfigFault> {
    text.as_ref().map(path).transpose()
}

/// A path with its text.
fn as_written(text: &Spanned<String>) -> Result<(KeyPath, String), ConfigFault> {
    Ok((path(text)?, text.value.clone()))
}

fn path(text: &Spanned<String>) -> Result<KeyPath, ConfigFault> {
    KeyPath::parse(&text.value).map_err(|fault| {
        let at = text.letters.map_or(text.at, |start| start + fault.at);
        let what = format!("{}: {}", quoted(&text.value), fault.what);
        let fault = ConfigFault::new(at, text.key.clone(), what);
        fault.help("write a path such as `$.spec.image` or `$.spec.images[*]`".to_owned())
    })
}
