//! Profiles: checks an AgentProfile as it is written, and makes an agent of it.

use std::collections::{BTreeMap, HashMap};

use super::agent_entry::{Adjusted, AgentProfile, ProfileSpec};
use super::charts;
use super::fault::{ConfigFault, quoted};
use super::kind;
use super::names;
use super::profile_carriers;
use super::profile_entry::{ImageEntry, TestedTable};
use super::spanned::Spanned;
use super::tags::{OfficialVersion, TagKeys};
use crate::agent::{
    Agent, AgentImage, Example, Missed, Official, TestedRelease, UndeclaredMirrors,
};
use crate::image::{Reference, ReferenceError, is_name};
use crate::mask;

/// A profile as written, under its name.
pub(super) struct Profile {
    /// Its name, which is legal.
    pub(super) name: String,
    spec: ProfileSpec,
}

impl Profile {
    /// A profile from an AgentProfile object.
    pub(super) fn of_object(object: AgentProfile) -> Result<Self, ConfigFault> {
        let AgentProfile {
            api_version,
            kind,
            metadata,
            spec,
        } = object;
        kind::check_profile(
            (kind.at, &kind.key, &kind.value),
            (api_version.at, &api_version.key, &api_version.value),
        )?;
        let name = names::legal(&metadata.name)?;
        Ok(Profile { name, spec })
    }

    /// A profile from an entry of `agents` that has the keys of a profile's spec.
    pub(super) fn of_entry(name: &Spanned<String>, spec: ProfileSpec) -> Result<Self, ConfigFault> {
        let name = names::legal(name)?;
        Ok(Profile { name, spec })
    }

    /// The agent, with nothing adjusted.
    pub(super) fn agent(
        &self,
        undeclared_mirrors: UndeclaredMirrors,
    ) -> Result<Agent, ConfigFault> {
        let spec = &self.spec;
        if spec.images.value.is_empty() {
            let fault = spec.images.fault("the profile has no image");
            return Err(fault.help("write at least one `- image: REFERENCE`".to_owned()));
        }
        let images: Result<Vec<AgentImage>, ConfigFault> =
            spec.images.value.iter().map(image).collect();
        let images = images?;
        check_distinct(&spec.images.value, &images)?;
        let examples = spec.examples.iter().map(|example| Example {
            from: example.from.clone(),
            to: example.to.clone(),
        });
        Ok(Agent {
            name: self.name.as_str().into(),
            title: spec.title.clone(),
            docs: spec.docs.clone(),
            restarts_itself: spec.restarts_itself,
            revision: None,
            carriers: profile_carriers::carriers(spec, &images)?,
            charts: charts::charts(&spec.charts, &spec.helm)?,
            tested: tested(&spec.tested, &images)?,
            images,
            namespaces: Vec::new(),
            undeclared_mirrors,
            named: false,
            missed: Missed::AsOthers,
            among_items: false,
            examples: examples.collect(),
        })
    }

    /// Changes each image of the agent as an entry of `agents` says.
    pub(super) fn adjust(&self, agent: &mut Agent, adjusted: &Adjusted) -> Result<(), ConfigFault> {
        let keys = TagKeys::of_adjustment(adjusted);
        let secrets = adjusted.image_pull_secrets.as_deref();
        let secrets = secrets.map(names::legal_list).transpose()?;
        for (entry, image) in self.spec.images.value.iter().zip(&mut agent.images) {
            let version = OfficialVersion {
                tag: image.tag.as_deref(),
                digest: image.digest.as_deref(),
            };
            image.tag_policy = keys.over(TagKeys::of_image(entry)).policy(version)?;
            if let Some(policy) = adjusted.image_pull_policy {
                image.pull_policy = policy;
            }
            if let Some(secrets) = &secrets {
                image.pull_secrets.clone_from(secrets);
            }
        }
        Ok(())
    }
}

fn image(entry: &ImageEntry) -> Result<AgentImage, ConfigFault> {
    let reference = reference(&entry.image)?;
    let version = OfficialVersion {
        tag: reference.tag,
        digest: reference.digest,
    };
    let aliases: Result<Vec<Official>, ConfigFault> = entry.aliases.iter().map(alias).collect();
    Ok(AgentImage {
        official: official(&reference),
        aliases: aliases?,
        mirror_paths: entry
            .mirror_paths
            .iter()
            .map(mirror_path)
            .collect::<Result<_, _>>()?,
        tag: reference.tag.map(str::to_owned),
        digest: reference.digest.map(str::to_owned),
        tag_policy: TagKeys::of_image(entry).policy(version)?,
        pull_policy: entry.image_pull_policy,
        vendor_managed: entry.advice,
        shared: entry.shared,
        containers: names::patterns(&entry.containers)?,
        workloads: names::patterns(&entry.workloads)?,
        pull_secrets: names::legal_list(&entry.image_pull_secrets)?,
    })
}

fn alias(text: &Spanned<String>) -> Result<Official, ConfigFault> {
    let reference = reference(text)?;
    if reference.tag.is_some() || reference.digest.is_some() {
        let fault = text.fault(format!(
            "the alias {} has a tag or digest",
            quoted(&text.value)
        ));
        return Err(fault.help(format!(
            "write `{}`: the tag is that of `image`",
            reference.name()
        )));
    }
    Ok(official(&reference))
}

/// A path below a mirror's host; one segment would be anybody's.
fn mirror_path(text: &Spanned<String>) -> Result<String, ConfigFault> {
    let legal = is_name(&format!("mirror.example/{}", text.value)).is_some();
    if legal && text.value.contains('/') {
        return Ok(text.value.clone());
    }
    let fault = text.fault(format!(
        "{} is no path of two segments",
        quoted(&text.value)
    ));
    Err(fault.help("write it without a host: `team/agent`".to_owned()))
}

fn reference(text: &Spanned<String>) -> Result<Reference<'_>, ConfigFault> {
    Reference::parse(&text.value).map_err(|error| {
        let what = match error {
            ReferenceError::Empty => error.to_string(),
            _ => format!(
                "{}: {}",
                quoted(&text.value),
                mask::why(&text.value, &error)
            ),
        };
        text.fault(what).help(error.help())
    })
}

fn official(reference: &Reference<'_>) -> Official {
    Official {
        written: reference.name().to_owned(),
        repository: reference.repository(),
    }
}

/// The table of tested versions; each repository in it is one of the profile's.
fn tested(table: &TestedTable, images: &[AgentImage]) -> Result<Vec<TestedRelease>, ConfigFault> {
    let row = |(release, tags): (&String, &Spanned<BTreeMap<String, Spanned<String>>>)| {
        let tag = |(name, tag): (&String, &Spanned<String>)| {
            let repository = Reference::parse(name)
                .map(|reference| reference.repository())
                .ok()
                .filter(|repository| {
                    images
                        .iter()
                        .any(|image| image.official.repository == *repository)
                });
            let Some(repository) = repository else {
                let fault = tag.fault(format!("{} is no image of the profile", quoted(name)));
                return Err(fault.help("write the repository as it stands in `images`".to_owned()));
            };
            Ok((repository, tag.value.clone()))
        };
        let tags: Result<Vec<_>, ConfigFault> = tags.value.iter().map(tag).collect();
        Ok(TestedRelease {
            release: release.clone(),
            tags: tags?,
        })
    };
    table.iter().map(row).collect()
}

/// Two images of one repository would disagree on every field.
fn check_distinct(entries: &[ImageEntry], images: &[AgentImage]) -> Result<(), ConfigFault> {
    let mut seen = HashMap::new();
    for (entry, image) in entries.iter().zip(images) {
        let written = std::iter::once(&entry.image).chain(&entry.aliases);
        let officials = std::iter::once(&image.official).chain(&image.aliases);
        for (text, official) in written.zip(officials) {
            if let Some(first) = seen.insert(&official.repository, text.at) {
                let what = format!(
                    "the repository {} stands twice in the profile",
                    official.repository
                );
                let fault = text.fault(what).first(first);
                return Err(fault.help("keep it in one place".to_owned()));
            }
        }
    }
    Ok(())
}
