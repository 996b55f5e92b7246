//! Reports versions of a release that the vendor has not tested together.

use std::collections::HashMap;
use std::sync::Arc;

use crate::values::{Site, ValueImage};
use crate::yaml::Error;

use super::super::super::draft::Drafts;
use super::super::super::tested::{self, VersionsByAgent};
use super::super::super::verdict::FieldVerdict;
use super::super::prepare::All;
use super::super::telling::Telling;

impl<'n, 's> All<'_, 'n, 's, '_> {
    /// Reports the versions of a release, each where its image is.
    pub(super) fn versions(
        &self,
        position: usize,
        drafts: &mut Drafts,
        telling: &mut Telling<'_, 'n, 's>,
    ) -> Result<(), Error> {
        let (one, prepared) = (&self.installed[position], &self.prepared[position]);
        let verdicts = self.judged[position].iter().flatten();
        let images = prepared.order.iter().flatten();
        let images = images.map(|&image| &prepared.images[image]);
        let is_known = |image: &ValueImage<'_, '_>| {
            image.is_used() && image.doubt.is_none() && !image.has_template_for_version
        };
        let known = verdicts.zip(images).filter(|(_, image)| is_known(image));
        let known: Vec<&FieldVerdict<'_, '_, 'n, 's>> = known.map(|(verdict, _)| verdict).collect();
        let first = prepared.images.iter().find_map(ValueImage::main_site);
        let resource = self.resource(one, first);
        let chart = one.release.chart.version;
        let own = known.iter();
        let own = own.filter_map(|verdict| tested::own_version_in(verdict, chart));
        let beside = VersionsByAgent::of(own, &[]);
        tested::report(&resource, &known, &beside, chart, drafts)?;
        if drafts.list.is_empty() {
            return Ok(());
        }
        // Each is of one of the images, which may be in several files.
        let mut sites: HashMap<_, &Site<'n, 's>> = HashMap::new();
        for site in prepared.images.iter().filter_map(ValueImage::main_site) {
            let node = site.slot.node().ok().flatten().unwrap_or(site.slot.holder);
            let path = site.slot.text_below(&resource.path);
            sites.entry((node.span.clone(), path)).or_insert(site);
        }
        for draft in std::mem::take(&mut drafts.list) {
            let finding = &draft.finding;
            let key = finding.span.clone().zip(finding.field.as_ref());
            let key = key.map(|(span, field)| (span, Arc::clone(&field.path)));
            let site = key.and_then(|key| sites.get(&key).copied()).or(first);
            drafts.list.push(draft);
            let document = site.map_or(one.document, |site| site.document);
            telling.tell(document, site, 0..0, drafts, None);
        }
        Ok(())
    }
}
