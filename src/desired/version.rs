//! What tag and digest should be: one function for each tag policy.

use crate::agent::{Agent, AgentImage, TagPolicy};
use crate::finding::{Aspect, Rule};
use crate::image::Reference;
use crate::recognise::Claim;
use crate::revision::{self, Resolution};
use crate::version;

use super::{Difference, Remark, Wish};

/// Adds what tag and digest should be by the profile's tag policy.
pub(super) fn aspects(wish: &mut Wish, claim: &Claim<'_>, reference: &Reference<'_>) {
    let image = claim.image;
    match &image.tag_policy {
        TagPolicy::Keep => {}
        TagPolicy::Floating { tags } => floating(wish, image, tags, reference),
        TagPolicy::Pinned { tag, digest } => {
            if reference.tag != tag.as_deref() {
                wish.tag = Some(tag.clone());
                wish.differences
                    .push(wrong_version(Aspect::Tag, claim.agent));
            }
            if reference.digest != digest.as_deref() {
                wish.digest = Some(digest.clone());
                wish.differences
                    .push(wrong_version(Aspect::Digest, claim.agent));
            }
        }
        TagPolicy::Minimum { version } => minimum(wish, version, reference),
        TagPolicy::Revision => revision(wish, claim.agent, reference),
    }
}

fn wrong_version(aspect: Aspect, agent: &Agent) -> Difference {
    Difference {
        rule: Rule::WrongVersion,
        aspect,
        what: format!("not the version that the profile {} pins", agent.name),
    }
}

fn floating(wish: &mut Wish, image: &AgentImage, tags: &[String], reference: &Reference<'_>) {
    let written = reference.tag.unwrap_or("");
    let floats = tags.iter().any(|tag| tag == written);
    if !floats && is_ahead(image.tag.as_deref(), written) {
        wish.remarks.push(Remark {
            rule: Rule::UnresolvedImage,
            message: format!(
                "{reference} is newer than the floating tag {}: nothing is lowered",
                image.tag.as_deref().unwrap_or("")
            ),
            aspect: Some(Aspect::Tag),
            proposed: None,
        });
        return;
    }
    if !floats && (reference.digest.is_none() || reference.tag.is_some()) {
        let what = match reference.tag {
            Some(tag) => format!("tag {tag} keeps the agent from upgrading itself"),
            None => "the missing tag is not the floating one".to_owned(),
        };
        wish.differences.push(Difference {
            rule: Rule::PinnedTag,
            aspect: Aspect::Tag,
            what,
        });
    }
    if !floats {
        wish.tag = Some(image.tag.clone());
    }
    if reference.digest.is_some() {
        wish.digest = Some(None);
        wish.differences.push(Difference {
            rule: Rule::PinnedDigest,
            aspect: Aspect::Digest,
            what: "the digest keeps the agent from upgrading itself".to_owned(),
        });
    }
}

/// Whether a tag is ahead of a floating tag that is itself a number: `v2.1` of `v1`.
fn is_ahead(floating: Option<&str>, tag: &str) -> bool {
    let Some(floor) = floating.and_then(version::whole_number) else {
        return false;
    };
    version::parse(tag).is_some_and(|found| version::compare(&found[..1], &[floor]).is_gt())
}

fn minimum(wish: &mut Wish, version: &str, reference: &Reference<'_>) {
    let Some(floor) = version::parse(version) else {
        return;
    };
    let unresolved = |why: &str| {
        let message =
            format!("{reference} {why}, so it cannot be compared with the minimum {version}");
        remark(Rule::UnresolvedImage, message)
    };
    match (reference.tag, reference.digest) {
        (None, None) | (Some("latest"), _) => {}
        (None, Some(_)) => wish.remarks.push(unresolved("has a digest alone")),
        (Some(tag), _) => match version::parse(tag) {
            None => wish
                .remarks
                .push(unresolved("has a tag that is no version")),
            Some(found) if version::compare(&found, &floor).is_lt() => wish.remarks.push(Remark {
                rule: Rule::OutdatedVersion,
                message: format!(
                    "{reference} is older than the minimum {version}: raise it by hand"
                ),
                aspect: Some(Aspect::Tag),
                proposed: None,
            }),
            Some(_) => {}
        },
    }
}

/// The tag that the vendor's resolver gives; without its document, what it falls back to.
fn revision(wish: &mut Wish, agent: &Agent, reference: &Reference<'_>) {
    let Some(settings) = &agent.revision else {
        if agent.named {
            wish.remarks.push(remark(
                Rule::UnresolvedImage,
                format!(
                    "{reference} needs the cluster's version: write \
                     `revision: {{kubernetesVersion: \"1.34\"}}` for the agent {}",
                    agent.name
                ),
            ));
        }
        return;
    };
    let versions = match &settings.versions {
        Ok(versions) => Some(versions),
        Err(why) => {
            let written = reference.tag.unwrap_or_default();
            let stays = revision::is_revision_of(written, settings.cluster);
            let what = if stays {
                "stays"
            } else {
                "follows the vendor's own list"
            };
            let message = format!("{reference} {what}, since {why}");
            wish.remarks.push(remark(Rule::UnresolvedImage, message));
            if stays {
                return;
            }
            None
        }
    };
    match revision::resolve(versions, settings.cluster, settings.resolver) {
        Resolution::Unresolved { why } => {
            let message = format!("{reference} stays, since {why}");
            wish.remarks.push(remark(Rule::UnresolvedImage, message));
        }
        Resolution::Tag { tag, digest, why } => {
            let stale = |aspect| Difference {
                rule: Rule::StaleRevision,
                aspect,
                what: format!("the tag should be {tag}, since {why}"),
            };
            if reference.tag != Some(tag.as_str()) {
                wish.differences.push(stale(Aspect::Tag));
                wish.tag = Some(Some(tag.clone()));
            }
            if reference.digest != digest.as_deref() {
                wish.differences.push(stale(Aspect::Digest));
                wish.digest = Some(digest);
            }
        }
    }
}

fn remark(rule: Rule, message: String) -> Remark {
    Remark {
        rule,
        message,
        aspect: Some(Aspect::Tag),
        proposed: None,
    }
}
