//! The parts of one image, each from the layer of values that decides it, or by the chart's default.

use crate::chart::{ChartImage, Part, ValuePath};
use crate::field::parts::{ImagePart, Parts};
use crate::image::likely;
use crate::yaml::{Error, Node};

use super::layer::{Layer, Looked, Site, Wished, look};

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
    /// The chart puts a registry before it that nobody knows.
    Registry,
    /// A part of it is a template or a variable.
    Template,
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
}

impl<'r, 'n, 's> Reader<'r, 'n, 's> {
    pub(super) fn new(layers: &'r [Layer<'n, 's>], wished: &'r Wished) -> Self {
        Reader {
            layers,
            wished,
            sites: Vec::new(),
            doubt: None,
            number: None,
        }
    }

    pub(super) fn parts(&mut self, image: &'n ChartImage) -> Result<Parts<'n, 's>, Error> {
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

    /// Where no value changes a name, it is told of at the values as a whole; whether that is so.
    pub(super) fn place_of_literal(&mut self, parts: &mut Parts<'n, 's>) -> Result<bool, Error> {
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

    fn part(&mut self, part: &'n Option<Part>, is_name: bool) -> Result<ImagePart<'n, 's>, Error> {
        let Some(part) = part else {
            return Ok(ImagePart::default());
        };
        let (read, number) = self.part_of(part)?;
        if is_name && read.is_written && likely::is_template(&read.text) {
            self.doubt = Some(Doubt::Template);
        }
        if !is_name && self.number.is_none() {
            self.number = number;
        }
        Ok(read)
    }

    /// The part that counts, and the number that it is, if Helm prints it otherwise.
    pub(super) fn part_of(
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
                    self.doubt = Some(Doubt::Unread);
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
        self.sites.push(site);
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
}
