//! What is told of the images of values, and what their places should hold.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use crate::chart::SecretsForm;
use crate::edit::Value;
use crate::finding::{FieldRef, InValues, Rule, Severity};
use crate::krm::resource::Resource;
use crate::slot::Slot;
use crate::values::{NOWHERE, Site, ValueImage};
use crate::yaml::{Error, Node, Path};

use super::super::draft::{self, Draft, Drafts};
use super::super::fields::{report_image, report_policy};
use super::super::inventory;
use super::super::owner::managed_elsewhere;
use super::super::verdict::FieldVerdict;
use super::super::{Judged, is_ignored, secrets, tested};
use super::placing::deciding;
use super::planning::Document;
use super::prepare::{self, All};
use super::settle::Outcome;
use super::{Id, ImageUse, Installed, Wish};

/// What is told, with the positions of documents, and what places should hold.
pub(super) type Reported<'n, 's> = (Vec<Wish<'n, 's>>, Vec<(usize, Draft)>);

/// Gathers what is told of one release.
struct Telling<'t, 'n, 's> {
    documents: &'t [Document<'n, 's>],
    wishes: &'t mut Vec<Wish<'n, 's>>,
    told: &'t mut Vec<(usize, Draft)>,
}

impl<'n, 's> All<'_, 'n, 's, '_> {
    /// Reports every image, and plans what changes.
    pub(super) fn report(
        &self,
        outcome: &Outcome,
        barred: &HashMap<Id, String>,
    ) -> Result<Reported<'n, 's>, Error> {
        let (mut wishes, mut told) = (Vec::new(), Vec::new());
        for (position, one) in self.installed.iter().enumerate() {
            let mut drafts = Drafts::new(self.context, &one.resource)?;
            let mut telling = Telling {
                documents: self.documents,
                wishes: &mut wishes,
                told: &mut told,
            };
            if self.prepared[position].images.is_empty() {
                continue;
            }
            let ignored = is_ignored(self.context.config, &one.resource, &mut drafts)?;
            telling.tell(one.document, None, 0..0, &mut drafts, None);
            if !ignored {
                self.release(position, &mut drafts, outcome, barred, &mut telling)?;
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
        outcome: &Outcome,
        barred: &HashMap<Id, String>,
        telling: &mut Telling<'_, 'n, 's>,
    ) -> Result<(), Error> {
        let (one, prepared) = (&self.installed[position], &self.prepared[position]);
        let verdicts = &self.judged[position];
        let resource_at = |site: Option<&Site<'n, 's>>| self.resource(one, site);
        for (group, (of_group, order)) in verdicts.iter().zip(&prepared.order).enumerate() {
            for (field, (verdict, &image)) in of_group.iter().zip(order).enumerate() {
                let id = (position, group, field);
                let image = &prepared.images[image];
                self.image(one, (id, image, verdict), drafts, outcome, telling)?;
                if let Some(policy) = verdict.field.policy_slot.as_ref() {
                    let mut judged = Judged::default();
                    let site = image.site_of(policy);
                    report_policy(&resource_at(site), verdict, true, drafts, &mut judged)?;
                    telling.take(id, image, site, judged, drafts, barred);
                }
            }
            let spec = &prepared.groups[group];
            let first = order
                .iter()
                .map(|&image| &prepared.images[image])
                .find(|image| image.secrets.is_some());
            let id = (position, group, usize::MAX);
            let mut judged = Judged::default();
            let Some((image, at)) = first.and_then(|image| Some((image, image.secrets.as_ref()?)))
            else {
                if let [image] = order[..] {
                    let image = &prepared.images[image];
                    let main = image.parts.main().and_then(|main| image.site_of(main));
                    let resource = resource_at(main);
                    secrets::report(self.context, &resource, spec, of_group, drafts, &mut judged)?;
                    telling.take(id, image, main, judged, drafts, barred);
                }
                continue;
            };
            let stays = |id: Id| outcome.blocked.contains_key(&id);
            let moving: Vec<usize> = (0..of_group.len())
                .filter(|&field| !stays((position, group, field)))
                .collect();
            if moving.len() == of_group.len() {
                let resource = resource_at(Some(&at.site));
                secrets::report(self.context, &resource, spec, of_group, drafts, &mut judged)?;
            }
            telling.take(id, image, Some(&at.site), judged, drafts, barred);
        }
        let all: Vec<&FieldVerdict<'_, '_, 'n, 's>> = verdicts.iter().flatten().collect();
        let known = prepared
            .images
            .iter()
            .find_map(|image| image.site_of(image.parts.main()?));
        let resource = resource_at(known);
        tested::report_all(&resource, &all, drafts)?;
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
        outcome: &Outcome,
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
        let mut judged = Judged::default();
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
        let message = prepare::number(image);
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
                    if !image.is_written && !image.is_makeable {
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

impl<'n, 's> Telling<'_, 'n, 's> {
    /// Takes what was reported of one image, or of its policy or secrets.
    fn take(
        &mut self,
        id: Id,
        image: &ValueImage<'n, 's>,
        site: Option<&Site<'n, 's>>,
        judged: Judged<'n, 's>,
        drafts: &mut Drafts,
        barred: &HashMap<Id, String>,
    ) {
        let first = self.wishes.len();
        let form = image
            .secrets
            .as_ref()
            .map_or(SecretsForm::Mappings, |secrets| secrets.form);
        let mut why = barred.get(&id).cloned();
        for change in judged.changes {
            let Some(own) = image.site_of(&change.slot) else {
                continue;
            };
            let is_one_text = matches!(change.value, Value::Names(_))
                && own
                    .slot
                    .node()
                    .ok()
                    .flatten()
                    .and_then(Node::text)
                    .is_some_and(|text| !text.is_empty());
            if is_one_text {
                why = Some("it holds the name of one secret: add it to that secret".to_owned());
                continue;
            }
            self.wishes.push(Wish {
                site: own.clone(),
                value: change.value,
                form,
                id,
            });
        }
        if why.is_some() {
            self.wishes.truncate(first);
        }
        let Some(site) = site else {
            drafts.list.clear();
            return;
        };
        self.tell(
            site.document,
            Some(site),
            first..self.wishes.len(),
            drafts,
            why,
        );
    }

    /// Takes drafts, whose changes count from the first of some wishes.
    fn tell(
        &mut self,
        document: usize,
        site: Option<&Site<'n, 's>>,
        wishes: std::ops::Range<usize>,
        drafts: &mut Drafts,
        why: Option<String>,
    ) {
        for mut draft in drafts.list.drain(..) {
            let change = draft.change.take().filter(|_| why.is_none());
            draft.change =
                change.map(|change| wishes.start + change.start..wishes.start + change.end);
            if let (Some(why), true) = (&why, draft.finding.rule.aspect().is_some()) {
                draft.finding.message =
                    format!("{} is not written: {why}", draft.finding.message).into();
                if draft.finding.severity == Severity::Info {
                    // It is left, and a check refuses it.
                    draft.finding.severity = Severity::Warning;
                }
            }
            if let (Some((_, slot)), Some(field)) =
                (&self.documents[document].outer, &draft.finding.field)
            {
                let path = format!("{}.{}", slot.text_below(&Path::default()), field.path);
                let field = FieldRef {
                    path: path.into(),
                    ..(**field).clone()
                };
                draft.finding.field = Some(Arc::new(field));
            }
            if draft.finding.span == Some(NOWHERE.span.clone()) {
                draft.finding.span = site.map(span_of);
            }
            self.told.push((document, draft));
        }
    }
}

/// The bytes that stand for a place: the value, or the beginning of what would hold it.
fn span_of(site: &Site<'_, '_>) -> crate::yaml::Span {
    match &site.missing {
        Some((holder, ..)) => holder.span.start..holder.span.start,
        None => site
            .slot
            .node()
            .ok()
            .flatten()
            .map_or(0..0, |node| node.span.clone()),
    }
}
