//! Versions in one pod that the vendor has not tested together.

use crate::agent::Tested;
use crate::finding::{Aspect, Rule};
use crate::image::{Repository, version as tag_version};
use crate::krm::resource::Resource;
use crate::yaml::Error;

use super::draft::Drafts;
use super::exceptions::grounds;
use super::verdict::FieldVerdict;

/// Reports images whose tag the vendor did not test with the release of the agent's own image.
pub(super) fn report(
    resource: &Resource<'_, '_>,
    verdicts: &[FieldVerdict<'_, '_, '_, '_>],
    drafts: &mut Drafts,
) -> Result<(), Error> {
    let verdicts: Vec<&FieldVerdict<'_, '_, '_, '_>> = verdicts.iter().collect();
    report_all(resource, &verdicts, None, ", so it stays", drafts)
}

/// As [`report`], of the images that a chart runs: where no tag is written, it is the one of the chart's
/// own version.
pub(super) fn report_in_chart(
    resource: &Resource<'_, '_>,
    verdicts: &[&FieldVerdict<'_, '_, '_, '_>],
    version: Option<&str>,
    drafts: &mut Drafts,
) -> Result<(), Error> {
    report_all(resource, verdicts, version, "", drafts)
}

/// As [`report`], of images of a version of the agent's chart; `then` is what becomes of an image that
/// the release does not have.
fn report_all(
    resource: &Resource<'_, '_>,
    verdicts: &[&FieldVerdict<'_, '_, '_, '_>],
    chart: Option<&str>,
    then: &str,
    drafts: &mut Drafts,
) -> Result<(), Error> {
    let Some((agent, release)) = verdicts.iter().find_map(|verdict| release(verdict, chart)) else {
        return untested_release(resource, verdicts, drafts);
    };
    for verdict in verdicts {
        let is_agents = verdict.agent().is_some_and(|name| **name == *agent);
        let version = version(verdict, chart).filter(|_| is_agents);
        let Some((repository, tag)) = version else {
            continue;
        };
        let tested = match tag_in(release, repository) {
            Some(tested) if tested == tag => continue,
            Some(tested) => format!("the vendor tested {repository}:{tested}"),
            None if verdict.is_in_table(repository) => {
                format!("the vendor has no {repository} in it{then}")
            }
            None => continue,
        };
        let what = format!("is untested in {agent} {}: {tested}", release.release);
        add(resource, (verdict, tag), &what, drafts)?;
    }
    Ok(())
}

/// Reports the agent's own image where its tag is in no release of the table, and an image that the
/// table has runs beside it.
fn untested_release(
    resource: &Resource<'_, '_>,
    verdicts: &[&FieldVerdict<'_, '_, '_, '_>],
    drafts: &mut Drafts,
) -> Result<(), Error> {
    let is_own = |verdict: &&&FieldVerdict<'_, '_, '_, '_>| {
        let claim = verdict.claim.as_ref();
        claim.is_some_and(|claim| !claim.image.shared)
            && version(verdict, None).is_some_and(|(repository, _)| verdict.is_in_table(repository))
    };
    let own = verdicts.iter().find(is_own);
    let Some((own, (_, tag))) = own.and_then(|own| Some((own, version(own, None)?))) else {
        return Ok(());
    };
    let is_other = |verdict: &&FieldVerdict<'_, '_, '_, '_>| {
        let claim = verdict.claim.as_ref().filter(|claim| claim.image.shared);
        claim.is_some_and(|claim| verdict.is_in_table(&claim.image.official.repository))
            && verdict.agent() == own.agent()
    };
    if !verdicts.iter().any(is_other) {
        return Ok(());
    }
    let agent = own.claim.as_ref().map(|claim| claim.agent);
    let releases = agent.iter().flat_map(|agent| &agent.tested);
    let mut releases: Vec<&str> = releases.map(|of| of.release.as_str()).collect();
    releases.sort_by(|one, other| {
        let [one, other] =
            [one, other].map(|release| tag_version::parse(release).unwrap_or_default());
        tag_version::compare(&one, &other)
    });
    let known = match releases[..] {
        [] => String::new(),
        [only] => format!(" ({only})"),
        [first, .., last] => format!(" ({first} to {last})"),
    };
    let what = format!(
        "is of no release that the profile lists{known}, so whether the images beside it were tested \
         with it is not known: look at what the vendor's chart of that release runs"
    );
    add(resource, (own, tag), &what, drafts)
}

/// The agent and the release that the images of a group are of.
pub(super) fn release_of<'c>(
    verdicts: &[FieldVerdict<'c, '_, '_, '_>],
) -> Option<(&'c str, &'c Tested)> {
    verdicts.iter().find_map(|verdict| release(verdict, None))
}

/// Whether the release that runs beside an image has no such image, so that its official name with this
/// tag is nowhere said to exist.
pub(super) fn is_unpublished(
    verdict: &FieldVerdict<'_, '_, '_, '_>,
    (agent, release): (&str, &Tested),
) -> bool {
    verdict.agent().is_some_and(|name| **name == *agent)
        && version(verdict, None).is_some_and(|(repository, _)| {
            tag_in(release, repository).is_none() && verdict.is_in_table(repository)
        })
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
}

/// The release that a field's image belongs to: it is the agent's own image, at a tag that is in
/// the profile's table.
fn release<'c>(
    verdict: &FieldVerdict<'c, '_, '_, '_>,
    chart: Option<&str>,
) -> Option<(&'c str, &'c Tested)> {
    let claim = verdict.claim.as_ref().filter(|claim| !claim.image.shared)?;
    let (repository, tag) = version(verdict, chart)?;
    let mut releases = claim.agent.tested.iter();
    let release = releases.find(|release| tag_in(release, repository) == Some(tag))?;
    Some((&*claim.agent.name, release))
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

fn tag_in<'t>(release: &'t Tested, repository: &Repository) -> Option<&'t str> {
    let mut tags = release.tags.iter();
    tags.find(|(known, _)| known == repository)
        .map(|(_, tag)| tag.as_str())
}
