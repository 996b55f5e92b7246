//! The one client: what a registry is asked, and what it answers (OCI distribution specification).

mod answer;
mod forward;
mod http;
mod proof;
mod proxies;
mod route;

use std::collections::HashSet;
use std::time::Duration;

use ureq::http::Uri;

use super::manifest::{digest_of, has_digest, is_digest};
use super::why::Trouble;
use crate::image::Repository;
use answer::{Answer, next_page};
use http::{FetchKind, Http};
use proof::Proofs;

pub use proof::{Credential, Credentials};
pub use proxies::Proxies;

/// How registries are spoken to.
pub struct Settings<'c> {
    /// Hosts that are spoken to without TLS.
    pub plain_http: &'c [String],
    /// Certificates of authorities that are trusted, each in DER.
    pub authorities: Vec<Vec<u8>>,
    /// The proxies of the environment.
    pub proxies: Proxies,
    /// How long one request may take.
    pub timeout: Duration,
    /// How long everything may take.
    pub time_limit: Duration,
    /// How often a request that a registry was too busy for is sent again.
    pub retries: u32,
    /// Who finds credentials.
    pub credentials: Credentials,
}

/// How many requests are under way at once.
pub(super) const AT_ONCE: usize = 8;

/// The most pages of a list that are read.
const PAGES: usize = 100;

/// A client of registries.
pub struct Client<'c> {
    http: Http<'c>,
    proofs: Proofs,
}

impl<'c> Client<'c> {
    /// A client.
    pub fn new(settings: Settings<'c>) -> Self {
        Client {
            proofs: Proofs::new(settings.credentials),
            http: Http::new(settings),
        }
    }

    /// How many requests were sent.
    pub fn requests(&self) -> usize {
        self.http.sent()
    }

    /// The digest that a tag or digest resolves to; `None` where there is none.
    pub(super) fn digest(
        &self,
        repository: &Repository,
        version: &str,
    ) -> Result<Option<String>, Trouble> {
        let path = format!("manifests/{version}");
        let Some(answer) = self.ask(repository, &path, FetchKind::Head)?.found()? else {
            return Ok(None);
        };
        if is_digest(version) {
            return Ok(Some(version.to_owned()));
        }
        if answer.digest.is_some() {
            return Ok(answer.digest);
        }
        // The header is no more than recommended.
        let answer = self.ask(repository, &path, FetchKind::Get)?.found()?;
        Ok(answer.map(|answer| digest_of(&answer.body)))
    }

    /// The bytes of a manifest of this digest; `None` where there is none.
    pub(super) fn manifest(
        &self,
        repository: &Repository,
        digest: &str,
    ) -> Result<Option<Vec<u8>>, Trouble> {
        self.checked(repository, &format!("manifests/{digest}"), digest)
    }

    /// The bytes of a blob of this digest; `None` where there is none.
    pub(super) fn blob(
        &self,
        repository: &Repository,
        digest: &str,
    ) -> Result<Option<Vec<u8>>, Trouble> {
        self.checked(repository, &format!("blobs/{digest}"), digest)
    }

    /// Whether there is a blob of this digest. Where it may be fetched elsewhere, it is there.
    pub(super) fn has_blob(&self, repository: &Repository, digest: &str) -> Result<bool, Trouble> {
        let answer = self.ask(repository, &format!("blobs/{digest}"), FetchKind::Whether)?;
        Ok(answer.is_redirect() || answer.found()?.is_some())
    }

    /// What a registry lists as referring to a digest, page by page; `None` where it keeps no such list.
    pub(super) fn referrers(
        &self,
        repository: &Repository,
        digest: &str,
    ) -> Result<Option<Vec<Vec<u8>>>, Trouble> {
        let mut place = self.url(repository, &format!("referrers/{digest}"));
        let mut pages = Vec::new();
        let mut known = HashSet::new();
        while pages.len() < PAGES && known.insert(place.clone()) {
            let answer = self.ask_at(repository, &place, FetchKind::Get)?;
            // Registries that do not know the path say so in more than one way.
            if pages.is_empty() && matches!(answer.status, 400 | 404 | 405 | 501) {
                return Ok(None);
            }
            let answer = answer.found()?.ok_or(Trouble::NextPage)?;
            pages.push(answer.body);
            let Some(next) = answer.next else {
                return Ok(Some(pages));
            };
            let here: Uri = place.parse().map_err(|_| Trouble::Protocol)?;
            let there = next_page(&here, &next).ok_or(Trouble::NextPage)?;
            place = there.to_string();
        }
        Err(Trouble::Endless)
    }

    /// The bytes of the manifest of a tag; `None` where there is none.
    pub(super) fn tagged(
        &self,
        repository: &Repository,
        tag: &str,
    ) -> Result<Option<Vec<u8>>, Trouble> {
        self.bytes(repository, &format!("manifests/{tag}"))
    }

    /// The bytes of whatever is at a path of the repository; `None` where nothing is.
    fn bytes(&self, repository: &Repository, path: &str) -> Result<Option<Vec<u8>>, Trouble> {
        let answer = self.ask(repository, path, FetchKind::Get)?.found()?;
        Ok(answer.map(|answer| answer.body))
    }

    fn checked(
        &self,
        repository: &Repository,
        path: &str,
        digest: &str,
    ) -> Result<Option<Vec<u8>>, Trouble> {
        let bytes = self.bytes(repository, path)?;
        if bytes
            .as_ref()
            .is_some_and(|bytes| !has_digest(bytes, digest))
        {
            return Err(Trouble::WrongDigest);
        }
        Ok(bytes)
    }

    fn url(&self, repository: &Repository, path: &str) -> String {
        let base = self.http.base(repository.domain());
        format!("{base}/v2/{}/{path}", repository.path())
    }

    fn ask(&self, repository: &Repository, path: &str, how: FetchKind) -> Result<Answer, Trouble> {
        self.ask_at(repository, &self.url(repository, path), how)
    }

    /// Asks a repository's registry at a URL.
    fn ask_at(
        &self,
        repository: &Repository,
        url: &str,
        how: FetchKind,
    ) -> Result<Answer, Trouble> {
        self.http
            .patiently(|| self.proofs.send(&self.http, repository, url, how))
    }
}
