//! Reports the images of values, and plans what their places should hold.

mod image;
mod inventory;
mod secrets;
mod versions;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use crate::finding::{Mode, Rule};
use crate::krm::resource::Resource;
use crate::values::Site;
use crate::yaml::{Error, Path};

use super::super::draft::{Draft, Drafts};
use super::super::ignored::count_silenced;
use super::super::is_ignored;
use super::lists::{SecretLists, lists};
use super::policies::policies;
use super::prepare::All;
use super::settle::Settlement;
use super::telling::Telling;
use super::{Id, Installed, ValueWish};

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
            let decisions = Decisions {
                outcome,
                lists: &lists,
                policies: &policies,
                barred: &barred,
            };
            if ignored && self.context.config.mode == Mode::Check {
                let silenced = self.silenced(position, decisions)?;
                count_silenced(silenced.iter().map(|(_, draft)| draft), &mut drafts);
            }
            telling.tell(one.document, None, 0..0, &mut drafts, None);
            if !ignored {
                self.release(position, &mut drafts, decisions, &mut telling)?;
                let why_left = |id| decisions.barred.get(&id).cloned();
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
        decisions: Decisions<'_>,
    ) -> Result<Vec<(usize, Draft)>, Error> {
        let one = &self.installed[position];
        let (mut wishes, mut told) = (Vec::new(), Vec::new());
        let mut drafts = Drafts::new(self.context, &one.resource)?;
        let mut telling = Telling {
            documents: self.documents,
            wishes: &mut wishes,
            told: &mut told,
        };
        self.release(position, &mut drafts, decisions, &mut telling)?;
        let why_left = |id| decisions.barred.get(&id).cloned();
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

    /// Reports one release: its images, policies and lists of secrets, and which versions run together.
    fn release(
        &self,
        position: usize,
        drafts: &mut Drafts,
        decisions: Decisions<'_>,
        telling: &mut Telling<'_, 'n, 's>,
    ) -> Result<(), Error> {
        let (one, prepared) = (&self.installed[position], &self.prepared[position]);
        if one.own.is_partial {
            drafts
                .add(Rule::UnresolvedImage, TOO_MANY.to_owned())
                .at(one.resource.node);
            telling.tell(one.document, None, 0..0, drafts, None);
        }
        // The images that are restored, with which their policies and lists count.
        let mut restored = HashSet::new();
        let groups = self.judged[position].iter().zip(&prepared.order);
        for (group, (verdicts, order)) in groups.enumerate() {
            for (field, (verdict, &image)) in verdicts.iter().zip(order).enumerate() {
                let reported = ((position, group, field), &prepared.images[image], verdict);
                self.image(one, reported, decisions, &mut restored, drafts, telling)?;
                self.policy(one, reported, decisions, &mut restored, drafts, telling)?;
            }
            let group = (position, group);
            self.unlisted_pods(one, group, decisions, drafts, telling)?;
            self.secrets(one, group, decisions, &restored, drafts, telling)?;
        }
        self.versions(position, drafts, telling)
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
}
