//! What two manifests of one tag have in common where their digests differ.

use super::manifest::{IndexEntry, WHOLE};
use super::state::State;
use crate::sort::sort_by_key;

/// The images of a tag: those of a list, or the only one.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Images(pub(super) Vec<IndexEntry>);

impl Images {
    fn has(&self, digest: &str) -> bool {
        self.0.iter().any(|entry| entry.digest == digest)
    }

    /// The platforms whose images others do not have, in order.
    pub(super) fn absent_from(&self, others: &Images) -> Vec<String> {
        let absent = self.0.iter().filter(|entry| !others.has(&entry.digest));
        absent.map(|entry| entry.platform.clone()).collect()
    }

    /// The platforms for which others have no image, in order. An image that does not say its platform
    /// may be for any.
    pub(super) fn lacking_in(&self, others: &Images) -> Vec<String> {
        let is_there = |entry: &&IndexEntry| others.0.iter().any(|other| is_same(entry, other));
        let lacking = self.0.iter().filter(|entry| !is_there(entry));
        let lacking = lacking.filter(|entry| entry.platform != WHOLE);
        let lacking: Vec<String> = lacking.map(|entry| entry.platform.clone()).collect();
        let may_be_any = others.0.iter().any(|other| other.platform == WHOLE);
        match lacking.len() {
            0 | 1 if may_be_any => Vec::new(),
            _ if may_be_any => vec![format!("all but one of {}", lacking.join(", "))],
            _ => lacking,
        }
    }

    /// Pairs of images of one platform that are not the same, by which ages are compared: Linux on
    /// amd64 first if that is among them. Without any, the first of both are a pair.
    pub(super) fn alike<'i>(&'i self, others: &'i Images) -> Vec<(&'i IndexEntry, &'i IndexEntry)> {
        let of = |entry: &'i IndexEntry| {
            let mut other = others.0.iter().filter(|other| is_same(entry, other));
            let other = other.next().filter(|other| other.digest != entry.digest);
            other.map(|other| (entry, other))
        };
        let mut pairs: Vec<_> = self.0.iter().filter_map(of).collect();
        sort_by_key(&mut pairs, |(entry, _)| entry.platform != "linux/amd64");
        if pairs.is_empty() {
            pairs.extend(self.0.first().zip(others.0.first()));
        }
        pairs
    }
}

/// Whether two images are for one platform. Lists and configurations may leave out the variant that is
/// meant without one.
fn is_same(one: &IndexEntry, other: &IndexEntry) -> bool {
    let plain = |entry: &IndexEntry| match &*entry.platform {
        "linux/amd64/v1" => "linux/amd64".to_owned(),
        "linux/arm64/v8" => "linux/arm64".to_owned(),
        "linux/arm/v7" => "linux/arm".to_owned(),
        platform => platform.to_owned(),
    };
    plain(one) == plain(other)
}

/// What a mirror's images are, by their digests alone; `None` where their age decides.
pub(super) fn by_digests(official: &Images, mirror: &Images) -> Option<State> {
    let common = official.0.iter().filter(|entry| mirror.has(&entry.digest));
    let common = common.count();
    if common == official.0.len() {
        return Some(State::Rewritten);
    }
    let are_official = mirror.0.iter().all(|entry| official.has(&entry.digest));
    are_official.then_some(State::Partial)
}
