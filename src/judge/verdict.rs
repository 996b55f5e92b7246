//! Whose each image field is, and what it should be.

use std::sync::Arc;

use crate::config::Config;
use crate::decide::claim::{self, AgentSet, Claim, Evidence, Owner, Surroundings};
use crate::decide::provenance::{self, Provenance};
use crate::decide::steps::Steps;
use crate::decide::{Form, Question, decide, pull_policy};
use crate::field::image_list::EntryPart;
use crate::field::{FieldRole, ImageField, ImageGroup, Notation};
use crate::finding::Aspect;
use crate::image::{Reference, Repository};
use crate::krm::resource::Resource;
use crate::slot::Slot;
use crate::verdict::Verdict;

use super::exceptions::InForce;
use super::labelled_image::note_label;
use super::no_reference::{holds_token, no_reference};
use super::reading::{FieldReading, read};
use super::shared_image::with_shared_note;
use super::{JudgeContext, UnitJudgement};

/// An image field with its owner, its verdict, and the exceptions that hold for it.
pub(super) struct FieldVerdict<'c, 'f, 'n, 's> {
    pub(super) field: &'f ImageField<'n, 's>,
    pub(super) reference: Option<Reference<'f>>,
    /// The official repository of the reference, where it is clear and the inventory wants it.
    pub(super) official: Option<Repository>,
    pub(super) claim: Option<Claim<'c>>,
    pub(super) verdict: Verdict,
    /// The pull policy to write, where the written one is wrong.
    pub(super) policy: Option<&'static str>,
    pub(super) in_force: InForce<'c>,
    /// Whether the image stays as it is written, since the release that it runs in has no such image.
    pub(super) is_unpublished: bool,
    /// The position of the agent that the labels of its chart suggest, where no agent owns the image.
    labelled: Option<usize>,
}

impl FieldVerdict<'_, '_, '_, '_> {
    pub(super) fn agent(&self) -> Option<&Arc<str>> {
        self.claim.as_ref().map(|claim| &claim.agent.name)
    }

    /// Whether an agent's tag policy says which version it should have.
    pub(super) fn has_version_policy(&self) -> bool {
        let claim = self.claim.as_ref();
        claim.is_some_and(|claim| claim.image.tag_policy.names_a_version())
    }

    /// The aspects that differ and that an exception allows to differ.
    pub(super) fn allowed(&self) -> Vec<Aspect> {
        let differences = self.verdict.differences.iter();
        let aspects = differences.map(|difference| difference.aspect);
        let is_allowed = |aspect: &Aspect| self.in_force.allowing(*aspect).is_some();
        aspects.filter(is_allowed).collect()
    }

    /// The image as it should be, except in the `allowed` aspects; `None` where no reference is
    /// written.
    pub(super) fn desired(&self, allowed: &[Aspect]) -> Option<String> {
        let reference = self.reference.as_ref();
        reference.map(|reference| self.verdict.compose(reference, allowed))
    }

    /// Takes back what would be said of the image and its pull secrets; what is wrong with the pull
    /// policy stays.
    pub(super) fn withdraw_image(&mut self) {
        self.reference = None;
        self.verdict = Verdict::default();
        if let Some(claim) = &mut self.claim {
            claim.pull_secrets.clear();
        }
    }

    /// Whether the edited image will come from where the rules say, so that its mirror's pull
    /// secrets are needed.
    pub(super) fn follows_rules(&self) -> bool {
        self.verdict.name.is_none() || self.in_force.allowing(Aspect::Registry).is_none()
    }
}

/// The verdicts of a pod's fields.
///
/// Fields are read twice where a shared image could belong to an agent: first it is found out which
/// agents run an image of their own in the pod, then shared images are read beside these.
pub(super) fn verdicts<'c, 'f, 'n, 's>(
    context: &JudgeContext<'c, '_>,
    resource: &Resource<'n, 's>,
    groups: &'f [ImageGroup<'n, 's>],
    in_instance: &AgentSet,
    judged: &mut UnitJudgement<'n, 's>,
) -> Vec<Vec<FieldVerdict<'c, 'f, 'n, 's>>> {
    let fields = groups.iter().flat_map(|group| &group.fields);
    let secrets = |group: &'f ImageGroup<'n, 's>| group.secrets_slot.as_ref();
    let mut readings: Vec<FieldReading<'c, 'f>> = fields
        .clone()
        .map(|field| read(context, resource, field, &Surroundings::ALONE))
        .collect();
    let claims = readings.iter().flat_map(|reading| &reading.claims.surest);
    let in_pod: AgentSet = claims
        .filter(|claim| !claim.image.shared)
        .map(|claim| claim.index)
        .collect();
    let around = Surroundings {
        in_pod: &in_pod,
        in_instance,
    };
    // Only an agent with shared images can claim more than it did alone.
    let agents = &context.config.agents;
    let has_shared = |&agent: &usize| agents[agent].images.iter().any(|image| image.shared);
    if in_pod.iter().chain(in_instance).any(has_shared) {
        let fields = fields.map(|field| read(context, resource, field, &around));
        readings = fields.collect();
    }
    let mut readings = readings.into_iter();
    let mut judge = |(field, secrets)| {
        let reading = readings.next().unwrap_or_default();
        let claims = reading.claims.surest.iter();
        judged.seen.agents.extend(claims.map(|claim| claim.index));
        judged.awaits_instances |= reading.claims.awaits_instance;
        let verdict = verdict(context, resource, (field, secrets), reading);
        judged.seen.agents.extend(verdict.labelled);
        let is_allowed = |aspect: &Aspect| verdict.in_force.allowing(*aspect).is_some();
        if Aspect::OF_IMAGE.iter().all(is_allowed) {
            let places: Vec<usize> = verdict.in_force.places().collect();
            let slots = verdict.field.notation.slots().into_iter();
            let slots = slots.map(|slot| (slot.clone(), places.clone()));
            judged.allowed.extend(slots);
        }
        // What the prefilter passes over is under no exception either.
        if verdict.claim.is_some() || context.config.fields.anywhere {
            judged.seen.exceptions.extend(verdict.in_force.places());
        }
        verdict
    };
    groups
        .iter()
        .map(|group| {
            let fields = group.fields.iter().map(|field| (field, secrets(group)));
            fields.map(&mut judge).collect()
        })
        .collect()
}

fn verdict<'c, 'f, 'n, 's>(
    context: &JudgeContext<'c, '_>,
    resource: &Resource<'n, 's>,
    (field, secrets): (&'f ImageField<'n, 's>, Option<&Slot<'n, 's>>),
    reading: FieldReading<'c, 'f>,
) -> FieldVerdict<'c, 'f, 'n, 's> {
    let config = context.config;
    let FieldReading {
        reference,
        clues,
        claims,
    } = reading;
    let owner = claim::resolve_owner(claims.surest, resource.name);
    let repository = clues.repository.as_ref().filter(|_| reference.is_some());
    let official = if context.wants.images {
        official(context.config, &owner, repository)
    } else {
        None
    };
    let is_untied = claims.awaits_instance && matches!(owner, Owner::Nobody);
    let question = match (&reference, repository) {
        (Some(reference), Some(repository)) => Some(Question {
            owner: &owner,
            provenance: clues.provenance.as_ref(),
            reference,
            repository,
            form: form(field),
            is_in_list: field.role == FieldRole::ImageList,
        }),
        _ => None,
    };
    let mut verdict = match (&owner, &question) {
        (_, Some(question)) => {
            let verdict = decide(config, question, &mut Steps::unasked());
            if is_untied && question.form != Form::NameAlone {
                with_shared_note(context, &clues, question, verdict)
            } else {
                verdict
            }
        }
        (Owner::Agent(claim), ..) => no_reference(field, claim.evidence != Evidence::Name),
        // A rule for every image would map it if its path held no token.
        _ if context.config.fields.anywhere && holds_token(field) => no_reference(field, false),
        _ => Verdict::default(),
    };
    let labelled = match &question {
        Some(question) if !is_untied && matches!(owner, Owner::Nobody) => {
            note_label(context, resource, field, question, &mut verdict)
        }
        _ => None,
    };
    let claim = match owner {
        Owner::Agent(claim) => Some(claim),
        Owner::Nobody | Owner::Disputed(_) => None,
    };
    let policy = claim
        .as_ref()
        .filter(|_| field.policy_slot.is_some())
        .and_then(|claim| pull_policy(claim, field.policy, &mut Steps::unasked()));
    let agent = claim.as_ref().map(|claim| &*claim.agent.name);
    FieldVerdict {
        in_force: InForce::for_field(context, resource, (field, secrets), agent),
        reference,
        field,
        official,
        claim,
        verdict,
        policy,
        is_unpublished: false,
        labelled,
    }
}

/// How much of the image is written in a field.
fn form(field: &ImageField<'_, '_>) -> Form {
    if matches!(&field.notation, Notation::Override(entry) if entry.part == EntryPart::Version) {
        Form::VersionAlone
    } else if field.notation.is_name_alone() {
        Form::NameAlone
    } else if field.notation.keeps_tag_apart() {
        Form::TagApart
    } else if field.notation.is_whole_by_version() {
        Form::WholeByVersion
    } else {
        Form::Whole
    }
}

/// The official repository: the agent's, where an agent owns the image, else back through a rule of
/// scope `all`.
fn official(
    config: &Config,
    owner: &Owner<'_>,
    repository: Option<&Repository>,
) -> Option<Repository> {
    match (owner, repository) {
        (Owner::Agent(claim), Some(repository)) => {
            Some(claim.source(repository).repository.clone())
        }
        (Owner::Agent(claim), None) => Some(claim.official.repository.clone()),
        (_, Some(repository)) => match provenance::of_others(config, repository) {
            Provenance::Known(repository) => Some(repository),
            Provenance::Unclear(_) => None,
        },
        (_, None) => None,
    }
}
