//! The images that a resource runs, as they should be: generated resources are built from them.

use crate::decide::claim::Claim;
use crate::field::{self, FieldRole};
use crate::finding::Aspect;
use crate::krm::resource::{Budget, Resource, resources};
use crate::yaml::{Error, Node, parse};

use super::ignored::reason;
use super::{IGNORE, JudgeContext, Ties, UnitJudgement, beside, manifests, runs, verdict};

/// An image in use.
#[derive(Debug)]
pub struct Use<'c> {
    /// The claim of the agent that owns the image.
    pub claim: Option<Claim<'c>>,
    /// The reference as it should be, or as it is where an exception or annotation leaves it.
    pub image: String,
    /// The pull policy as it should be; `None` where none is written or wanted.
    pub policy: Option<String>,
    /// Whether the field is one of a pod's, not of a custom resource.
    pub in_pod: bool,
    /// What tells the tag, in words, where a chart chooses it.
    pub chart_tag: Option<String>,
}

impl Use<'_> {
    /// The official repository that the mapping rules start from, if the image is an agent's.
    pub fn official(&self) -> Option<&crate::image::Repository> {
        let claim = self.claim.as_ref()?;
        Some(&claim.official_to_write().repository)
    }
}

/// The images of a resource, and of the manifests in it if it is a ConfigMap; agents found and their
/// instances are noted in `judged`.
///
/// # Errors
/// A mapping that is read has a key twice, or aliases repeat too much.
pub fn uses<'c: 'n, 'n, 's>(
    context: &JudgeContext<'c, '_>,
    resource: &Resource<'n, 's>,
    budget: &mut Budget,
    judged: &mut UnitJudgement<'n, 's>,
) -> Result<Vec<Use<'c>>, Error> {
    let mut uses = own(context, resource, budget, judged)?;
    for text in manifests::texts(context, resource, budget)? {
        // What cannot be read is told where it is judged.
        let Ok(documents) = parse::documents(&text) else {
            continue;
        };
        let mut inner = UnitJudgement::default();
        let mut budget = Budget::new(text.len());
        for root in &documents {
            for one in resources(root, &mut budget).unwrap_or_default() {
                let found = own(context, &one, &mut budget, &mut inner);
                uses.append(&mut found.unwrap_or_default());
            }
        }
        judged.seen.extend(inner.seen);
    }
    Ok(uses)
}

/// As [`uses`], without the texts of a ConfigMap.
///
/// # Errors
/// As [`uses`].
fn own<'c: 'n, 'n, 's>(
    context: &JudgeContext<'c, '_>,
    resource: &Resource<'n, 's>,
    budget: &mut Budget,
    judged: &mut UnitJudgement<'n, 's>,
) -> Result<Vec<Use<'c>>, Error> {
    let config = context.config;
    let groups = field::groups(resource, &config.fields, &config.carriers, budget)?;
    let ties = Ties::of(config, resource)?;
    let in_instance = ties.agents(context.instances);
    let mut verdicts = verdict::verdicts(context, resource, &groups, &in_instance, judged);
    beside(context, &ties, &mut verdicts, judged);
    let ignore = resource.annotation(IGNORE)?.and_then(Node::scalar);
    let ignored = ignore.and_then(reason).is_some() && config.trust.holds_annotation();
    let mut uses = Vec::new();
    for verdict in verdicts.into_iter().flatten() {
        let Some(reference) = verdict.reference else {
            continue;
        };
        // What no release has is nowhere to be had.
        if !runs(verdict.field) || verdict.is_unpublished {
            continue;
        }
        let aspects = [Aspect::Registry, Aspect::Tag, Aspect::Digest];
        let allowed: Vec<Aspect> = aspects
            .into_iter()
            .filter(|aspect| verdict.in_force.allowing(*aspect).is_some())
            .collect();
        let keeps_policy = verdict.in_force.allowing(Aspect::ImagePullPolicy).is_some();
        let wanted = verdict.policy.filter(|_| !ignored && !keeps_policy);
        uses.push(Use {
            image: if ignored {
                reference.to_string()
            } else {
                verdict.verdict.compose(&reference, &allowed)
            },
            policy: wanted.or(verdict.field.policy).map(str::to_owned),
            in_pod: verdict.field.role == FieldRole::Container,
            chart_tag: None,
            claim: verdict.claim,
        });
    }
    Ok(uses)
}
