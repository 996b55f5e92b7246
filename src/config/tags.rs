//! Tag policies out of the keys that a profile or an adjustment has for them.

use super::document::{Adjusted, ImageEntry, TagWord};
use super::spanned::Spanned;
use super::wrong::{Wrong, quoted};
use crate::agent::TagPolicy;
use crate::image::{Reference, ReferenceError};
use crate::version;

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
pub(super) struct Version<'a> {
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

    /// These keys over those of the profile; a policy that changes leaves the old one's keys behind.
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
    pub(super) fn policy(self, official: Version<'_>) -> Result<TagPolicy, Wrong> {
        self.check_places()?;
        let Some(tag) = self.tag else {
            return Ok(TagPolicy::Keep);
        };
        match tag.value {
            TagWord::Keep => Ok(TagPolicy::Keep),
            TagWord::Revision => Ok(TagPolicy::Revision),
            TagWord::Floating => self.floating(tag, official),
            TagWord::Pinned => pinned(self.pin.ok_or_else(|| {
                let wrong = tag.wrong("`tag: pinned` needs a `pin`");
                let help = "add `pin: \"v1.2.3\"`, `pin: \"@sha256:…\"` or both in one";
                wrong.help(help.to_owned())
            })?),
            TagWord::Minimum => minimum(self.minimum.ok_or_else(|| {
                let wrong = tag.wrong("`tag: minimum` needs a `minimum`");
                wrong.help("add `minimum: \"1.2.0\"`".to_owned())
            })?),
        }
    }

    /// Refuses a key that the policy would not read.
    fn check_places(self) -> Result<(), Wrong> {
        let word = self.tag.map_or(TagWord::Keep, |tag| tag.value);
        let misplaced = |key: &str, (at, path): (usize, &str), policy: &str| {
            let what = format!("`{key}` goes only with `tag: {policy}`");
            let help = format!("write `tag: {policy}` beside it, or leave `{key}` out");
            Err(Wrong::new(at, path, what).help(help))
        };
        if let Some(pin) = self.pin.filter(|_| word != TagWord::Pinned) {
            return misplaced("pin", (pin.at, &pin.key), "pinned");
        }
        if let Some(minimum) = self.minimum.filter(|_| word != TagWord::Minimum) {
            return misplaced("minimum", (minimum.at, &minimum.key), "minimum");
        }
        if let Some(tags) = self.floating_tags.filter(|_| word != TagWord::Floating) {
            return misplaced("floatingTags", (tags.at, &tags.key), "floating");
        }
        Ok(())
    }

    fn floating(self, tag: &Spanned<TagWord>, official: Version<'_>) -> Result<TagPolicy, Wrong> {
        if official.digest.is_some() {
            let wrong = tag.wrong("`tag: floating` contradicts the digest of the official image");
            return Err(wrong.help("leave the digest out of `image`".to_owned()));
        }
        let own = official.tag.unwrap_or_default();
        let Some(written) = self.floating_tags else {
            let tags: &[&str] = if matches!(own, "" | "latest") {
                &["", "latest"]
            } else {
                &[own]
            };
            let tags = tags.iter().map(|tag| (*tag).to_owned()).collect();
            return Ok(TagPolicy::Floating { tags });
        };
        let mut tags = Vec::new();
        for tag in &written.value {
            if !tag.value.is_empty() {
                let check = format!("x:{}", tag.value);
                version_of(&check, || not_a_tag(tag), tag)?;
            }
            tags.push(tag.value.clone());
        }
        // What a pinned tag goes back to has to be left as it is, or nothing would come to rest.
        if !tags.iter().any(|tag| tag == own) {
            tags.push(own.to_owned());
        }
        Ok(TagPolicy::Floating { tags })
    }
}

const PIN_HELP: &str = "write a tag, `@digest`, or `tag@digest`";

fn pinned(pin: &Spanned<String>) -> Result<TagPolicy, Wrong> {
    let text = pin.value.as_str();
    if text.is_empty() {
        let wrong = pin.wrong("the version to pin is empty");
        return Err(wrong.help(PIN_HELP.to_owned()));
    }
    let colon = if text.starts_with('@') { "" } else { ":" };
    let check = format!("x{colon}{text}");
    let fault = || {
        let wrong = pin.wrong(format!("{} is not a version to pin", quoted(text)));
        wrong.help(PIN_HELP.to_owned())
    };
    let version = version_of(&check, fault, pin)?;
    Ok(TagPolicy::Pinned {
        tag: version.tag.map(str::to_owned),
        digest: version.digest.map(str::to_owned),
    })
}

fn minimum(text: &Spanned<String>) -> Result<TagPolicy, Wrong> {
    if version::parse(&text.value).is_none() {
        let wrong = text.wrong(format!("{} is not a version", quoted(&text.value)));
        return Err(wrong.help("write it as \"1.2.0\" or \"v1.2\"".to_owned()));
    }
    Ok(TagPolicy::Minimum {
        version: text.value.clone(),
    })
}

fn not_a_tag(tag: &Spanned<String>) -> Wrong {
    let wrong = tag.wrong(format!("{} is not a tag", quoted(&tag.value)));
    wrong.help("write tags alone, and \"\" for no tag".to_owned())
}

/// Tag and digest of `check`, which is a reference to `x`; `other` says what else it may be.
fn version_of<'c>(
    check: &'c str,
    other: impl Fn() -> Wrong,
    written: &Spanned<String>,
) -> Result<Version<'c>, Wrong> {
    match Reference::parse(check) {
        // A slash would have made a port and a path of it.
        Ok(reference) if reference.name() == "x" => Ok(Version {
            tag: reference.tag,
            digest: reference.digest,
        }),
        Err(
            error @ (ReferenceError::Tag { .. }
            | ReferenceError::DigestAlgorithm { .. }
            | ReferenceError::DigestLength { .. }
            | ReferenceError::DigestCase),
        ) => Err(written.wrong(error.to_string()).help(error.help())),
        _ => Err(other()),
    }
}
