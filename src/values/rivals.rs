//! Registries that values have elsewhere than at an image: an unknown chart may put one before the image's
//! name, or read it in the place of the image's own.

use std::collections::{BTreeSet, HashMap};

use crate::chart::{ChartImage, ValuePath};
use crate::image::is_name;
use crate::image::template::is_template;

use super::shapes::is_of_git;

/// The key whose values all subcharts see.
const GLOBAL: &str = "global";

/// Words in keys of what may be a registry, and those of what is one of something else.
const ALIKE: [&str; 5] = ["registry", "repo", "imageprefix", "imagehost", "hub"];
const OF_OTHERS: [&str; 5] = ["chart", "git", "helm", "npm", "maven"];

/// Keys below one of a registry that hold its name.
const PARTS_OF_REGISTRY: [&str; 7] = [
    "host", "hostname", "url", "name", "server", "address", "default",
];

/// How many registries are held against one image from each mapping around it.
const MOST_RIVALS: usize = 4;

/// Registries by the mappings that hold them.
#[derive(Default)]
pub(super) struct RivalRegistries {
    by_mapping: HashMap<Vec<String>, Vec<ValuePath>>,
    /// Hosts at other keys, which are none of an image's parts.
    alike: HashMap<Vec<String>, Vec<ValuePath>>,
    /// Those that subcharts see, by the key of the chart; of all, the outermost counts.
    global: HashMap<Vec<String>, Vec<ValuePath>>,
}

impl RivalRegistries {
    /// Notes a text if it is a registry.
    pub(super) fn note(&mut self, above: &[String], key: &str, text: &str) {
        let is_host = text.contains(['.', ':', '/']) && !text.contains("://");
        if !(is_registry_key(key) && (is_host || is_template(text))) {
            self.note_alike(above, key, text);
            return;
        }
        // A chart sees those of its own key, too.
        let chart = above.iter().position(|key| key == GLOBAL);
        let of = match chart {
            Some(chart) => self.global.entry(above[..chart].to_vec()).or_default(),
            None => self.by_mapping.entry(above.to_vec()).or_default(),
        };
        let path = ValuePath([above, &[key.to_owned()]].concat());
        if of.len() < MOST_RIVALS && !of.contains(&path) {
            of.push(path);
        }
    }

    /// Notes a text if it is a host, with a path perhaps, at a key that may be one of a registry.
    fn note_alike(&mut self, above: &[String], key: &str, text: &str) {
        if !is_host(text) || text.contains("://") {
            return;
        }
        let word = key.to_ascii_lowercase();
        let outer = above.split_last().filter(|(outer, _)| {
            let is_registry = outer.to_ascii_lowercase().contains("registr");
            is_registry && PARTS_OF_REGISTRY.contains(&word.as_str())
        });
        let is_others = || OF_OTHERS.iter().any(|other| word.contains(other)) || is_of_git(text);
        if outer.is_none() && (!is_alike(&word) || is_others()) {
            return;
        }
        let holder = outer.map_or(above, |(_, holder)| holder);
        let holder = match holder {
            [holder @ .., last] if last == GLOBAL => holder,
            holder => holder,
        };
        let of = self.alike.entry(holder.to_vec()).or_default();
        if of.len() < MOST_RIVALS {
            of.push(ValuePath([above, &[key.to_owned()]].concat()));
        }
    }

    /// All of them, of which many are none of an image's.
    pub(super) fn all(&self) -> impl Iterator<Item = &ValuePath> {
        let all = self.by_mapping.values().chain(self.global.values());
        all.flatten()
    }

    /// The registries that a chart may read for an image, the nearest last: those for all of it, and for
    /// one whole text those in each mapping around it as well; none that is a part of an image.
    pub(super) fn rivals(
        &self,
        image: &ChartImage,
        of_images: &BTreeSet<ValuePath>,
    ) -> Vec<ValuePath> {
        let whole = image.whole.as_ref().map_or(&[][..], |part| &part.path.0);
        let around = (0..whole.len()).flat_map(|depth| {
            let alike = self.alike.get(&whole[..depth]);
            alike
                .into_iter()
                .chain(self.by_mapping.get(&whole[..depth]))
        });
        let name = image.whole.as_ref().or(image.repository.as_ref());
        let name = name.map_or(&[][..], |part| &part.path.0);
        let global = (0..name.len().max(1)).rev();
        let global = global.filter_map(|depth| self.global.get(name.get(..depth)?));
        let all = global.flatten().chain(around.flatten());
        all.filter(|path| !of_images.contains(path))
            .cloned()
            .collect()
    }
}

/// Whether a key is one of a registry: `registry`, `imageRegistry`, Istio's `hub`, OpenFaaS' `registryPrefix`.
pub(super) fn is_registry_key(key: &str) -> bool {
    let key = key.to_ascii_lowercase();
    let ends = ["registry", "registryurl", "registryprefix"];
    key == "hub" || ends.iter().any(|end| key.ends_with(end))
}

/// Whether a key may be one of a registry, or of what comes before an image's name.
fn is_alike(word: &str) -> bool {
    let word = word.replace("report", "");
    ALIKE.iter().any(|alike| word.contains(alike))
}

/// Whether a text is a host, with a path perhaps.
fn is_host(text: &str) -> bool {
    let first = text.split('/').next().unwrap_or_default();
    first.contains('.') && is_name(text.trim_end_matches('/')).is_some()
}

/// Whether a text under a key of a release may set a registry for images whose names are elsewhere: as a value, as
/// one of `parameters`, or in a text of values.
pub fn may_set_registry(key: &str, text: &str) -> bool {
    match key {
        "value" => is_host(text),
        "values" | "valuesContent" => text.contains("egistry:") || text.contains("hub:"),
        _ => is_alike(&key.to_ascii_lowercase()) && is_host(text),
    }
}
