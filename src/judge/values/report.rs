//! What is told of the images of values, and what their places should hold.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use crate::field::ImageGroup;
use crate::finding::{InValues, Rule};
use crate::krm::resource::Resource;
use crate::slot::Slot;
use crate::values::{Site, ValueImage};
use crate::yaml::{Error, Node, Path};

use super::super::draft::{self, Draft, Drafts};
use super::super::fields::{report_image, report_policy};
use super::super::inventory;
use super::super::owner::managed_elsewhere;
use super::super::verdict::FieldVerdict;
use super::super::{UnitJudgement, is_ignored, secrets, tested};
use super::limits::number;
use super::lists::{Lists, list_id, lists};
use super::placing::deciding;
use super::prepare::All;
use super::settle::Settlement;
use super::telling::{Telling, span_of};
use super::{Id, ImageUse, Installed, ValueWish};

/// What is told, with the positions of documents, and what places should hold.
pub(super) type Reported<'n, 's> = (Vec<ValueWish<'n, 's>>, Vec<(usize, Draft)>);

impl<'n, 's> All<'_, 'n, 's, '_> {
    /// Reports every image, and plans what changes.
    pub(super) fn report(
        &self,
        outcome: &Settlement,
        barred: &HashMap<Id, String>,
    ) -> Result<Reported<'n, 's>, Error> {
        let (mut wishes, mut told) = (Vec::new(), Vec::new());
        let lists = lists(self, outcome, barred)?;
        // Of lists, those that stay for another list's sake are told as those that cannot be edited.
        let mut barred = barred.clone();
        barred.extend(lists.refused.clone());
        for (position, one) in self.installed.iter().enumerate() {
            let mut drafts = Drafts::new(self.context, &one.resource)?;
            let mut telling = Telling {
                documents: self.documents,
                wishes: &mut wishes,
                told: &mut told,
            };
            let post = &self.posts[position];
            if self.prepared[position].images.is_empty() && post.set.is_empty() {
                continue;
            }
            let ignored = is_ignored(self.context.config, &one.resource, &mut drafts)?;
            telling.tell(one.document, None, 0..0, &mut drafts, None);
            if !ignored {
                let settled = (outcome, &lists, &barred);
                self.release(position, &mut drafts, settled, &mut telling)?;
                post.report(self.context, one, &mut drafts)?;
                telling.tell(one.document, None, 0..0, &mut drafts, None);
            }
        }
        // Several images may be of the same values.
        let mut known = HashSet::new();
        told.retain(|(document, draft)| {
            let finding = &draft.finding;
            let path = finding.field.as_ref().map(|field| Arc::clone(&field.path));
            known.insert((*document, finding.rule, finding.message.clone(), path))
        });
        Ok((wishes, told))
    }

    fn release(
        &self,
        position: usize,
        drafts: &mut Drafts,
        (outcome, lists, barred): (&Settlement, &Lists, &HashMap<Id, String>),
        telling: &mut Telling<'_, 'n, 's>,
    ) -> Result<(), Error> {
        let (one, prepared) = (&self.installed[position], &self.prepared[position]);
        let verdicts = &self.judged[position];
        let resource_at = |site: Option<&Site<'n, 's>>| self.resource(one, site);
        for (group, (of_group, order)) in verdicts.iter().zip(&prepared.order).enumerate() {
            for (field, (verdict, &image)) in of_group.iter().zip(order).enumerate() {
                let id = (position, group, field);
                let image = &prepared.images[image];
                if !outcome.keys.contains(&id) {
                    self.image(one, (id, image, verdict), drafts, outcome, telling)?;
                }
                let is_made = !image.is_written && !image.has_written_policy();
                if let Some(policy) = verdict.field.policy_slot.as_ref()
                    && !(is_made && outcome.blocked.contains_key(&id))
                {
                    let mut judged = UnitJudgement::default();
                    let site = image.site_of(policy);
                    report_policy(&resource_at(site), verdict, true, drafts, &mut judged)?;
                    telling.take(id, image, site, judged, drafts, barred);
                }
            }
            // What stays needs no secret of a mirror.
            let stays = |field: usize| outcome.blocked.contains_key(&(position, group, field));
            let moving = of_group.iter().enumerate();
            let moving = moving.filter(|(field, _)| !stays(*field));
            let moving: Vec<_> = moving.map(|(_, verdict)| verdict).collect();
            let id = list_id(position, group);
            let spec = &ImageGroup {
                pull_secrets: match lists.names(id) {
                    Some(names) => names.to_vec(),
                    None => prepared.groups[group].pull_secrets.clone(),
                },
                ..prepared.groups[group].clone()
            };
            let images = order.iter().map(|&image| &prepared.images[image]);
            let listed = images.clone().find_map(|image| {
                let listed = image.secrets.as_ref()?;
                Some((image, Some(&listed.site)))
            });
            let alone = images.clone().next().map(|image| {
                let main = image.parts.main().and_then(|main| image.site_of(main));
                (image, main)
            });
            if let Some((image, site)) = listed.or(alone) {
                let mut judged = UnitJudgement::default();
                let resource = resource_at(site);
                secrets::report(self.context, &resource, spec, &moving, drafts, &mut judged)?;
                telling.take(id, image, site, judged, drafts, barred);
            }
        }
        let all: Vec<&FieldVerdict<'_, '_, 'n, 's>> = verdicts.iter().flatten().collect();
        let known = prepared
            .images
            .iter()
            .find_map(|image| image.site_of(image.parts.main()?));
        let resource = resource_at(known);
        tested::report_all(&resource, &all, "", drafts)?;
        telling.tell(
            known.map_or(one.document, |site| site.document),
            None,
            0..0,
            drafts,
            None,
        );
        Ok(())
    }

    fn image(
        &self,
        one: &Installed<'n, 's>,
        (id, image, verdict): (Id, &ValueImage<'n, 's>, &FieldVerdict<'_, '_, 'n, 's>),
        drafts: &mut Drafts,
        outcome: &Settlement,
        telling: &mut Telling<'_, 'n, 's>,
    ) -> Result<(), Error> {
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
            let changed = report_image(resource, verdict, (slot, left), drafts, &mut judged)?;
            for slot in verdict
                .field
                .notation
                .slots()
                .into_iter()
                .filter(|_| changed)
            {
                if let Some(site) = image.site_of(slot) {
                    let text = self.documents[site.document].text;
                    managed_elsewhere(resource, verdict, slot, text, drafts)?;
                }
            }
        }
        let said = InValues {
            set: self.keys_to_set(one, &judged),
            with: self.files(one),
        };
        for draft in &mut drafts.list {
            draft.finding.values = Some(Box::new(said.clone()));
        }
        self.number(one, image, drafts, telling)?;
        telling.take(id, image, site, judged, drafts, &HashMap::new());
        Ok(())
    }

    /// Tells of a tag that is a number at the tag itself.
    fn number(
        &self,
        one: &Installed<'n, 's>,
        image: &ValueImage<'n, 's>,
        drafts: &mut Drafts,
        telling: &mut Telling<'_, 'n, 's>,
    ) -> Result<(), Error> {
        let message = number(image);
        let is_it = |draft: &Draft| message.as_deref() == Some(&*draft.finding.message);
        let Some(position) = drafts.list.iter().position(is_it) else {
            return Ok(());
        };
        let mut draft = drafts.list.remove(position);
        let parts = [&image.parts.tag, &image.parts.digest].into_iter();
        let mut slots = parts.filter_map(|part| part.slot.as_ref().filter(|_| part.is_written));
        let written = image.number.as_ref().map(|(written, _)| written.as_str());
        let is_written = |slot: &&Slot<'n, 's>| {
            let node = slot.node().ok().flatten();
            node.and_then(Node::scalar) == written
        };
        let site = slots.find(is_written).and_then(|slot| image.site_of(slot));
        if let Some(site) = site {
            let path = site.slot.text_below(&self.resource(one, Some(site)).path);
            draft.field(path, written.map(str::to_owned), None);
            draft.at(site.slot.node()?.unwrap_or(site.slot.holder));
            let rest = std::mem::replace(&mut drafts.list, vec![draft]);
            telling.tell(site.document, Some(site), 0..0, drafts, None);
            drafts.list = rest;
        } else {
            drafts.list.push(draft);
        }
        Ok(())
    }

    /// The resource as its paths are told in the document of a site.
    fn resource(&self, one: &Installed<'n, 's>, site: Option<&Site<'n, 's>>) -> Resource<'n, 's> {
        let mut resource = one.resource.clone();
        if site.is_some_and(|site| site.document != one.document) {
            resource.path = Path::default();
        }
        resource
    }

    /// Every image as an entry of the inventory.
    pub(super) fn images(&self) -> Result<Vec<(usize, ImageUse)>, Error> {
        let mut found: Vec<(usize, ImageUse)> = Vec::new();
        for ((one, prepared), verdicts) in self.installed.iter().zip(self.prepared).zip(self.judged)
        {
            let drafts = Drafts::new(self.context, &one.resource)?;
            let mut known = HashSet::new();
            let groups = prepared.groups.iter().zip(&prepared.order).zip(verdicts);
            for ((group, order), verdicts) in groups {
                for (verdict, &image) in verdicts.iter().zip(order) {
                    let image = &prepared.images[image];
                    if !image.is_used() {
                        continue;
                    }
                    let listed = &group.pull_secrets;
                    let site = image.parts.main().and_then(|main| image.site_of(main));
                    let mut entry = inventory::image_use(
                        &self.resource(one, site),
                        verdict,
                        listed,
                        &drafts.resource,
                        false,
                    )?;
                    let (document, span) =
                        site.map_or((0, 0..0), |site| (site.document, span_of(site)));
                    if entry.span == (0..0) {
                        entry.span = span;
                    }
                    entry.chart_tag = image.chart_tag();
                    entry.in_values = true;
                    // Several workloads may run what one value says.
                    if known.insert((document, entry.path.clone(), entry.image.clone())) {
                        found.push((document, entry));
                    }
                }
            }
        }
        Ok(found)
    }
}
