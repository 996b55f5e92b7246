//! Images at `helm` paths, in the values of charts that are not named.

use super::super::fault::ConfigFault;
use super::super::field_entry::ImageFieldEntry;
use super::super::fields;
use crate::chart::{ChartImage, Part, SecretsForm, SecretsPart, ValuePath};
use crate::field::query::KeyPath;
use crate::field::table::ImagePaths;

/// An image at paths of a chart that is not named.
pub(super) fn at_paths(entry: &ImageFieldEntry) -> Result<ChartImage, ConfigFault> {
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
