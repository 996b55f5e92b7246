//! The parts of one image, each from the layer of values that decides it, or by the chart's default.

use crate::chart::{ChartImage, Part, ValuePath};
use crate::field::parts::{ImagePart, ImageParts};
use crate::image::{Reference, template};
use crate::yaml::{Error, Node};

use super::layer::{Layer, Looked, Site, Wished, look};
use super::rivals::is_registry_key;

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

/// A part of an image as it was read.
pub(super) struct ReadPart<'n, 's> {
    pub(super) part: ImagePart<'n, 's>,
    /// The number that it is, if Helm prints it otherwise: as it is written, and as it is printed.
    pub(super) number: Option<(String, String)>,
    /// Whether a layer that was not read may say it.
    pub(super) is_unknown: bool,
    /// Whether something else than a text is there.
    pub(super) is_no_text: bool,
}

impl<'n, 's> From<ImagePart<'n, 's>> for ReadPart<'n, 's> {
    fn from(part: ImagePart<'n, 's>) -> Self {
        ReadPart {
            part,
            number: None,
            is_unknown: false,
            is_no_text: false,
        }
    }
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

    /// What the chart has for a part where no value says it.
    fn default_of(&self, part: &'n Part) -> Result<Option<&'n str>, Error> {
        for by in &part.default_by {
            if let Looked::Written(site) = look(self.layers, &by.path)?
                && site.slot.node()?.and_then(Node::scalar) == Some(by.value.as_str())
            {
                return Ok(Some(&by.default));
            }
        }
        Ok(part.default.as_deref())
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

    /// The part that counts.
    pub(super) fn part_of(&mut self, part: &'n Part) -> Result<ReadPart<'n, 's>, Error> {
        let mut made = None;
        let default = self.default_of(part)?;
        // Keys that are read where the documented one is empty are read before a default, which is
        // then the template's: a chart whose own value is not empty would never read them.
        let is_of_template = part.default_where_empty || !part.fallbacks.is_empty();
        let of_values = default.filter(|_| !is_of_template);
        let of_template = default.filter(|_| of_values.is_none());
        let mut hiding: Option<&ValuePath> = None;
        for path in part.paths() {
            if hiding.is_some_and(|global| path.is_own_of(global)) {
                continue;
            }
            let is_documented = *path == part.path;
            let of_key = of_values.filter(|_| is_documented);
            match look(self.layers, path)? {
                Looked::Unknown { made, below } => return self.unknown(part, made, below),
                Looked::Written(site) => {
                    let (text, number) = self.written(&site)?;
                    if !text.is_empty() {
                        return Ok(ReadPart {
                            number,
                            ..self.read(Some(site), text, true).into()
                        });
                    }
                    if is_no_text(path, site.slot.node()?) {
                        let text = default.unwrap_or_default().to_owned();
                        return Ok(ReadPart {
                            is_no_text: true,
                            ..self.read(Some(site), text, false).into()
                        });
                    }
                    if path.is_global() {
                        hiding = Some(path);
                    }
                    if is_documented {
                        made = Some(site);
                    }
                }
                Looked::Absent(Some(site)) => {
                    let wished = self.wished.get(&site.place());
                    if let Some(text) = wished.filter(|text| !text.is_empty()) {
                        let text = text.clone();
                        return Ok(self.read(Some(site), text, true).into());
                    }
                    if let Some(text) = of_key {
                        return Ok(self.read(Some(site), text.to_owned(), false).into());
                    }
                    if is_documented {
                        made = Some(site);
                    }
                }
                Looked::Absent(None) => {
                    if let Some(text) = of_key {
                        return Ok(self.read(None, text.to_owned(), false).into());
                    }
                }
            }
        }
        let text = if part.path.is_empty() {
            default
        } else {
            of_template
        };
        let text = text.unwrap_or_default().to_owned();
        Ok(self.read(made, text, false).into())
    }

    /// The part that counts unless a layer that is not known has another: the value below it, or the
    /// default.
    fn unknown(
        &mut self,
        part: &'n Part,
        made: Option<Site<'n, 's>>,
        below: Option<Site<'n, 's>>,
    ) -> Result<ReadPart<'n, 's>, Error> {
        let is_unknown = true;
        if let Some(site) = below {
            let (text, number) = self.written(&site)?;
            if !text.is_empty() {
                return Ok(ReadPart {
                    part: self.read(Some(site), text, true),
                    number,
                    is_unknown,
                    is_no_text: false,
                });
            }
        }
        // It is told where the documented key is.
        let site = match look(self.layers, &part.path)? {
            Looked::Written(site) => Some(site),
            Looked::Absent(own) | Looked::Unknown { made: own, .. } => own.or(made),
        };
        let text = self.default_of(part)?.unwrap_or_default().to_owned();
        Ok(ReadPart {
            is_unknown,
            ..self.read(site, text, false).into()
        })
    }

    fn read(
        &mut self,
        site: Option<Site<'n, 's>>,
        text: String,
        is_written: bool,
    ) -> ImagePart<'n, 's> {
        let slot = site.as_ref().map(|site| site.slot.clone());
        self.sites.extend(site);
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
        let number = node.and_then(|node| super::number::printed(node, text));
        let Some(printed) = number else {
            return Ok((text.to_owned(), None));
        };
        // No tag begins with a sign: only what is printed can be judged.
        let is_tag = text.starts_with(|first: char| first.is_ascii_alphanumeric());
        let read = if is_tag { text } else { &printed };
        Ok((read.to_owned(), Some((text.to_owned(), printed))))
    }
}

/// Whether a value is a template without quotes, since `{{ .x }}` is a mapping whose key is one, or a
/// mapping where a registry belongs.
fn is_no_text(path: &ValuePath, node: Option<&Node<'_>>) -> bool {
    let entries = node.and_then(Node::entries).unwrap_or_default();
    let is_registry = path.0.last().is_some_and(|key| is_registry_key(key));
    let mut keys = entries.iter().map(|entry| &entry.key);
    is_registry && !entries.is_empty() || keys.any(|key| key.entries().is_some())
}
