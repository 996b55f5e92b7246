//! Whose an image field is, and what it should be.

use std::sync::Arc;

use crate::config::{Config, ImageLists};
use crate::desired::{self, Remark, Wish};
use crate::field::{ImageField, PodSpec, Role};
use crate::finding::{Aspect, Rule};
use crate::image::{Reference, Repository};
use crate::krm::resource::Resource;
use crate::recognise::{self, AgentSet, Claim, Origin, Subject, Surroundings};

use super::exceptions::InForce;
use super::{Context, Judged};

/// What is known and wanted of one field.
pub(super) struct Verdict<'c, 'f, 'n, 's> {
    pub(super) field: &'f ImageField<'n, 's>,
    pub(super) reference: Option<Reference<'f>>,
    /// The official repository behind the reference, where it is clear and wanted.
    pub(super) official: Option<Repository>,
    pub(super) claim: Option<Claim<'c>>,
    pub(super) wish: Wish,
    pub(super) policy: Option<&'static str>,
    pub(super) in_force: InForce<'c>,
}

impl Verdict<'_, '_, '_, '_> {
    pub(super) fn agent(&self) -> Option<&Arc<str>> {
        self.claim.as_ref().map(|claim| &claim.agent.name)
    }

    /// Whether the image will stand where the rules want it, so that the mirror's secrets apply.
    pub(super) fn follows_rules(&self) -> bool {
        self.wish.name.is_none() || self.in_force.allowing(Aspect::Registry).is_none()
    }
}

/// The verdicts of a pod's fields. Shared images are judged last, when it is known whether the
/// agent's own image runs beside them.
pub(super) fn verdicts<'c, 'f, 'n, 's>(
    context: &Context<'c, '_>,
    resource: &Resource<'n, 's>,
    groups: &'f [PodSpec<'n, 's>],
    in_instance: &AgentSet,
    judged: &mut Judged<'n, 's>,
) -> Vec<Vec<Verdict<'c, 'f, 'n, 's>>> {
    let nobody = AgentSet::new();
    let alone = Surroundings {
        in_pod: &nobody,
        in_instance: &nobody,
    };
    let fields = groups.iter().flat_map(|group| &group.fields);
    let mut readings: Vec<Reading<'c, 'f>> = fields
        .clone()
        .map(|field| read(context, resource, field, &alone))
        .collect();
    let claims = readings.iter().flat_map(|reading| &reading.claims);
    let in_pod: AgentSet = claims
        .filter(|claim| !claim.image.shared)
        .map(|claim| claim.index)
        .collect();
    let around = Surroundings {
        in_pod: &in_pod,
        in_instance,
    };
    // Where the surroundings make no agent's of a shared image, all was read as it is.
    let agents = &context.config.agents;
    let shares = |&agent: &usize| agents[agent].images.iter().any(|image| image.shared);
    if in_pod.iter().chain(in_instance).any(shares) {
        let fields = fields.map(|field| read(context, resource, field, &around));
        readings = fields.collect();
    }
    let mut readings = readings.into_iter();
    let mut judge = |field| {
        let Some(reading) = readings.next() else {
            return verdict(context, resource, field, Reading::default());
        };
        judged
            .seen
            .extend(reading.claims.iter().map(|claim| claim.index));
        judged.awaits_instances |= reading.awaits;
        verdict(context, resource, field, reading)
    };
    groups
        .iter()
        .map(|group| group.fields.iter().map(&mut judge).collect())
        .collect()
}

/// The reference that a text is. `auto` is a word of Istio's, which puts its own image there
/// (istio#46307), though it would be a legal name.
fn reference(image: &str) -> Option<Reference<'_>> {
    let reference = Reference::parse(image).ok();
    reference.filter(|_| image != "auto")
}

/// The name in a text that is no reference for what stands behind it: a line break, which a block
/// scalar keeps, or a tag or digest that is put in later, such as `${TAG}`.
fn name_of(image: &str) -> Option<Reference<'_>> {
    if let Some(whole) = image.strip_suffix('\n') {
        return reference(whole);
    }
    let variable = image.find(['$', '{', '%', '<']).unwrap_or(image.len());
    let literal = &image[..variable];
    let last = literal.rfind('/').map_or(0, |slash| slash + 1);
    let end = last + literal[last..].find(['@', ':'])?;
    reference(&image[..end])
}

#[derive(Default)]
struct Reading<'c, 'f> {
    reference: Option<Reference<'f>>,
    /// That of the reference, or of what would be one.
    repository: Option<Repository>,
    origin: Option<Origin>,
    claims: Vec<Claim<'c>>,
    awaits: bool,
}

fn read<'c, 'f>(
    context: &Context<'c, '_>,
    resource: &Resource<'_, '_>,
    field: &'f ImageField<'_, '_>,
    around: &Surroundings<'_>,
) -> Reading<'c, 'f> {
    let config = context.config;
    let image = field.image.as_deref();
    let reference = image.and_then(reference);
    // What is no reference may still say whose it would be.
    let would_be = reference.or_else(|| image.and_then(name_of));
    let repository = would_be.as_ref().map(Reference::repository);
    let known = repository.as_ref();
    let origin = known.map(|repository| recognise::origin(config, repository));
    let subject = Subject {
        container: field.container.filter(|_| field.role == Role::Container),
        workload: resource.name,
        namespace: resource.namespace,
    };
    let origin_ref = origin.as_ref();
    let claims = recognise::claims(config, &subject, origin_ref, known, around);
    let awaits = recognise::awaits_instance(config, &subject, origin_ref, known, &claims);
    Reading {
        reference,
        repository,
        origin,
        claims,
        awaits,
    }
}

fn verdict<'c, 'f, 'n, 's>(
    context: &Context<'c, '_>,
    resource: &Resource<'n, 's>,
    field: &'f ImageField<'n, 's>,
    reading: Reading<'c, 'f>,
) -> Verdict<'c, 'f, 'n, 's> {
    let config = context.config;
    let settled = recognise::settle(reading.claims, resource.name);
    let repository = reading.repository.filter(|_| reading.reference.is_some());
    let official = match context.wants.images {
        true => official(config, &settled, repository.as_ref()),
        false => None,
    };
    let (claim, wish) = match (settled, &reading.reference, &reading.origin) {
        (Ok(Some(claim)), Some(_), Some(Origin::Unclear(candidates))) => {
            let wish = unresolved(unclear(field, candidates));
            (Some(claim), wish)
        }
        (Ok(Some(claim)), Some(reference), _) => {
            let wish = desired::of_agent(config, &claim, reference);
            let wish = if claim.image.advice {
                wish.as_report(Rule::VendorManaged, reference, VENDOR)
            } else {
                listed(context, field, reference, wish)
            };
            (Some(claim), wish)
        }
        (Ok(Some(claim)), None, _) => (Some(claim), unresolved(no_reference(field))),
        (Ok(None), Some(reference), Some(origin)) => {
            // A rule for agents alone is no way back for an image that is nobody's here.
            let other = match (origin, repository) {
                (Origin::Known(_), Some(repository)) => {
                    Some(recognise::origin_of_other(config, &repository))
                }
                _ => None,
            };
            let origin = other.as_ref().unwrap_or(origin);
            let wish = desired::of_other(config, origin, reference);
            (None, listed(context, field, reference, wish))
        }
        (Err(claims), Some(reference), _) => {
            (None, desired::of_disputed(config, &claims, reference))
        }
        _ => (None, Wish::default()),
    };
    let policy = claim
        .as_ref()
        .filter(|claim| !claim.image.advice)
        .filter(|_| field.policy_slot.is_some())
        .and_then(|claim| desired::pull_policy(claim.image, field.policy));
    let agent = claim.as_ref().map(|claim| &*claim.agent.name);
    Verdict {
        in_force: InForce::for_field(context, resource, field.container, agent),
        reference: reading.reference,
        field,
        official,
        claim,
        wish,
        policy,
    }
}

/// The official repository: the agent's, where an agent claims the field, else back through a rule
/// for every image.
fn official(
    config: &Config,
    settled: &Result<Option<Claim<'_>>, Vec<Claim<'_>>>,
    repository: Option<&Repository>,
) -> Option<Repository> {
    match (settled, repository) {
        (Ok(Some(claim)), _) => Some(claim.official.repository.clone()),
        (_, Some(repository)) => match recognise::origin_of_other(config, repository) {
            Origin::Known(repository) => Some(repository),
            Origin::Unclear(_) => None,
        },
        (_, None) => None,
    }
}

const VENDOR: &str = "since the vendor manages this image: set it where the vendor says";
const LIST: &str = "since this list replaces images where they are rendered: correct it here, or ask \
    for it by `imageLists: restore`";

/// What is wished of an entry of a list of images: a report, unless the configuration asks for more.
fn listed(
    context: &Context<'_, '_>,
    field: &ImageField<'_, '_>,
    reference: &Reference<'_>,
    wish: Wish,
) -> Wish {
    let is_list = field.role == Role::ImageList;
    match is_list && context.config.image_lists == ImageLists::Report {
        true => wish.as_report(Rule::WrongImageOverride, reference, LIST),
        false => wish,
    }
}

fn unresolved(message: String) -> Wish {
    Wish {
        remarks: vec![Remark {
            rule: Rule::UnresolvedImage,
            message,
            aspect: Some(Aspect::Registry),
            proposed: None,
        }],
        ..Wish::default()
    }
}

fn unclear(field: &ImageField<'_, '_>, candidates: &[Repository]) -> String {
    let candidates: Vec<String> = candidates.iter().map(ToString::to_string).collect();
    format!(
        "{} may come from {}: give the rules mirrors of their own",
        field.image.as_deref().unwrap_or_default(),
        candidates.join(" or ")
    )
}

fn no_reference(field: &ImageField<'_, '_>) -> String {
    match field.image.as_deref() {
        None | Some("") => "the agent's container has no image that is text".to_owned(),
        Some(image) if image.ends_with('\n') => format!(
            "{} ends in a line break, which no image may: write `|-` or `>-`, or quote it",
            image.trim_end()
        ),
        Some(image) => match Reference::parse(image) {
            Err(error) => format!("`{image}` is no image reference: {error}"),
            Ok(_) => format!("`{image}` is a word for an image that is put in later"),
        },
    }
}
