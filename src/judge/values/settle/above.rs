//! Values that would be made above what other releases read: one layer may be above another file in each
//! environment.

use std::collections::HashSet;

use crate::values::Wished;
use crate::yaml::Error;

use super::{Installed, Party};

/// Notes for each image the places of other releases that would be made above what it reads now.
pub(super) fn note_made<'n, 's>(
    installed: &[Installed<'n, 's>],
    parties: &mut [Party<'_, 'n, 's>],
    wished: &Wished,
) -> Result<(), Error> {
    let releases: HashSet<usize> = parties.iter().map(|party| party.id.0).collect();
    let mut made = HashSet::new();
    for party in parties.iter().filter(|_| releases.len() > 1) {
        let image = &party.prepared.images[party.image];
        let missing = image.sites.iter().filter(|site| site.missing.is_some());
        let wanted = missing.filter(|site| wished.contains_key(&site.place()));
        made.extend(wanted.map(|site| (site.document, party.id.0)));
    }
    for party in parties.iter_mut().filter(|party| party.counts) {
        party.above.clear();
        let layers = &installed[party.id.0].release.layers;
        let is_above = |(document, release): &(usize, usize)| {
            let mut layers = layers.iter();
            *release != party.id.0 && layers.any(|layer| layer.document == *document)
        };
        if made.iter().any(is_above) {
            let image = &party.prepared.images[party.image];
            let read = image.places_with(layers, wished)?.into_iter();
            let wanted = read.filter(|place| wished.contains_key(place));
            party.above = wanted
                .filter(|place| !party.places.contains(place))
                .collect();
        }
    }
    Ok(())
}
