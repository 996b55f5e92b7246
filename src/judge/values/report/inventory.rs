//! The images of releases as entries of the inventory.

use std::collections::HashSet;

use crate::yaml::Error;

use super::super::super::draft::Drafts;
use super::super::super::{ImageHolder, inventory, is_ignored};
use super::super::ImageUse;
use super::super::prepare::All;
use super::super::telling::shown_at;

impl All<'_, '_, '_, '_> {
    /// Every image as an entry of the inventory.
    pub(in super::super) fn images(&self) -> Result<Vec<(usize, ImageUse)>, Error> {
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
                    let site = image.main_site();
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
                    entry.within = ImageHolder::Values;
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
