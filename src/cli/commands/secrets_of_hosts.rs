//! Which pull secret is for which registry, as far as the pods of a folder show it: a pod lists the secrets of
//! all its images without saying which is for which.

use std::collections::{BTreeMap, BTreeSet};

/// Words of hosts that say nothing of whose a registry is.
const COMMON: &[&str] = &["com", "docker", "io", "net", "org", "pull", "registry"];

/// The registries of pods, and the secrets that these list.
#[derive(Debug, Default)]
pub(super) struct SecretsOfHosts {
    /// By what tells a pod from others.
    pods: BTreeMap<String, PodSecrets>,
}

#[derive(Debug, Default)]
struct PodSecrets {
    hosts: BTreeSet<String>,
    secrets: BTreeSet<String>,
}

impl SecretsOfHosts {
    /// Notes an image of a pod.
    pub(super) fn add(&mut self, pod: String, host: &str, secrets: &[String]) {
        let pod = self.pods.entry(pod).or_default();
        pod.hosts.insert(host.to_owned());
        pod.secrets.extend(secrets.iter().cloned());
    }

    /// The secrets that may be for a registry: those that its pods list, without those that are named
    /// for another one; of the rest those that all of its pods list, and of these those that no
    /// other pod does, where there are any.
    pub(super) fn of(&self, host: &str) -> BTreeSet<&str> {
        let pods: Vec<&PodSecrets> = self
            .pods
            .values()
            .filter(|pod| pod.hosts.contains(host))
            .collect();
        let listed = pods.iter().flat_map(|pod| &pod.secrets);
        let listed: BTreeSet<&str> = listed.map(String::as_str).collect();
        let is_its = |secret: &&str| self.named_for(secret).is_none_or(|named| named == host);
        let own: BTreeSet<&str> = listed.into_iter().filter(is_its).collect();
        let own = narrowed(own, |secret| {
            self.named_for(secret).is_some_and(|named| named == host)
        });
        let lists = |pod: &PodSecrets, secret: &str| pod.secrets.contains(secret);
        let own = narrowed(own, |secret| pods.iter().all(|pod| lists(pod, secret)));
        narrowed(own, |secret| {
            let mut others = self.pods.values().filter(|pod| !pod.hosts.contains(host));
            others.all(|pod| !lists(pod, secret))
        })
    }

    /// The registry whose name a secret's name has more words of than any other's among the pods that
    /// list it.
    fn named_for(&self, secret: &str) -> Option<&str> {
        let of_secret = words(secret);
        let pods = self.pods.values();
        let hosts = pods.filter(|pod| pod.secrets.contains(secret));
        let hosts: BTreeSet<&str> = hosts
            .flat_map(|pod| pod.hosts.iter().map(String::as_str))
            .collect();
        let shared = |host: &str| words(host).intersection(&of_secret).count();
        let most = hosts.iter().map(|host| shared(host)).max()?;
        let mut best = hosts.into_iter().filter(|host| shared(host) == most);
        best.next().filter(|_| most > 0 && best.next().is_none())
    }
}

/// Those for which something holds, or all where it holds for none.
fn narrowed(all: BTreeSet<&str>, holds: impl Fn(&str) -> bool) -> BTreeSet<&str> {
    let some: BTreeSet<&str> = all.iter().copied().filter(|one| holds(one)).collect();
    if some.is_empty() { all } else { some }
}

/// The words of a name that tell it from others.
fn words(name: &str) -> BTreeSet<String> {
    let words = name.split(|c: char| !c.is_alphanumeric());
    let words = words.filter(|word| !word.is_empty() && !COMMON.contains(word));
    words.map(str::to_lowercase).collect()
}
