//! Versions in one pod that the vendor has not tested together.

use crate::agent::Tested;
use crate::finding::Rule;
use crate::image::Repository;
use crate::krm::resource::Resource;
use crate::yaml::Error;

use super::draft::Drafts;
use super::verdict::FieldVerdict;

/// Reports images whose tag the vendor did not test with the release of the agent's own image.
pub(super) fn report(
    resource: &Resource<'_, '_>,
    verdicts: &[FieldVerdict<'_, '_, '_, '_>],
    drafts: &mut Drafts,
) -> Result<(), Error> {
    let verdicts: Vec<&FieldVerdict<'_, '_, '_, '_>> = verdicts.iter().collect();
    report_all(resource, &verdicts, drafts)
}

/// As [`report`], of images that are in several groups.
pub(super) fn report_all(
    resource: &Resource<'_, '_>,
    verdicts: &[&FieldVerdict<'_, '_, '_, '_>],
    drafts: &mut Drafts,
) -> Result<(), Error> {
    let Some((agent, release)) = verdicts.iter().find_map(|verdict| release(verdict)) else {
        return Ok(());
    };
    for verdict in verdicts {
        let is_agents = verdict.agent().is_some_and(|name| **name == *agent);
        let Some((repository, tag)) = version(verdict).filter(|_| is_agents) else {
            continue;
        };
        let Some(tested) = tag_in(release, repository).filter(|tested| *tested != tag) else {
            continue;
        };
        let field = verdict.field;
        let slot = field.notation.main();
        let path = slot.text_below(&resource.path);
        let image = field.image.clone().unwrap_or_default();
        let message = format!(
            "{image} is untested in {agent} {}: the vendor tested {repository}:{tested}",
            release.release
        );
        drafts
            .add(Rule::UntestedVersion, message)
            .agent(verdict.agent())
            .field(path, Some(image), None)
            .at(slot.node()?.unwrap_or(slot.holder));
    }
    Ok(())
}

/// The release that a field's image belongs to: it is the agent's own image, at a tag that is in
/// the profile's table.
fn release<'c>(verdict: &FieldVerdict<'c, '_, '_, '_>) -> Option<(&'c str, &'c Tested)> {
    let claim = verdict.claim.as_ref().filter(|claim| !claim.image.shared)?;
    let (repository, tag) = version(verdict)?;
    let mut releases = claim.agent.tested.iter();
    let release = releases.find(|release| tag_in(release, repository) == Some(tag))?;
    Some((&*claim.agent.name, release))
}

fn version<'v>(verdict: &'v FieldVerdict<'_, '_, '_, '_>) -> Option<(&'v Repository, &'v str)> {
    let claim = verdict.claim.as_ref()?;
    let tag = verdict.reference.as_ref()?.tag?;
    Some((&claim.image.official.repository, tag))
}

fn tag_in<'t>(release: &'t Tested, repository: &Repository) -> Option<&'t str> {
    let mut tags = release.tags.iter();
    tags.find(|(known, _)| known == repository)
        .map(|(_, tag)| tag.as_str())
}
