//! What an image field says, and which agents claim it, before its owner is decided.

use crate::decide::claim::{Subject, Surroundings};
use crate::decide::clues::{Clues, FieldClaims};
use crate::decide::steps::Steps;
use crate::field::{FieldRole, ImageField, Notation};
use crate::image::{Reference, Repository};
use crate::krm::resource::Resource;
use crate::mask;

use super::JudgeContext;

/// What is known of a field before its claims are settled.
#[derive(Default)]
pub(super) struct FieldReading<'c, 'f> {
    pub(super) reference: Option<Reference<'f>>,
    /// Its repository is the reference's, or that of the name in a text that is no reference.
    pub(super) clues: Clues<'f>,
    pub(super) claims: FieldClaims<'c>,
}

pub(super) fn read<'c, 'f>(
    context: &JudgeContext<'c, '_>,
    resource: &Resource<'f, '_>,
    field: &'f ImageField<'_, '_>,
    around: &Surroundings<'_>,
) -> FieldReading<'c, 'f> {
    let config = context.config;
    let image = field.image.as_deref();
    let reference = image.and_then(reference);
    // Even a text that is no reference may name the agent's repository.
    let repository = match &reference {
        Some(reference) => Some(reference.repository()),
        None => image.and_then(repository_in),
    };
    let subject = subject(resource, field);
    let clues = Clues::of(config, subject, repository, &mut Steps::unasked());
    let claims = clues.claims(config, around);
    FieldReading {
        reference,
        clues,
        claims,
    }
}

/// What is known of a field from its resource and container.
fn subject<'a>(resource: &Resource<'a, '_>, field: &'a ImageField<'_, '_>) -> Subject<'a> {
    Subject {
        container: field
            .container
            .filter(|_| field.role == FieldRole::Container),
        workload: resource.name,
        namespace: resource.namespace,
        default: match &field.notation {
            Notation::Parts { parts, .. } => parts.default.as_ref(),
            _ => None,
        },
    }
}

/// The text as a reference. `auto` would be a legal name, but Istio puts its own image there
/// (istio#46307).
fn reference(image: &str) -> Option<Reference<'_>> {
    let reference = Reference::parse(image).ok();
    reference.filter(|_| image != "auto")
}

/// The repository that a text means which is no reference: by what follows its name, or by what is
/// before it or in it.
fn repository_in(image: &str) -> Option<Repository> {
    let named = name_of(image).map(|reference| reference.repository());
    named.or_else(|| meant(image))
}

/// The repository of a name with blanks, a scheme or a user before it, with upper-case letters, or with a
/// slash twice.
fn meant(image: &str) -> Option<Repository> {
    let mut text = image.trim();
    for scheme in mask::SCHEMES {
        text = text.strip_prefix(scheme).unwrap_or(text);
    }
    if let Some((_user, rest)) = text.split_once('@')
        && rest.contains('/')
    {
        text = rest;
    }
    let last = text.rfind('/')?;
    // Large texts are searched for the last segment as it is in profiles.
    if text[last..]
        .split(['@', ':'])
        .next()?
        .bytes()
        .any(|byte| byte.is_ascii_uppercase())
    {
        return None;
    }
    let plain = text.replace("//", "/");
    let last = plain.rfind('/')?;
    let (path, name) = plain.split_at(last);
    let plain = format!("{}{name}", path.to_ascii_lowercase());
    if plain == image {
        return None;
    }
    let named = reference(&plain).or_else(|| name_of(&plain));
    named.map(|reference| reference.repository())
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
