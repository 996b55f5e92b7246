//! Which lists of pull secrets change: a chart may add lists up, and may read one in the place of
//! another, so what one image's list gains can be what another image has already, or hide it.

use std::collections::{BTreeSet, HashMap};

use crate::finding::Aspect;
use crate::sort::sort_by_key;
use crate::values::{Layer, SecretsAt, SlotKey, ValueImage, WishedNames};
use crate::yaml::Error;

use super::super::secrets::wanted;
use super::super::verdict::FieldVerdict;
use super::Id;
use super::prepare::All;
use super::settle::Settlement;

/// The lists of pull secrets that groups of images have once all of them have what they need.
#[derive(Debug, Default)]
pub(super) struct SecretLists {
    /// The names that count for a group without those that are added to its own list.
    names: HashMap<Id, Vec<String>>,
    /// Why a group's list gets nothing.
    pub(super) refused: HashMap<Id, String>,
}

/// Images that share a list.
struct ListGroup<'g, 'n, 's> {
    id: Id,
    layers: &'g [Layer<'n, 's>],
    at: &'g SecretsAt<'n, 's>,
    place: SlotKey,
    /// Those that run.
    images: Vec<&'g ValueImage<'n, 's>>,
    /// The names that they need.
    wants: Vec<String>,
}

/// The identity of a group's list among those of images.
pub(super) fn list_id(release: usize, group: usize) -> Id {
    (release, group, usize::MAX)
}

/// Whether an identity is that of a group's list.
pub(super) fn is_list(id: &Id) -> bool {
    id.2 == usize::MAX
}

impl SecretLists {
    /// The names that count for a group: those that are written, or added to other lists.
    pub(super) fn names(&self, id: Id) -> Option<&[String]> {
        self.names.get(&id).map(Vec::as_slice)
    }
}

/// Settles the lists of all releases together. Lists that are read for other groups, too, come first.
pub(super) fn lists(
    all: &All<'_, '_, '_, '_>,
    outcome: &Settlement,
    barred: &HashMap<Id, String>,
) -> Result<SecretLists, Error> {
    let groups = groups(all, outcome);
    let mut readers: HashMap<&SlotKey, Vec<usize>> = HashMap::new();
    for (position, group) in groups.iter().enumerate() {
        let places: BTreeSet<&SlotKey> = group.reads().collect();
        for place in places {
            readers.entry(place).or_default().push(position);
        }
    }
    // One that is made in a layer counts above those of other releases which are below it.
    let made: BTreeSet<&SlotKey> = { groups.iter() }
        .filter(|group| group.at.site.missing.is_some() && !group.wants.is_empty())
        .map(|group| &group.place)
        .collect();
    for place in made {
        let wished = WishedNames::from([(place.clone(), Vec::new())]);
        for (position, group) in groups.iter().enumerate() {
            let mut layers = group.layers.iter();
            let is_of_document = layers.any(|layer| layer.document == place.0);
            let is_known = readers[place].contains(&position);
            if is_of_document && !is_known && group.reads_with(&wished)?.contains(place) {
                readers.entry(place).or_default().push(position);
            }
        }
    }
    let is_shared = |group: &ListGroup<'_, '_, '_>| readers[&group.place].len() > 1;
    let mut order: Vec<usize> = (0..groups.len()).collect();
    sort_by_key(&mut order, |&position| !is_shared(&groups[position]));
    let (mut settled, mut wished) = (SecretLists::default(), WishedNames::new());
    for &position in &order {
        let group = &groups[position];
        if barred.contains_key(&group.id) {
            continue;
        }
        let lacks = group.lacks(&wished)?;
        if lacks.is_empty() {
            continue;
        }
        let others = readers[&group.place].iter().map(|&other| &groups[other]);
        let had = others.map(|other| Ok((other, other.names(&wished)?)));
        let had = had.collect::<Result<Vec<_>, Error>>()?;
        let before = wished.get(&group.place).cloned();
        wished.entry(group.place.clone()).or_default().extend(lacks);
        if let Some(why) = refusal(group, &had, &wished)? {
            settled.refused.insert(group.id, why);
            match before {
                Some(before) => drop(wished.insert(group.place.clone(), before)),
                None => drop(wished.remove(&group.place)),
            }
        }
    }
    for group in &groups {
        let own = wished.remove(&group.place);
        settled.names.insert(group.id, group.names(&wished)?);
        wished.extend(own.map(|names| (group.place.clone(), names)));
    }
    Ok(settled)
}

/// Why a list must not have what was added to it last: it would not count, or it would take the place of
/// another one. `readers` are the groups that read it, with the names that they had before.
fn refusal(
    group: &ListGroup<'_, '_, '_>,
    readers: &[(&ListGroup<'_, '_, '_>, Vec<String>)],
    after: &WishedNames,
) -> Result<Option<String>, Error> {
    for (reader, had) in readers {
        let has = reader.names(after)?;
        let is_elsewhere = reader.id.0 != group.id.0 && !reader.images.is_empty();
        let is_extra = |name: &&String| !had.contains(name) && !reader.wants.contains(name);
        if let Some(extra) = has.iter().find(is_extra).filter(|_| is_elsewhere) {
            let image = reader.images.first();
            let image = image.map_or_else(String::new, |image| image.parts.text());
            return Ok(Some(format!(
                "the list is that of {image}, too, which needs no pull secret {extra}: give them lists of \
                 their own, or list it there"
            )));
        }
        let lost: Vec<&str> = had
            .iter()
            .filter(|name| !has.contains(name))
            .map(String::as_str)
            .collect();
        let image = || {
            reader
                .images
                .first()
                .map_or(String::new(), |image| image.parts.text())
        };
        if !lost.is_empty() {
            let lost = lost.join(", ");
            return Ok(Some(format!(
                "the list would replace the one that gives {} the pull secret {lost}: \
                 list {lost} in it, too",
                image(),
            )));
        }
        if let Some(twice) = has
            .iter()
            .find(|name| count(&has, name) > count(had, name).max(1))
        {
            let image = image();
            return Ok(Some(format!(
                "the list would give {image} the pull secret {twice} twice, since the chart adds its own \
                 list: take {twice} out of that"
            )));
        }
        let instead = reader
            .images
            .iter()
            .find_map(|image| image.secrets_instead());
        if let Some(instead) = instead.filter(|_| had.is_empty() && !has.is_empty()) {
            let of = if reader.id == group.id {
                String::new()
            } else {
                format!(
                    "the list would replace a secret that the chart makes for {}: ",
                    image()
                )
            };
            return Ok(Some(format!("{of}{instead}")));
        }
    }
    let lacks = group.lacks(after)?;
    Ok((!lacks.is_empty()).then(|| {
        format!(
            "another list replaces this one: list {} there",
            lacks.join(", ")
        )
    }))
}

/// How often a list has a name.
fn count(names: &[String], name: &str) -> usize {
    names.iter().filter(|own| *own == name).count()
}

fn groups<'g, 'n, 's>(
    all: &'g All<'_, 'n, 's, '_>,
    outcome: &Settlement,
) -> Vec<ListGroup<'g, 'n, 's>> {
    let mut groups = Vec::new();
    for (release, prepared) in all.prepared.iter().enumerate() {
        for (position, order) in prepared.order.iter().enumerate() {
            let images = order.iter().map(|&image| &prepared.images[image]);
            let Some(at) = images.clone().find_map(|image| image.secrets.as_ref()) else {
                continue;
            };
            let verdicts = all.judged[release][position].iter().enumerate();
            let moving = verdicts
                .filter(|(field, _)| !outcome.blocked.contains_key(&(release, position, *field)));
            groups.push(ListGroup {
                id: list_id(release, position),
                layers: &all.installed[release].release.layers,
                at,
                place: at.site.place(),
                images: images.filter(|image| image.is_used()).collect(),
                wants: moving.flat_map(|(_, verdict)| needed(verdict)).collect(),
            });
        }
    }
    groups
}

/// The secrets that an image needs and that no exception keeps away.
fn needed(verdict: &FieldVerdict<'_, '_, '_, '_>) -> Vec<String> {
    let is_allowed = verdict
        .in_force
        .allowing(Aspect::ImagePullSecrets)
        .is_some();
    let wanted = wanted(verdict).filter(|_| !is_allowed);
    wanted.cloned().collect()
}

impl ListGroup<'_, '_, '_> {
    fn reads(&self) -> impl Iterator<Item = &SlotKey> {
        let others = self
            .images
            .iter()
            .filter_map(|image| image.secrets.as_ref());
        let others = others.flat_map(|secrets| &secrets.reads);
        self.at.reads.iter().chain([&self.place]).chain(others)
    }

    /// The lists that its images read if lists have the wished names, too.
    fn reads_with(&self, wished: &WishedNames) -> Result<Vec<SlotKey>, Error> {
        let mut all = Vec::new();
        for image in &self.images {
            all.extend(image.lists_with(self.layers, wished)?);
        }
        Ok(all)
    }

    /// The names that all of its images have.
    fn names(&self, wished: &WishedNames) -> Result<Vec<String>, Error> {
        let mut common: Option<Vec<String>> = None;
        for image in &self.images {
            let names = image.secrets_with(self.layers, wished)?;
            match &mut common {
                Some(common) => common.retain(|name| names.contains(name)),
                None => common = Some(names),
            }
        }
        Ok(common.unwrap_or_else(|| self.at.names.clone()))
    }

    fn lacks(&self, wished: &WishedNames) -> Result<Vec<String>, Error> {
        let names = self.names(wished)?;
        let mut lacks: Vec<String> = Vec::new();
        for name in &self.wants {
            if !names.contains(name) && !lacks.contains(name) {
                lacks.push(name.clone());
            }
        }
        Ok(lacks)
    }
}
