//! What an image field says, and which agents claim it, before it is settled whose it is.

use crate::decide::claim::{Claim, Subject, Surroundings};
use crate::decide::clues::Clues;
use crate::decide::provenance::{self, Provenance};
use crate::field::{ImageField, Role};
use crate::image::{Reference, Repository};
use crate::krm::resource::Resource;

use super::JudgeContext;

/// What is known of a field before its claims are settled.
#[derive(Default)]
pub(super) struct FieldReading<'c, 'f> {
    pub(super) reference: Option<Reference<'f>>,
    /// The repository of the reference, or of the name in a text that is no reference.
    pub(super) repository: Option<Repository>,
    pub(super) provenance: Option<Provenance>,
    pub(super) claims: Vec<Claim<'c>>,
    pub(super) awaits: bool,
}

pub(super) fn read<'c, 'f>(
    context: &JudgeContext<'c, '_>,
    resource: &Resource<'_, '_>,
    field: &'f ImageField<'_, '_>,
    around: &Surroundings<'_>,
) -> FieldReading<'c, 'f> {
    let config = context.config;
    let image = field.image.as_deref();
    let reference = image.and_then(reference);
    // Even a text that is no reference may name the agent's repository.
    let named = reference.or_else(|| image.and_then(name_of));
    let repository = named.as_ref().map(Reference::repository);
    let known = repository.as_ref();
    let provenance = known.map(|repository| provenance::of_agents(config, repository));
    let subject = subject(resource, field);
    let clues = Clues::new(config, subject, provenance.as_ref(), known);
    let claims = clues.claims(around);
    let awaits = clues.await_instance(&claims);
    FieldReading {
        reference,
        repository,
        provenance,
        claims,
        awaits,
    }
}

/// What is known of a field from its resource and container.
pub(super) fn subject<'a>(resource: &Resource<'a, '_>, field: &ImageField<'a, '_>) -> Subject<'a> {
    Subject {
        container: field.container.filter(|_| field.role == Role::Container),
        workload: resource.name,
        namespace: resource.namespace,
    }
}

/// The text as a reference. `auto` would be a legal name, but Istio puts its own image there
/// (istio#46307).
fn reference(image: &str) -> Option<Reference<'_>> {
    let reference = Reference::parse(image).ok();
    reference.filter(|_| image != "auto")
}

/// The name in a text that is no reference because of what follows the name: a line break, which a
/// block scalar keeps, or a tag or digest that is put in later, such as `${TAG}`.
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
