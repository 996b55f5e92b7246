//! The versions of an image that are right, as every reader of a tag policy needs them.

use std::borrow::Cow;
use std::cmp::Ordering;

use crate::finding::Aspect;
use crate::image::{Reference, version};
use crate::verdict::{Difference, PartChange, Verdict};

use super::family::TagParts;

/// The versions that a tag policy takes for right, and the one that it writes over a wrong one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Versions<'p> {
    /// This version alone.
    Exactly {
        /// The tag; `None` is no tag.
        tag: Option<Cow<'p, str>>,
        /// The digest; `None` is no digest.
        digest: Option<Cow<'p, str>>,
        /// Whether a tag of another family stays.
        keeps_families: bool,
    },
    /// Any of these tags, and no digest.
    Moving {
        /// The tags; an empty text is no tag.
        tags: &'p [String],
        /// The tag that is written over a wrong one of its family; `None` is no tag.
        official: Option<&'p str>,
    },
}

impl<'p> Versions<'p> {
    /// Adds tag and digest to the verdict where they are wrong; `tag` is written over a wrong one, and
    /// `difference` says what is reported.
    pub(super) fn judge(
        &self,
        reference: &Reference<'_>,
        tag: Option<&str>,
        verdict: &mut Verdict,
        difference: impl Fn(Aspect) -> Option<Difference>,
    ) {
        if !self.takes_tag(reference.tag) {
            verdict.differences.extend(difference(Aspect::Tag));
            verdict.tag = PartChange::to(tag);
        }
        if self.digest() != reference.digest {
            verdict.differences.extend(difference(Aspect::Digest));
            verdict.digest = PartChange::to(self.digest());
        }
    }

    /// Whether a tag is right.
    pub fn takes_tag(&self, tag: Option<&str>) -> bool {
        match self {
            Versions::Exactly { tag: wanted, .. } => wanted.as_deref() == tag,
            Versions::Moving { tags, .. } => {
                let written = tag.unwrap_or_default();
                tags.iter().any(|known| known == written)
            }
        }
    }

    /// The tag that is written over a wrong one.
    pub fn tag(&self) -> Option<&str> {
        match self {
            Versions::Exactly { tag, .. } => tag.as_deref(),
            Versions::Moving { official, .. } => *official,
        }
    }

    /// The digest that is right.
    pub fn digest(&self) -> Option<&str> {
        match self {
            Versions::Exactly { digest, .. } => digest.as_deref(),
            Versions::Moving { .. } => None,
        }
    }

    /// Where the tags of each family go back to, in the order in which they are asked; empty where no
    /// family counts.
    pub fn lines(&self) -> Vec<VersionLine<'p>> {
        let (tags, official) = match self {
            Versions::Moving { tags, official } => (tags, official),
            Versions::Exactly {
                tag: Some(Cow::Borrowed(tag)),
                keeps_families: true,
                ..
            } => {
                return vec![VersionLine {
                    tag,
                    parts: TagParts::of(tag),
                    number: None,
                    major: Major::Any,
                }];
            }
            Versions::Exactly { .. } => return Vec::new(),
        };
        let official = official.unwrap_or_default();
        let others = tags.iter().map(String::as_str);
        let others = others.filter(|tag| *tag != official);
        let tags = std::iter::once(official).chain(others);
        let tags: Vec<(&'p str, TagParts<'p>)> = tags.map(|tag| (tag, TagParts::of(tag))).collect();
        let mut numbers = tags.iter().filter_map(|(_, parts)| parts.number());
        let first = numbers.next();
        // Tags of several majors say that a major is no better than another.
        let is_several = numbers.any(|number| Some(number) != first);
        let line = |&(tag, parts): &(&'p str, TagParts<'p>), number: Option<&'p str>| {
            let major = match parts.number().filter(|_| number.is_none()) {
                Some(major) if is_several => Major::Only(major),
                Some(major) => Major::UpTo(major),
                None => Major::Any,
            };
            VersionLine {
                tag,
                parts,
                number,
                major,
            }
        };
        let numbered = tags.iter().filter_map(|tag| {
            let number = tag.1.number()?;
            Some(line(tag, Some(number)))
        });
        let mut lines: Vec<VersionLine<'p>> = Vec::new();
        for new in numbered.chain(tags.iter().map(|tag| line(tag, None))) {
            let is_known = |known: &VersionLine<'p>| {
                known.parts.is_of(&new.parts) && known.number == new.number
            };
            if !lines.iter().any(is_known) {
                lines.push(new);
            }
        }
        lines
    }

    /// Whether a digest alone may go back to the official tag: where the tags are of several families,
    /// or the official one is a number, nothing says that the digest is of the same.
    pub fn knows_digests(&self) -> bool {
        let lines = self.lines();
        let mut families = lines.iter().filter(|line| line.number.is_none());
        match (families.next(), families.next()) {
            (Some(only), None) => only.major == Major::Any,
            (several, _) => several.is_none(),
        }
    }
}

/// Tags that go back to one that moves.
#[derive(Debug, Clone, Copy)]
pub struct VersionLine<'p> {
    /// The tag that they go back to; empty is no tag.
    pub tag: &'p str,
    /// Its family.
    pub parts: TagParts<'p>,
    /// The number that their versions begin with, where that decides.
    pub number: Option<&'p str>,
    /// The first numbers of versions that go back; a tag without a version may have another, where they
    /// count.
    pub major: Major<'p>,
}

/// First numbers of versions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Major<'p> {
    /// All, and none at all.
    Any,
    /// This one, and those below it: nothing is lowered.
    UpTo(&'p str),
    /// This one.
    Only(&'p str),
}

impl VersionLine<'_> {
    /// Whether a tag is one of them, by its parts.
    pub(super) fn takes(&self, tag: &TagParts<'_>) -> bool {
        let begins = |number| tag.version().is_some_and(|version| version[0] == number);
        self.parts.is_of(tag) && self.number.is_none_or(begins)
    }

    /// Whether a tag that this line takes says nothing of the number that decides whether it goes back.
    pub(super) fn says_nothing(&self, tag: &TagParts<'_>) -> bool {
        self.major != Major::Any && tag.version().is_none()
    }

    /// How the first number of a tag that this line takes compares with that of the line's own, if it
    /// keeps the tag from going back.
    pub(super) fn keeps(&self, tag: &TagParts<'_>) -> Option<Ordering> {
        if self.major == Major::Any {
            return None;
        }
        let version = tag.version()?;
        let order = |major| version::compare(&version[..1], &[major]);
        match self.major {
            Major::Any => None,
            Major::UpTo(major) => Some(order(major)).filter(|order| order.is_gt()),
            Major::Only(major) => Some(order(major)).filter(|order| order.is_ne()),
        }
    }
}
