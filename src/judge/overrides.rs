//! Entries of a kustomization that replace images, and the names of images that they could match.

use crate::field::{ImageGroup, Notation};
use crate::finding::Rule;
use crate::image::Reference;
use crate::krm::KUSTOMIZE_GROUP;
use crate::krm::resource::Resource;
use crate::mask;
use crate::yaml::Error;

use super::UnitJudgement;
use super::draft::Drafts;

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
