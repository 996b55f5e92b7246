//! An entry of a list that replaces images: what it makes of one, and what it should say instead.

use crate::field::Values;
use crate::image::Reference;
use crate::image::entry::{is_filled_in, version_at};
use crate::slot::Slot;
use crate::yaml::Error;

/// An entry `{name, newName, newTag, digest}`: what it makes of the image that it names.
#[derive(Debug, Clone)]
pub struct Override<'n, 's> {
    /// The name that the entry looks for.
    pub name: &'n str,
    /// The slot of that name, where the entry changes images in their files: these get the new name, and
    /// the entry has to look for it.
    followed: Option<Slot<'n, 's>>,
    /// The slot of the new name.
    pub new_name: Slot<'n, 's>,
    /// The slot of the new tag.
    pub new_tag: Slot<'n, 's>,
    /// The slot of the digest.
    pub digest: Slot<'n, 's>,
    /// What is judged of it.
    pub part: EntryPart,
    /// Whether it gives another name to an image in whatever version manifests have it.
    pub keeps_version: bool,
}

/// What becomes of a digest that is not to be there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DigestEdit {
    /// Its key becomes `newTag`, with this tag.
    TagInstead(String),
    /// It goes, with its key.
    Removed,
}

/// What is judged of an entry: a later one may look for what it makes, and change the rest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EntryPart {
    /// All that it says.
    Whole,
    /// The name: a later entry sets the version, or says which image runs in it.
    Name,
    /// The version: a later entry gives the image another name, in the version that this one sets.
    Version,
}

/// An entry of Argo CD's, `NAME=NEWNAME:TAG`, or `NAME:TAG` for an image that keeps its name.
#[derive(Debug, Clone)]
pub struct EntryText<'n, 's> {
    /// The slot of the text.
    pub(in crate::field) slot: Slot<'n, 's>,
    /// The name that the entry looks for.
    name: &'n str,
    /// Whether a new name is written.
    is_renaming: bool,
    /// The tag or digest with its sign, where it is filled in elsewhere.
    pub(in crate::field) version: &'n str,
}

impl<'n, 's> EntryText<'n, 's> {
    /// An entry, and the image that it makes.
    pub(super) fn of(slot: Slot<'n, 's>, text: &'n str) -> (Self, &'n str) {
        let (name, image) = text.split_once('=').unwrap_or((text, text));
        let (own, version) = image.split_at(version_at(image));
        let is_renaming = text.contains('=');
        let is_template = is_filled_in(version);
        let entry = EntryText {
            slot,
            name: if is_renaming { name } else { own },
            is_renaming,
            version: if is_template { version } else { "" },
        };
        (entry, if is_template { own } else { image })
    }

    /// The text for the entry to make a reference.
    pub(in crate::field) fn text_for(&self, reference: &str) -> Option<String> {
        let parsed = Reference::parse(reference).ok()?;
        let new = match self.version {
            "" => reference.to_owned(),
            version => format!("{}{version}", parsed.name()),
        };
        let is_versioned =
            parsed.tag.is_some() || parsed.digest.is_some() || !self.version.is_empty();
        let keeps_form = !self.is_renaming && parsed.name() == self.name && is_versioned;
        Some(if keeps_form {
            new
        } else {
            format!("{}={new}", self.name)
        })
    }
}

impl<'n, 's> Override<'n, 's> {
    /// The entry with its name in a slot.
    pub(super) fn of(name: &'n str, found: Slot<'n, 's>, followed: Option<Slot<'n, 's>>) -> Self {
        Override {
            name,
            followed,
            new_name: found.beside("newName"),
            new_tag: found.beside("newTag"),
            digest: found.beside("digest"),
            part: EntryPart::Whole,
            keeps_version: false,
        }
    }

    /// Whether it changes anything of an image that it finds.
    pub(crate) fn has_effect(&self) -> Result<bool, Error> {
        let new = self.new_name.text()?.unwrap_or_default();
        let renames = !new.is_empty() && new != self.name;
        Ok(renames || self.sets_version()?)
    }

    /// Whether it sets a version, be it within the new name.
    pub(super) fn sets_version(&self) -> Result<bool, Error> {
        let is_set = |slot: &Slot<'n, 's>| -> Result<bool, Error> {
            Ok(slot.text()?.is_some_and(|text| !text.is_empty()))
        };
        let new_name = self.new_name.text()?.unwrap_or_default();
        let is_within = version_at(new_name) < new_name.len();
        Ok(is_within || is_set(&self.new_tag)? || is_set(&self.digest)?)
    }

    /// The reference that the entry makes; `None` where it replaces nothing.
    pub(super) fn text(&self) -> Result<Option<String>, Error> {
        let (name, tag, digest) = (
            self.new_name.text()?,
            self.new_tag.text()?,
            self.digest.text()?,
        );
        if name.is_none() && tag.is_none() && digest.is_none() {
            return Ok(None);
        }
        let mut text = name.unwrap_or(self.name).to_owned();
        let tag = tag.filter(|tag| !is_filled_in(tag));
        let digest = digest.filter(|digest| !is_filled_in(digest));
        if let Some(tag) = tag {
            text.push_str(&format!(":{tag}"));
        }
        if let Some(digest) = digest {
            text.push_str(&format!("@{digest}"));
        }
        Ok(Some(text))
    }

    /// What becomes of the digest for the entry to make a reference without one: beside a tag it goes, and alone
    /// its key becomes that of the tag. No tag is `latest`, since an entry without either keeps what the manifests
    /// say.
    pub(in crate::field) fn without_digest(
        &self,
        reference: &str,
    ) -> Result<Option<(&Slot<'n, 's>, DigestEdit)>, Error> {
        let has_one = self.digest.text()?.is_some() && !self.is_name_alone();
        let parsed = Reference::parse(reference).ok().filter(|_| has_one);
        let Some(parsed) = parsed.filter(|parsed| parsed.digest.is_none()) else {
            return Ok(None);
        };
        let value = match self.new_tag.text()? {
            Some(_) => DigestEdit::Removed,
            None => {
                let tag = parsed.tag.unwrap_or("latest");
                DigestEdit::TagInstead(tag.to_owned())
            }
        };
        Ok(Some((&self.digest, value)))
    }

    /// The texts that the entry's keys should have, but for [`Override::without_digest`]; `None` for what is no
    /// reference.
    pub(in crate::field) fn values(
        &self,
        reference: &str,
    ) -> Result<Option<Values<'_, 'n, 's>>, Error> {
        let Ok(parsed) = Reference::parse(reference) else {
            return Ok(None);
        };
        let mut values = Vec::new();
        let new_name = self.new_name.text()?;
        if self.part != EntryPart::Version && new_name.unwrap_or(self.name) != parsed.name() {
            if new_name.is_some() || self.followed.is_none() {
                values.push((&self.new_name, parsed.name().to_owned()));
            }
            let followed = self.followed.iter();
            values.extend(followed.map(|slot| (slot, parsed.name().to_owned())));
        }
        let without = self.without_digest(reference)?;
        let is_renamed = matches!(without, Some((_, DigestEdit::TagInstead(_))));
        if self.is_name_alone() || is_renamed {
            return Ok(Some(values));
        }
        match (self.new_tag.text()?, parsed.tag) {
            (_, Some(tag)) => values.push((&self.new_tag, tag.to_owned())),
            // No tag is `latest`, and a key cannot be taken away.
            (Some(_), None) if parsed.digest.is_none() => {
                values.push((&self.new_tag, "latest".to_owned()));
            }
            _ => {}
        }
        if let Some(digest) = parsed.digest {
            values.push((&self.digest, digest.to_owned()));
        }
        Ok(Some(values))
    }

    /// Whether its name alone can be judged.
    pub(in crate::field) fn is_name_alone(&self) -> bool {
        self.part == EntryPart::Name || self.is_filled_in()
    }

    /// Whether its tag or digest is filled in elsewhere.
    fn is_filled_in(&self) -> bool {
        let versions = [&self.new_tag, &self.digest];
        versions.iter().any(|slot| {
            let text = slot.text().ok().flatten();
            text.is_some_and(is_filled_in)
        })
    }

    /// Whether a slot is one of those that decide the name.
    pub(in crate::field) fn decides_name(&self, slot: &Slot<'n, 's>) -> bool {
        let mut names = std::iter::once(&self.new_name).chain(&self.followed);
        names.any(|own| std::ptr::eq(own, slot))
    }

    pub(in crate::field) fn slots(&self) -> Vec<&Slot<'n, 's>> {
        let own = [&self.new_name, &self.new_tag, &self.digest];
        own.into_iter().chain(&self.followed).collect()
    }

    /// The slot that findings name for the entry: the first of its keys that is written.
    pub(in crate::field) fn main(&self) -> &Slot<'n, 's> {
        let slots = [&self.new_name, &self.new_tag, &self.digest];
        let is_written = |slot: &&Slot<'n, 's>| slot.node().is_ok_and(|node| node.is_some());
        slots.into_iter().find(is_written).unwrap_or(&self.new_name)
    }
}
