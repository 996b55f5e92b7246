//! The versions of an image that are right, as every reader of a tag policy needs them.

use std::borrow::Cow;

use crate::finding::Aspect;
use crate::image::{Reference, version};
use crate::verdict::{Difference, Verdict};

use super::family::Parts;

/// The versions that a tag policy takes for right, and the one that it writes over a wrong one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Versions<'p> {
    /// This version alone.
    Exactly {
        /// The tag; `None` is no tag.
        tag: Option<Cow<'p, str>>,
        /// The digest; `None` is no digest.
        digest: Option<Cow<'p, str>>,
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
            verdict.tag = Some(tag.map(str::to_owned));
        }
        if self.digest() != reference.digest {
            verdict.differences.extend(difference(Aspect::Digest));
            verdict.digest = Some(self.digest().map(str::to_owned));
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

    /// Where the tags of each family go back to, in the order in which they are asked; empty for one
    /// version alone.
    pub fn lines(&self) -> Vec<Line<'p>> {
        let Versions::Moving { tags, official } = self else {
            return Vec::new();
        };
        let official = official.unwrap_or_default();
        let tags = std::iter::once(official).chain(tags.iter().map(String::as_str));
        let tags: Vec<(&'p str, Parts<'p>)> = tags.map(|tag| (tag, Parts::of(tag))).collect();
        let line = |&(tag, parts): &(&'p str, Parts<'p>), number| Line { tag, parts, number };
        let numbered = tags.iter().filter_map(|tag| {
            let number = tag.1.number()?;
            Some(line(tag, Some(number)))
        });
        let mut lines: Vec<Line<'p>> = Vec::new();
        for new in numbered.chain(tags.iter().map(|tag| line(tag, None))) {
            let is_known =
                |known: &Line<'p>| known.parts.is_of(&new.parts) && known.number == new.number;
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
            (Some(only), None) => only.floor().is_none(),
            (several, _) => several.is_none(),
        }
    }
}

/// Tags that go back to one that moves.
#[derive(Debug, Clone, Copy)]
pub struct Line<'p> {
    /// The tag that they go back to; empty is no tag.
    pub tag: &'p str,
    /// Its family.
    pub parts: Parts<'p>,
    /// The number that their versions begin with, where that decides.
    pub number: Option<&'p str>,
}

impl Line<'_> {
    /// Whether a tag is one of them, by its parts.
    pub(super) fn takes(&self, tag: &Parts<'_>) -> bool {
        let begins = |number| tag.version().is_some_and(|version| version[0] == number);
        self.parts.is_of(tag) && self.number.is_none_or(begins)
    }

    /// The number above which a tag is ahead of this line's, so that nothing is lowered; a tag without a
    /// version may be.
    pub fn floor(&self) -> Option<&str> {
        match self.number {
            Some(_) => None,
            None => self.parts.number(),
        }
    }

    /// Whether a tag that this line takes says nothing of the number that decides whether it is ahead.
    pub(super) fn says_nothing(&self, tag: &Parts<'_>) -> bool {
        self.floor().is_some() && tag.version().is_none()
    }

    /// Whether a tag that this line takes is ahead of the line's own.
    pub(super) fn is_behind(&self, tag: &Parts<'_>) -> bool {
        let (Some(floor), Some(version)) = (self.floor(), tag.version()) else {
            return false;
        };
        version::compare(&version[..1], &[floor]).is_gt()
    }
}
