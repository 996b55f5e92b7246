//! An image split over several values: registry, repository, tag and digest make one field.

use crate::image::Reference;
use crate::slot::Slot;
use crate::yaml::Error;

use super::Values;

/// The slots of the parts of a split image.
#[derive(Debug, Clone)]
pub struct Split<'n, 's> {
    /// The registry's host; `None` where the repository holds it.
    pub registry: Option<Slot<'n, 's>>,
    /// The repository.
    pub name: Slot<'n, 's>,
    /// The tag, which may hold a digest, too.
    pub tag: Option<Slot<'n, 's>>,
    /// The digest.
    pub digest: Option<Slot<'n, 's>>,
    /// The registry that goes before the name where none is written and the name has no host.
    pub default_registry: Option<&'n str>,
    /// The repository that is meant where no name is written.
    pub default_repository: Option<&'n str>,
}

impl<'n, 's> Split<'n, 's> {
    /// The reference that the parts make, empty where there is no repository.
    pub(super) fn text(&self) -> Result<String, Error> {
        let name = self.name()?;
        if name.is_empty() {
            return Ok(String::new());
        }
        let text = match self.registry(name)? {
            "" => name.to_owned(),
            registry => format!("{registry}/{name}"),
        };
        let (tag, digest) = (written(self.tag.as_ref())?, written(self.digest.as_ref())?);
        Ok(with_version(text, tag, digest))
    }

    /// The name that is written, else the one that is meant.
    fn name(&self) -> Result<&'n str, Error> {
        let name = written(Some(&self.name))?;
        Ok(match self.default_repository {
            Some(default) if name.is_empty() => default,
            _ => name,
        })
    }

    /// The place that findings name: of the name, or where none is written of another part.
    pub(super) fn main(&self) -> &Slot<'n, 's> {
        let has_value = |slot: &&Slot<'n, 's>| slot.node().is_ok_and(|node| node.is_some());
        let mut slots = self.slots().into_iter();
        slots.find(has_value).unwrap_or(&self.name)
    }

    /// Whether any part has a value.
    pub(super) fn is_written(&self) -> Result<bool, Error> {
        for slot in self.slots() {
            if slot.node()?.is_some_and(|node| !node.is_null()) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// What goes before a name.
    fn registry(&self, name: &str) -> Result<&'n str, Error> {
        let written = written(self.registry.as_ref())?;
        match self.default_registry {
            Some(default) if written.is_empty() && !has_host(name) => Ok(default),
            _ => Ok(written),
        }
    }

    /// Whether the registry has a value of its own: it is written so, or the name has no host.
    fn has_registry_of_its_own(&self) -> Result<bool, Error> {
        let name = self.name()?;
        Ok(!written(self.registry.as_ref())?.is_empty() || !has_host(name))
    }

    pub(super) fn slots(&self) -> Vec<&Slot<'n, 's>> {
        let optional = [&self.registry, &self.tag, &self.digest];
        let optional = optional.into_iter().flatten();
        std::iter::once(&self.name).chain(optional).collect()
    }

    /// What the parts should be; `None` where a tag or digest has no place, or one that is there
    /// would have to go, since an empty part means what the chart or operator likes.
    pub(super) fn values(&self, reference: &str) -> Result<Option<Values<'_, 'n, 's>>, Error> {
        let Ok(parsed) = Reference::parse(reference) else {
            return Ok(None);
        };
        let mut values = Vec::new();
        let name = parsed.name();
        match &self.registry {
            Some(registry) if self.has_registry_of_its_own()? => {
                let repository = parsed.repository();
                let domain = repository.domain();
                let rest = name.strip_prefix(domain);
                let rest = rest.and_then(|rest| rest.strip_prefix('/'));
                // Where no registry is written, the chart puts its own before the name.
                if !written(Some(registry))?.is_empty() || rest.is_some() {
                    values.push((registry, domain.to_owned()));
                }
                values.push((&self.name, rest.unwrap_or(name).to_owned()));
            }
            _ => values.push((&self.name, name.to_owned())),
        }
        // The name that is meant needs no key.
        if written(Some(&self.name))?.is_empty() {
            let is_meant = |text: &String| Some(text.as_str()) == self.default_repository;
            values.retain(|(slot, text)| !(std::ptr::eq(*slot, &self.name) && is_meant(text)));
        }
        let tag = (self.tag.as_ref(), written(self.tag.as_ref())?);
        let digest = (self.digest.as_ref(), written(self.digest.as_ref())?);
        let Some(version) = version_values(&parsed, tag, digest) else {
            return Ok(None);
        };
        values.extend(version);
        Ok(Some(values))
    }
}

/// Whether a name begins with a host.
fn has_host(name: &str) -> bool {
    Reference::parse(name).is_ok_and(|parsed| parsed.has_host())
}

/// The place of a tag or digest, if it has one, and what is written there.
pub(super) type WrittenVersion<'p, 'n, 's> = (Option<&'p Slot<'n, 's>>, &'p str);

/// A name with a tag, which may hold a digest, and a digest, with its algorithm or without.
pub(super) fn with_version(name: String, tag: &str, digest: &str) -> String {
    let mut text = name;
    match tag {
        "" => {}
        // Some operators take a digest for a tag.
        digest if digest.starts_with("sha256:") => text.push_str(&format!("@{digest}")),
        tag => text.push_str(&format!(":{tag}")),
    }
    match digest {
        "" => {}
        digest if digest.contains(':') => text.push_str(&format!("@{digest}")),
        bare => text.push_str(&format!("@sha256:{bare}")),
    }
    text
}

/// What tag and digest should be; `None` where one has no place, or one that is there would have to go,
/// since an empty part means what the chart or operator likes.
pub(super) fn version_values<'p, 'n, 's>(
    parsed: &Reference<'_>,
    (tag_slot, in_tag): WrittenVersion<'p, 'n, 's>,
    (digest_slot, in_digest): WrittenVersion<'p, 'n, 's>,
) -> Option<Values<'p, 'n, 's>> {
    let mut values = Vec::new();
    let tag = match (parsed.tag, parsed.digest, digest_slot) {
        (Some(tag), Some(digest), None) => format!("{tag}@{digest}"),
        (None, Some(digest), None) if in_tag.starts_with("sha256:") => digest.to_owned(),
        (None, Some(_), None) => return None,
        (tag, ..) => tag.unwrap_or_default().to_owned(),
    };
    match tag_slot {
        Some(slot) if !tag.is_empty() => values.push((slot, tag)),
        None if !tag.is_empty() => return None,
        _ if !in_tag.is_empty() => return None,
        _ => {}
    }
    let Some(slot) = digest_slot else {
        return Some(values);
    };
    match parsed.digest {
        Some(digest) if in_digest.contains(':') || in_digest.is_empty() => {
            values.push((slot, digest.to_owned()));
        }
        Some(digest) => values.push((slot, digest.strip_prefix("sha256:")?.to_owned())),
        // An empty digest is none, wherever there is a key for one.
        None if !in_digest.is_empty() => values.push((slot, String::new())),
        None => {}
    }
    Some(values)
}

fn written<'n>(slot: Option<&Slot<'n, '_>>) -> Result<&'n str, Error> {
    match slot {
        Some(slot) => Ok(slot.text()?.unwrap_or_default()),
        None => Ok(""),
    }
}
