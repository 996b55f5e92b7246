//! The finding about an image from one of the vendor's registries that no rule maps, where a rule maps another
//! registry with the same image.

use crate::config::Config;
use crate::finding::{Aspect, Rule};
use crate::image::Reference;
use crate::verdict::Note;

use super::claim::{Claim, Evidence};

/// That an image that no rule maps does not go to the mirror of its other name, and what to do if it should.
///
/// An alias is mapped under its own name, since a mirror of one registry need not hold what another has.
pub(super) fn note(config: &Config, claim: &Claim<'_>, reference: &Reference<'_>) -> Option<Note> {
    let is_official = claim.evidence == Evidence::Official && !claim.image.vendor_managed;
    if !is_official || claim.image.aliases.is_empty() {
        return None;
    }
    let registry = claim.official.repository.domain();
    let mut names = claim.image.names();
    let (name, (rule, mirrored)) =
        names.find_map(|name| Some((name, config.rules.map(&name.repository, true)?)))?;
    let message = format!(
        "{reference} comes from {registry}, which no rule maps, while {} goes to {mirrored} by the rule {rule}: write \
         {mirrored}, or add a rule with `source: {registry}`, and the same `mirror` if it may stay there",
        name.written
    );
    Some(Note {
        rule: Rule::UnmappedRegistry,
        message,
        aspect: Some(Aspect::Registry),
        proposed: None,
    })
}
