//! The parts of one image, each from the layer of values that decides it, or by the chart's default.

mod part;

use crate::chart::{ChartImage, Part, ValuePath};
use crate::field::parts::{ImagePart, ImageParts};
use crate::image::{Reference, template};
use crate::yaml::{Error, Node};

use super::layer::{Layer, Looked, Site, Wished, look};
use part::ReadPart;

/// The path of all values.
static ROOT: ValuePath = ValuePath(Vec::new());

/// What is said of an image that no value changes.
pub(super) const LITERAL: &str =
    "no value of the chart changes it: change it where the chart is rendered";

/// Why the name of an image is not known for certain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Doubt {
    /// A layer that was not read may say a part of it.
    Unread,
    /// It depends on the version of the chart, which nobody knows.
    Version,
    /// The chart puts a registry before it that nobody knows.
    Registry,
    /// A part of it is a template or a variable.
    Template,
    /// Where a part of it belongs there is something else than a text: a template without quotes.
    NoText,
    /// No text that was read has a place for a part of it.
    Nowhere,
    /// Its registry is written, and nobody knows its repository.
    Nameless,
    /// A registry at another key may be put before it, or in the place of its own: the key, and the
    /// registry.
    Rival(String, String),
}

/// Reads the parts of one image.
pub(super) struct Reader<'r, 'n, 's> {
    layers: &'r [Layer<'n, 's>],
    wished: &'r Wished,
    /// Every place that was read, or would be made.
    pub(super) sites: Vec<Site<'n, 's>>,
    /// Why the name is not known for certain.
    pub(super) doubt: Option<Doubt>,
    /// A tag or digest that is a number which Helm may print otherwise.
    pub(super) number: Option<(String, String)>,
    /// Whether the tag or digest is a template.
    pub(super) has_template_for_version: bool,
}

impl<'r, 'n, 's> Reader<'r, 'n, 's> {
    pub(super) fn new(layers: &'r [Layer<'n, 's>], wished: &'r Wished) -> Self {
        Reader {
            layers,
            wished,
            sites: Vec::new(),
            doubt: None,
            number: None,
            has_template_for_version: false,
        }
    }

    pub(super) fn parts(&mut self, image: &'n ChartImage) -> Result<ImageParts<'n, 's>, Error> {
        let whole = self.name_part(&image.whole, true)?;
        // What others take the place of makes no difference.
        let is_open = whole.text.is_empty();
        let name = self.name_part(&image.name, is_open)?;
        let is_open = is_open && name.text.is_empty();
        let repository = self.name_part(&image.repository, is_open)?;
        let has_host =
            Reference::parse(&repository.text).is_ok_and(|repository| repository.has_host());
        let is_open = is_open && !(image.is_guess && has_host);
        let mut parts = ImageParts {
            whole,
            name,
            host: self.name_part(&image.host, is_open)?,
            registry: self.name_part(&image.registry, is_open)?,
            repository,
            tag: self.version_part(&image.tag)?,
            digest: self.version_part(&image.digest)?,
            ..ImageParts::default()
        };
        self.take_filled(&mut parts);
        if image.is_guess && parts.registry.text.ends_with('/') {
            // Such a chart writes the two behind each other.
            parts.slash = "/";
            parts.registry.text.pop();
        }
        Ok(parts)
    }

    /// Takes from the text of a name what follows it and is filled in elsewhere: it says nothing of the
    /// name.
    fn take_filled(&mut self, parts: &mut ImageParts<'n, 's>) {
        let is_alone = parts.tag.text.is_empty() && parts.digest.text.is_empty();
        let is_alone = is_alone && !self.has_template_for_version;
        let named = match (parts.whole.text.is_empty(), parts.name.text.is_empty()) {
            (false, _) => &mut parts.whole,
            (true, false) if is_alone => &mut parts.name,
            (true, true) if is_alone && !template::is_template(&parts.registry.text) => {
                &mut parts.repository
            }
            _ => return,
        };
        let is_known = self.doubt == Some(Doubt::Template);
        let apart = template::without_version(&named.text).filter(|_| is_known);
        if let Some((name, filled)) = apart {
            (parts.filled, named.text) = (filled.to_owned(), name.to_owned());
            self.has_template_for_version = true;
            self.doubt = None;
        }
    }

    /// Where no value sets the name, places the image at the root of the values; returns whether it did.
    pub(super) fn place_of_literal(
        &mut self,
        parts: &mut ImageParts<'n, 's>,
    ) -> Result<bool, Error> {
        if parts.main().is_some() || parts.text().is_empty() {
            return Ok(false);
        }
        let Looked::Written(site) = look(self.layers, &ROOT)? else {
            return Ok(false);
        };
        let mut named = [&mut parts.whole, &mut parts.name, &mut parts.repository].into_iter();
        if let Some(part) = named.find(|part| !part.text.is_empty()) {
            part.slot = Some(site.slot.clone());
        }
        self.sites.push(site);
        Ok(true)
    }

    /// Whether switches are all `true`.
    pub(super) fn are_on(&mut self, switches: &'n [Part]) -> Result<bool, Error> {
        let mut are_on = true;
        for switch in switches {
            are_on &= self.part_of(switch)?.part.text == "true";
        }
        Ok(are_on)
    }

    /// A part of the name; `is_open` says that no other one takes its place.
    fn name_part(
        &mut self,
        part: &'n Option<Part>,
        is_open: bool,
    ) -> Result<ImagePart<'n, 's>, Error> {
        let Some(part) = part else {
            return Ok(ImagePart::default());
        };
        let is_unsure = self.is_unsure(part)?;
        let ReadPart {
            part,
            is_unknown,
            is_no_text,
            ..
        } = self.part_of(part)?;
        if is_open && is_unknown {
            self.doubt = Some(Doubt::Unread);
        } else if is_open && is_unsure && !part.is_written && !part.text.is_empty() {
            self.doubt = Some(Doubt::Registry);
        } else if is_open && is_no_text {
            self.doubt = Some(Doubt::NoText);
        } else if part.is_written && template::is_template(&part.text) {
            self.doubt = Some(Doubt::Template);
        }
        Ok(part)
    }

    /// Whether the default of a part depends on what is not known.
    fn is_unsure(&self, part: &'n Part) -> Result<bool, Error> {
        for (path, value) in &part.known_where {
            let is_it = match look(self.layers, path)? {
                Looked::Written(site) => {
                    let node = site.slot.node()?.and_then(Node::scalar);
                    node == Some(value.as_str())
                }
                Looked::Absent(_) => true,
                Looked::Unknown { .. } => false,
            };
            if !is_it {
                return Ok(true);
            }
        }
        Ok(part.is_unsure)
    }

    /// The tag or the digest.
    fn version_part(&mut self, part: &'n Option<Part>) -> Result<ImagePart<'n, 's>, Error> {
        let Some(part) = part else {
            return Ok(ImagePart::default());
        };
        let mut read = self.part_of(part)?;
        if read.is_no_text || read.part.is_written && template::is_template(&read.part.text) {
            // What is filled in elsewhere is no version that could be judged.
            self.has_template_for_version = true;
            return Ok(ImagePart::default());
        }
        // Which version runs is not known then.
        read.part.is_written &= !read.is_unknown;
        self.number = self.number.take().or(read.number);
        Ok(read.part)
    }
}
