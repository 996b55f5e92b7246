//! One part of an image: the layer of values that decides it, or the chart's default.

use crate::chart::{Part, ValuePath};
use crate::field::parts::ImagePart;
use crate::yaml::{Error, Node};

use super::super::layer::{Looked, Site, look, look_with};
use super::super::number;
use super::super::rivals::is_registry_key;
use super::Reader;

/// A part of an image as it was read.
pub(in crate::values) struct ReadPart<'n, 's> {
    pub(in crate::values) part: ImagePart<'n, 's>,
    /// The number that it is, if Helm prints it otherwise: as it is written, and as it is printed.
    pub(in crate::values) number: Option<(String, String)>,
    /// Whether a layer that was not read may say it.
    pub(in crate::values) is_unknown: bool,
    /// Whether something else than a text is there.
    pub(in crate::values) is_no_text: bool,
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

impl<'n, 's> Reader<'_, 'n, 's> {
    /// The part that counts.
    pub(in crate::values) fn part_of(&mut self, part: &'n Part) -> Result<ReadPart<'n, 's>, Error> {
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
            match look_with(self.layers, path, self.wished)? {
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
        let number = node.and_then(|node| number::printed(node, text));
        let Some(printed) = number else {
            return Ok((text.to_owned(), None));
        };
        // No tag begins with a sign: only what is printed can be judged.
        let is_tag = text.starts_with(|first: char| first.is_ascii_alphanumeric());
        let read = if is_tag { text } else { &printed };
        Ok((read.to_owned(), Some((text.to_owned(), printed))))
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
}

/// Whether a value is a template without quotes, since `{{ .x }}` is a mapping whose key is one, or a
/// mapping where a registry belongs.
fn is_no_text(path: &ValuePath, node: Option<&Node<'_>>) -> bool {
    let entries = node.and_then(Node::entries).unwrap_or_default();
    let is_registry = path.0.last().is_some_and(|key| is_registry_key(key));
    let mut keys = entries.iter().map(|entry| &entry.key);
    is_registry && !entries.is_empty() || keys.any(|key| key.entries().is_some())
}
