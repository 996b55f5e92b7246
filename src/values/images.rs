//! The images of a release, as its chart puts them together.

use std::collections::HashSet;

use crate::chart::{Chart, ChartImage, Part, SecretsForm, SecretsPart, ValuePath};
use crate::field::parts::{ImagePart, Parts};
use crate::image::{Reference, likely, version};
use crate::krm::gathered::secret_names_at;
use crate::yaml::{Error, Node};

use super::layer::{Layer, Looked, Place, Site, Wished, look};

/// One image that values name, or that a chart runs by default.
#[derive(Debug, Clone, Default)]
pub struct ValueImage<'n, 's> {
    /// The parts of its reference.
    pub parts: Parts<'n, 's>,
    /// The pull policy.
    pub policy: Option<ImagePart<'n, 's>>,
    /// The pull secrets.
    pub secrets: Option<SecretsAt<'n, 's>>,
    /// Every place that the parts, the policy and the secrets stand at or would be made at.
    pub sites: Vec<Site<'n, 's>>,
    /// Whether a profile knows it, and not its shape alone.
    pub is_known: bool,
    /// Whether a part of its name is written.
    pub is_written: bool,
    /// Why its name is not known for certain.
    pub doubt: Option<Doubt>,
    /// Whether keys that are absent may be made.
    pub is_makeable: bool,
    /// What to write instead of them, where they may not.
    pub instead: Option<&'n str>,
    /// Whether the chart has no key for the pull secrets of what runs it.
    pub lacks_secrets: bool,
    /// A tag or digest that is a number, so that Helm may print it otherwise: as it is written, and
    /// as it is printed.
    pub number: Option<(String, String)>,
    /// What the image is read by, to read it again.
    pub(super) source: Option<&'n ChartImage>,
}

/// Why the name of an image is not known for certain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Doubt {
    /// A layer that was not read may say a part of it.
    Unread,
    /// The chart puts a registry before it that nobody knows.
    Registry,
    /// A part of it is a template or a variable.
    Template,
}

/// A list of pull secrets.
#[derive(Debug, Clone)]
pub struct SecretsAt<'n, 's> {
    /// The list that secrets are added to.
    pub site: Site<'n, 's>,
    /// The secrets that count.
    pub names: Vec<String>,
    /// How a new list is written.
    pub form: SecretsForm,
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
    let (mut found, mut others) = (Vec::new(), Vec::new());
    for image in &chart.images {
        let is_in = image.is_in(of_version);
        let read = chart_image(image, is_in, layers, &Wished::new())?;
        if is_in {
            found.extend(read);
        } else {
            others.extend(read.map(|read| (image.until.as_deref().and_then(version::parse), read)));
        }
    }
    // What another version of the chart has is judged where it is written, unless this version reads
    // that value for an image of its own; of several versions, the newest counts.
    let places = found.iter().flat_map(ValueImage::places);
    let mut read: HashSet<Place> = places.collect();
    others.sort_by(|(one, _), (other, _)| match (one, other) {
        (Some(one), Some(other)) => version::compare(other, one),
        (one, other) => one.is_some().cmp(&other.is_some()),
    });
    let is_new =
        |image: &ValueImage<'n, 's>| image.main_place().is_some_and(|place| read.insert(place));
    found.extend(others.into_iter().map(|(_, image)| image).filter(is_new));
    Ok(found)
}

impl<'n, 's> ValueImage<'n, 's> {
    /// The reference that results if the places in `wished` get their texts.
    ///
    /// # Errors
    /// A mapping that is read has a key twice.
    pub fn text_with(&self, layers: &[Layer<'n, 's>], wished: &Wished) -> Result<String, Error> {
        let mut reader = Reader {
            layers,
            wished,
            image: ValueImage::default(),
        };
        match self.source {
            Some(image) => Ok(reader.parts(image)?.text()),
            None => Ok(String::new()),
        }
    }

    /// The site of a slot of the image.
    pub fn site_of(&self, slot: &crate::slot::Slot<'n, 's>) -> Option<&Site<'n, 's>> {
        let same = |site: &&Site<'n, 's>| {
            std::ptr::eq(site.slot.holder, slot.holder) && site.slot.full_path() == slot.full_path()
        };
        self.sites.iter().find(same)
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

    /// The place at which its name is written, or would be.
    pub fn main_place(&self) -> Option<Place> {
        Some(self.site_of(self.parts.main()?)?.place())
    }

    /// The places of the parts of its reference.
    pub fn places(&self) -> Vec<Place> {
        let slots = self
            .parts
            .each()
            .into_iter()
            .filter_map(|part| part.slot.as_ref());
        slots
            .filter_map(|slot| Some(self.site_of(slot)?.place()))
            .collect()
    }
}

/// Reads one image; `None` where it is not used.
fn chart_image<'n, 's>(
    image: &'n ChartImage,
    is_in: bool,
    layers: &[Layer<'n, 's>],
    wished: &Wished,
) -> Result<Option<ValueImage<'n, 's>>, Error> {
    if let Some(unless) = &image.unless
        && let Looked::Written(site) = look(layers, unless)?
        && site
            .slot
            .node()?
            .is_some_and(|node| !node.is_null() && node.scalar() != Some(""))
    {
        return Ok(None);
    }
    let mut reader = Reader {
        layers,
        wished,
        image: ValueImage {
            source: Some(image),
            instead: image.instead.as_deref(),
            lacks_secrets: image.lacks_secrets,
            is_known: image.has_default(),
            ..ValueImage::default()
        },
    };
    reader.image.parts = reader.parts(image)?;
    let mut is_enabled = true;
    for switch in &image.enabled_by {
        is_enabled &= reader.part_of(switch)?.0.text == "true";
    }
    if let Some(policy) = &image.policy {
        let (part, _) = reader.part_of(policy)?;
        reader.image.policy = Some(part);
    }
    if let Some(secrets) = &image.secrets {
        reader.image.secrets = reader.secrets(secrets)?;
    }
    let mut image = reader.image;
    let parts = &image.parts;
    let is_there = |part: &ImagePart<'_, '_>| part.is_written && !part.text.is_empty();
    image.is_makeable = is_in && is_enabled;
    // A registry that others share is no sign that this image runs.
    image.is_written = is_there(&parts.whole)
        || is_there(&parts.name)
        || is_there(&parts.repository)
        || image.is_makeable && is_there(&parts.registry);
    let is_bare = parts.whole.text.is_empty() && parts.name.text.is_empty();
    if image.doubt.is_none()
        && image
            .source
            .is_some_and(|source| source.is_guess && source.registry.is_some())
        && is_bare
        && !is_written(
            layers,
            image.source.and_then(|source| source.registry.as_ref()),
        )?
        && Reference::parse(&parts.repository.text).is_ok_and(|parsed| !parsed.has_host())
    {
        image.doubt = Some(Doubt::Registry);
    }
    Ok(Some(image).filter(|image| is_in || image.is_written))
}

/// Whether a part is written, empty perhaps.
fn is_written<'n>(layers: &[Layer<'n, '_>], part: Option<&'n Part>) -> Result<bool, Error> {
    for path in part.into_iter().flat_map(Part::paths) {
        if let Looked::Written(_) = look(layers, path)? {
            return Ok(true);
        }
    }
    Ok(false)
}

struct Reader<'r, 'n, 's> {
    layers: &'r [Layer<'n, 's>],
    wished: &'r Wished,
    image: ValueImage<'n, 's>,
}

impl<'n, 's> Reader<'_, 'n, 's> {
    fn parts(&mut self, image: &'n ChartImage) -> Result<Parts<'n, 's>, Error> {
        Ok(Parts {
            whole: self.part(&image.whole, true)?,
            name: self.part(&image.name, true)?,
            registry: self.part(&image.registry, true)?,
            repository: self.part(&image.repository, true)?,
            tag: self.part(&image.tag, false)?,
            digest: self.part(&image.digest, false)?,
            ..Parts::default()
        })
    }

    fn part(&mut self, part: &'n Option<Part>, is_name: bool) -> Result<ImagePart<'n, 's>, Error> {
        let Some(part) = part else {
            return Ok(ImagePart::default());
        };
        let (read, number) = self.part_of(part)?;
        if is_name && read.is_written && likely::is_template(&read.text) {
            self.image.doubt = Some(Doubt::Template);
        }
        if !is_name && self.image.number.is_none() {
            self.image.number = number;
        }
        Ok(read)
    }

    /// The part that counts, and the number that it is, if Helm prints it otherwise.
    fn part_of(
        &mut self,
        part: &'n Part,
    ) -> Result<(ImagePart<'n, 's>, Option<(String, String)>), Error> {
        let mut made = None;
        let default = part.default.as_deref();
        // Keys that are read where the documented one is empty are read before a default, which is
        // then the template's: a chart whose own value is not empty would never read them.
        let of_values = default.filter(|_| part.fallbacks.is_empty());
        let of_template = default.filter(|_| of_values.is_none());
        for path in part.paths() {
            let is_documented = *path == part.path;
            let default = of_values.filter(|_| is_documented);
            match look(self.layers, path)? {
                Looked::Unknown(site) => {
                    self.image.doubt = Some(Doubt::Unread);
                    // It is told where the documented key is.
                    let site = match look(self.layers, &part.path)? {
                        Looked::Written(site) => Some(site),
                        Looked::Absent(own) | Looked::Unknown(own) => own.or(site),
                    };
                    let text = part.default.clone().unwrap_or_default();
                    let read = match site {
                        Some(site) => self.read(site, text, false),
                        None => ImagePart {
                            text,
                            ..ImagePart::default()
                        },
                    };
                    return Ok((read, None));
                }
                Looked::Written(site) => {
                    let (text, number) = self.written(&site)?;
                    if !text.is_empty() {
                        return Ok((self.read(site, text, true), number));
                    }
                    if is_documented {
                        made = Some(site);
                    }
                }
                Looked::Absent(Some(site)) => {
                    if let Some(text) = self
                        .wished
                        .get(&site.place())
                        .filter(|text| !text.is_empty())
                    {
                        let text = text.clone();
                        return Ok((self.read(site, text, true), None));
                    }
                    if let Some(text) = default {
                        return Ok((self.read(site, text.to_owned(), false), None));
                    }
                    if is_documented {
                        made = Some(site);
                    }
                }
                Looked::Absent(None) => {
                    if let Some(text) = default {
                        return Ok((
                            ImagePart {
                                text: text.to_owned(),
                                ..ImagePart::default()
                            },
                            None,
                        ));
                    }
                }
            }
        }
        if part.path.is_empty() {
            return Ok((
                ImagePart {
                    text: part.default.clone().unwrap_or_default(),
                    ..ImagePart::default()
                },
                None,
            ));
        }
        let text = of_template.unwrap_or_default().to_owned();
        let read = match made {
            Some(site) => self.read(site, text, false),
            None => ImagePart {
                text,
                ..ImagePart::default()
            },
        };
        Ok((read, None))
    }

    fn read(&mut self, site: Site<'n, 's>, text: String, is_written: bool) -> ImagePart<'n, 's> {
        let slot = Some(site.slot.clone());
        self.image.sites.push(site);
        ImagePart {
            slot,
            text,
            is_written,
        }
    }

    /// The text at a site, and the number that it is where Helm prints it otherwise.
    fn written(&self, site: &Site<'n, 's>) -> Result<(String, Option<(String, String)>), Error> {
        if let Some(text) = self.wished.get(&site.place()) {
            return Ok((text.clone(), None));
        }
        let node = site.slot.node()?;
        let text = node.filter(|node| !node.is_null()).and_then(Node::scalar);
        let text = text.unwrap_or_default();
        let number = node
            .filter(|node| node.text().is_none())
            .and_then(|_| super::number::printed(text));
        Ok((
            text.to_owned(),
            number.map(|printed| (text.to_owned(), printed)),
        ))
    }

    fn secrets(&mut self, part: &'n SecretsPart) -> Result<Option<SecretsAt<'n, 's>>, Error> {
        let (mut counts, mut made, mut names) = (None, None, Vec::new());
        for path in part.paths() {
            match look(self.layers, path)? {
                Looked::Unknown(_) => return Ok(None),
                Looked::Written(site) => {
                    let found = listed(&site)?;
                    if !found.is_empty() {
                        (counts, names) = (Some(site), found);
                        break;
                    }
                    if *path == part.path {
                        made = Some(site);
                    }
                }
                Looked::Absent(site) if *path == part.path => made = site,
                Looked::Absent(_) => {}
            }
        }
        for path in &part.joined_with {
            names.extend(self.names_at(path)?);
        }
        let Some(site) = counts.or(made) else {
            return Ok(None);
        };
        self.image.sites.push(site.clone());
        Ok(Some(SecretsAt {
            site,
            names,
            form: part.form,
        }))
    }

    fn names_at(&self, path: &'n ValuePath) -> Result<Vec<String>, Error> {
        match look(self.layers, path)? {
            Looked::Written(site) => listed(&site),
            _ => Ok(Vec::new()),
        }
    }
}

/// The names in a list of pull secrets, or the one that a text is.
fn listed(site: &Site<'_, '_>) -> Result<Vec<String>, Error> {
    let node = site.slot.node()?;
    match node.and_then(Node::text) {
        Some(name) if !name.is_empty() => Ok(vec![name.to_owned()]),
        _ => secret_names_at(node),
    }
}
