//! One side of an image, the vendor's registry or the mirror, and what is asked of it.

use std::collections::BTreeSet;

use serde::Deserialize;

use super::client::Client;
use super::compare::Images;
use super::manifest::{self, Holds, IndexEntry, Manifest, created, is_digest, platform};
use super::state::Status;
use super::why::{Trouble, Why};
use crate::image::Repository;

/// How deep lists within lists are followed.
pub(super) const DEPTH: usize = 4;

/// What a manifest leads to.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// The images that are there.
    pub(super) images: Vec<IndexEntry>,
    /// The digests of BuildKit's attestations, there or not.
    pub(super) attestations: Vec<String>,
}

/// One side of an image.
pub(super) struct Side<'a, 'c> {
    pub(super) client: &'a Client<'c>,
    pub(super) repository: &'a Repository,
}

impl Side<'_, '_> {
    pub(super) fn why(&self, trouble: Trouble) -> Why {
        Why {
            host: self.repository.domain().to_owned(),
            trouble,
        }
    }

    fn told<T>(&self, answer: Result<T, Trouble>) -> Result<T, Why> {
        answer.map_err(|trouble| self.why(trouble))
    }

    pub(super) fn digest(&self, version: &str) -> Result<Option<String>, Why> {
        self.told(self.client.digest(self.repository, version))
    }

    pub(super) fn manifest(&self, digest: &str) -> Result<Option<Vec<u8>>, Why> {
        self.told(self.client.manifest(self.repository, digest))
    }

    /// The manifest of a digest that the mirror names; where it gives other bytes, `status` says so.
    pub(super) fn readable(
        &self,
        digest: &str,
        status: &mut Status,
    ) -> Result<Option<Vec<u8>>, Why> {
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

    /// The images of a manifest; lists within lists are followed, and those that are not there
    /// hold nothing.
    pub(super) fn images(&self, digest: &str, bytes: &[u8]) -> Result<Images, Why> {
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
            Some(Manifest::Image { .. }) => images.0.push(IndexEntry::whole(digest)),
            Some(Manifest::List(_)) if depth == 0 => return Err(self.why(Trouble::TooDeep)),
            Some(Manifest::List(entries)) => {
                for entry in entries {
                    match entry.holds {
                        Holds::Attestation => {}
                        Holds::Image => images.0.push(entry),
                        Holds::List => {
                            if let Some(bytes) = self.manifest(&entry.digest)? {
                                self.collect(&entry.digest, &bytes, depth - 1, images)?;
                            }
                        }
                    }
                }
            }
            None => return Err(self.why(Trouble::NoManifest)),
        }
        Ok(())
    }

    /// Gives an image that is in no list the platform that its configuration says.
    pub(super) fn name_platform(&self, images: &mut Images, bytes: &[u8]) -> Result<(), Why> {
        if let [image] = &mut images.0[..]
            && let Some(Manifest::Image { config, .. }) = manifest::manifest(bytes)
            && let Some(config) = self.told(self.client.blob(self.repository, &config))?
            && let Some(platform) = platform(&config)
        {
            image.platform = platform;
        }
        Ok(())
    }

    /// The parts of an image that are missing: manifests of its index, by platform, and blobs. What is
    /// there is added to `found`.
    pub(super) fn absent(
        &self,
        entry: &IndexEntry,
        bytes: &[u8],
        depth: usize,
        found: &mut Found,
    ) -> Result<Vec<String>, Why> {
        let entries = match manifest::manifest(bytes) {
            None => return Err(self.why(Trouble::NoManifest)),
            Some(Manifest::Image { config, layers }) => {
                found.images.push(entry.clone());
                return self.absent_blobs(&entry.platform, config, layers);
            }
            Some(Manifest::List(_)) if depth == 0 => return Err(self.why(Trouble::TooDeep)),
            Some(Manifest::List(entries)) => entries,
        };
        let mut absent = Vec::new();
        for entry in entries {
            if entry.holds == Holds::Attestation {
                found.attestations.push(entry.digest);
                continue;
            }
            match self.manifest(&entry.digest)? {
                Some(bytes) => absent.extend(self.absent(&entry, &bytes, depth - 1, found)?),
                None if entry.holds == Holds::List => {
                    absent.push("a list within the list".to_owned())
                }
                None => absent.push(entry.platform),
            }
        }
        Ok(absent)
    }

    /// How many manifests are not there. A text that is no digest is asked for by nobody.
    pub(super) fn count_absent<'d>(
        &self,
        digests: impl Iterator<Item = &'d String>,
    ) -> Result<usize, Why> {
        let mut count = 0;
        for digest in digests.filter(|digest| is_digest(digest)) {
            count += usize::from(self.digest(digest)?.is_none());
        }
        Ok(count)
    }

    fn absent_blobs(
        &self,
        platform: &str,
        config: String,
        layers: Vec<String>,
    ) -> Result<Vec<String>, Why> {
        let blobs: BTreeSet<String> = layers.into_iter().chain([config]).collect();
        let mut count = 0;
        for digest in &blobs {
            if !self.told(self.client.has_blob(self.repository, digest))? {
                count += 1;
            }
        }
        Ok(match count {
            0 => Vec::new(),
            _ => vec![format!("{count} of {} blobs of {platform}", blobs.len())],
        })
    }

    /// When an image was built, where its configuration says it.
    pub(super) fn created(&self, entry: &IndexEntry) -> Result<Option<i64>, Why> {
        let bytes = self.manifest(&entry.digest)?;
        let Some(Manifest::Image { config, .. }) = bytes.as_deref().and_then(manifest::manifest)
        else {
            return Ok(None);
        };
        let config = self.told(self.client.blob(self.repository, &config))?;
        Ok(config.as_deref().and_then(created))
    }

    /// The digests of what refers to an image, by the registry's own list, or by the tag that stands
    /// in for it.
    pub(super) fn referrers(&self, digest: &str) -> Result<BTreeSet<String>, Why> {
        #[derive(Deserialize)]
        struct Referrers {
            #[serde(default)]
            manifests: Vec<Referrer>,
        }
        #[derive(Deserialize)]
        struct Referrer {
            digest: String,
        }
        let pages = self.told(self.client.referrers(self.repository, digest))?;
        let pages = match pages {
            Some(pages) => pages,
            None => {
                let tag = digest.replace(':', "-");
                let listed = self.told(self.client.tagged(self.repository, &tag))?;
                listed.into_iter().collect()
            }
        };
        let mut digests = BTreeSet::new();
        for page in pages {
            let page: Result<Referrers, _> = serde_json::from_slice(&page);
            let page = page.map_err(|_| self.why(Trouble::NoManifest))?;
            digests.extend(page.manifests.into_iter().map(|it| it.digest));
        }
        Ok(digests)
    }
}
