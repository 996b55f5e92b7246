//! What is asked about each image, and the state that the answers come to.
//!
//! An image that is current takes one request of the vendor's registry (what the tag stands for) and
//! two of the mirror's (the same, and the manifest by its digest). Only where the two differ, or where
//! a deep look is wanted, is more asked.

use std::collections::BTreeSet;

use serde::Deserialize;

use super::client::{AT_ONCE, Client};
use super::compare::{Images, by_digests};
use super::manifest::{self, Entry, Manifest, created};
use super::state::{Held, State, Status};
use super::why::{Trouble, Why};
use crate::image::Repository;
use crate::parallel;
use crate::registry::Mirrored;

/// How deep lists within lists are followed.
const DEPTH: usize = 4;

/// How far a mirror may differ, and how closely it is looked at.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// By how many seconds the mirror's image may be older than the vendor's.
    pub max_behind: i64,
    /// Whether every platform, and what is attached to an image, is looked for too.
    pub deep: bool,
}

/// The states of images, in their order; `done` is called after each.
pub fn statuses(
    images: &[Mirrored],
    client: &Client<'_>,
    limits: Limits,
    done: &(dyn Fn() + Sync),
) -> Vec<Status> {
    let asked = parallel::map_by(AT_ONCE, 1, images, |_, some| {
        let of = |image| {
            let status = status(image, client, limits);
            done();
            status
        };
        some.iter().map(of).collect::<Vec<Status>>()
    });
    asked.into_iter().flatten().collect()
}

/// One side of an image.
struct Side<'a, 'c> {
    client: &'a Client<'c>,
    repository: &'a Repository,
}

fn status(image: &Mirrored, client: &Client<'_>, limits: Limits) -> Status {
    let side = |repository| Side { client, repository };
    let (official, mirror) = (side(&image.official), side(&image.mirror));
    let mut status = Status {
        image: image.clone(),
        state: State::Unknown,
        official: Held::default(),
        mirror: Held::default(),
        lacks: Vec::new(),
        why: None,
        is_error: false,
    };
    match settle(&official, &mirror, limits, &mut status) {
        Ok(state) => status.state = state,
        Err(why) => status.why = Some(why),
    }
    status.is_error = match status.state {
        State::Current | State::Unknown => false,
        // If its age is unknown, it cannot be accepted as recent enough.
        State::Behind => status.behind_by().is_none_or(|age| age > limits.max_behind),
        _ => true,
    };
    status
}

fn settle(
    official: &Side<'_, '_>,
    mirror: &Side<'_, '_>,
    limits: Limits,
    status: &mut Status,
) -> Result<State, Why> {
    let version = status.version().to_owned();
    if status.image.digest.is_some() {
        // What a digest stands for is known, so that the manifest is asked for at once.
        status.official.digest = official.digest(&version)?;
        if status.official.digest.is_none() {
            return Err(official.why(Trouble::NotThere));
        }
        return match mirror.readable(&version, status)? {
            Some(bytes) => {
                status.mirror.digest = Some(version.clone());
                complete(official, mirror, &version, &bytes, limits, status)
            }
            None if status.why.is_some() => Ok(State::Unreadable),
            None => Ok(State::Missing),
        };
    }
    let held = mirror.digest(&version)?;
    status.mirror.digest.clone_from(&held);
    let published = official.digest(&version);
    if let Ok(published) = &published {
        status.official.digest.clone_from(published);
    }
    let (published, held) = match (published, held) {
        (Ok(None), _) => return Err(official.why(Trouble::NotThere)),
        // This is so whatever the vendor has.
        (_, None) => return Ok(State::Missing),
        (Err(why), _) => return Err(why),
        (Ok(Some(published)), Some(held)) => (published, held),
    };
    let Some(bytes) = mirror.readable(&held, status)? else {
        return Ok(State::Unreadable);
    };
    if published == held {
        return complete(official, mirror, &held, &bytes, limits, status);
    }
    let manifest = official.manifest(&published)?;
    let Some(manifest) = manifest else {
        return Err(official.why(Trouble::NotThere));
    };
    let ours = official.images(&published, &manifest)?;
    let theirs = mirror.images(&held, &bytes)?;
    status.lacks = ours.absent_from(&theirs);
    if let Some(state) = by_digests(&ours, &theirs) {
        return Ok(state);
    }
    // Platforms that are there and old are not lacking.
    let is_there = |platform: &String| theirs.0.iter().any(|entry| entry.platform == *platform);
    status.lacks.retain(|platform| !is_there(platform));
    if let Some((published, held)) = ours.alike(&theirs) {
        status.official.created = official.created(published)?;
        status.mirror.created = mirror.created(held)?;
    }
    Ok(match status.behind_by() {
        Some(age) if age <= 0 => State::Different,
        _ => State::Behind,
    })
}

/// The state of an image whose digest is the vendor's.
fn complete(
    official: &Side<'_, '_>,
    mirror: &Side<'_, '_>,
    digest: &str,
    bytes: &[u8],
    limits: Limits,
    status: &mut Status,
) -> Result<State, Why> {
    if !limits.deep {
        return Ok(State::Current);
    }
    status.lacks = mirror.absent(bytes, DEPTH)?;
    if !status.lacks.is_empty() {
        return Ok(State::Partial);
    }
    status.lacks = unattached(official, mirror, digest)?;
    Ok(if status.lacks.is_empty() {
        State::Current
    } else {
        State::Unsigned
    })
}

/// What is attached to the vendor's image and not to the mirror's: cosign's tags, and referrers.
fn unattached(
    official: &Side<'_, '_>,
    mirror: &Side<'_, '_>,
    digest: &str,
) -> Result<Vec<String>, Why> {
    let mut lacks = Vec::new();
    let tag = digest.replace(':', "-");
    for kind in ["sig", "att", "sbom"] {
        let tag = format!("{tag}.{kind}");
        if official.digest(&tag)?.is_some() && mirror.digest(&tag)?.is_none() {
            lacks.push(tag);
        }
    }
    let published = official.referrers(digest)?;
    if !published.is_empty() {
        let held = mirror.referrers(digest)?;
        let absent = published.difference(&held).count();
        if absent > 0 {
            lacks.push(format!("{absent} of {} referrers", published.len()));
        }
    }
    Ok(lacks)
}

impl Side<'_, '_> {
    fn why(&self, trouble: Trouble) -> Why {
        Why {
            host: self.repository.domain().to_owned(),
            trouble,
        }
    }

    fn told<T>(&self, answer: Result<T, Trouble>) -> Result<T, Why> {
        answer.map_err(|trouble| self.why(trouble))
    }

    fn digest(&self, version: &str) -> Result<Option<String>, Why> {
        self.told(self.client.digest(self.repository, version))
    }

    fn manifest(&self, digest: &str) -> Result<Option<Vec<u8>>, Why> {
        self.told(self.client.manifest(self.repository, digest))
    }

    /// The manifest of a digest that the mirror names; where it gives other bytes, `status` says so.
    fn readable(&self, digest: &str, status: &mut Status) -> Result<Option<Vec<u8>>, Why> {
        let answer = self.client.manifest(self.repository, digest);
        let (bytes, trouble) = match answer {
            Ok(Some(bytes)) => return Ok(Some(bytes)),
            Ok(None) if status.image.digest.is_some() => return Ok(None),
            Ok(None) => (None, Trouble::NotThere),
            Err(trouble @ Trouble::WrongDigest) => (None, trouble),
            Err(trouble) => return Err(self.why(trouble)),
        };
        status.why = Some(self.why(trouble));
        Ok(bytes)
    }

    /// The images behind a manifest; lists within lists are followed, and those that are not there
    /// hold nothing.
    fn images(&self, digest: &str, bytes: &[u8]) -> Result<Images, Why> {
        let mut images = Images::default();
        self.collect(digest, bytes, DEPTH, &mut images)?;
        Ok(images)
    }

    fn collect(
        &self,
        digest: &str,
        bytes: &[u8],
        depth: usize,
        images: &mut Images,
    ) -> Result<(), Why> {
        match manifest::manifest(bytes) {
            Some(Manifest::Image { .. }) => images.0.push(Entry {
                digest: digest.to_owned(),
                platform: "the image".to_owned(),
                is_list: false,
            }),
            Some(Manifest::List(entries)) if depth > 0 => {
                for entry in entries {
                    if !entry.is_list {
                        images.0.push(entry);
                    } else if let Some(bytes) = self.manifest(&entry.digest)? {
                        self.collect(&entry.digest, &bytes, depth - 1, images)?;
                    }
                }
            }
            _ => return Err(self.why(Trouble::NoManifest)),
        }
        Ok(())
    }

    /// The entries of a list that are not there, by their platforms.
    fn absent(&self, bytes: &[u8], depth: usize) -> Result<Vec<String>, Why> {
        let Some(manifest) = manifest::manifest(bytes) else {
            return Err(self.why(Trouble::NoManifest));
        };
        let mut absent = Vec::new();
        let Manifest::List(entries) = manifest else {
            return Ok(absent);
        };
        for entry in entries {
            if entry.is_list && depth > 0 {
                match self.manifest(&entry.digest)? {
                    Some(bytes) => absent.extend(self.absent(&bytes, depth - 1)?),
                    None => absent.push("a list within the list".to_owned()),
                }
            } else if self.digest(&entry.digest)?.is_none() {
                absent.push(entry.platform);
            }
        }
        Ok(absent)
    }

    /// When an image was made, where its configuration says it.
    fn created(&self, entry: &Entry) -> Result<Option<i64>, Why> {
        let bytes = self.manifest(&entry.digest)?;
        let Some(Manifest::Image { config }) = bytes.as_deref().and_then(manifest::manifest) else {
            return Ok(None);
        };
        let config = self.told(self.client.blob(self.repository, &config))?;
        Ok(config.as_deref().and_then(created))
    }

    /// The digests of what refers to an image, by the registry's own list, or by the tag that stands
    /// in for it.
    fn referrers(&self, digest: &str) -> Result<BTreeSet<String>, Why> {
        #[derive(Deserialize)]
        struct Referrers {
            #[serde(default)]
            manifests: Vec<Referrer>,
        }
        #[derive(Deserialize)]
        struct Referrer {
            digest: String,
        }
        let asked = |path: &str| self.told(self.client.bytes(self.repository, path));
        let listed = match asked(&format!("referrers/{digest}"))? {
            Some(bytes) => Some(bytes),
            None => asked(&format!("manifests/{}", digest.replace(':', "-")))?,
        };
        let Some(listed) = listed else {
            return Ok(BTreeSet::new());
        };
        let listed: Result<Referrers, _> = serde_json::from_slice(&listed);
        let listed = listed.map_err(|_| self.why(Trouble::NoManifest))?;
        Ok(listed.manifests.into_iter().map(|it| it.digest).collect())
    }
}
