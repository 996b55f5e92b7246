//! What an image field should be: repository, tag, digest and pull policy, each with its reason.

mod version;

use crate::agent::{AgentImage, PullPolicy, UndeclaredMirrors};
use crate::config::Config;
use crate::finding::{Aspect, Rule};
use crate::image::{Reference, Repository};
use crate::recognise::{Claim, How, Origin};
use crate::registry;

/// A difference between what is written and what is desired, in one aspect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The finding it makes.
    pub rule: Rule,
    /// What an exception would have to allow.
    pub aspect: Aspect,
    /// The fault in words; the caller adds old → new.
    pub what: String,
}

/// Something to report that asks for no edit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remark {
    /// The finding it makes.
    pub rule: Rule,
    /// The whole message.
    pub message: String,
    /// The aspect that an exception may allow, where there is one.
    pub aspect: Option<Aspect>,
    /// What the image should be, as far as anything is proposed.
    pub proposed: Option<String>,
}

/// What an image should be, aspect by aspect, so that exceptions can take aspects back.
#[derive(Debug, Clone, Default)]
pub struct Wish {
    /// The name to write if registry or path are wrong.
    pub name: Option<String>,
    /// The name to write if only tag or digest change: as the vendor writes it.
    pub own_name: Option<String>,
    /// The tag to write; the inner `None` is no tag.
    pub tag: Option<Option<String>>,
    /// The digest to write; the inner `None` is no digest.
    pub digest: Option<Option<String>>,
    /// The differences, one for each aspect that is wrong.
    pub differences: Vec<Difference>,
    /// What is to be reported besides.
    pub remarks: Vec<Remark>,
    /// Pull secrets of the rule that maps the image; the general ones where it names none.
    pub mirror_secrets: Vec<String>,
}

impl Wish {
    /// The same as a report: what would be edited is said, and by whom it is to be set instead.
    #[must_use]
    pub fn as_report(self, rule: Rule, reference: &Reference<'_>, instead: &str) -> Wish {
        if self.differences.is_empty() {
            return Wish {
                remarks: self.remarks,
                ..Wish::default()
            };
        }
        let proposed = self.compose(reference, &[]);
        let what = self.differences.iter().map(|found| found.what.as_str());
        let what: Vec<&str> = what.collect();
        let remark = Remark {
            rule,
            message: format!(
                "{}: {reference} → {proposed} is not edited, {instead}",
                what.join("; ")
            ),
            aspect: Some(self.differences[0].aspect),
            proposed: Some(proposed),
        };
        Wish {
            remarks: vec![remark],
            ..Wish::default()
        }
    }

    /// The reference as it should be, without the aspects that are allowed to differ.
    pub fn compose(&self, reference: &Reference<'_>, allowed: &[Aspect]) -> String {
        let wanted = |aspect| !allowed.contains(&aspect);
        let tag = self.tag.as_ref().filter(|_| wanted(Aspect::Tag));
        let digest = self.digest.as_ref().filter(|_| wanted(Aspect::Digest));
        let name = match &self.name {
            Some(name) if wanted(Aspect::Registry) => Some(name),
            Some(_) => None,
            None if tag.is_some() || digest.is_some() => self.own_name.as_ref(),
            None => None,
        };
        let name = name.map_or(reference.name(), String::as_str);
        let tag = tag.map_or(reference.tag, Option::as_deref);
        let digest = digest.map_or(reference.digest, Option::as_deref);
        let tag = tag.map_or(["", ""], |tag| [":", tag]);
        let digest = digest.map_or(["", ""], |digest| ["@", digest]);
        [&[name], &tag[..], &digest[..]].concat().concat()
    }
}

/// What an agent's image should be.
pub fn of_agent(config: &Config, claim: &Claim<'_>, reference: &Reference<'_>) -> Wish {
    let mut wish = Wish::default();
    let left =
        claim.how != How::Official && claim.agent.undeclared_mirrors == UndeclaredMirrors::Keep;
    if left {
        wish.remarks.push(undeclared(config, claim, reference));
        return wish;
    }
    // Only an image from an undeclared mirror goes back to the main name; an alias stays.
    let official = match claim.how {
        How::Official => claim.official,
        _ => &claim.image.official,
    };
    let mapped = config.rules.map(&official.repository, true);
    registry_aspect(
        config,
        &mut wish,
        reference,
        &official.repository,
        &official.written,
        mapped,
    );
    version::aspects(&mut wish, claim, reference);
    moved_digest(&mut wish, reference);
    wish
}

/// What an image that is no agent's should be: mapped, if a rule is for every image.
pub fn of_other(config: &Config, origin: &Origin, reference: &Reference<'_>) -> Wish {
    let mut wish = Wish::default();
    if let Origin::Known(official) = origin
        && let Some(mapped) = config.rules.map(official, false)
    {
        let written = official.familiar();
        registry_aspect(
            config,
            &mut wish,
            reference,
            official,
            &written,
            Some(mapped),
        );
        moved_digest(&mut wish, reference);
    }
    wish
}

/// What an image should be whose agents disagree: mapped, if they agree on what it is.
pub fn of_disputed(config: &Config, claims: &[Claim<'_>], reference: &Reference<'_>) -> Wish {
    let agents: Vec<&str> = claims.iter().map(|claim| &*claim.agent.name).collect();
    let mut wish = Wish::default();
    // Claims are equally sure, and those of an official name are all of the same one.
    if let Some(claim) = claims.first().filter(|claim| claim.how == How::Official) {
        let official = claim.official;
        let mapped = config.rules.map(&official.repository, true);
        let repository = &official.repository;
        registry_aspect(
            config,
            &mut wish,
            reference,
            repository,
            &official.written,
            mapped,
        );
        moved_digest(&mut wish, reference);
    }
    wish.remarks.push(Remark {
        rule: Rule::AmbiguousAgent,
        message: format!(
            "{reference} is claimed by {} and they disagree; tag and pull policy stay as they are",
            agents.join(" and ")
        ),
        aspect: None,
        proposed: None,
    });
    wish
}

fn registry_aspect(
    config: &Config,
    wish: &mut Wish,
    reference: &Reference<'_>,
    official: &Repository,
    written: &str,
    mapped: Option<(&registry::Rule, Repository)>,
) {
    let (desired, name) = match mapped {
        Some((rule, repository)) if repository != *official => {
            let general = || config.pull_secrets.clone();
            wish.mirror_secrets = rule.pull_secrets.clone().unwrap_or_else(general);
            let name = repository.name();
            (repository, name)
        }
        _ => (official.clone(), written.to_owned()),
    };
    if !desired.is_legal() {
        wish.mirror_secrets.clear();
        wish.remarks.push(Remark {
            rule: Rule::UnresolvedImage,
            message: format!("{reference} would become {name}, which is not a legal reference"),
            aspect: Some(Aspect::Registry),
            proposed: None,
        });
        return;
    }
    wish.own_name = Some(name.clone());
    if !reference.is_in(&desired) {
        wish.differences.push(Difference {
            rule: Rule::WrongRegistry,
            aspect: Aspect::Registry,
            what: "wrong registry or path".to_owned(),
        });
        wish.name = Some(name);
    }
}

/// A kept digest must exist on the other side, which a copy of one architecture would not give.
fn moved_digest(wish: &mut Wish, reference: &Reference<'_>) {
    if let (Some(name), Some(digest), None) = (&wish.name, reference.digest, &wish.digest) {
        wish.remarks.push(Remark {
            rule: Rule::DigestMoved,
            message: format!(
                "{name} must hold {digest}: copy the image with all architectures and its digest"
            ),
            aspect: Some(Aspect::Registry),
            proposed: None,
        });
    }
}

fn undeclared(config: &Config, claim: &Claim<'_>, reference: &Reference<'_>) -> Remark {
    let (agent, written) = (claim.agent, &claim.official.written);
    let restore = match agent.named {
        true => "write `undeclaredMirrors: restore`".to_owned(),
        false => format!("name the agent {}", agent.name),
    };
    let message = match &claim.how {
        How::UndeclaredMirror { prefix } => {
            let host = reference.repository();
            let known = match config.rules.has_mirror_host(host.domain()) {
                true => "under no rule's mirror",
                false => "on a host that no rule names",
            };
            format!(
                "{reference} is {known} and stays there: declare it with `source: {}` and \
                 `mirror: {prefix}`, or {restore} to restore {written}",
                claim.official.repository.domain()
            )
        }
        _ => format!(
            "{reference} is not {written}, which container and workload are named for, and stays: \
             {restore} to restore it"
        ),
    };
    Remark {
        rule: Rule::UndeclaredMirror,
        message,
        aspect: Some(Aspect::Registry),
        proposed: None,
    }
}

/// The pull policy that an agent's image should have, if its profile says one and it differs.
pub fn pull_policy(image: &AgentImage, written: Option<&str>) -> Option<&'static str> {
    match image.pull_policy {
        PullPolicy::Keep => None,
        policy => policy.as_str().filter(|wanted| written != Some(*wanted)),
    }
}
