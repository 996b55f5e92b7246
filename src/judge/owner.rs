//! Fields that Flux's image automation or a kpt setter writes too, by a marker on their line.

use crate::edit::trailing_comment;
use crate::finding::{Aspect, Rule};
use crate::krm::resource::Resource;
use crate::slot::Slot;
use crate::yaml::Error;

use super::draft::{Drafts, named};
use super::verdict::FieldVerdict;

/// Another tool that writes a field, by the marker on the field's line.
pub(super) struct FieldManager<'t> {
    name: &'static str,
    /// What decides the value that the tool writes.
    rule: &'static str,
    marker: &'t str,
}

/// The other tool that writes a slot, if a marker names one.
pub(super) fn owner<'t>(
    slot: &Slot<'_, '_>,
    text: &'t str,
) -> Result<Option<FieldManager<'t>>, Error> {
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
    let marker = marker(comment);
    Ok(Some(FieldManager { name, rule, marker }))
}

/// The marker in a comment, without what else the comment says.
fn marker(comment: &str) -> &str {
    if let Some(at) = comment.find("kpt-set:") {
        return &comment[at..];
    }
    let at = comment.find("$imagepolicy").unwrap_or_default();
    let braces = comment[..at].rfind('{').zip(comment[at..].find('}'));
    braces.map_or("$imagepolicy", |(open, close)| &comment[open..=at + close])
}

/// Warns of an edited field that another tool writes, too.
pub(super) fn managed_elsewhere(
    resource: &Resource<'_, '_>,
    verdict: &FieldVerdict<'_, '_, '_, '_>,
    slot: &Slot<'_, '_>,
    text: &str,
    drafts: &mut Drafts,
) -> Result<(), Error> {
    let Some(FieldManager { name, rule, marker }) = owner(slot, text)? else {
        return Ok(());
    };
    let message =
        format!("{name} writes this field again ({marker}): change {rule}, or remove the marker");
    warn_of_owner(resource, verdict, slot, &message, drafts)
}

/// A place of an image that should change and that another tool writes.
pub(super) struct LeftSlot<'f, 't, 'n, 's> {
    pub(super) slot: &'f Slot<'n, 's>,
    pub(super) owner: FieldManager<'t>,
    /// What the place decides of the image.
    pub(super) aspects: &'static [Aspect],
    /// The change that is left to the tool: `old → new`.
    pub(super) what: String,
}

/// The places of an image that another tool writes and that should change; `text_of` gives the text that
/// a slot is in.
pub(super) fn left_slots<'f, 't, 'n, 's>(
    verdict: &FieldVerdict<'_, 'f, 'n, 's>,
    text_of: impl Fn(&Slot<'n, 's>) -> &'t str,
) -> Result<Vec<LeftSlot<'f, 't, 'n, 's>>, Error> {
    let old = verdict.field.image.as_deref().unwrap_or_default();
    let allowed = verdict.allowed();
    let new = verdict.desired(&allowed);
    let Some(new) = new.filter(|new| new != old) else {
        return Ok(Vec::new());
    };
    let mut left = Vec::new();
    for slot in verdict.field.notation.slots() {
        let Some(owner) = owner(slot, text_of(slot))? else {
            continue;
        };
        let aspects = verdict.field.notation.aspects(slot);
        let without = verdict.desired(&[&allowed[..], aspects].concat());
        if without.as_deref() != Some(&new) {
            let what = format!("{old} → {new}");
            left.push(LeftSlot {
                slot,
                owner,
                aspects,
                what,
            });
        }
    }
    Ok(left)
}

/// The aspects of an image that another tool writes and that should change, which is reported.
pub(super) fn left_to_its_owner(
    resource: &Resource<'_, '_>,
    verdict: &FieldVerdict<'_, '_, '_, '_>,
    text: &str,
    drafts: &mut Drafts,
) -> Result<Vec<Aspect>, Error> {
    let mut left: Vec<Aspect> = Vec::new();
    for one in left_slots(verdict, |_| text)? {
        leave(resource, verdict, one.slot, &one.owner, &one.what, drafts)?;
        left.extend(one.aspects);
    }
    Ok(left)
}

/// Why a value that should change is left to another tool, if a marker names one; `what` is the
/// change: `old → new`.
pub(crate) fn left_to(slot: &Slot<'_, '_>, text: &str, what: &str) -> Option<String> {
    let owner = owner(slot, text).ok().flatten()?;
    Some(owner.left(what))
}

impl FieldManager<'_> {
    fn left(&self, what: &str) -> String {
        let FieldManager { name, rule, marker } = self;
        format!(
            "{what} is left to {name}, which writes this field ({marker}): change {rule}, or remove \
             the marker"
        )
    }
}

/// Warns of a field that should change and is left to the tool that writes it.
pub(super) fn leave(
    resource: &Resource<'_, '_>,
    verdict: &FieldVerdict<'_, '_, '_, '_>,
    slot: &Slot<'_, '_>,
    owner: &FieldManager<'_>,
    what: &str,
    drafts: &mut Drafts,
) -> Result<(), Error> {
    let message = owner.left(what);
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
