//! The one client: what a registry is asked, and what it answers (OCI distribution specification).

mod forward;
mod http;
mod proof;
mod proxies;

use std::thread::sleep;
use std::time::Duration;

use super::manifest::{digest_of, has_digest, is_digest};
use super::why::Trouble;
use crate::image::Repository;
use http::{Answer, How, Http};
use proof::Proofs;

pub(super) use http::AT_ONCE;
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
    pub credentials: Credentials<'c>,
}

/// A client of registries.
pub struct Client<'c> {
    http: Http<'c>,
    proofs: Proofs<'c>,
    retries: u32,
}

/// How long the first wait is before a request is sent again; each other is twice as long.
const FIRST_WAIT: Duration = Duration::from_millis(500);
/// The longest wait that a registry may ask for.
const LONGEST_WAIT: Duration = Duration::from_secs(30);

impl<'c> Client<'c> {
    /// A client.
    pub fn new(settings: Settings<'c>) -> Self {
        Client {
            proofs: Proofs::new(settings.credentials),
            retries: settings.retries,
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
        let Some(answer) = self.ask(repository, &path, How::Head)?.found()? else {
            return Ok(None);
        };
        if is_digest(version) {
            return Ok(Some(version.to_owned()));
        }
        if answer.digest.is_some() {
            return Ok(answer.digest);
        }
        // The header is no more than recommended.
        let answer = self.ask(repository, &path, How::Get)?.found()?;
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
        let answer = self.ask(repository, &format!("blobs/{digest}"), How::Whether)?;
        Ok(answer.is_redirect() || answer.found()?.is_some())
    }

    /// The bytes of whatever is at a path of the repository; `None` where nothing is.
    pub(super) fn bytes(
        &self,
        repository: &Repository,
        path: &str,
    ) -> Result<Option<Vec<u8>>, Trouble> {
        let answer = self.ask(repository, path, How::Get)?.found()?;
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

    /// Asks until there is an answer: a registry that is too busy is asked again later.
    fn ask(&self, repository: &Repository, path: &str, how: How) -> Result<Answer, Trouble> {
        let base = self.http.base(repository.domain());
        let url = format!("{base}/v2/{}/{path}", repository.path());
        let mut failures = 0;
        loop {
            let answer = self.proofs.send(&self.http, repository, &url, how);
            let wait = match &answer {
                Ok(answer) if answer.is_busy() => answer.retry_after.map(Duration::from_secs),
                // A connection that was kept open too long breaks at the next request.
                Err(Trouble::Connection) if failures == 0 => Some(Duration::ZERO),
                _ => return answer,
            };
            if failures == self.retries {
                return answer;
            }
            let wait = wait.unwrap_or(FIRST_WAIT * 2u32.saturating_pow(failures));
            let wait = wait.min(LONGEST_WAIT);
            if self.http.left() <= wait {
                return answer;
            }
            sleep(wait);
            failures += 1;
        }
    }
}
