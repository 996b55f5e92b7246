//! Resources that the API server will not update as they were edited.

use crate::edit::Change;
use crate::field::ImageGroup;
use crate::finding::Rule;
use crate::krm::resource::Resource;
use crate::yaml::{Error, Segment};

use super::UnitJudgement;
use super::draft::Drafts;
use super::release::is_made_anew;

/// Warns once of a resource that the API server will not update as edited.
///
/// A Job's template cannot change; of a Pod, only the images of containers and init containers
/// (Kubernetes validation of pod updates).
pub(super) fn report(
    resource: &Resource<'_, '_>,
    pod: &ImageGroup<'_, '_>,
    first_change: usize,
    drafts: &mut Drafts,
    judged: &UnitJudgement<'_, '_>,
) -> Result<(), Error> {
    let is_job = resource.kind == "Job";
    if !is_job && resource.kind != "Pod" || is_made_anew(resource)? {
        return Ok(());
    }
    let fixed = |change: &&Change<'_, '_>| {
        let list = change.slot.path.below(pod.path.0.len());
        let in_list = |name| list.0.len() == 2 && list.0[0] == Segment::Key(name);
        let updatable = in_list("containers") || in_list("initContainers");
        is_job || change.slot.name() != "image" || !updatable
    };
    let changes = &judged.changes[first_change..];
    if let Some((index, change)) = changes.iter().enumerate().find(|(_, change)| fixed(change)) {
        let path = change.slot.text_below(&resource.path);
        let message = format!(
            "an applied {} cannot be updated in place: delete it, or give it another name, \
             before the edited one is applied",
            resource.kind
        );
        drafts
            .add(Rule::ImmutableWorkload, message)
            .field(path, None, None)
            .at(change.slot.holder)
            .change(Some(first_change + index..first_change + index + 1));
    }
    Ok(())
}
