//! Values that would be made above what other images read: one layer may be above another file in each
//! environment, and an image without a value of its own may have another image's.

use std::collections::{HashMap, HashSet};

use crate::values::{Layer, Wished};
use crate::yaml::{Error, Node};

use super::{Id, Installed, Party};

/// Notes for each image the places of others that would be made above what it reads now, or in the place of what
/// its chart has by default.
pub(super) fn note_made<'n, 's>(
    installed: &[Installed<'n, 's>],
    parties: &mut [Party<'_, 'n, 's>],
    wished: &Wished,
) -> Result<(), Error> {
    // By the document, the images for which something is made there.
    let mut made: HashMap<usize, HashSet<Id>> = HashMap::new();
    for party in parties.iter() {
        let image = &party.prepared.images[party.image];
        let wanted = image.sites.iter();
        for site in wanted.filter(|site| wished.contains_key(&site.place())) {
            let says = site.slot.node()?.and_then(Node::scalar);
            if site.missing.is_some() || says.is_none_or(str::is_empty) {
                made.entry(site.document).or_default().insert(party.id);
            }
        }
    }
    for party in parties.iter_mut().filter(|party| party.counts) {
        party.above.clear();
        let Party { id, image, .. } = *party;
        let image = &party.prepared.images[image];
        let layers = &installed[id.0].release.layers;
        let is_above = |layer: &Layer<'_, '_>| {
            let mut by = made.get(&layer.document).into_iter().flatten();
            by.any(|by| by.0 != id.0 || *by != id && image.has_other_keys())
        };
        if layers.iter().any(is_above) {
            let read = image.places_with(layers, wished)?.into_iter();
            let wanted = read.filter(|place| wished.contains_key(place));
            party.above = wanted
                .filter(|place| !party.places.contains(place))
                .collect();
        }
    }
    Ok(())
}
