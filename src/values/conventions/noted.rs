//! The images that were found by convention, as the values of their chart would be described.

use crate::chart::{ChartImage, Part, SecretsPart, ValuePath};
use crate::image::template::is_template;
use crate::values::beside::Holder;
use crate::values::shapes::{
    self, in_case_of, is_image_key, is_of_git, is_others, is_repository, policy_beside,
};
use crate::yaml::Error;

use super::{ConventionSearch, REPOSITORY};

impl ConventionSearch<'_> {
    /// Notes the image that a text is, with the key beside it that holds its pull policy.
    pub(super) fn whole(&mut self, keys: &[String], policy: Option<String>) {
        let path = ValuePath(keys.to_vec());
        if self.is_new(&path) {
            let above = keys.split_last().map_or(&[][..], |(_, above)| above);
            self.images.push(ChartImage {
                whole: Some(part(keys, None)),
                policy: policy.map(|key| part(above, Some(&key))),
                is_guess: true,
                ..ChartImage::default()
            });
        }
    }

    /// Notes the image whose name is under `image`, beside its other parts.
    pub(super) fn named(
        &mut self,
        holder: &Holder<'_, '_>,
        (above, key): (&[String], &str),
    ) -> Result<(), Error> {
        let repository = part(above, Some(key));
        if !self.is_new(&repository.path) {
            return Ok(());
        }
        let beside = |keys: &[&str]| -> Result<Option<Part>, Error> {
            let first = holder.first(keys)?;
            Ok(first.map(|key| part(above, Some(key))))
        };
        self.images.push(ChartImage {
            registry: Some(part(above, Some("registry"))),
            repository: Some(repository),
            tag: beside(&["tag", "imageTag"])?,
            digest: beside(&["digest"])?,
            policy: beside(&["imagePullPolicy", "pullPolicy"])?,
            is_guess: true,
            ..ChartImage::default()
        });
        Ok(())
    }

    /// Notes the image whose parts have keys of their own beside each other: `imageRepository` and
    /// `imageTag`.
    pub(super) fn flat(
        &mut self,
        holder: &Holder<'_, '_>,
        (above, key): (&[String], &str),
        prefix: &str,
    ) -> Result<(), Error> {
        let repository = part(above, Some(key));
        if !self.is_new(&repository.path) {
            return Ok(());
        }
        let beside = |word: &str| -> Result<Option<Part>, Error> {
            let beside = in_case_of(key, prefix, word);
            Ok(holder.has(&beside)?.then(|| part(above, Some(&beside))))
        };
        self.images.push(ChartImage {
            registry: Some(part(above, Some(&in_case_of(key, prefix, "registry")))),
            repository: Some(repository),
            tag: beside("tag")?,
            digest: beside("digest")?,
            policy: beside("pull_policy")?,
            is_guess: true,
            ..ChartImage::default()
        });
        Ok(())
    }

    /// Notes the image that the mapping under a path is; whether it is one. `above` is what holds it.
    pub(super) fn mapping(
        &mut self,
        above: &Holder<'_, '_>,
        own: &Holder<'_, '_>,
        keys: &[String],
        beside: usize,
    ) -> Result<bool, Error> {
        let Some((key, outer)) = keys.split_last() else {
            return Ok(false);
        };
        let is_image = is_image_key(key);
        let Some(repository) = own.text(REPOSITORY)? else {
            return Ok(false);
        };
        let is_name = is_template(repository) || is_repository(repository);
        let is_others =
            own.has_one(&shapes::OF_OTHERS)? || is_others(keys) || is_of_git(repository);
        if !is_name || is_others || !(is_image || own.has_one(&shapes::OF_IMAGES)?) {
            return Ok(false);
        }
        let path = part(keys, Some(REPOSITORY)).path;
        if !self.is_new(&path) || !self.affords(beside) {
            return Ok(true);
        }
        let tag = own.first(&["tag", "version"])?.unwrap_or("tag");
        let policy = own.first(&["imagePullPolicy", "pullPolicy"])?;
        let policy = match policy {
            Some(policy) => Some(part(keys, Some(policy))),
            None => policy_beside(above, key)?.map(|key| part(outer, Some(&key))),
        };
        let secrets = own.first(&["imagePullSecrets", "pullSecrets"])?;
        let digest = own.first(&["sha"])?.unwrap_or("digest");
        self.images.push(ChartImage {
            registry: Some(part(keys, Some("registry"))),
            repository: Some(part(keys, Some(REPOSITORY))),
            tag: Some(part(keys, Some(tag))),
            digest: Some(part(keys, Some(digest))),
            policy,
            secrets: secrets.map(|key| SecretsPart {
                path: part(keys, Some(key)).path,
                ..SecretsPart::default()
            }),
            is_guess: true,
            ..ChartImage::default()
        });
        Ok(true)
    }
}

/// What a chart takes from a registry that no image is written beside.
pub(super) fn nameless(registry: &ValuePath) -> ChartImage {
    ChartImage {
        registry: Some(Part {
            path: registry.clone(),
            ..Part::default()
        }),
        repository: Some(Part {
            default: Some("an-image/of-the-chart".to_owned()),
            ..Part::default()
        }),
        is_guess: true,
        is_nameless: true,
        ..ChartImage::default()
    }
}

fn part(keys: &[String], last: Option<&str>) -> Part {
    let keys = keys.iter().cloned().chain(last.map(str::to_owned));
    Part {
        path: ValuePath(keys.collect()),
        ..Part::default()
    }
}
