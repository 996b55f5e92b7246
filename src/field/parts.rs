//! An image whose parts are in the values of a chart, each at a key of its own, or not written yet.

use std::cell::Cell;

use crate::finding::Aspect;
use crate::image::{Reference, Repository};
use crate::slot::Slot;
use crate::yaml::Node;

use super::Values;
use super::split::{WrittenVersion, version_values, with_version};

/// One part of an image.
#[derive(Debug, Clone, Default)]
pub struct ImagePart<'n, 's> {
    /// Where it is written, or would be; `None` where no value changes it.
    pub slot: Option<Slot<'n, 's>>,
    /// The effective text: the written one, or the chart's default.
    pub text: String,
    /// Whether it is written.
    pub is_written: bool,
}

impl<'n, 's> ImagePart<'n, 's> {
    /// The text as it is written; `None` where it is not, or is empty.
    pub fn written(&self) -> Option<&'n str> {
        let slot = self.slot.as_ref().filter(|_| self.is_written)?;
        slot.node().ok().flatten().and_then(Node::scalar)
    }

    /// Tag or digest: its place where it is written, and its text.
    fn version(&self) -> WrittenVersion<'_, 'n, 's> {
        (self.slot.as_ref().filter(|_| self.is_written), &self.text)
    }
}

/// The parts of an image, as a chart puts them together.
#[derive(Debug, Clone, Default)]
pub struct ImageParts<'n, 's> {
    /// The whole reference, which wins over all other parts.
    pub whole: ImagePart<'n, 's>,
    /// Registry and repository in one text, which wins over these two.
    pub name: ImagePart<'n, 's>,
    /// What comes before the registry, where that is an owner.
    pub host: ImagePart<'n, 's>,
    /// What comes before the repository.
    pub registry: ImagePart<'n, 's>,
    /// The repository.
    pub repository: ImagePart<'n, 's>,
    /// The tag.
    pub tag: ImagePart<'n, 's>,
    /// The digest.
    pub digest: ImagePart<'n, 's>,
    /// What follows the name in the text that has it, and is filled in elsewhere: `:${TAG}`.
    pub filled: String,
    /// What follows the registry in its text, where the chart puts nothing between it and the
    /// repository: a slash.
    pub slash: &'static str,
    /// The repository of the image that the chart has there by default, where it is known.
    pub default: Option<Repository>,
    /// Whether the version in the one text shows that it is all of the image, so that it keeps one.
    pub is_whole_by_version: bool,
    /// Whether a new name goes into `name`, since the registry is shared with others that stay.
    pub is_named: Cell<bool>,
}

impl<'n, 's> ImageParts<'n, 's> {
    /// The image without its tag and digest.
    pub(crate) fn unversioned(&self) -> Self {
        ImageParts {
            tag: ImagePart::default(),
            digest: ImagePart::default(),
            ..self.clone()
        }
    }

    /// The reference that the parts make, empty where there is no name.
    pub fn text(&self) -> String {
        if !self.whole.text.is_empty() {
            return self.whole.text.clone();
        }
        let name = match (self.name.text.as_str(), self.registry.text.as_str()) {
            (_, _) if self.repository.text.is_empty() && self.name.text.is_empty() => {
                return String::new();
            }
            ("", "") => self.repository.text.clone(),
            ("", registry) => {
                let before = [self.host.text.as_str(), registry];
                let before = before.into_iter().filter(|text| !text.is_empty());
                let all = before.chain([self.repository.text.as_str()]);
                all.collect::<Vec<&str>>().join("/")
            }
            (name, _) => name.to_owned(),
        };
        with_version(name, &self.tag.text, &self.digest.text)
    }

    /// Whether the version is the chart's own.
    pub fn is_unversioned(&self) -> bool {
        let is_alone = self.tag.text.is_empty() && self.digest.text.is_empty();
        is_alone && (self.whole.text.is_empty() || !self.filled.is_empty())
    }

    /// Every part.
    pub fn each(&self) -> [&ImagePart<'n, 's>; 7] {
        [
            &self.whole,
            &self.name,
            &self.host,
            &self.registry,
            &self.repository,
            &self.tag,
            &self.digest,
        ]
    }

    /// The parts that the image is built from.
    fn deciding(&self) -> impl Iterator<Item = &ImagePart<'n, 's>> {
        let is_whole = !self.whole.text.is_empty();
        let is_name = !is_whole && !self.name.text.is_empty();
        let parts = [
            (is_whole, &self.whole),
            (is_name, &self.name),
            (!is_whole && !is_name, &self.host),
            (!is_whole && !is_name, &self.registry),
            (!is_whole && !is_name, &self.repository),
            (!is_whole, &self.tag),
            (!is_whole, &self.digest),
        ];
        parts
            .into_iter()
            .filter_map(|(is_read, part)| is_read.then_some(part))
    }

    /// The place that findings name: that of the name, or of the registry where no value has that.
    pub fn main(&self) -> Option<&Slot<'n, 's>> {
        let parts = [&self.whole, &self.name, &self.repository, &self.registry];
        let written = parts.iter().find(|part| part.is_written);
        let known = || {
            parts
                .into_iter()
                .find_map(|part| part.slot.as_ref().filter(|_| !part.text.is_empty()))
        };
        written.and_then(|part| part.slot.as_ref()).or_else(known)
    }

    pub(super) fn slots(&self) -> Vec<&Slot<'n, 's>> {
        self.deciding()
            .filter_map(|part| part.slot.as_ref())
            .collect()
    }

    pub(super) fn aspects(&self, slot: &Slot<'n, 's>) -> &'static [Aspect] {
        let is = |part: &ImagePart<'n, 's>| {
            part.slot
                .as_ref()
                .is_some_and(|own| std::ptr::eq(own, slot))
        };
        match () {
            () if is(&self.whole) => Aspect::OF_IMAGE,
            () if is(&self.tag) => &[Aspect::Tag, Aspect::Digest],
            () if is(&self.digest) => &[Aspect::Digest],
            () => &[Aspect::Registry],
        }
    }

    /// What the parts should be; `None` where it cannot be said at these places.
    pub fn values(&self, reference: &str) -> Option<Values<'_, 'n, 's>> {
        if self.is_named.get() {
            return self.by_name(reference);
        }
        if let (Some(slot), false) = (&self.whole.slot, self.whole.text.is_empty()) {
            if self.is_whole_by_version && !shows_it_is_whole(reference) {
                return None;
            }
            return Some(vec![(slot, format!("{reference}{}", self.filled))]);
        }
        let parsed = Reference::parse(reference).ok()?;
        // A version in the name stays there where no other key has one.
        if self.has_version_in_name() {
            return match (&self.name.slot, self.name.text.is_empty()) {
                (Some(slot), false) => Some(vec![(slot, reference.to_owned())]),
                _ => self.split(reference),
            };
        }
        let name = parsed.name();
        let mut values = match (&self.name.slot, self.name.text.is_empty()) {
            (Some(slot), false) => vec![(slot, format!("{name}{}", self.filled))],
            _ => self.split(name)?,
        };
        // The chart's own tag is what runs, and nothing to be made.
        let is_by_default = !self.tag.is_written && parsed.tag == Some(self.tag.text.as_str());
        if is_by_default && parsed.digest.is_none() && self.digest.text.is_empty() {
            return Some(values);
        }
        let version = version_values(&parsed, self.tag.version(), self.digest.version())?;
        let is = |part: &ImagePart<'n, 's>, slot: &Slot<'n, 's>, text: &str| {
            part.text == text
                && part
                    .slot
                    .as_ref()
                    .is_some_and(|own| std::ptr::eq(own, slot))
        };
        // A number stays a number.
        let differs = |(slot, text): &(&Slot<'n, 's>, String)| {
            !is(&self.tag, slot, text) && !is(&self.digest, slot, text)
        };
        values.extend(version.into_iter().filter(differs));
        Some(values)
    }

    /// The name in the one text that wins over registry and repository, where the chart has a key for
    /// it: what to write where the registry is shared with others that stay.
    pub fn by_name(&self, reference: &str) -> Option<Values<'_, 'n, 's>> {
        let parsed = Reference::parse(reference).ok()?;
        let is_free = self.whole.text.is_empty() && self.name.text.is_empty();
        let slot = self.name.slot.as_ref().filter(|_| is_free)?;
        Some(vec![(slot, parsed.name().to_owned())])
    }

    /// The text of the name, without a registry of its own.
    fn name_text(&self) -> &str {
        match self.name.text.as_str() {
            "" => &self.repository.text,
            name => name,
        }
    }

    /// Whether the tag or digest is written in the text of the name.
    pub fn has_version_in_name(&self) -> bool {
        let is_alone = self.tag.text.is_empty() && self.digest.text.is_empty();
        is_alone && Reference::parse(self.name_text()).is_ok_and(|name| name.is_versioned())
    }

    /// The name, where it has a tag or digest of its own beside another one, so that the two make no
    /// image.
    pub fn twice_versioned(&self) -> Option<&str> {
        let is_no_image = self.whole.text.is_empty() && Reference::parse(&self.text()).is_err();
        let name = self.name_text();
        let parsed = Reference::parse(name).ok().filter(|_| is_no_image)?;
        parsed.is_versioned().then_some(name)
    }

    /// Registry and repository of a name, and of its version where that is there; only what differs
    /// from what counts now.
    fn split(&self, name: &str) -> Option<Values<'_, 'n, 's>> {
        let (registry, repository) = (&self.registry, &self.repository);
        let (parsed, path) = (Reference::parse(name).ok()?, repository.text.as_str());
        if registry.text.is_empty() {
            if name == path {
                return Some(Vec::new());
            }
            let slot = repository.slot.as_ref()?;
            return Some(vec![(slot, format!("{name}{}", self.filled))]);
        }
        // A name without a host is one of Docker Hub's.
        let home = parsed.repository();
        let whole = match name.strip_prefix(home.domain()) {
            Some(_) => name.to_owned(),
            None => format!("{}/{name}", home.domain()),
        };
        let before = if whole == path {
            // The repository has its host, and nothing is to come before it.
            Some("")
        } else {
            whole
                .strip_suffix(path)
                .and_then(|rest| rest.strip_suffix('/'))
        };
        let (new_registry, new_path) = match before {
            Some(before) => (before, path),
            None if registry.text.contains('/') => at_segment(&whole, path.split('/').count())?,
            None => whole.split_once('/')?,
        };
        let mut values = Vec::new();
        let new_registry = if self.host.text.is_empty() {
            new_registry
        } else {
            let owner = registry.text.as_str();
            let own = new_registry
                .strip_suffix(owner)
                .and_then(|rest| rest.strip_suffix('/'));
            let (new_host, new_owner) = match own {
                Some(host) => (host, owner),
                None => at_segment(new_registry, owner.split('/').count())?,
            };
            if self.host.text != new_host {
                values.push((self.host.slot.as_ref()?, new_host.to_owned()));
            }
            new_owner
        };
        let is_moved = registry.text != new_registry;
        if is_moved {
            let new_registry = format!("{new_registry}{}", self.slash);
            values.push((registry.slot.as_ref()?, new_registry));
        }
        let is_pair = || {
            let slots = registry.slot.as_ref().zip(repository.slot.as_ref());
            let is_new = !registry.is_written && !repository.is_written;
            is_new && slots.is_some_and(|(a, b)| a.path == b.path)
        };
        if path != new_path || (is_moved && is_pair()) {
            let new_path = format!("{new_path}{}", self.filled);
            values.push((repository.slot.as_ref()?, new_path));
        }
        Some(values)
    }
}

/// Whether a text shows by a host or a version that it is all of an image.
pub fn shows_it_is_whole(text: &str) -> bool {
    Reference::parse(text).is_ok_and(|image| image.has_host() || image.is_versioned())
}

/// Splits a name in two, with its last segments in the second part.
fn at_segment(name: &str, last: usize) -> Option<(&str, &str)> {
    let (at, _) = name.rmatch_indices('/').nth(last.checked_sub(1)?)?;
    Some((&name[..at], &name[at + 1..]))
}
