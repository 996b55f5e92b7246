//! `tag: floating`: the tag moves with the vendor's releases, and a version goes back to it.

use std::borrow::Cow;
use std::cmp::Ordering;

use crate::finding::{Aspect, Rule};
use crate::image::Reference;
use crate::verdict::{Difference, Note, Verdict};

use super::family::TagParts;
use super::keys::{quoted, version_of};
use super::{
    At, Configured, Major, Policy, PolicyInput, PolicyKey, PolicyKeys, Refusal, Versions, or_none,
};

/// Brings a version or digest back to the official tag, which moves with the vendor's releases.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Floating {
    /// The tags that are left as they are, the official one among them; an empty text is no tag.
    pub tags: Vec<String>,
}

impl Configured for Floating {
    const WORD: &str = "floating";
    const SUMMARY: &str = "goes back to the official one";
    const KEY: Option<PolicyKey> = Some(PolicyKey::FloatingTags);

    fn read(keys: &PolicyKeys<'_>) -> Result<Self, Refusal> {
        if keys.official_digest.is_some() {
            let what = "`tag: floating` contradicts the digest of the official image";
            let help = "leave the digest out of `image`";
            return Err(Refusal::new(At::Word, what, help));
        }
        let own = keys.official_tag.unwrap_or_default();
        let Some(written) = &keys.floating_tags else {
            let tags: &[&str] = if matches!(own, "" | "latest") {
                &["", "latest"]
            } else {
                &[own]
            };
            let tags = tags.iter().map(|tag| (*tag).to_owned()).collect();
            return Ok(Floating { tags });
        };
        let mut tags = Vec::new();
        for (index, tag) in written.iter().enumerate() {
            let at = At::FloatingTag(index);
            if !tag.is_empty() {
                let no_tag = || {
                    let what = format!("{} is not a tag", quoted(tag));
                    Refusal::new(at, what, "write tags alone, and \"\" for no tag")
                };
                version_of(&format!("x:{tag}"), at, no_tag)?;
            }
            tags.push((*tag).to_owned());
        }
        // A pinned tag goes back to the official one, which must then be left as it is, or a second
        // run would find a difference again.
        if !tags.iter().any(|tag| tag == own) {
            tags.push(own.to_owned());
        }
        Ok(Floating { tags })
    }
}

impl Policy for Floating {
    fn versions<'p>(&'p self, input: &PolicyInput<'p>) -> Result<Versions<'p>, Cow<'p, str>> {
        Ok(self.right(input))
    }

    fn decide(&self, input: &PolicyInput<'_>, reference: &Reference<'_>, verdict: &mut Verdict) {
        let versions = self.right(input);
        let own = match self.own(&versions, reference) {
            _ if input.is_foreign => input.tag,
            Ok(own) => own,
            Err(message) => {
                verdict.notes.push(Note::unresolved(Aspect::Tag, message));
                return;
            }
        };
        versions.judge(reference, own, verdict, |aspect| {
            let (rule, what) = match (aspect, reference.tag) {
                (Aspect::Digest, _) => {
                    let what = "the digest keeps the agent from upgrading itself".to_owned();
                    (Rule::PinnedDigest, what)
                }
                // It moves, too.
                (_, Some(tag @ "latest")) => {
                    let what = format!("tag {tag} is not the floating one");
                    (Rule::PinnedTag, what)
                }
                (_, Some(tag)) => {
                    let what = format!("tag {tag} keeps the agent from upgrading itself");
                    (Rule::PinnedTag, what)
                }
                (_, None) if reference.digest.is_none() => {
                    let what = "the missing tag is not the floating one".to_owned();
                    (Rule::PinnedTag, what)
                }
                // Of a digest without a tag, the digest alone is reported.
                (_, None) => return None,
            };
            Some(Difference { rule, aspect, what })
        });
    }

    fn explained(&self, input: &PolicyInput<'_>) -> (String, String) {
        let tags: Vec<&str> = self.tags.iter().map(|tag| or_none(tag)).collect();
        let own = or_none(input.tag.unwrap_or_default());
        let stay = if tags.len() == 1 { "stays" } else { "stay" };
        let versions = self.right(input);
        let lines = versions.lines();
        let goes = match lines.iter().any(|line| line.major != Major::Any) {
            true => {
                "a version of the same family goes back where it is of no newer major".to_owned()
            }
            false if lines.len() > 1 => "any other goes back to the one of its family".to_owned(),
            false if lines.iter().any(|line| line.parts.has_words()) => {
                format!("any other of the same family goes back to {own}")
            }
            false => format!("any other goes back to {own}"),
        };
        let why = format!("{} {stay}; {goes}", tags.join(" and "));
        (Self::WORD.to_owned(), why)
    }

    fn listed(&self) -> String {
        Self::WORD.to_owned()
    }

    fn documented(&self) -> String {
        "goes back to the official one".to_owned()
    }

    fn wanted(&self) -> String {
        let tags = self.tags.iter().map(|tag| match tag.as_str() {
            "" => "no tag".to_owned(),
            tag => format!("the tag {tag}"),
        });
        format!(" with {}", tags.collect::<Vec<String>>().join(" or "))
    }

    fn moving_tags(&self) -> &[String] {
        &self.tags
    }
}

impl Floating {
    fn right<'p>(&'p self, input: &PolicyInput<'p>) -> Versions<'p> {
        Versions::Moving {
            tags: &self.tags,
            official: input.tag,
        }
    }

    /// The tag that a reference goes back to; `None` for no tag, and where its own is right. The error says why it
    /// stays.
    fn own<'p>(
        &self,
        versions: &Versions<'p>,
        reference: &Reference<'_>,
    ) -> Result<Option<&'p str>, String> {
        let lines = versions.lines();
        let is_of_words = lines.iter().all(|line| line.parts.has_words());
        if reference.tag.is_none()
            && reference.digest.is_some()
            && (!versions.knows_digests() || is_of_words)
        {
            return Err(format!(
                "{reference} has a digest alone, which does not say whether it is of {}: it stays",
                self.listing()
            ));
        }
        if versions.takes_tag(reference.tag) {
            return Ok(None);
        }
        let tag = TagParts::of(reference.tag.unwrap_or_default());
        let Some(line) = lines.iter().find(|line| line.takes(&tag)) else {
            return Err(format!(
                "{reference} is of another family of tags than {}: it stays",
                self.listing()
            ));
        };
        if line.says_nothing(&tag) {
            return Err(format!(
                "{reference} does not say whether it is of {} or of another major version: it stays",
                line.tag
            ));
        }
        match line.keeps(&tag) {
            Some(Ordering::Greater) => {
                return Err(format!(
                    "{reference} is newer than the floating tag {}: nothing is lowered",
                    line.tag
                ));
            }
            Some(_) => {
                return Err(format!(
                    "{reference} is of another major version than {}: it stays",
                    self.listing()
                ));
            }
            None => {}
        }
        Ok(Some(line.tag).filter(|tag| !tag.is_empty()))
    }

    /// The tags that move, for people: `3, 4 or ubi10-4`.
    fn listing(&self) -> String {
        let tags: Vec<&str> = self.tags.iter().map(|tag| or_none(tag)).collect();
        match tags.split_last() {
            Some((last, [])) => (*last).to_owned(),
            Some((last, others)) => format!("{} or {last}", others.join(", ")),
            None => String::new(),
        }
    }
}
