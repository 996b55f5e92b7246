//! An image split over several values: registry, repository, tag and digest make one field.

use crate::image::Reference;
use crate::slot::Slot;
use crate::yaml::{Error, Node};

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
}

impl<'n, 's> Split<'n, 's> {
    /// The reference that the parts make, empty where there is no repository.
    pub(super) fn text(&self) -> Result<String, Error> {
        let name = written(Some(&self.name))?;
        if name.is_empty() {
            return Ok(String::new());
        }
        let mut text = match written(self.registry.as_ref())? {
            "" => name.to_owned(),
            registry => format!("{registry}/{name}"),
        };
        match written(self.tag.as_ref())? {
            "" => {}
            // Some operators take a digest for a tag.
            digest if digest.starts_with("sha256:") => text.push_str(&format!("@{digest}")),
            tag => text.push_str(&format!(":{tag}")),
        }
        match written(self.digest.as_ref())? {
            "" => {}
            digest if digest.contains(':') => text.push_str(&format!("@{digest}")),
            bare => text.push_str(&format!("@sha256:{bare}")),
        }
        Ok(text)
    }

    /// Whether the registry has a value of its own: it is written so, or the name has no host.
    fn has_registry_of_its_own(&self) -> Result<bool, Error> {
        let name = written(Some(&self.name))?;
        let host = Reference::parse(name)
            .is_ok_and(|parsed| parsed.domain == Some(parsed.repository().domain()));
        Ok(!written(self.registry.as_ref())?.is_empty() || !host)
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
        let in_tag = written(self.tag.as_ref())?;
        let tag = match (parsed.tag, parsed.digest, &self.digest) {
            (Some(tag), Some(digest), None) => format!("{tag}@{digest}"),
            (None, Some(digest), None) if in_tag.starts_with("sha256:") => digest.to_owned(),
            (None, Some(_), None) => return Ok(None),
            (tag, ..) => tag.unwrap_or_default().to_owned(),
        };
        match &self.tag {
            Some(slot) if !tag.is_empty() => values.push((slot, tag)),
            None if !tag.is_empty() => return Ok(None),
            _ if !in_tag.is_empty() => return Ok(None),
            _ => {}
        }
        if let Some(slot) = &self.digest {
            let old = written(Some(slot))?;
            match parsed.digest {
                Some(digest) if old.contains(':') || old.is_empty() => {
                    values.push((slot, digest.to_owned()));
                }
                Some(digest) => match digest.strip_prefix("sha256:") {
                    Some(bare) => values.push((slot, bare.to_owned())),
                    None => return Ok(None),
                },
                // An empty digest is none, wherever there is a key for one.
                None if !old.is_empty() => values.push((slot, String::new())),
                None => {}
            }
        }
        Ok(Some(values))
    }
}

fn written<'n>(slot: Option<&Slot<'n, '_>>) -> Result<&'n str, Error> {
    match slot {
        Some(slot) => Ok(slot.node()?.and_then(Node::text).unwrap_or_default()),
        None => Ok(""),
    }
}
