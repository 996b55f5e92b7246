//! The images of a release, as its chart puts them together.

mod certain;
mod keys;
mod read;
mod versions;

use std::collections::HashSet;
use std::sync::LazyLock;

use crate::chart::{Chart, ChartImage, Part, ValuePath};
use crate::field::parts::{ImagePart, ImageParts};
use crate::image::{Repository, version};
use crate::sort::sort_by;
use crate::yaml::{Error, Node};

use super::layer::{Layer, Site, SlotKey, Wished};
use super::reader::{Doubt, Reader};
use super::secrets::{SecretsAt, UNKNOWN, WishedNames, secrets};
use super::shapes::{flat_prefix, in_case_of};
use read::chart_image;

/// One image that values name, or that a chart runs by default.
#[derive(Debug, Clone, Default)]
pub struct ValueImage<'n, 's> {
    /// The parts of its reference.
    pub parts: ImageParts<'n, 's>,
    /// The pull policy.
    pub policy: Option<ImagePart<'n, 's>>,
    /// The pull secrets.
    pub secrets: Option<SecretsAt<'n, 's>>,
    /// Every place where the parts, the policy and the secrets are or would be written.
    pub sites: Vec<Site<'n, 's>>,
    /// Whether a profile knows it, and not its shape alone.
    pub is_known: bool,
    /// Whether a part of its name is written.
    pub is_written: bool,
    /// Why its name is not known for certain.
    pub doubt: Option<Doubt>,
    /// Whether absent keys may be added.
    pub is_makeable: bool,
    /// Whether no value changes its name.
    pub is_literal: bool,
    /// What to write instead of them, where they may not.
    pub instead: Option<&'n str>,
    /// Why no list of pull secrets is known, although what runs it would need one.
    pub no_secrets: Option<&'static str>,
    /// A tag or digest that is a number, so that Helm may print it otherwise: as it is written, and
    /// as it is printed.
    pub number: Option<(String, String)>,
    /// Whether its tag or digest is a template that is filled in elsewhere.
    pub has_template_for_version: bool,
    /// What the image is read by, to read it again.
    pub(super) source: Option<&'n ChartImage>,
}

/// The images of a chart in layers of values.
///
/// # Errors
/// A mapping that is read has a key twice.
pub fn images<'n, 's>(
    chart: &'n Chart,
    of_version: Option<&str>,
    layers: &[Layer<'n, 's>],
) -> Result<Vec<ValueImage<'n, 's>>, Error> {
    let (mut found, mut others, mut open) = (Vec::new(), Vec::new(), Vec::new());
    let in_version = chart.in_version(of_version);
    for image in &chart.images {
        if image.depends_on_version || in_version.leaves_open(image) {
            let read = chart_image(image, true, layers, &Wished::new())?;
            open.extend(read);
            continue;
        }
        let is_in = in_version.has(image);
        let read = chart_image(image, is_in, layers, &Wished::new())?;
        if is_in {
            found.extend(read.map(|read| read.of_older_chart(in_version.before_known)));
        } else {
            others.extend(read.map(|read| (image.until.as_deref().and_then(version::parse), read)));
        }
    }
    // What another version of the chart has is judged where it is written, unless this version reads
    // that value for an image of its own; of several versions, the newest counts.
    let places = found.iter().flat_map(ValueImage::places);
    let mut read: HashSet<SlotKey> = places.collect();
    sort_by(&mut others, |(one, _), (other, _)| match (one, other) {
        (Some(one), Some(other)) => version::compare(other, one),
        (one, other) => one.is_some().cmp(&other.is_some()),
    });
    let mut is_new =
        |image: &ValueImage<'n, 's>| image.main_place().is_some_and(|place| read.insert(place));
    found.extend(
        others
            .into_iter()
            .map(|(_, image)| image)
            .filter(&mut is_new),
    );
    found.extend(versions::agreed(open, layers, &read)?);
    Ok(found)
}

/// Where a value that takes the place of an image's own, and that all charts see, is written.
///
/// # Errors
/// A mapping that is read has a key twice.
pub fn hidden<'n, 's>(
    image: &'n ChartImage,
    layers: &[Layer<'n, 's>],
) -> Result<Option<Site<'n, 's>>, Error> {
    match image.unless.as_ref().filter(|unless| unless.is_global()) {
        Some(unless) => read::set(layers, unless),
        None => Ok(None),
    }
}

/// Whether switches of a chart are all `true`.
///
/// # Errors
/// A mapping that is read has a key twice.
pub fn are_on<'n, 's>(switches: &'n [Part], layers: &[Layer<'n, 's>]) -> Result<bool, Error> {
    let wished = Wished::new();
    Reader::new(layers, &wished).are_on(switches)
}

impl<'n, 's> ValueImage<'n, 's> {
    /// The reference that results if the places in `wished` get their texts.
    ///
    /// # Errors
    /// A mapping that is read has a key twice.
    pub fn text_with(&self, layers: &[Layer<'n, 's>], wished: &Wished) -> Result<String, Error> {
        let mut reader = Reader::new(layers, wished);
        match self.source {
            Some(image) => Ok(reader.parts(image)?.text()),
            None => Ok(String::new()),
        }
    }

    /// The places that its reference is read from if the places in `wished` get their texts.
    ///
    /// # Errors
    /// A mapping that is read has a key twice.
    pub fn places_with(
        &self,
        layers: &[Layer<'n, 's>],
        wished: &Wished,
    ) -> Result<Vec<SlotKey>, Error> {
        let mut reader = Reader::new(layers, wished);
        if let Some(image) = self.source {
            reader.parts(image)?;
        }
        Ok(reader.sites.iter().map(Site::place).collect())
    }

    /// Its pull policy if the places in `wished` get their texts, and the place that says it.
    ///
    /// # Errors
    /// A mapping that is read has a key twice.
    pub fn policy_with(
        &self,
        layers: &[Layer<'n, 's>],
        wished: &Wished,
    ) -> Result<(Option<String>, Option<SlotKey>), Error> {
        let Some(part) = self.source.and_then(|source| source.policy.as_ref()) else {
            return Ok((None, None));
        };
        let mut reader = Reader::new(layers, wished);
        let read = reader.part_of(part)?.part;
        let place = reader.sites.last().map(Site::place);
        let text = Some(read.text).filter(|text| !text.is_empty());
        Ok((text, place))
    }

    /// Its pull secrets if lists have the wished names, too.
    ///
    /// # Errors
    /// A mapping that is read has a key twice.
    pub fn secrets_with(
        &self,
        layers: &[Layer<'n, 's>],
        wished: &WishedNames,
    ) -> Result<Vec<String>, Error> {
        let list = self.list_with(layers, wished)?;
        Ok(list.map_or(Vec::new(), |list| list.names))
    }

    /// The lists that its pull secrets are read from if lists have the wished names, too.
    ///
    /// # Errors
    /// A mapping that is read has a key twice.
    pub fn lists_with(
        &self,
        layers: &[Layer<'n, 's>],
        wished: &WishedNames,
    ) -> Result<Vec<SlotKey>, Error> {
        let list = self.list_with(layers, wished)?;
        Ok(list.map_or(Vec::new(), |list| list.reads))
    }

    fn list_with(
        &self,
        layers: &[Layer<'n, 's>],
        wished: &WishedNames,
    ) -> Result<Option<SecretsAt<'n, 's>>, Error> {
        let part = self.source.and_then(|source| source.secrets.as_ref());
        let read = part.map(|part| secrets(part, layers, wished)).transpose()?;
        Ok(read.and_then(Result::ok))
    }

    /// Takes out what there is no text to write it in.
    fn keep_to_places(&mut self) {
        let is_nowhere = |part: &ImagePart<'n, 's>| {
            let site = part.slot.as_ref().and_then(|slot| self.site_of(slot));
            site.is_some_and(|site| site.is_nowhere)
        };
        let parts = &self.parts;
        // A registry that is empty is no part of the name, and gets nothing.
        let is_named = |part: &&ImagePart<'n, 's>| !part.text.is_empty();
        let named = match (parts.whole.text.is_empty(), parts.name.text.is_empty()) {
            (false, _) => [&parts.whole, &parts.whole],
            (true, false) => [&parts.name, &parts.name],
            (true, true) => [&parts.registry, &parts.repository],
        };
        let is_unnamed = named.into_iter().filter(is_named).any(&is_nowhere);
        let has_policy = !self.policy.as_ref().is_some_and(is_nowhere);
        self.policy = self.policy.take().filter(|_| has_policy);
        let nowhere = Some(Doubt::Nowhere).filter(|_| is_unnamed);
        self.doubt = self.doubt.take().or(nowhere);
    }

    /// Whether its pull policy is written.
    pub fn has_written_policy(&self) -> bool {
        self.policy.as_ref().is_some_and(|policy| policy.is_written)
    }

    /// Describes the pods for which the chart has no value that gives pull secrets.
    pub fn unlisted_pods(&self) -> Option<&'n str> {
        self.source?.unlisted_pods.as_deref()
    }

    /// The repository of the image that its chart runs by default, where that is known.
    pub fn default_repository(&self) -> Option<Repository> {
        self.source?.default_repository()
    }

    /// Whether its chart is one that nobody knows.
    pub fn is_guess(&self) -> bool {
        self.source.is_some_and(|source| source.is_guess)
    }

    /// Whether values allow charts of Bitnami to run other images than their own.
    pub fn is_allowed_anywhere(&self, layers: &[Layer<'n, 's>]) -> bool {
        static ALLOWED: LazyLock<Option<ValuePath>> =
            LazyLock::new(|| ValuePath::parse("global.security.allowInsecureImages"));
        let site = ALLOWED.as_ref().map(|path| read::set(layers, path));
        let site = site.and_then(Result::ok).flatten();
        let node = site.and_then(|site| site.slot.node().ok().flatten());
        node.and_then(Node::scalar) == Some("true")
    }

    /// Whether nobody knows which image it is, but for its registry.
    pub fn is_nameless(&self) -> bool {
        self.doubt == Some(Doubt::Nameless)
    }

    /// Whether nobody knows the list of pull secrets of what runs it.
    pub fn has_unknown_list(&self) -> bool {
        self.secrets.is_none() && self.no_secrets == Some(UNKNOWN)
    }

    /// Whether a registry is written beside its name that its chart would not read.
    ///
    /// # Errors
    /// A mapping that is read has a key twice.
    pub fn has_other_registry(&self, layers: &[Layer<'n, 's>]) -> Result<bool, Error> {
        let Some(source) = self.source else {
            return Ok(false);
        };
        let own = source.registry.as_ref().map(|part| &part.path);
        for part in [&source.name, &source.repository].into_iter().flatten() {
            let beside = part.path.0.split_last().map(|(key, above)| {
                let key = match flat_prefix(key) {
                    Some(prefix) => in_case_of(key, prefix, "registry"),
                    None => "registry".to_owned(),
                };
                ValuePath([above, &[key]].concat())
            });
            if let Some(beside) = beside.filter(|beside| own.is_none_or(|own| own != beside))
                && read::set(layers, &beside)?.is_some()
            {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// What to do instead, where its list of pull secrets must not be made.
    pub fn secrets_instead(&self) -> Option<&'n str> {
        self.source?.secrets.as_ref()?.instead.as_deref()
    }

    /// Whether it runs, as far as the values say.
    pub fn is_used(&self) -> bool {
        self.is_written || self.is_makeable
    }

    /// What would tell the tag, in words, where the chart chooses it.
    pub fn chart_tag(&self) -> Option<String> {
        if !self.parts.is_unversioned() {
            return None;
        }
        let tag = self.source.and_then(|source| source.tag.as_ref());
        let key = tag.map(|tag| &tag.path).filter(|path| !path.is_empty());
        let set = key.map_or(String::new(), |key| format!("set {key}, or "));
        Some(format!("{set}list the images of the rendered chart"))
    }

    /// The pull policy that counts: what is written, or the chart's default.
    pub fn policy_text(&self) -> Option<&'n str> {
        let written = self.policy.as_ref().and_then(ImagePart::written);
        let default = || self.source?.policy.as_ref()?.default.as_deref();
        written.or_else(default)
    }
}
