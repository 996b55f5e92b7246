//! `tag: pinned`: exactly this version.

use std::borrow::Cow;

use crate::finding::{Aspect, Rule};
use crate::image::Reference;
use crate::verdict::{Difference, Note, Verdict};

use super::family::TagParts;
use super::keys::{quoted, version_of};
use super::{At, Configured, Policy, PolicyInput, PolicyKey, PolicyKeys, Refusal, Versions};

/// Writes exactly this version; at least one of tag and digest is given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pinned {
    /// The tag to have; `None` is no tag.
    pub tag: Option<String>,
    /// The digest to have; `None` is no digest.
    pub digest: Option<String>,
}

impl Configured for Pinned {
    const WORD: &str = "pinned";
    const SUMMARY: &str = "writes `pin`";
    const KEY: Option<PolicyKey> = Some(PolicyKey::Pin);

    fn read(keys: &PolicyKeys<'_>) -> Result<Self, Refusal> {
        const HELP: &str = "write a tag, `@digest`, or `tag@digest`";
        let Some(text) = keys.pin else {
            let help = "add `pin: \"v1.2.3\"`, `pin: \"@sha256:…\"` or both in one";
            return Err(Refusal::new(At::Word, "`tag: pinned` needs a `pin`", help));
        };
        let at = At::Key(PolicyKey::Pin);
        if text.is_empty() {
            return Err(Refusal::new(at, "the version to pin is empty", HELP));
        }
        let colon = if text.starts_with('@') { "" } else { ":" };
        let no_version = || {
            let what = format!("{} is not a version to pin", quoted(text));
            Refusal::new(at, what, HELP)
        };
        let check = format!("x{colon}{text}");
        let (tag, digest) = version_of(&check, at, no_version).map_err(|refusal| Refusal {
            help: dated(text).or(refusal.help),
            ..refusal
        })?;
        Ok(Pinned {
            tag: tag.map(str::to_owned),
            digest: digest.map(str::to_owned),
        })
    }
}

/// What to write for a date that a program has turned into a time.
fn dated(text: &str) -> Option<String> {
    let date = text.strip_suffix("T00:00:00Z")?;
    Some(format!("quote it, so that it stays as it is: \"{date}\""))
}

impl Policy for Pinned {
    fn versions<'p>(&'p self, _: &PolicyInput<'p>) -> Result<Versions<'p>, Cow<'p, str>> {
        Ok(self.right())
    }

    fn decide(&self, input: &PolicyInput<'_>, reference: &Reference<'_>, verdict: &mut Verdict) {
        let right = self.right();
        let lines = right.lines();
        let tag = TagParts::of(reference.tag.unwrap_or_default());
        let of_another_family = lines.first().filter(|line| !line.takes(&tag));
        if let Some(line) = of_another_family.filter(|_| !input.is_foreign) {
            let message = format!(
                "{reference} is of another family of tags than the pinned {}: it stays",
                line.tag
            );
            verdict.notes.push(Note::unresolved(Aspect::Tag, message));
            return;
        }
        right.judge(reference, self.tag.as_deref(), verdict, |aspect| {
            Some(Difference {
                rule: Rule::WrongVersion,
                aspect,
                what: format!("not the version that the profile {} pins", input.agent),
            })
        });
    }

    fn explained(&self, _: &PolicyInput<'_>) -> (String, String) {
        let tag = self.tag.as_deref().unwrap_or_default();
        (
            format!("pinned to {tag}{}", self.digest_part()),
            String::new(),
        )
    }

    fn listed(&self) -> String {
        let tag = self.tag.as_deref().unwrap_or_default();
        format!("pinned {tag}{}", self.digest_part())
    }

    fn documented(&self) -> String {
        "is pinned".to_owned()
    }

    fn wanted(&self) -> String {
        let tag = self.tag.as_ref().map(|tag| format!(":{tag}"));
        tag.unwrap_or_default() + &self.digest_part()
    }
}

impl Pinned {
    fn right(&self) -> Versions<'_> {
        Versions::Exactly {
            tag: self.tag.as_deref().map(Cow::Borrowed),
            digest: self.digest.as_deref().map(Cow::Borrowed),
            keeps_families: true,
        }
    }

    /// The digest with its `@`, or an empty text.
    fn digest_part(&self) -> String {
        let digest = self.digest.as_ref().map(|digest| format!("@{digest}"));
        digest.unwrap_or_default()
    }
}
