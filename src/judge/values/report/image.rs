//! Reports one image of a release, and its pull policy.

use std::collections::HashSet;

use crate::finding::{Aspect, InValues, Rule};
use crate::values::ValueImage;
use crate::yaml::Error;

use super::super::super::UnitJudgement;
use super::super::super::draft::{self, Drafts};
use super::super::super::fields::{policy_change, report_image, report_policy};
use super::super::super::owner::{leave, managed_elsewhere, owner};
use super::super::super::verdict::FieldVerdict;
use super::super::placing::deciding;
use super::super::policies::is_made;
use super::super::prepare::All;
use super::super::telling::{Telling, shown_at};
use super::super::{Id, Installed};
use super::{Decisions, count_with_image};

impl<'n, 's> All<'_, 'n, 's, '_> {
    /// Reports an image, and notes in `restored` whether it changes.
    pub(super) fn image(
        &self,
        one: &Installed<'n, 's>,
        (id, image, verdict): (Id, &ValueImage<'n, 's>, &FieldVerdict<'_, '_, 'n, 's>),
        Decisions { outcome, .. }: Decisions<'_>,
        restored: &mut HashSet<Id>,
        drafts: &mut Drafts,
        telling: &mut Telling<'_, 'n, 's>,
    ) -> Result<(), Error> {
        if outcome.keys.contains(&id) {
            return Ok(());
        }
        let left = outcome.left.get(&id).map_or(&[][..], |left| left);
        let allowed = [&verdict.allowed(), left].concat();
        let blocked = outcome.blocked.get(&id);
        let decides = match blocked {
            Some(_) => None,
            None => deciding(verdict, &allowed)?,
        };
        let slot = decides.unwrap_or(verdict.field.notation.main());
        let site = image.site_of(slot);
        let resource = &self.resource(one, site);
        let mut judged = UnitJudgement::default();
        if let Some(why) = blocked {
            let old = verdict.field.image.clone().unwrap_or_default();
            let new = verdict.desired(&allowed).unwrap_or_default();
            let message = format!("{old} → {new} is not written: {why}");
            let path = slot.text_below(&resource.path);
            let differences = verdict
                .verdict
                .differences
                .iter()
                .map(|difference| difference.aspect);
            drafts
                .add(Rule::UnresolvedImage, message)
                .allow(differences.filter(|aspect| !allowed.contains(aspect)))
                .agent(verdict.agent())
                .field_of(&draft::field(path, Some(old), Some(new)))
                .at(slot.node()?.unwrap_or(slot.holder));
        } else {
            let is_left = Aspect::OF_IMAGE.iter().all(|aspect| left.contains(aspect));
            if !left.is_empty() {
                self.left(one, (image, verdict), drafts, telling)?;
            }
            if !is_left && report_image(resource, verdict, (slot, left), drafts, &mut judged)? {
                restored.insert(id);
                for slot in verdict.field.notation.slots() {
                    if let Some(site) = image.site_of(slot) {
                        let text = self.documents[site.document].text;
                        managed_elsewhere(resource, verdict, slot, text, drafts)?;
                    }
                }
            }
        }
        let said = InValues {
            set: self.keys_to_set(one, &judged),
            with: self.files(one),
            counts_with_image: false,
        };
        for draft in &mut drafts.list {
            draft.finding.values = Some(Box::new(said.clone()));
        }
        self.number(one, image, drafts, telling)?;
        let from = telling.told.len();
        telling.take(id, image, site, judged, drafts, None);
        let tag = &image.parts.tag;
        let tag = tag.slot.as_ref().filter(|_| tag.is_written);
        let tag = tag.and_then(|slot| image.site_of(slot));
        let elsewhere = tag.filter(|tag| site.is_some_and(|site| site.document != tag.document));
        if let Some(tag) = elsewhere {
            let path = tag.slot.text_below(&self.resource(one, Some(tag)).path);
            telling.move_to(from, Aspect::Tag, tag, &path);
        }
        Ok(())
    }

    /// Reports the pull policy of an image.
    pub(super) fn policy(
        &self,
        one: &Installed<'n, 's>,
        (id, image, verdict): (Id, &ValueImage<'n, 's>, &FieldVerdict<'_, '_, 'n, 's>),
        decisions: Decisions<'_>,
        restored: &mut HashSet<Id>,
        drafts: &mut Drafts,
        telling: &mut Telling<'_, 'n, 's>,
    ) -> Result<(), Error> {
        let Some(policy) = &verdict.field.policy_slot else {
            return Ok(());
        };
        if is_made(image) && decisions.outcome.blocked.contains_key(&id) {
            return Ok(());
        }
        let mut judged = UnitJudgement::default();
        let site = image.site_of(policy);
        let resource = &self.resource(one, site);
        let text = site.map_or("", |site| self.documents[site.document].text);
        let manager = match verdict.policy {
            Some(_) if self.context.wants.leave_managed && site.is_some() => owner(policy, text)?,
            _ => None,
        };
        if let Some(manager) = manager {
            let what = policy_change(verdict);
            leave(resource, verdict, policy, &manager, &what, drafts)?;
        } else {
            report_policy(resource, verdict, true, drafts, &mut judged)?;
            // The image, which is pointed at for want of a policy, may be in another file.
            if let (None, Some(site)) = (policy.node()?, site) {
                let drafts = drafts.list.iter_mut();
                drafts.for_each(|draft| draft.finding.span = Some(shown_at(site, text)));
            }
        }
        let why = decisions.policies.get(&id).or(decisions.barred.get(&id));
        if restored.contains(&id) {
            count_with_image(drafts);
        } else if why.is_none() && !judged.changes.is_empty() {
            restored.insert(id);
        }
        telling.take(id, image, site, judged, drafts, why);
        Ok(())
    }
}
