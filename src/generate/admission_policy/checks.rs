//! What an image should be, as expressions: a condition that holds where the function would change
//! nothing, and the image that it would write.

use crate::finding::Aspect;
use crate::tag::Versions;

use super::cel::{all, any, list, quoted};
use super::claims::{Claimed, Name};
use super::exceptions::{AllowedDifference, allowing};
use super::families::{TAG, stays, takes, with_colon};

/// [`Versions`] as expressions: conditions on tag and digest, and what to write where they do not
/// hold.
struct Wanted {
    /// Whether the tag of an image `i` is right.
    tag: String,
    /// Whether its digest is.
    digest: String,
    /// The tag to write, with its colon: an expression.
    new_tag: String,
    /// The digest to write, with its `@`.
    new_digest: String,
    /// Whether the version of `i` stays although it is not right: it is ahead of a floating tag that
    /// is a number, or of another family than those that are known.
    stays: Option<String>,
}

/// What the tag policy wants; `None` where it leaves every version alone.
fn wanted(claim: &Claimed<'_>) -> Option<Wanted> {
    if claim.is_disputed {
        return None;
    }
    let policy = &claim.image.tag_policy;
    let versions = policy
        .versions(&claim.agent.policy_input(claim.image))
        .ok()?;
    let new_digest = versions.digest().map(|digest| format!("@{digest}"));
    let tag = match &versions {
        Versions::Exactly { tag, .. } => {
            let tag = with_colon(tag.as_deref().unwrap_or_default());
            format!("{TAG} == {}", quoted(&tag))
        }
        Versions::Moving { tags, .. } => {
            let tags = tags.iter().map(|tag| with_colon(tag));
            format!("{TAG} in {}", list(tags))
        }
    };
    let digest = match &new_digest {
        Some(digest) => format!("i.version.endsWith({})", quoted(digest)),
        None => "!i.version.contains('@')".to_owned(),
    };
    let stays = stays(&versions, &tag);
    Some(Wanted {
        tag,
        digest,
        new_tag: written_tag(&versions),
        new_digest: new_digest.unwrap_or_default(),
        stays,
    })
}

/// The tag that is written over a wrong one, with its colon.
fn written_tag(versions: &Versions<'_>) -> String {
    let lines = versions.lines();
    let Some((last, others)) = lines.split_last() else {
        return quoted(&with_colon(versions.tag().unwrap_or_default()));
    };
    let arms = others
        .iter()
        .filter(|line| line.tag != last.tag)
        .map(|line| format!("{} ? {} : ", takes(line), quoted(&with_colon(line.tag))));
    let arms: String = arms.collect();
    format!("({arms}{})", quoted(&with_colon(last.tag)))
}

/// The condition that an image `i` of this agent needs no change; pull secrets are another.
pub(super) fn is_right(
    claim: &Claimed<'_>,
    allowed: &[AllowedDifference<'_>],
    keeps_policies: &str,
) -> String {
    let agent = Some(&*claim.agent.name);
    let or_allowed = |aspect, condition: String| match allowing(allowed, agent, aspect) {
        Some(allowed) => any(&[allowed, condition]),
        None => condition,
    };
    let mut conditions = Vec::new();
    let mut version = Vec::new();
    let unread = claim.by_name().then(|| "i.repo == ''".to_owned());
    let mut registry = right_place(claim);
    if let Some(unread) = &unread {
        registry = any(&[unread.clone(), registry]);
    }
    if !claim.restores() {
        // An image on an undeclared mirror stays as it is.
        let known = claim.names.iter().flat_map(|name| &name.locations);
        registry = any(&[format!("!(i.repo in {})", list(known)), registry]);
    }
    conditions.push(or_allowed(Aspect::Registry, registry));
    if let Some(wanted) = wanted(claim) {
        version.push(or_allowed(Aspect::Tag, wanted.tag));
        version.push(or_allowed(Aspect::Digest, wanted.digest));
        let mut versions = vec![all(&version)];
        versions.extend(wanted.stays);
        versions.extend(unread);
        if !claim.restores() {
            let known = claim.names.iter().flat_map(|name| &name.locations);
            versions.push(format!("!(i.repo in {})", list(known)));
        }
        conditions.push(any(&versions));
    }
    if let Some(policy) = claim
        .image
        .pull_policy
        .as_str()
        .filter(|_| !claim.is_disputed)
    {
        let is_right = format!("i.policy == {}", quoted(policy));
        let is_right = or_allowed(Aspect::ImagePullPolicy, is_right);
        // What cannot be changed any more is no reason to refuse the request.
        conditions.push(match keeps_policies {
            "false" => is_right,
            kept => any(&[kept.to_owned(), is_right]),
        });
    }
    all(&conditions)
}

/// The condition that an image `i` is where one of its names should be: main name and aliases each
/// have a repository of their own.
fn right_place(claim: &Claimed<'_>) -> String {
    let desired = claim.names.iter().map(|name| name.desired.as_str());
    format!("i.repo in {}", list(desired))
}

/// The condition that a pod lists the pull secrets that an image `i` of this agent needs; `None`
/// where the image needs none.
pub(super) fn has_secrets(
    claim: &Claimed<'_>,
    allowed: &[AllowedDifference<'_>],
) -> Option<String> {
    let needs = needed(claim);
    if needs.is_empty() {
        return None;
    }
    let conditions = needs.into_iter().map(|(condition, secrets)| {
        let has = secrets
            .iter()
            .map(|name| format!("{} in variables.secrets", quoted(name)));
        let has = all(&has.collect::<Vec<String>>());
        match condition {
            Some(condition) => any(&[format!("!({condition})"), has]),
            None => has,
        }
    });
    let has = all(&conditions.collect::<Vec<String>>());
    let agent = Some(&*claim.agent.name);
    Some(match allowing(allowed, agent, Aspect::ImagePullSecrets) {
        Some(allowed) => any(&[allowed, has]),
        None => has,
    })
}

/// The secrets that an image `i` needs, each list with the condition under which it does.
pub(super) fn needed<'c>(claim: &'c Claimed<'_>) -> Vec<(Option<String>, &'c [String])> {
    let own = claim.secrets.iter();
    let own = own.map(|(condition, secrets)| (condition.clone(), &secrets[..]));
    let mut needs: Vec<(Option<String>, &[String])> = own.collect();
    for name in claim.names.iter().filter(|name| !name.secrets.is_empty()) {
        let stands = format!("i.repo == {}", quoted(&name.desired));
        needs.push((Some(stands), &name.secrets));
    }
    needs
}

/// Expressions for the corrected image and pull policy of `i`.
pub(super) fn corrected(
    claim: &Claimed<'_>,
    allowed: &[AllowedDifference<'_>],
) -> (String, String) {
    let agent = Some(&*claim.agent.name);
    let may = |aspect| allowing(allowed, agent, aspect);
    let policy = match claim
        .image
        .pull_policy
        .as_str()
        .filter(|_| !claim.is_disputed)
    {
        None => "i.policy".to_owned(),
        Some(policy) => match may(Aspect::ImagePullPolicy) {
            Some(allowed) => format!("({allowed} ? i.policy : {})", quoted(policy)),
            None => quoted(policy),
        },
    };
    let version = wanted(claim).map_or_else(
        || "i.version".to_owned(),
        |wanted| {
            let part = |aspect, is_right: &str, old: &str, new: &str| {
                let mut kept = vec![is_right.to_owned()];
                kept.extend(may(aspect));
                format!("({} ? {old} : {new})", any(&kept))
            };
            let tag = part(Aspect::Tag, &wanted.tag, TAG, &wanted.new_tag);
            let old_digest =
                "(i.version.contains('@') ? '@' + i.version.split('@')[1] : '')".to_owned();
            let digest = part(
                Aspect::Digest,
                &wanted.digest,
                &old_digest,
                &quoted(&wanted.new_digest),
            );
            let both = format!("{tag} + {digest}");
            match wanted.stays {
                Some(stays) => format!("({stays} ? i.version : {both})"),
                None => format!("({both})"),
            }
        },
    );
    let mut arms = Vec::new();
    for name in &claim.names {
        arms.push((
            claim.is_of(name),
            renamed(name, &version, may(Aspect::Registry)),
        ));
    }
    // The agent's images in any other repository are on an undeclared mirror that says nothing of the host.
    let main = &claim.names[0];
    let elsewhere = match (claim.restores(), claim.by_name()) {
        (false, _) => AS_IT_IS.to_owned(),
        (true, false) => renamed(main, &version, may(Aspect::Registry)),
        (true, true) => {
            let renamed = renamed(main, &version, may(Aspect::Registry));
            format!("(i.repo == '' ? {AS_IT_IS} : {renamed})")
        }
    };
    // With one name, every image of the agent ends in that name's repository.
    if arms.len() == 1 && claim.restores() {
        return (elsewhere, policy);
    }
    let arms = arms
        .into_iter()
        .map(|(condition, image)| format!("{condition} ? {image} : "));
    let image = format!("({}{elsewhere})", arms.collect::<String>());
    (image, policy)
}

/// The image of `i`, unchanged.
pub(super) const AS_IT_IS: &str = "i.raw + i.version";

/// The image under its right name; a name that means the right repository keeps its spelling.
fn renamed(name: &Name, version: &str, may_stay: Option<String>) -> String {
    let is_right = format!("i.repo == {}", quoted(&name.desired));
    let mut keeps = vec![is_right];
    keeps.extend(may_stay);
    let written = quoted(&name.written);
    format!("({} ? i.raw : {written}) + {version}", any(&keeps))
}
