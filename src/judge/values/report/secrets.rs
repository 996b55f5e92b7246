//! Reports the pull secrets that the images of a release need.

use std::collections::HashSet;

use crate::field::ImageGroup;
use crate::yaml::Error;

use super::super::super::draft::Drafts;
use super::super::super::{UnitJudgement, secrets};
use super::super::lists::list_id;
use super::super::prepare::All;
use super::super::remarks::name_list;
use super::super::telling::Telling;
use super::super::{Id, Installed};
use super::{Decisions, count_with_image};

impl<'n, 's> All<'_, 'n, 's, '_> {
    /// Reports the pods for which the chart takes no list of pull secrets.
    pub(super) fn unlisted_pods(
        &self,
        one: &Installed<'n, 's>,
        (position, group): (usize, usize),
        decisions: Decisions<'_>,
        drafts: &mut Drafts,
        telling: &mut Telling<'_, 'n, 's>,
    ) -> Result<(), Error> {
        let prepared = &self.prepared[position];
        let verdicts = self.judged[position][group].iter();
        for (field, (verdict, &image)) in verdicts.zip(&prepared.order[group]).enumerate() {
            let (id, image) = ((position, group, field), &prepared.images[image]);
            let pods = image.unlisted_pods().filter(|_| image.is_used());
            let Some(pods) = pods.filter(|_| !decisions.outcome.blocked.contains_key(&id)) else {
                continue;
            };
            let site = image.main_site();
            secrets::report_unlisted_pods(&self.resource(one, site), verdict, pods, drafts)?;
            let judged = UnitJudgement::default();
            telling.take(id, image, site, judged, drafts, decisions.barred.get(&id));
        }
        Ok(())
    }

    /// Reports what the list of pull secrets of some images lacks.
    pub(super) fn secrets(
        &self,
        one: &Installed<'n, 's>,
        (position, group): (usize, usize),
        decisions: Decisions<'_>,
        restored: &HashSet<Id>,
        drafts: &mut Drafts,
        telling: &mut Telling<'_, 'n, 's>,
    ) -> Result<(), Error> {
        let (prepared, blocked) = (&self.prepared[position], &decisions.outcome.blocked);
        let order = &prepared.order[group];
        // What stays needs no secret of a mirror.
        let moving = self.judged[position][group].iter().enumerate();
        let moving = moving.filter(|(field, _)| !blocked.contains_key(&(position, group, *field)));
        let moving: Vec<_> = moving.map(|(_, verdict)| verdict).collect();
        let id = list_id(position, group);
        let spec = &ImageGroup {
            pull_secrets: match decisions.lists.names(id) {
                Some(names) => names.to_vec(),
                None => prepared.groups[group].pull_secrets.clone(),
            },
            ..prepared.groups[group].clone()
        };
        let mut images = order.iter().map(|&image| &prepared.images[image]);
        let alone = images
            .clone()
            .next()
            .map(|image| (image, image.main_site()));
        let listed = images.find_map(|image| {
            let listed = image.secrets.as_ref()?;
            Some((image, Some(&listed.site)))
        });
        let Some((image, site)) = listed.or(alone) else {
            return Ok(());
        };
        let mut judged = UnitJudgement::default();
        let resource = self.resource(one, site);
        secrets::report(self.context, &resource, spec, &moving, drafts, &mut judged)?;
        name_list(image, site, drafts);
        if (0..order.len()).any(|field| restored.contains(&(position, group, field))) {
            count_with_image(drafts);
        }
        telling.take(id, image, site, judged, drafts, decisions.barred.get(&id));
        Ok(())
    }
}
