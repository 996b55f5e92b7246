//! Images of a chart of which nobody knows the version: what every version reads alike is known, and the rest
//! is told.

use std::collections::HashSet;

use crate::image::Reference;
use crate::values::layer::{Layer, SlotKey};
use crate::values::reader::Doubt;
use crate::values::secrets::UNKNOWN;
use crate::yaml::Error;

use super::ValueImage;

/// What is known of images as each version would have them. Those at places in `read` are known anyhow.
///
/// # Errors
/// A mapping that is read has a key twice.
pub(super) fn agreed<'n, 's>(
    images: Vec<ValueImage<'n, 's>>,
    layers: &[Layer<'n, 's>],
    read: &HashSet<SlotKey>,
) -> Result<Vec<ValueImage<'n, 's>>, Error> {
    let mut groups: Vec<(Option<SlotKey>, Vec<ValueImage<'n, 's>>)> = Vec::new();
    for image in images {
        let place = image.main_place();
        if !image.is_used() || place.as_ref().is_some_and(|place| read.contains(place)) {
            continue;
        }
        let known = groups
            .iter_mut()
            .find(|(known, _)| place.is_some() && *known == place);
        match known {
            Some((_, group)) => group.push(image),
            None => groups.push((place, vec![image])),
        }
    }
    let mut all = Vec::new();
    for (_, group) in groups {
        all.extend(of_place(group, layers)?);
    }
    // What several versions run by default, at whatever keys, is told once.
    let mut told = HashSet::new();
    all.retain(|image| image.is_written || told.insert(image.parts.text()));
    Ok(all)
}

/// The images of one place: one, where all versions read alike what is written there.
fn of_place<'n, 's>(
    group: Vec<ValueImage<'n, 's>>,
    layers: &[Layer<'n, 's>],
) -> Result<Vec<ValueImage<'n, 's>>, Error> {
    let (mut group, mut unlikely): (Vec<_>, Vec<_>) =
        group.into_iter().partition(|image| !has_two_hosts(image));
    if group.is_empty() {
        group.append(&mut unlikely);
    }
    // A version that would not read a registry which is written is unlikely, too.
    let mut likely = Vec::new();
    for image in group {
        if image.has_other_registry(layers)? {
            unlikely.push(image);
        } else {
            likely.push(image);
        }
    }
    let mut group = if likely.is_empty() { unlikely } else { likely };
    let mut known = HashSet::new();
    let lists = group.iter().map(|image| {
        let secrets = image.secrets.as_ref();
        secrets.map(|secrets| secrets.site.place())
    });
    let lists: HashSet<Option<SlotKey>> = lists.collect();
    let is_written = group.iter().all(|image| image.is_written);
    group.retain(|image| known.insert(image.parts.text()));
    let is_agreed = is_written && group.len() == 1;
    for image in &mut group {
        let was_certain = image.doubt.is_none();
        if image.is_written {
            image.keep_to_what_is_written();
        } else {
            image.policy = None;
            image.secrets = None;
        }
        if lists.len() > 1 {
            image.secrets = None;
            image.no_secrets = Some(UNKNOWN);
        }
        let was_unsure = image.doubt == Some(Doubt::Registry);
        if was_certain && (!is_agreed || image.doubt.is_some()) || was_unsure {
            image.doubt = Some(Doubt::Version);
        }
    }
    Ok(group)
}

/// Whether a registry by default is before a name that has its own: no version means that.
fn has_two_hosts(image: &ValueImage<'_, '_>) -> bool {
    let parts = &image.parts;
    let is_joined = parts.whole.text.is_empty() && parts.name.text.is_empty();
    is_joined
        && !parts.registry.is_written
        && !parts.registry.text.is_empty()
        && parts.repository.is_written
        && Reference::parse(&parts.repository.text).is_ok_and(|name| name.has_host())
}
