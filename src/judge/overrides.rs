//! Entries of a kustomization that replace images, and the names of images that they could match.

use std::collections::HashSet;

use crate::field::{ImageGroup, Notation};
use crate::finding::{Aspect, Rule};
use crate::image::Reference;
use crate::image::entry::KustomizeParts;
use crate::krm::KUSTOMIZE_GROUP;
use crate::krm::resource::Resource;
use crate::mask;
use crate::verdict::Note;
use crate::yaml::Error;

use super::UnitJudgement;
use super::draft::Drafts;
use super::verdict::FieldVerdict;

/// Notes the names of images, and the entries of a kustomization that replace some of them: one
/// that names none does nothing, without a word (kustomize#2798).
pub(super) fn note<'n, 's>(
    resource: &Resource<'n, 's>,
    groups: &[ImageGroup<'n, 's>],
    drafts: &mut Drafts,
    judged: &mut UnitJudgement<'n, 's>,
) -> Result<(), Error> {
    for field in groups.iter().flat_map(|group| &group.fields) {
        let Notation::Override(entry) = &field.notation else {
            let reference = field.image.as_deref().map(Reference::parse);
            if let Some(Ok(reference)) = reference {
                judged.image_names.insert(reference.name().to_owned());
            }
            continue;
        };
        if resource.group() != KUSTOMIZE_GROUP {
            continue;
        }
        let slot = &entry.new_name;
        let path = slot.path.key("name").below(resource.path.0.len());
        let message = format!(
            "images entry {} matches no image in the items: write the name as the manifests do",
            mask::entry_name(entry.name)
        );
        drafts
            .add(Rule::UnmatchedImageOverride, message)
            .field(
                path.to_string().into(),
                Some(mask::entry_name(entry.name).into_owned()),
                None,
            )
            .at(slot.holder.get("name")?.unwrap_or(slot.holder));
        if let Some(draft) = drafts.list.pop() {
            judged
                .overrides
                .push((entry.name.to_owned(), draft.finding));
        }
    }
    Ok(())
}

/// Takes back what would make an entry's image one that a later entry looks for, and says so.
///
/// # Errors
/// A mapping that is read has a key twice.
pub(super) fn leave_woken(verdicts: &mut [Vec<FieldVerdict<'_, '_, '_, '_>>]) -> Result<(), Error> {
    let mut behind: HashSet<&str> = HashSet::new();
    for verdict in verdicts
        .iter_mut()
        .rev()
        .flat_map(|group| group.iter_mut().rev())
    {
        let field = verdict.field;
        let Notation::Override(entry) = &field.notation else {
            continue;
        };
        let new = verdict.desired(&verdict.allowed());
        if let (Some(old), Some(new)) = (&field.image, new) {
            let becomes = KustomizeParts::of(&new).name;
            if KustomizeParts::of(old).name != becomes && behind.contains(becomes) {
                let (old, shown) = (mask::image(old), mask::image(&new));
                let message = format!(
                    "{old} → {shown} is not written: the entry {} behind it would change that: change both \
                     by hand",
                    mask::entry_name(becomes)
                );
                let proposed = Some(shown.into_owned());
                verdict.withdraw_image();
                verdict.verdict.notes.push(Note {
                    proposed,
                    ..Note::unresolved(Aspect::Registry, message)
                });
            }
        }
        if entry.has_effect()? {
            behind.insert(entry.name);
        }
    }
    Ok(())
}

/// Says where a function gives another name to an image in whatever version manifests have it, and a tag policy has
/// a word in that: of the one image or the other.
pub(super) fn tell_kept_versions(verdicts: &mut [Vec<FieldVerdict<'_, '_, '_, '_>>]) {
    for position in 0..verdicts.len() {
        let of_name = verdicts.get(position + 1).and_then(|group| group.first());
        let of_name = of_name.filter(|next| matches!(next.field.notation, Notation::Name(_)));
        let is_versioned = of_name.is_some_and(FieldVerdict::has_version_policy);
        for verdict in &mut verdicts[position] {
            let Notation::Override(entry) = &verdict.field.notation else {
                continue;
            };
            if !entry.keeps_version || !(is_versioned || verdict.has_version_policy()) {
                continue;
            }
            let new = verdict.desired(&verdict.allowed());
            let is_written = new.is_some_and(|new| {
                let parts = KustomizeParts::of(&new);
                !(parts.tag.is_empty() && parts.digest.is_empty())
            });
            if is_written {
                continue;
            }
            let message = format!(
                "{} runs in the version that manifests give to {}, and a tag policy says which that should be: \
                 write `newTag` beside `newName`",
                mask::image(verdict.field.image.as_deref().unwrap_or_default()),
                mask::entry_name(entry.name)
            );
            let note = Note::unresolved(Aspect::Tag, message);
            verdict.verdict.notes.push(note);
        }
    }
}
