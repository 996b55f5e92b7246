//! Objects that a controller creates: they are not edited, since it would recreate them, and they are not
//! reported where the controller itself is among the input and says the same.

use std::sync::Arc;

use crate::field::{FieldRole, ImageField};
use crate::finding::{Aspect, FieldRef, Mode, NOT_GIVEN, Rule, Severity};
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
            verdicts.retain_mut(|verdict| {
                let same = Same::of(owner, resource.kind, verdict.field);
                if same.image {
                    verdict.withdraw_image();
                }
                if same.policy {
                    verdict.policy = None;
                }
                !(same.image && same.policy)
            });
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

    /// Turns what would be edited into what is left to the controller; also says whose an image is that
    /// stays and that the template does not name.
    fn leave(&self, mode: Mode, draft: &mut Draft) {
        let is_edit = draft.change.take().is_some();
        let finding = &mut draft.finding;
        let mut aspects = finding.allow.iter();
        let is_image = aspects.any(|aspect| Aspect::OF_IMAGE.contains(&aspect));
        if !(is_edit || is_image && self.owner.is_some()) {
            return;
        }
        if mode == Mode::Restore && finding.rule.severity(Mode::Check) == Severity::Error {
            finding.severity = Severity::Warning;
        }
        let (kind, name) = (piece(self.controller.kind), piece(self.controller.name));
        let why = match self.owner {
            Some(_) => "whose template says otherwise: look for what changes it at admission",
            // A static pod, of which the API server has a copy.
            None if kind == "Node" => "whose kubelet reads it from a file: change that file",
            None => NOT_GIVEN,
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

/// Which values of a field are what its controller's template says, or said.
struct Same {
    image: bool,
    policy: bool,
}

impl Same {
    fn of(owner: &ControllerTemplate, kind: &str, field: &ImageField<'_, '_>) -> Same {
        let both = |is_same| Same {
            image: is_same,
            policy: is_same,
        };
        // Older ones have what the template said before, and are kept for a way back or as a record.
        if matches!(kind, "ReplicaSet" | "ReplicationController" | "Job") {
            return both(true);
        }
        match (field.container, field.role) {
            (Some(container), FieldRole::Container) => Same {
                image: owner.has_image(container, field.image.as_deref()),
                policy: owner.has_policy(container, field.policy),
            },
            (Some(container), _) => both(owner.has(container)),
            (None, _) => both(true),
        }
    }
}
