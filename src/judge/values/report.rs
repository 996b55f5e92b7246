//! What is told of the images of values, and what their places should hold.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use crate::field::ImageGroup;
use crate::finding::{Aspect, InValues, Mode, Rule};
use crate::krm::resource::Resource;
use crate::values::{Site, ValueImage};
use crate::yaml::{Error, Path};

use super::super::draft::{self, Draft, Drafts};
use super::super::fields::{policy_change, report_image, report_policy};
use super::super::ignored::count_silenced;
use super::super::inventory;
use super::super::owner::{leave, managed_elsewhere, owner};
use super::super::tested::VersionsByAgent;
use super::super::verdict::FieldVerdict;
use super::super::{UnitJudgement, is_ignored, secrets, tested};
use super::lists::{SecretLists, list_id, lists};
use super::placing::deciding;
use super::policies::{is_made, policies};
use super::prepare::All;
use super::remarks::name_list;
use super::settle::Settlement;
use super::telling::{Telling, shown_at};
use super::{Id, ImageUse, Installed, ValueWish};

/// What is said of values in which images are not looked for.
const TOO_MANY: &str = "its values repeat more by aliases, have more images in one mapping, or more images in more \
                        texts, than are looked through, so that images of no profile are not checked: \
                        write them out, or split them up";

/// What is told, with the positions of documents, and what places should hold.
pub(super) type Reported<'n, 's> = (Vec<ValueWish<'n, 's>>, Vec<(usize, Draft)>);

/// Has what is told of a policy or a list counted with the image that it is for, which is restored as well.
fn count_with_image(drafts: &mut Drafts) {
    for draft in &mut drafts.list {
        let values = draft.finding.values.get_or_insert_default();
        values.counts_with_image = true;
    }
}

/// What was settled, and why what was not.
#[derive(Clone, Copy)]
struct Decisions<'d> {
    outcome: &'d Settlement,
    lists: &'d SecretLists,
    /// Why policies stay.
    policies: &'d HashMap<Id, String>,
    /// Why images and lists cannot be edited.
    barred: &'d HashMap<Id, String>,
}

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
        let policies = policies(self, outcome, &barred)?;
        for (position, one) in self.installed.iter().enumerate() {
            let mut drafts = Drafts::new(self.context, &one.resource)?;
            let mut telling = Telling {
                documents: self.documents,
                wishes: &mut wishes,
                told: &mut told,
            };
            let post = &self.posts[position];
            let has_images = !self.prepared[position].images.is_empty();
            if !has_images && post.patches.is_empty() && !one.own.is_partial {
                telling.tell(one.document, None, 0..0, &mut drafts, None);
                continue;
            }
            let ignored = is_ignored(self.context.config, &one.resource, &mut drafts)?;
            let settled = Decisions {
                outcome,
                lists: &lists,
                policies: &policies,
                barred: &barred,
            };
            if ignored && self.context.config.mode == Mode::Check {
                let silenced = self.silenced(position, settled)?;
                count_silenced(silenced.iter().map(|(_, draft)| draft), &mut drafts);
            }
            telling.tell(one.document, None, 0..0, &mut drafts, None);
            if !ignored {
                self.release(position, &mut drafts, settled, &mut telling)?;
                let why_left = |id| settled.barred.get(&id).cloned();
                let of_post = (one, position);
                post.report(self.context, of_post, &mut drafts, &mut telling, &why_left)?;
            }
        }
        // Several images may be of the same values, and several paths may lead to them.
        let mut known = HashSet::new();
        told.retain(|(document, draft)| {
            let finding = &draft.finding;
            let span = finding.span.clone().filter(|span| !span.is_empty());
            let path = finding.field.as_ref().map(|field| Arc::clone(&field.path));
            let path = path.filter(|_| span.is_none());
            let span = span.map(|span| (span.start, span.end));
            known.insert((*document, finding.rule, finding.message.clone(), path, span))
        });
        Ok((wishes, told))
    }

    /// What is told of one release, were it not left alone by annotation.
    fn silenced(
        &self,
        position: usize,
        settled: Decisions<'_>,
    ) -> Result<Vec<(usize, Draft)>, Error> {
        let one = &self.installed[position];
        let (mut wishes, mut told) = (Vec::new(), Vec::new());
        let mut drafts = Drafts::new(self.context, &one.resource)?;
        let mut telling = Telling {
            documents: self.documents,
            wishes: &mut wishes,
            told: &mut told,
        };
        self.release(position, &mut drafts, settled, &mut telling)?;
        let why_left = |id| settled.barred.get(&id).cloned();
        let post = &self.posts[position];
        post.report(
            self.context,
            (one, position),
            &mut drafts,
            &mut telling,
            &why_left,
        )?;
        Ok(told)
    }

    fn release(
        &self,
        position: usize,
        drafts: &mut Drafts,
        Decisions {
            outcome,
            lists,
            policies,
            barred,
        }: Decisions<'_>,
        telling: &mut Telling<'_, 'n, 's>,
    ) -> Result<(), Error> {
        let (one, prepared) = (&self.installed[position], &self.prepared[position]);
        let verdicts = &self.judged[position];
        if one.own.is_partial {
            drafts
                .add(Rule::UnresolvedImage, TOO_MANY.to_owned())
                .at(one.resource.node);
            telling.tell(one.document, None, 0..0, drafts, None);
        }
        // The images that are restored, with which their policies and lists count.
        let mut restored = HashSet::new();
        let resource_at = |site: Option<&Site<'n, 's>>| self.resource(one, site);
        for (group, (of_group, order)) in verdicts.iter().zip(&prepared.order).enumerate() {
            for (field, (verdict, &image)) in of_group.iter().zip(order).enumerate() {
                let id = (position, group, field);
                let image = &prepared.images[image];
                if !outcome.keys.contains(&id) {
                    let told = self.image(one, (id, image, verdict), drafts, outcome, telling)?;
                    restored.extend(told.then_some(id));
                }
                if let Some(policy) = verdict.field.policy_slot.as_ref()
                    && !(is_made(image) && outcome.blocked.contains_key(&id))
                {
                    let mut judged = UnitJudgement::default();
                    let site = image.site_of(policy);
                    let resource = &resource_at(site);
                    let text = site.map_or("", |site| self.documents[site.document].text);
                    let manager = match verdict.policy {
                        Some(_) if self.context.wants.leave_managed && site.is_some() => {
                            owner(policy, text)?
                        }
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
                            drafts
                                .for_each(|draft| draft.finding.span = Some(shown_at(site, text)));
                        }
                    }
                    let why = policies.get(&id).or(barred.get(&id));
                    if restored.contains(&id) {
                        count_with_image(drafts);
                    } else if why.is_none() && !judged.changes.is_empty() {
                        restored.insert(id);
                    }
                    telling.take(id, image, site, judged, drafts, why);
                }
            }
            for (field, (verdict, &image)) in of_group.iter().zip(order).enumerate() {
                let (id, image) = ((position, group, field), &prepared.images[image]);
                let pods = image.unlisted_pods().filter(|_| image.is_used());
                let Some(pods) = pods.filter(|_| !outcome.blocked.contains_key(&id)) else {
                    continue;
                };
                let site = image.parts.main().and_then(|main| image.site_of(main));
                secrets::report_unlisted_pods(&resource_at(site), verdict, pods, drafts)?;
                let judged = UnitJudgement::default();
                telling.take(id, image, site, judged, drafts, barred.get(&id));
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
                name_list(image, site, drafts);
                if (0..order.len()).any(|field| restored.contains(&(position, group, field))) {
                    count_with_image(drafts);
                }
                telling.take(id, image, site, judged, drafts, barred.get(&id));
            }
        }
        let all = verdicts.iter().flatten();
        let images = prepared.order.iter().flatten();
        let all = all.zip(images.map(|&image| &prepared.images[image]));
        let is_known = |image: &ValueImage<'_, '_>| {
            image.is_used() && image.doubt.is_none() && !image.has_template_for_version
        };
        let all = all.filter(|(_, image)| is_known(image));
        let all: Vec<&FieldVerdict<'_, '_, 'n, 's>> = all.map(|(verdict, _)| verdict).collect();
        let known = prepared
            .images
            .iter()
            .find_map(|image| image.site_of(image.parts.main()?));
        let resource = resource_at(known);
        let chart = one.release.chart.version;
        let own = all.iter();
        let own = own.filter_map(|verdict| tested::own_version_in(verdict, chart));
        let beside = VersionsByAgent::of(own, &[]);
        tested::report(&resource, &all, &beside, chart, drafts)?;
        // Each is of one of the images, which may be in several files.
        for draft in std::mem::take(&mut drafts.list) {
            let path = draft.finding.field.as_ref().map(|field| &*field.path);
            let is_its = |site: &&Site<'n, 's>| {
                let node = site.slot.node().ok().flatten().unwrap_or(site.slot.holder);
                Some(&node.span) == draft.finding.span.as_ref()
                    && path == Some(&*site.slot.text_below(&resource.path))
            };
            let mut mains = prepared.images.iter();
            let site = mains.find_map(|image| {
                let main = image.parts.main().and_then(|main| image.site_of(main));
                main.filter(is_its)
            });
            let site = site.or(known);
            drafts.list.push(draft);
            let document = site.map_or(one.document, |site| site.document);
            telling.tell(document, site, 0..0, drafts, None);
        }
        Ok(())
    }

    fn image(
        &self,
        one: &Installed<'n, 's>,
        (id, image, verdict): (Id, &ValueImage<'n, 's>, &FieldVerdict<'_, '_, 'n, 's>),
        drafts: &mut Drafts,
        outcome: &Settlement,
        telling: &mut Telling<'_, 'n, 's>,
    ) -> Result<bool, Error> {
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
        let mut changed = false;
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
            changed =
                !is_left && report_image(resource, verdict, (slot, left), drafts, &mut judged)?;
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
            counts_with_image: false,
        };
        for draft in &mut drafts.list {
            draft.finding.values = Some(Box::new(said.clone()));
        }
        self.number(one, image, drafts, telling)?;
        telling.take(id, image, site, judged, drafts, None);
        Ok(changed)
    }

    /// The resource as its paths are told in the document of a site.
    pub(super) fn resource(
        &self,
        one: &Installed<'n, 's>,
        site: Option<&Site<'n, 's>>,
    ) -> Resource<'n, 's> {
        let mut resource = one.resource.clone();
        if site.is_some_and(|site| site.document != one.document) {
            resource.path = Path::default();
        }
        resource
    }

    /// Every image as an entry of the inventory.
    pub(super) fn images(&self) -> Result<Vec<(usize, ImageUse)>, Error> {
        let mut found: Vec<(usize, ImageUse)> = Vec::new();
        let mut known = HashSet::new();
        for ((one, prepared), verdicts) in self.installed.iter().zip(self.prepared).zip(self.judged)
        {
            let mut drafts = Drafts::new(self.context, &one.resource)?;
            let ignored = is_ignored(self.context.config, &one.resource, &mut drafts)?;
            let groups = prepared.groups.iter().zip(&prepared.order).zip(verdicts);
            for ((group, order), verdicts) in groups {
                for (verdict, &image) in verdicts.iter().zip(order) {
                    let image = &prepared.images[image];
                    if !image.is_used() || image.is_nameless() {
                        continue;
                    }
                    let listed = &group.pull_secrets;
                    let site = image.parts.main().and_then(|main| image.site_of(main));
                    let mut entry = inventory::image_use(
                        &self.resource(one, site),
                        verdict,
                        listed,
                        &drafts.resource,
                        ignored,
                    )?;
                    let (document, span) = site.map_or((0, 0..0), |site| {
                        let text = self.documents[site.document].text;
                        (site.document, shown_at(site, text))
                    });
                    if entry.span == (0..0) {
                        entry.span = span;
                    }
                    entry.chart_tag = image.chart_tag();
                    entry.in_values = true;
                    // Several workloads and releases may run what one value says.
                    if known.insert((document, entry.path.clone(), entry.image.clone())) {
                        found.push((document, entry));
                    }
                }
            }
        }
        Ok(found)
    }
}
