//! Fields that Flux's image automation or a kpt setter writes too, by a marker on their line.

use crate::edit::trailing_comment;
use crate::finding::Rule;
use crate::krm::resource::Resource;
use crate::slot::Slot;
use crate::yaml::Error;

use super::draft::{Drafts, named};
use super::verdict::FieldVerdict;

/// Another tool that writes a field, by the marker on the field's line.
pub(super) struct Owner<'t> {
    name: &'static str,
    /// What decides the value that the tool writes.
    rule: &'static str,
    marker: &'t str,
}

/// The other tool that writes a slot, if a marker names one.
pub(super) fn owner<'t>(slot: &Slot<'_, '_>, text: &'t str) -> Result<Option<Owner<'t>>, Error> {
    let Some(comment) = slot.node()?.and_then(|node| trailing_comment(text, node)) else {
        return Ok(None);
    };
    let (name, rule) = if comment.contains("$imagepolicy") {
        ("Flux's image automation", "its ImagePolicy")
    } else if comment.contains("kpt-set:") {
        ("a kpt setter", "the setter's value")
    } else {
        return Ok(None);
    };
    let marker = comment.trim_start_matches(['#', ' ']);
    Ok(Some(Owner { name, rule, marker }))
}

/// Warns of an edited field that another tool writes, too.
pub(super) fn managed_elsewhere(
    resource: &Resource<'_, '_>,
    verdict: &FieldVerdict<'_, '_, '_, '_>,
    slot: &Slot<'_, '_>,
    text: &str,
    drafts: &mut Drafts,
) -> Result<(), Error> {
    let Some(Owner { name, rule, marker }) = owner(slot, text)? else {
        return Ok(());
    };
    let message =
        format!("{name} writes this field again ({marker}): change {rule}, or remove the marker");
    warn_of_owner(resource, verdict, slot, &message, drafts)
}

/// Reports an image that should change and that another tool writes; returns whether it is one.
pub(super) fn left_to_its_owner(
    resource: &Resource<'_, '_>,
    verdict: &FieldVerdict<'_, '_, '_, '_>,
    text: &str,
    drafts: &mut Drafts,
) -> Result<bool, Error> {
    let old = verdict.field.image.as_deref().unwrap_or_default();
    let new = verdict.desired(&verdict.allowed());
    let Some(new) = new.filter(|new| new != old) else {
        return Ok(false);
    };
    for slot in verdict.field.notation.slots() {
        if let Some(owner) = owner(slot, text)? {
            let what = format!("{old} → {new}");
            leave(resource, verdict, slot, &owner, &what, drafts)?;
            return Ok(true);
        }
    }
    Ok(false)
}

/// Warns of a field that should change and is left to the tool that writes it.
pub(super) fn leave(
    resource: &Resource<'_, '_>,
    verdict: &FieldVerdict<'_, '_, '_, '_>,
    slot: &Slot<'_, '_>,
    owner: &Owner<'_>,
    what: &str,
    drafts: &mut Drafts,
) -> Result<(), Error> {
    let Owner { name, rule, marker } = owner;
    let message = format!(
        "{what} is left to {name}, which writes this field ({marker}): change {rule}, or remove \
         the marker"
    );
    warn_of_owner(resource, verdict, slot, &message, drafts)
}

fn warn_of_owner(
    resource: &Resource<'_, '_>,
    verdict: &FieldVerdict<'_, '_, '_, '_>,
    slot: &Slot<'_, '_>,
    message: &str,
    drafts: &mut Drafts,
) -> Result<(), Error> {
    let path = slot.text_below(&resource.path);
    drafts
        .add(Rule::ManagedElsewhere, named(verdict.field, &[message]))
        .agent(verdict.agent())
        .field(path, None, None)
        .at(slot.node()?.unwrap_or(slot.holder));
    Ok(())
}
