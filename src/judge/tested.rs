//! Versions that run together and that the vendor has not tested together: in one pod, in the pods of
//! one release, or in the values of a chart.

mod beside;

use std::cmp::Ordering;

use crate::agent::{Agent, TestedRelease};
use crate::finding::{Aspect, Rule};
use crate::image::{Repository, version as tag_version};
use crate::krm::resource::Resource;
use crate::sort::sort_by;
use crate::verdict::PartChange;
use crate::yaml::Error;

use super::draft::Drafts;
use super::exceptions::grounds;
use super::instances::AgentVersion;
use super::verdict::FieldVerdict;

pub(super) use beside::VersionsByAgent;

/// The versions of agents' own images in the pods of a resource.
pub(super) fn own_versions(pods: &[Vec<FieldVerdict<'_, '_, '_, '_>>]) -> Vec<AgentVersion> {
    let mut found = Vec::new();
    for pod in pods {
        for mut own in pod.iter().filter_map(own_version) {
            let mut others = pod.iter();
            own.is_told = own.release.is_none() && others.any(|other| is_beside(other, own.agent));
            if !found.contains(&own) {
                found.push(own);
            }
        }
    }
    found
}

/// Whether there is an image here that a version of its agent's own image elsewhere may say more of.
pub(super) fn awaits(pods: &[Vec<FieldVerdict<'_, '_, '_, '_>>]) -> bool {
    let is_untold = |pod: &Vec<FieldVerdict<'_, '_, '_, '_>>| {
        let mut listed = pod.iter().filter(|verdict| verdict.is_listed()).peekable();
        if listed.peek().is_none() {
            return false;
        }
        let beside = VersionsByAgent::of(pod.iter().filter_map(own_version), &[]);
        listed.any(|verdict| beside.of_agent(verdict).is_none())
    };
    pods.iter().any(is_untold)
}

/// Reports images whose tag the vendor did not test with the release of the agent's own image;
/// `chart` is the version of the chart, which counts where no tag is written.
pub(super) fn report(
    resource: &Resource<'_, '_>,
    verdicts: &[&FieldVerdict<'_, '_, '_, '_>],
    beside: &VersionsByAgent,
    chart: Option<&str>,
    drafts: &mut Drafts,
) -> Result<(), Error> {
    for (&agent, known) in &beside.0 {
        if known.is_here && known.releases.is_empty() {
            untested_release(resource, verdicts, agent, drafts)?;
        }
    }
    for verdict in verdicts {
        let known = beside.of_agent(verdict);
        let (Some(known), Some((repository, tag))) = (known, version(verdict, chart)) else {
            continue;
        };
        let Some(claim) = &verdict.claim else {
            continue;
        };
        let agent = claim.agent;
        let releases = beside.releases(verdict);
        if let Some(unlisted) = &known.unlisted
            && known.releases.is_empty()
        {
            if !known.is_here && verdict.is_listed() {
                let what = format!(
                    "runs beside {} {unlisted}, which is of no release that the profile lists{}, so it is \
                     not known whether they were tested together: compare with the vendor's chart of that \
                     release",
                    agent.name,
                    listed_releases(agent)
                );
                add(resource, (verdict, tag), &what, drafts)?;
            }
            continue;
        }
        let mut tags = releases.clone().map(|release| tag_in(release, repository));
        if tags.any(|tested| tested == Some(tag)) {
            continue;
        }
        let Some(release) = releases.max_by(|one, other| by_age(&one.release, &other.release))
        else {
            continue;
        };
        let tested = match tag_in(release, repository) {
            Some(tested) => format!("the vendor tested {repository}:{tested}"),
            None if verdict.is_in_table(repository) => {
                let then = if verdict.is_unpublished {
                    ", so it stays"
                } else {
                    ""
                };
                format!("the vendor has no {repository} in it{then}")
            }
            None => continue,
        };
        let what = format!(
            "is untested in {} {}: {tested}",
            agent.name, release.release
        );
        add(resource, (verdict, tag), &what, drafts)?;
    }
    Ok(())
}

/// Reports the agent's own image where its tag is in no release of the table, and an image that the
/// table has runs beside it.
fn untested_release(
    resource: &Resource<'_, '_>,
    verdicts: &[&FieldVerdict<'_, '_, '_, '_>],
    agent: usize,
    drafts: &mut Drafts,
) -> Result<(), Error> {
    let is_own = |verdict: &&&FieldVerdict<'_, '_, '_, '_>| {
        own_version(verdict).is_some_and(|own| own.agent == agent)
    };
    let own = verdicts.iter().find(is_own);
    let Some((own, (_, tag))) = own.and_then(|own| Some((own, version(own, None)?))) else {
        return Ok(());
    };
    if !verdicts.iter().any(|verdict| is_beside(verdict, agent)) {
        return Ok(());
    }
    let known = own.claim.as_ref().map(|claim| listed_releases(claim.agent));
    let what = format!(
        "is of no release that the profile lists{}, so it is not known whether the images beside it were \
         tested with it: compare with the vendor's chart of that release",
        known.unwrap_or_default()
    );
    add(resource, (own, tag), &what, drafts)
}

/// The older of two releases first.
fn by_age(one: &str, other: &str) -> Ordering {
    let [one, other] = [one, other].map(|release| tag_version::parse(release).unwrap_or_default());
    tag_version::compare(&one, &other)
}

/// The releases of an agent's table, from the oldest to the newest, in brackets.
fn listed_releases(agent: &Agent) -> String {
    let releases = agent.tested.iter().map(|of| of.release.as_str());
    let mut releases: Vec<&str> = releases.collect();
    sort_by(&mut releases, |one, other| by_age(one, other));
    match releases[..] {
        [] => String::new(),
        [only] => format!(" ({only})"),
        [first, .., last] => format!(" ({first} to {last})"),
    }
}

fn add(
    resource: &Resource<'_, '_>,
    (verdict, tag): (&FieldVerdict<'_, '_, '_, '_>, &str),
    what: &str,
    drafts: &mut Drafts,
) -> Result<(), Error> {
    let field = verdict.field;
    let slot = field.notation.main();
    let path = slot.text_below(&resource.path);
    let mut image = field.image.clone().unwrap_or_default();
    if verdict.reference.is_some_and(|read| read.tag.is_none()) {
        image = format!("{image}:{tag}");
    }
    let exception = verdict.in_force.allowing(Aspect::Tag);
    let (rule, message) = match exception {
        Some(exception) => {
            let message = format!("{image} {what}, {}", grounds(exception));
            (Rule::AllowedByException, message)
        }
        None => (Rule::UntestedVersion, format!("{image} {what}")),
    };
    drafts
        .add(rule, message)
        .agent(verdict.agent())
        .field(path, Some(image), None)
        .at(slot.node()?.unwrap_or(slot.holder));
    Ok(())
}

impl FieldVerdict<'_, '_, '_, '_> {
    /// Whether a release of the agent's table has a tag for a repository.
    fn is_in_table(&self, repository: &Repository) -> bool {
        let agent = self.claim.as_ref().map(|claim| claim.agent);
        let mut releases = agent.iter().flat_map(|agent| &agent.tested);
        releases.any(|release| tag_in(release, repository).is_some())
    }

    /// Whether others run the image too, and the agent's table has it.
    fn is_listed(&self) -> bool {
        let claim = self.claim.as_ref().filter(|claim| claim.image.shared);
        claim.is_some_and(|claim| self.is_in_table(&claim.image.official.repository))
    }

    /// Leaves the image as it is written: nobody says that its official name exists.
    pub(super) fn leave_unpublished(&mut self) {
        self.is_unpublished = true;
        let verdict = &mut self.verdict;
        // It does not go to the mirror whose secret that would be.
        if verdict.name.take().is_some() {
            verdict.mirror_secrets.clear();
        }
        (verdict.tag, verdict.digest) = (PartChange::Keep, PartChange::Keep);
        verdict.differences.clear();
        verdict.notes.clear();
    }
}

/// Whether an image that others run too is an agent's, whose table has it.
fn is_beside(verdict: &FieldVerdict<'_, '_, '_, '_>, agent: usize) -> bool {
    verdict.is_listed()
        && verdict
            .claim
            .as_ref()
            .is_some_and(|claim| claim.index == agent)
}

/// The version of an agent's own image, if its profile says what the vendor tested with it.
pub(super) fn own_version(verdict: &FieldVerdict<'_, '_, '_, '_>) -> Option<AgentVersion> {
    own_version_in(verdict, None)
}

/// As [`own_version`], of an image of a version of the agent's chart.
pub(super) fn own_version_in(
    verdict: &FieldVerdict<'_, '_, '_, '_>,
    chart: Option<&str>,
) -> Option<AgentVersion> {
    let claim = verdict.claim.as_ref().filter(|claim| !claim.image.shared)?;
    let (repository, tag) = version(verdict, chart)?;
    if !verdict.is_in_table(repository) {
        return None;
    }
    let mut releases = claim.agent.tested.iter();
    Some(AgentVersion {
        agent: claim.index,
        release: releases.position(|release| tag_in(release, repository) == Some(tag)),
        tag: tag.to_owned(),
        is_told: false,
    })
}

/// The official repository of an image and its tag: the written one, or that of the chart's version.
fn version<'v>(
    verdict: &'v FieldVerdict<'_, '_, '_, '_>,
    chart: Option<&str>,
) -> Option<(&'v Repository, &'v str)> {
    let claim = verdict.claim.as_ref()?;
    let repository = &claim.image.official.repository;
    let reference = verdict.reference.as_ref()?;
    let of_chart = || {
        let chart = chart.filter(|_| reference.digest.is_none())?;
        let mut releases = claim.agent.tested.iter();
        let release = releases.find(|release| release.release == chart)?;
        tag_in(release, repository)
    };
    Some((repository, reference.tag.or_else(of_chart)?))
}

fn tag_in<'t>(release: &'t TestedRelease, repository: &Repository) -> Option<&'t str> {
    let mut tags = release.tags.iter();
    tags.find(|(known, _)| known == repository)
        .map(|(_, tag)| tag.as_str())
}
