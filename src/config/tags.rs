//! Reads tag policies from the keys of a profile or of an adjustment.

use super::agent_entry::Adjusted;
use super::fault::ConfigFault;
use super::profile_entry::ImageEntry;
use super::spanned::Spanned;
use super::tag_word::TagWord;
use crate::tag::{self, At, PolicyKey, PolicyKeys, Refusal, TagPolicy};

/// The keys that say what becomes of a tag.
#[derive(Clone, Copy, Default)]
pub(super) struct TagKeys<'a> {
    tag: Option<&'a Spanned<TagWord>>,
    pin: Option<&'a Spanned<String>>,
    minimum: Option<&'a Spanned<String>>,
    floating_tags: Option<&'a Spanned<Vec<Spanned<String>>>>,
}

/// The tag and digest of an official reference.
#[derive(Clone, Copy)]
pub(super) struct OfficialVersion<'a> {
    pub(super) tag: Option<&'a str>,
    pub(super) digest: Option<&'a str>,
}

impl<'a> TagKeys<'a> {
    pub(super) fn of_image(image: &'a ImageEntry) -> Self {
        TagKeys {
            tag: image.tag.as_ref(),
            pin: image.pin.as_ref(),
            minimum: image.minimum.as_ref(),
            floating_tags: image.floating_tags.as_ref(),
        }
    }

    pub(super) fn of_adjustment(adjusted: &'a Adjusted) -> Self {
        TagKeys {
            tag: adjusted.tag.as_ref(),
            pin: adjusted.pin.as_ref(),
            minimum: adjusted.minimum.as_ref(),
            floating_tags: adjusted.floating_tags.as_ref(),
        }
    }

    /// These keys over those of the profile. Where the policy changes, the keys of the profile's
    /// policy no longer hold.
    pub(super) fn over(self, below: TagKeys<'a>) -> TagKeys<'a> {
        let same_policy = self
            .tag
            .is_none_or(|tag| below.tag.is_some_and(|old| old.value == tag.value));
        let below = if same_policy {
            below
        } else {
            TagKeys::default()
        };
        TagKeys {
            tag: self.tag.or(below.tag),
            pin: self.pin.or(below.pin),
            minimum: self.minimum.or(below.minimum),
            floating_tags: self.floating_tags.or(below.floating_tags),
        }
    }

    /// The policy that the keys mean.
    pub(super) fn policy(self, official: OfficialVersion<'_>) -> Result<TagPolicy, ConfigFault> {
        let text = |key: Option<&'a Spanned<String>>| key.map(|key| key.value.as_str());
        let tags = self.floating_tags.map(|tags| tags.value.iter());
        let keys = PolicyKeys {
            pin: text(self.pin),
            minimum: text(self.minimum),
            floating_tags: tags.map(|tags| tags.map(|tag| tag.value.as_str()).collect()),
            official_tag: official.tag,
            official_digest: official.digest,
        };
        let word = self.tag.map_or(tag::DEFAULT, |tag| tag.value.0);
        tag::read(word, &keys).map_err(|refusal| self.fault(refusal))
    }

    /// A policy's refusal, at the place of the value that it points at.
    fn fault(self, Refusal { at, what, help }: Refusal) -> ConfigFault {
        let text = |key: &Spanned<String>| (key.at, key.key.clone());
        let place = match at {
            At::Word => self.tag.map(|tag| (tag.at, tag.key.clone())),
            At::Key(PolicyKey::Pin) => self.pin.map(text),
            At::Key(PolicyKey::Minimum) => self.minimum.map(text),
            At::Key(PolicyKey::FloatingTags) => {
                self.floating_tags.map(|tags| (tags.at, tags.key.clone()))
            }
            At::FloatingTag(index) => {
                let tags = self.floating_tags;
                tags.and_then(|tags| tags.value.get(index)).map(text)
            }
        };
        let (at, key) = place.unwrap_or_default();
        ConfigFault::new(at, key, what).help(help)
    }
}
