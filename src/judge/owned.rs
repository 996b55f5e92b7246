//! Objects that a controller creates: they are not edited, since it would recreate them, and they are not
//! reported where the controller itself is among the input and says the same.

use std::sync::Arc;

use crate::field::{ImageField, Role};
use crate::finding::{FieldRef, Mode, Rule, Severity};
use crate::krm::owners::{Controller, ControllerTemplate};
use crate::krm::resource::Resource;
use crate::quote::piece;
use crate::yaml::Error;

use super::draft::{Draft, Drafts};
use super::verdict::FieldVerdict;
use super::{JudgeContext, ResourceVerdicts, UnitJudgement, report};

/// The controller of a resource, and what is known of it.
pub(super) struct ControlledResource<'n, 'g> {
    controller: Controller<'n>,
    owner: Option<&'g ControllerTemplate>,
}

impl<'n, 'g> ControlledResource<'n, 'g> {
    /// The controller of a resource; `None` where it has none.
    pub(super) fn of(
        context: &JudgeContext<'g, '_>,
        resource: &Resource<'n, '_>,
    ) -> Result<Option<Self>, Error> {
        let Some(controller) = resource.controller()? else {
            return Ok(None);
        };
        let owners = &context.gathered.owners;
        let owner = owners.of(&controller, resource.namespace);
        Ok(Some(ControlledResource { controller, owner }))
    }

    /// Takes out what is reported of the controller.
    pub(super) fn fold(
        &self,
        resource: &Resource<'_, '_>,
        verdicts: &mut [Vec<FieldVerdict<'_, '_, '_, '_>>],
    ) {
        let Some(owner) = self.owner else { return };
        for verdicts in verdicts {
            verdicts.retain(|verdict| !says_the_same(owner, resource.kind, verdict.field));
        }
    }

    /// Reports what is left, with the controller, and plans no change.
    pub(super) fn report<'s>(
        &self,
        found: &ResourceVerdicts<'_, '_, '_, 's, '_>,
        drafts: &mut Drafts,
        judged: &mut UnitJudgement<'_, 's>,
    ) -> Result<(), Error> {
        let mut own = Drafts::new(found.context, found.resource)?;
        let mut alone = UnitJudgement::default();
        report(found, &mut own, &mut alone)?;
        judged.image_names.extend(alone.image_names);
        let is_wanted = |draft: &Draft| draft.finding.rule != Rule::ImmutableWorkload;
        for mut draft in own.list.into_iter().filter(is_wanted) {
            self.leave(found.context.config.mode, &mut draft);
            drafts.list.push(draft);
        }
        Ok(())
    }

    /// Turns what would be edited into what is left to the controller.
    fn leave(&self, mode: Mode, draft: &mut Draft) {
        if draft.change.take().is_none() {
            return;
        }
        let finding = &mut draft.finding;
        if mode == Mode::Restore && finding.rule.severity(Mode::Check) == Severity::Error {
            finding.severity = Severity::Warning;
        }
        let (kind, name) = (piece(self.controller.kind), piece(self.controller.name));
        let why = match self.owner {
            Some(_) => "whose template says otherwise: look for what changes it at admission",
            None => "which is not among the input: change what makes it",
        };
        let message = &finding.message;
        finding.message = format!("{message}, made by {kind} {name}, {why}").into();
        // Nothing is proposed for this place.
        if let Some(field) = &finding.field {
            finding.field = Some(Arc::new(FieldRef {
                path: Arc::clone(&field.path),
                current: field.current.clone(),
                proposed: None,
            }));
        }
    }
}

/// Whether a field is what its controller's template says, or was.
fn says_the_same(owner: &ControllerTemplate, kind: &str, field: &ImageField<'_, '_>) -> bool {
    // Older ones have what the template said before, and are kept for a way back or as a record.
    if matches!(kind, "ReplicaSet" | "ReplicationController" | "Job") {
        return true;
    }
    match (field.container, field.role) {
        (Some(container), Role::Container) => owner.image(container) == field.image.as_deref(),
        (Some(container), _) => owner.has(container),
        (None, _) => true,
    }
}
