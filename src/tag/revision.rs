//! `tag: revision`: the tag that the vendor's versions document gives for the cluster.

use std::borrow::Cow;

use crate::finding::{Aspect, Rule};
use crate::image::Reference;
use crate::revision::{self, Resolution};
use crate::verdict::{Difference, Note, Verdict};

use super::{Configured, Policy, PolicyInput, PolicyKeys, Refusal, Versions};

/// Writes the tag that the vendor's resolver gives, by [`PolicyInput::revision`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ByRevision;

impl Configured for ByRevision {
    const WORD: &str = "revision";
    const SUMMARY: &str = "takes it from a versions document";

    fn read(_: &PolicyKeys<'_>) -> Result<Self, Refusal> {
        Ok(ByRevision)
    }
}

impl Policy for ByRevision {
    fn versions<'p>(&'p self, input: &PolicyInput<'p>) -> Result<Versions<'p>, Cow<'p, str>> {
        let settings = input
            .revision
            .ok_or("no cluster's version is configured for its revision")?;
        let document = settings.versions.as_ref();
        let document = document.map_err(|why| format!("its revision is not known, as {why}"))?;
        match revision::resolve(Some(document), settings.cluster, settings.resolver) {
            Resolution::Tag { tag, digest, .. } => Ok(exactly(tag, digest)),
            Resolution::Unresolved { why } => Err(why.into()),
        }
    }

    /// Without its document, the vendor's resolver falls back to a list of its own, and so does
    /// this; a tag that already is a revision for the cluster's version stays.
    fn decide(&self, input: &PolicyInput<'_>, reference: &Reference<'_>, verdict: &mut Verdict) {
        let unresolved = |message| Note::unresolved(Aspect::Tag, message);
        let Some(settings) = input.revision else {
            if input.is_named {
                verdict.notes.push(unresolved(format!(
                    "{reference} needs the cluster's version: for one of 1.34, write `- {{profile: {}, \
                     revision: {{kubernetesVersion: \"1.34\"}}}}` under `agents`",
                    input.agent
                )));
            }
            return;
        };
        let document = match &settings.versions {
            Ok(document) => Some(document),
            Err(why) => {
                let written = reference.tag.unwrap_or_default();
                let stays = revision::is_revision_of(written, settings.cluster);
                let what = if stays {
                    "stays"
                } else {
                    "follows the vendor's own list"
                };
                verdict.notes.push(Note {
                    rule: Rule::AssumedRevision,
                    message: format!(
                        "{reference} {what}, since {why}: add it to the manifests, or write \
                         `versions` into the agent's `revision`"
                    ),
                    aspect: Some(Aspect::Tag),
                    proposed: None,
                });
                if stays {
                    return;
                }
                None
            }
        };
        match revision::resolve(document, settings.cluster, settings.resolver) {
            Resolution::Unresolved { why } => {
                let message = format!("{reference} stays, since {why}");
                verdict.notes.push(unresolved(message));
            }
            Resolution::Tag { tag, digest, why } => {
                let stale = |aspect| Difference {
                    rule: Rule::StaleRevision,
                    aspect,
                    what: format!("the tag should be {tag}, since {why}"),
                };
                let versions = exactly(tag.as_str(), digest.as_deref());
                versions.judge(reference, Some(&tag), verdict, |aspect| Some(stale(aspect)));
            }
        }
    }

    fn explained(&self, input: &PolicyInput<'_>) -> (String, String) {
        let why = match input.revision {
            Some(_) => "from the vendor's versions document",
            None => "no `revision` is configured for the agent, so the tag stays",
        };
        (self.listed(), why.to_owned())
    }

    fn listed(&self) -> String {
        Self::WORD.to_owned()
    }

    fn documented(&self) -> String {
        "from the vendor's versions document".to_owned()
    }

    fn reads_revision(&self) -> bool {
        true
    }
}

fn exactly<'p, T: Into<Cow<'p, str>>>(tag: T, digest: Option<T>) -> Versions<'p> {
    Versions::Exactly {
        tag: Some(tag.into()),
        digest: digest.map(Into::into),
        keeps_families: false,
    }
}
