//! Releases of charts without a profile that read the same value: it may be part of an image whose other
//! parts are the chart's defaults, which are not known.

use std::collections::{HashMap, HashSet};

use crate::chart::ValuePath;
use crate::config::Config;
use crate::image::Reference;
use crate::values::{Layer, LayerContent, Site, SlotKey, ValuesRoot, is_decided};
use crate::yaml::{Error, Path, Segment};

use super::super::Installed;
use super::super::charts::is_known_whole;
use super::Party;

/// The releases that read each document, where these are several.
pub(super) struct ValueReaders<'r, 'n, 's> {
    installed: &'r [Installed<'n, 's>],
    by_document: HashMap<usize, Vec<usize>>,
    /// Those of whose chart some images are not known.
    is_open: Vec<bool>,
}

impl<'r, 'n, 's> ValueReaders<'r, 'n, 's> {
    pub(super) fn of(config: &Config, installed: &'r [Installed<'n, 's>]) -> Self {
        let mut by_document: HashMap<usize, Vec<usize>> = HashMap::new();
        for (release, one) in installed.iter().enumerate() {
            for layer in one.release.layers.iter().filter(|layer| layer.is_read()) {
                let of_document = by_document.entry(layer.document).or_default();
                if of_document.last() != Some(&release) {
                    of_document.push(release);
                }
            }
        }
        by_document.retain(|_, releases| releases.len() > 1);
        let is_open = |one: &Installed<'_, '_>| !is_known_whole(config, &one.release);
        ValueReaders {
            installed,
            by_document,
            is_open: installed.iter().map(is_open).collect(),
        }
    }

    /// Whether some images of a release's chart are not known.
    pub(super) fn is_open(&self, release: usize) -> bool {
        self.is_open[release]
    }

    /// The images whose plans would change what another release reads for an image that is not known, and
    /// why they stay.
    pub(super) fn unclear(
        &self,
        parties: &[Party<'_, 'n, 's>],
    ) -> Result<Vec<(usize, String)>, Error> {
        let mut unclear = Vec::new();
        if self.by_document.is_empty() {
            return Ok(unclear);
        }
        let named = parties.iter();
        let named = named.filter(|party| !party.prepared.images[party.image].is_nameless());
        let known = named.flat_map(|party| party.places.iter().map(|place| (party.id.0, place)));
        let known: HashSet<(usize, &SlotKey)> = known.collect();
        let mut told: HashMap<&SlotKey, Option<usize>> = HashMap::new();
        for (position, party) in parties.iter().enumerate() {
            for (place, _) in &party.texts {
                let releases = self.by_document.get(&place.0);
                let site = party.site(place).filter(|site| !party.is_whole_name(site));
                let (Some(releases), Some(site)) = (releases, site) else {
                    continue;
                };
                if !told.contains_key(place) {
                    let mut reader = None;
                    for &release in releases {
                        let is_unclear =
                            self.is_open[release] && !known.contains(&(release, place));
                        let layers = &self.installed[release].release.layers;
                        let read = is_unclear.then(|| reads(layers, site)).transpose()?;
                        if let Some(path) = read.flatten()
                            && !is_planned(parties, release, &path)
                        {
                            reader = Some(release);
                            break;
                        }
                    }
                    told.insert(place, reader);
                }
                if let Some(Some(reader)) = told.get(place) {
                    let who = name(&self.installed[*reader]);
                    let why = format!(
                        "{who} reads {}, too, and which image it is a part of there is not known: give \
                         them values of their own",
                        place.1
                    );
                    unclear.push((position, why));
                    break;
                }
            }
        }
        Ok(unclear)
    }
}

impl<'n, 's> Party<'_, 'n, 's> {
    fn site(&self, place: &SlotKey) -> Option<&Site<'n, 's>> {
        let mut sites = self.prepared.images[self.image].sites.iter();
        sites.find(|site| site.place() == *place)
    }

    /// Whether a place holds a name with its host, which is the same image wherever it is read.
    fn is_whole_name(&self, site: &Site<'n, 's>) -> bool {
        let parts = &self.prepared.images[self.image].parts;
        let mut names = [&parts.whole, &parts.name, &parts.repository].into_iter();
        names.any(|part| {
            let is_it = part.slot.as_ref().is_some_and(|slot| {
                std::ptr::eq(slot.holder, site.slot.holder)
                    && slot.full_path() == site.slot.full_path()
            });
            let has_host = Reference::parse(&part.text).is_ok_and(|name| name.has_host());
            is_it && part.is_written && has_host
        })
    }
}

/// Whether what a release has at a path is part of images that are known, each of which gets its name
/// elsewhere, in values that win over these.
fn is_planned(parties: &[Party<'_, '_, '_>], release: usize, path: &ValuePath) -> bool {
    let of_release = parties.iter().filter(|party| party.id.0 == release);
    let mut reading = of_release
        .filter(|party| party.prepared.images[party.image].paths().contains(path))
        .peekable();
    reading.peek().is_some() && reading.all(|party| party.new.is_some())
}

/// The path at which what a place holds counts in layers of values, if it does.
fn reads(layers: &[Layer<'_, '_>], site: &Site<'_, '_>) -> Result<Option<ValuePath>, Error> {
    let at = site.slot.full_path();
    for (position, layer) in layers.iter().enumerate() {
        if layer.document != site.document {
            continue;
        }
        let path = match &layer.content {
            LayerContent::Tree(root) => below(root, &at),
            LayerContent::Set(values) => {
                let mut set = values.iter();
                let found = set.find(|(_, slot)| slot.full_path() == at);
                found.map(|(path, _)| path.clone())
            }
            _ => None,
        };
        if let Some(path) = path
            && !is_decided(&layers[position + 1..], &path)?
        {
            return Ok(Some(path));
        }
    }
    Ok(None)
}

/// The path in values of what a place in their document holds.
fn below(root: &ValuesRoot<'_, '_>, at: &Path<'_>) -> Option<ValuePath> {
    let above = root.full_path();
    let own = at.0.strip_prefix(&above.0[..])?.iter();
    let own = own.map(|segment| match segment {
        Segment::Key(key) => (*key).to_owned(),
        Segment::Index(index) => index.to_string(),
    });
    let keys = root.below.iter().map(|key| (*key).to_owned());
    Some(ValuePath(keys.chain(own).collect()))
}

/// What installs a release, by name.
fn name(one: &Installed<'_, '_>) -> String {
    let resource = &one.resource;
    let chart = one.release.chart.name;
    if resource.name.is_empty() {
        let chart = chart.map(|chart| format!("the chart {chart}"));
        return chart.unwrap_or_else(|| "another release".to_owned());
    }
    resource.told()
}
