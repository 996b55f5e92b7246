//! What two manifests of one tag have in common where their digests differ.

use super::manifest::Entry;
use super::state::State;

/// The images of a tag: those of a list, or the only one.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Images(pub(super) Vec<Entry>);

impl Images {
    fn has(&self, digest: &str) -> bool {
        self.0.iter().any(|entry| entry.digest == digest)
    }

    /// The platforms whose images others do not have, in order.
    pub(super) fn absent_from(&self, others: &Images) -> Vec<String> {
        let absent = self.0.iter().filter(|entry| !others.has(&entry.digest));
        absent.map(|entry| entry.platform.clone()).collect()
    }

    /// The images of the platform by which ages are compared: one for which both have an image, and not
    /// the same, Linux on amd64 if that is among them.
    pub(super) fn alike<'i>(&'i self, others: &'i Images) -> Option<(&'i Entry, &'i Entry)> {
        let of = |entry: &'i Entry| {
            let other = others.0.iter();
            let mut other = other.filter(|other| other.platform == entry.platform);
            let other = other.next().filter(|other| other.digest != entry.digest);
            other.map(|other| (entry, other))
        };
        let pairs: Vec<_> = self.0.iter().filter_map(of).collect();
        let usual = pairs
            .iter()
            .find(|(entry, _)| entry.platform == "linux/amd64");
        let first = || Some((self.0.first()?, others.0.first()?));
        usual.or(pairs.first()).copied().or_else(first)
    }
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
