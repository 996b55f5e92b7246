//! The versions of an image that are right, as every reader of a tag policy needs them.

use std::borrow::Cow;

use crate::finding::Aspect;
use crate::image::{Reference, version};
use crate::verdict::{Difference, Verdict};

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
        /// The tag that is written over a wrong one; `None` is no tag.
        official: Option<&'p str>,
    },
}

impl<'p> Versions<'p> {
    /// Adds tag and digest to the verdict where they are wrong; `difference` says what is reported.
    pub(super) fn judge(
        &self,
        reference: &Reference<'_>,
        verdict: &mut Verdict,
        difference: impl Fn(Aspect) -> Option<Difference>,
    ) {
        if !self.takes_tag(reference.tag) {
            verdict.differences.extend(difference(Aspect::Tag));
            verdict.tag = Some(self.tag().map(str::to_owned));
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

    /// The number that the official tag consists of, where it is one number (`v1`): a tag with a
    /// greater number is ahead of it, and nothing is lowered.
    pub fn floor(&self) -> Option<&'p str> {
        match self {
            Versions::Exactly { .. } => None,
            Versions::Moving { official, .. } => official.and_then(version::whole_number),
        }
    }
}
