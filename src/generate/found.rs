//! What generators work from: the images in the items, or the profiles where there are none.

use std::sync::Arc;

use crate::config::emit::{Workload, WorkloadKind};
use crate::config::{Config, Date};
use crate::decide::claim::AgentSet;
use crate::decide::provenance::{self, Provenance};
use crate::error::Error;
use crate::finding::ResourceRef;
use crate::image::{Reference, Repository};
use crate::judge::values::unit as values;
use crate::judge::{self, Instances, JudgeContext, UnitJudgement, Use, Wants};
use crate::krm::OWN_GROUP;
use crate::krm::item_config::ItemConfig;
use crate::krm::kinds::ResourceKind;
use crate::krm::resource::Resource;
use crate::krm::survey::Survey;
use crate::krm::unit::Unit;
use crate::registry::Mirrored;
use crate::restore::Request;
use crate::restore::pipeline::{EditBuffers, Judge, Merge, SurveyedInput, UnitOutput, judge_units};
use crate::yaml::parse::Parsed;
use crate::yaml::{self, Node};

use super::object::{MANAGED_BY, MANAGER};

/// What was found.
#[derive(Debug, Default)]
pub(super) struct ImagesInUse {
    /// Whether there is any item but configuration, so that the images are those in use.
    pub(super) has_items: bool,
    /// Images that come from a mirror.
    pub(super) mirrored: Vec<Mirrored>,
    /// Those of which a chart chooses the tag: the resource that installs it, the official repository,
    /// and what would tell the tag.
    pub(super) untold: Vec<(Arc<ResourceRef>, Repository, String)>,
    /// Workloads that a restart would bring a newer image, with the agent.
    pub(super) restartable: Vec<(Workload, String)>,
    /// Resources that run such an image and cannot be restarted, with the agent.
    pub(super) unrestartable: Vec<(String, String)>,
    /// Agents that were found.
    pub(super) seen: AgentSet,
}

/// Finds the images in use.
///
/// # Errors
/// A mapping that is read cannot be.
pub(super) fn found(
    request: &Request<'_>,
    survey: &Survey<'_>,
    config: &Config,
) -> Result<ImagesInUse, Error> {
    let input = SurveyedInput {
        file: None,
        text: request.input,
        survey,
        held_by: None,
        over: &[],
    };
    let finding = ImageFinder {
        config,
        today: request.today,
        gathered: &survey.gathered,
    };
    judge_units(&finding, &[input]).remove(0)
}

/// What images are found by.
struct ImageFinder<'a> {
    config: &'a Config,
    today: Date,
    gathered: &'a ItemConfig<'a>,
}

impl Judge for ImageFinder<'_> {
    type Output = ImagesInUse;

    fn concerns(&self, kind: &ResourceKind) -> bool {
        kind.group != OWN_GROUP && kind.group != "kpt.dev"
    }

    fn judge(
        &self,
        _: &SurveyedInput<'_>,
        unit: &Unit,
        parsed: &Parsed<'_>,
        instances: &Instances,
        _: &mut EditBuffers,
    ) -> Result<UnitOutput<ImagesInUse>, Error> {
        let (config, gathered, wants) = (self.config, self.gathered, Wants::default());
        let context = JudgeContext {
            ordinal: unit.ordinal,
            ..JudgeContext::new(config, self.today, gathered, instances, wants)
        };
        let mut budget = unit.budget();
        let mut judged = UnitJudgement::default();
        let mut found = ImagesInUse::default();
        let resources = unit.resources(&parsed.root, &mut budget);
        let resources = resources.map_err(Error::yaml)?;
        let texts = values::texts(self.config, &resources).map_err(Error::yaml)?;
        let inner = values::read(&texts);
        let given = (self.config, self.gathered);
        let installed = values::installed(given, &resources, &texts, &inner, None);
        for one in &installed.map_err(Error::yaml)? {
            let uses = judge::values::uses(&context, std::slice::from_ref(one));
            found.take(self.config, &one.resource, &uses.map_err(Error::yaml)?);
        }
        for resource in resources {
            if is_configuration(&resource).map_err(Error::yaml)? {
                continue;
            }
            found.has_items = true;
            let (group, version) = (resource.group(), resource.version());
            if !self.config.keeps_images(group, version, resource.kind) {
                continue;
            }
            let uses = judge::uses(&context, &resource, &mut budget, &mut judged);
            found.take(self.config, &resource, &uses.map_err(Error::yaml)?);
        }
        found.seen = judged.seen.agents;
        Ok(UnitOutput {
            output: found,
            instances: judged.instances,
            awaits_instances: judged.awaits_instances,
        })
    }
}

impl Merge for ImagesInUse {
    fn append(&mut self, mut later: ImagesInUse) {
        self.has_items |= later.has_items;
        self.mirrored.append(&mut later.mirrored);
        self.untold.append(&mut later.untold);
        self.restartable.append(&mut later.restartable);
        self.unrestartable.append(&mut later.unrestartable);
        self.seen.extend(later.seen);
    }
}

/// Whether a resource configures functions or was generated. Neither is a user's workload, and
/// counting generated ones would make a second run differ from the first.
fn is_configuration(resource: &Resource<'_, '_>) -> Result<bool, yaml::Error> {
    let local = resource.annotation("config.kubernetes.io/local-config")?;
    let is_local = local.and_then(Node::scalar) == Some("true");
    Ok(is_local
        || resource.group() == OWN_GROUP
        || resource.group() == "kpt.dev"
        || resource.label(MANAGED_BY)? == Some(MANAGER))
}

impl ImagesInUse {
    fn take(&mut self, config: &Config, resource: &Resource<'_, '_>, uses: &[Use<'_>]) {
        for used in uses {
            let Ok(reference) = Reference::parse(&used.image) else {
                continue;
            };
            match (
                mirrored(config, used.official(), &reference),
                &used.chart_tag,
            ) {
                (Some(mirrored), None) => self.mirrored.push(mirrored),
                (Some(mirrored), Some(told_by)) => {
                    let by = Arc::new(judge::resource_ref(resource));
                    self.untold.push((by, mirrored.official, told_by.clone()));
                }
                (None, _) => {}
            }
        }
        let stale = uses.iter().filter(|used| goes_stale(used));
        let Some(agent) = stale
            .filter_map(|used| used.claim.as_ref())
            .map(|claim| claim.agent.name.clone())
            .next()
        else {
            return;
        };
        let kind = match (resource.group(), resource.kind) {
            ("apps", "Deployment") => WorkloadKind::Deployment,
            ("apps", "DaemonSet") => WorkloadKind::DaemonSet,
            ("apps", "StatefulSet") => WorkloadKind::StatefulSet,
            // Each run of a job pulls by itself.
            ("batch", _) => return,
            _ => {
                let resource = format!("{} {}", resource.kind, resource.name);
                self.unrestartable.push((resource, agent.to_string()));
                return;
            }
        };
        let namespace = (!resource.namespace.is_empty()).then(|| resource.namespace.to_owned());
        let workload = Workload {
            namespace,
            kind,
            name: resource.name.to_owned(),
        };
        self.restartable.push((workload, agent.to_string()));
    }
}

/// Whether an image is an agent's that a restart alone would bring up to date: it floats, is pulled
/// at each start, and the agent does not restart itself.
fn goes_stale(used: &Use<'_>) -> bool {
    let Some(claim) = &used.claim else {
        return false;
    };
    let tags = claim.image.tag_policy.moving_tags();
    let Ok(reference) = Reference::parse(&used.image) else {
        return false;
    };
    let floats = tags
        .iter()
        .any(|tag| tag == reference.tag.unwrap_or_default());
    let pulled = used.policy.as_deref() == Some("Always");
    used.in_pod
        && floats
        && pulled
        && reference.digest.is_none()
        && !claim.image.vendor_managed
        && !claim.agent.restarts_itself
}

/// The official image of a reference, if a rule puts its copy there. `known` is the
/// official repository where an agent's profile says it.
fn mirrored(
    config: &Config,
    known: Option<&Repository>,
    reference: &Reference<'_>,
) -> Option<Mirrored> {
    let mirror = reference.repository();
    let is_copy = |official: &Repository| {
        *official != mirror
            && [true, false].iter().any(|&of_agent| {
                let mapped = config.rules.map(official, of_agent);
                mapped.is_some_and(|(_, repository)| repository == mirror)
            })
    };
    let behind = [
        provenance::of_agents(config, &mirror),
        provenance::of_others(config, &mirror),
    ];
    let behind = behind.into_iter().flat_map(|provenance| match provenance {
        Provenance::Known(official) => vec![official],
        Provenance::Unclear(_) => Vec::new(),
    });
    let official = known.cloned().into_iter().chain(behind).find(is_copy)?;
    Some(Mirrored::new(official, reference, mirror))
}
