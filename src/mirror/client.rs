//! The one client: what a registry is asked over HTTP, and what it answers (OCI distribution
//! specification).
//!
//! A host is spoken to over TLS unless the configuration lists it, wherever a redirect or a token
//! service leads. Credentials go to the host that they are for and to its token service alone.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::sleep;
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use ureq::http::{Response, Uri};
use ureq::tls::{Certificate, RootCerts, TlsConfig};
use ureq::{Agent, Body};

use super::challenge::{self, Challenge};
use super::manifest::{ACCEPTED, digest_of, has_digest, is_digest};
use super::why::Trouble;
use crate::image::Repository;

/// How somebody proves to a registry who it is.
#[derive(Clone, PartialEq, Eq)]
pub enum Credential {
    /// A user and a password.
    User(String, String),
    /// A token for the registry's token service.
    Identity(String),
}

/// Finds the credentials for a host; an error where there are some that cannot be read.
pub type Credentials<'c> = &'c (dyn Fn(&str) -> Result<Option<Credential>, ()> + Sync);

/// How registries are spoken to.
pub struct Settings<'c> {
    /// Hosts that are spoken to without TLS.
    pub plain_http: &'c [String],
    /// Certificates of authorities that are trusted, each in DER.
    pub authorities: Vec<Vec<u8>>,
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
    agent: Agent,
    settings: Settings<'c>,
    end: Instant,
    requests: AtomicUsize,
    challenges: Mutex<HashMap<String, Challenge>>,
    credentials: Mutex<HashMap<String, Result<Option<Credential>, Trouble>>>,
    /// Tokens, by host and path of the repository.
    tokens: Mutex<HashMap<(String, String), String>>,
}

/// How many requests are under way at once.
pub(super) const AT_ONCE: usize = 8;
/// The most bytes of an answer: registries take manifests of 4 MiB.
const MOST_BYTES: u64 = 8 << 20;
/// The most redirects that are followed.
const REDIRECTS: usize = 5;
/// How long the first wait is before a request is sent again; each other is twice as long.
const FIRST_WAIT: Duration = Duration::from_millis(500);
/// The longest wait that a registry may ask for.
const LONGEST_WAIT: Duration = Duration::from_secs(30);

/// An answer, as far as it is used.
struct Answer {
    status: u16,
    digest: Option<String>,
    challenge: Option<String>,
    retry_after: Option<u64>,
    location: Option<String>,
    body: Vec<u8>,
}

impl<'c> Client<'c> {
    /// A client; proxies are those of the environment.
    pub fn new(settings: Settings<'c>) -> Self {
        let authorities = settings.authorities.iter();
        let authorities: Vec<Certificate<'static>> = authorities
            .map(|der| Certificate::from_der(der).to_owned())
            .collect();
        let tls = TlsConfig::builder()
            .root_certs(RootCerts::Specific(Arc::new(authorities)))
            .unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .build();
        let agent = Agent::config_builder()
            .tls_config(tls)
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .max_idle_connections_per_host(AT_ONCE)
            .user_agent(concat!("restore-images/", env!("CARGO_PKG_VERSION")))
            .build()
            .new_agent();
        Client {
            agent,
            end: Instant::now() + settings.time_limit,
            settings,
            requests: AtomicUsize::new(0),
            challenges: Mutex::default(),
            credentials: Mutex::default(),
            tokens: Mutex::default(),
        }
    }

    /// How many requests were sent.
    pub fn requests(&self) -> usize {
        self.requests.load(Ordering::Relaxed)
    }

    /// The digest that a tag or digest stands for; `None` where there is none.
    pub(super) fn digest(
        &self,
        repository: &Repository,
        version: &str,
    ) -> Result<Option<String>, Trouble> {
        let path = format!("manifests/{version}");
        let Some(answer) = found(self.ask(repository, &path, true)?)? else {
            return Ok(None);
        };
        if is_digest(version) {
            return Ok(Some(version.to_owned()));
        }
        if answer.digest.is_some() {
            return Ok(answer.digest);
        }
        // The header is no more than recommended.
        let answer = found(self.ask(repository, &path, false)?)?;
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

    /// The bytes of whatever is at a path of the repository; `None` where nothing is.
    pub(super) fn bytes(
        &self,
        repository: &Repository,
        path: &str,
    ) -> Result<Option<Vec<u8>>, Trouble> {
        Ok(found(self.ask(repository, path, false)?)?.map(|answer| answer.body))
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
    fn ask(&self, repository: &Repository, path: &str, head: bool) -> Result<Answer, Trouble> {
        let mut failures = 0;
        loop {
            let answer = self.authorized(repository, path, head);
            let wait = match &answer {
                Ok(answer) if is_busy(answer.status) => answer.retry_after.map(Duration::from_secs),
                // A connection that was kept open too long breaks at the next request.
                Err(Trouble::Connection) if failures == 0 => Some(Duration::ZERO),
                _ => return answer,
            };
            if failures == self.settings.retries {
                return answer;
            }
            let wait = wait.unwrap_or(FIRST_WAIT * 2u32.saturating_pow(failures));
            let wait = wait.min(LONGEST_WAIT);
            if self.left() <= wait {
                return answer;
            }
            sleep(wait);
            failures += 1;
        }
    }

    /// Asks, and proves who asks where the registry wants to know.
    fn authorized(
        &self,
        repository: &Repository,
        path: &str,
        head: bool,
    ) -> Result<Answer, Trouble> {
        let host = repository.domain();
        let url = format!("{}/v2/{}/{path}", self.base(host), repository.path());
        let known = lock(&self.challenges).get(host).cloned();
        let proof = match &known {
            Some(challenge) => self.proof(challenge, repository, false)?,
            None => None,
        };
        let answer = self.send(&url, proof.as_deref(), head)?;
        if answer.status != 401 {
            return Ok(answer);
        }
        let challenge = answer.challenge.as_deref().and_then(challenge::parse);
        let challenge = challenge.ok_or(Trouble::NoCredentials)?;
        lock(&self.challenges).insert(host.to_owned(), challenge.clone());
        let proof = self.proof(&challenge, repository, true)?;
        let proof = proof.ok_or(Trouble::NoCredentials)?;
        let answer = self.send(&url, Some(&proof), head)?;
        if answer.status == 401 {
            return Err(self.refused(host));
        }
        Ok(answer)
    }

    /// What a 401 means.
    fn refused(&self, host: &str) -> Trouble {
        match self.credential(host) {
            Ok(Some(_)) => Trouble::WrongCredentials,
            Ok(None) => Trouble::NoCredentials,
            Err(trouble) => trouble,
        }
    }

    /// The value of the header `Authorization`; a token is asked for anew where `anew`.
    fn proof(
        &self,
        challenge: &Challenge,
        repository: &Repository,
        anew: bool,
    ) -> Result<Option<String>, Trouble> {
        let host = repository.domain();
        let Challenge::Bearer { realm, service } = challenge else {
            return Ok(match self.credential(host)? {
                Some(Credential::User(user, password)) => Some(basic(&user, &password)),
                Some(Credential::Identity(token)) => Some(format!("Bearer {token}")),
                None => None,
            });
        };
        let key = (host.to_owned(), repository.path().to_owned());
        let known = lock(&self.tokens).get(&key).cloned();
        if let Some(token) = known.filter(|_| !anew) {
            return Ok(Some(format!("Bearer {token}")));
        }
        let scope = format!("repository:{}:pull", repository.path());
        let token = self.token(host, realm, service.as_deref(), &scope)?;
        let proof = format!("Bearer {token}");
        lock(&self.tokens).insert(key, token);
        Ok(Some(proof))
    }

    /// Asks a token service.
    fn token(
        &self,
        host: &str,
        realm: &str,
        service: Option<&str>,
        scope: &str,
    ) -> Result<String, Trouble> {
        let uri: Uri = realm.parse().map_err(|_| Trouble::Protocol)?;
        self.check_place(&uri)?;
        let credential = self.credential(host)?;
        let mut pairs = vec![("scope", scope)];
        pairs.extend(service.map(|service| ("service", service)));
        let answer = match &credential {
            Some(Credential::Identity(token)) => {
                pairs.extend([
                    ("grant_type", "refresh_token"),
                    ("client_id", "restore-images"),
                    ("refresh_token", token),
                ]);
                let request = self.agent.post(realm).config();
                let request = request.timeout_global(Some(self.patience()?)).build();
                self.requests.fetch_add(1, Ordering::Relaxed);
                let response = request.send_form(pairs);
                response.map_err(|error| self.trouble(&error))?
            }
            other => {
                let mut request = self.agent.get(realm).query_pairs(pairs);
                if let Some(Credential::User(user, password)) = other {
                    request = request.header("Authorization", basic(user, password));
                }
                let request = request.config();
                let request = request.timeout_global(Some(self.patience()?)).build();
                self.requests.fetch_add(1, Ordering::Relaxed);
                request.call().map_err(|error| self.trouble(&error))?
            }
        };
        let answer = self.answer(answer, false)?;
        #[derive(Deserialize)]
        struct Token {
            token: Option<String>,
            access_token: Option<String>,
        }
        match answer.status {
            200 => {
                let token: Option<Token> = serde_json::from_slice(&answer.body).ok();
                let token = token.and_then(|token| token.token.or(token.access_token));
                token.ok_or(Trouble::Protocol)
            }
            400 | 401 | 403 if credential.is_some() => Err(Trouble::WrongCredentials),
            401 => Err(Trouble::NoCredentials),
            403 => Err(Trouble::Forbidden),
            429 => Err(Trouble::TooManyRequests),
            status if status >= 500 => Err(Trouble::Server(status)),
            status => Err(Trouble::Status(status)),
        }
    }

    fn credential(&self, host: &str) -> Result<Option<Credential>, Trouble> {
        // Held while a helper works, so that it is asked once for a host.
        let mut known = lock(&self.credentials);
        if let Some(known) = known.get(host) {
            return known.clone();
        }
        let found = (self.settings.credentials)(host).map_err(|()| Trouble::UnreadableCredentials);
        known.insert(host.to_owned(), found.clone());
        found
    }

    /// Sends one request and follows where it is redirected; what proves who asks stays with the host
    /// that it is for.
    fn send(&self, url: &str, proof: Option<&str>, head: bool) -> Result<Answer, Trouble> {
        let first: Uri = url.parse().map_err(|_| Trouble::Protocol)?;
        let mut place = first.clone();
        for _ in 0..=REDIRECTS {
            self.check_place(&place)?;
            let request = if head {
                self.agent.head(&place)
            } else {
                self.agent.get(&place)
            };
            let mut request = request.header("Accept", ACCEPTED);
            let is_home = (place.scheme(), place.host(), place.port_u16())
                == (first.scheme(), first.host(), first.port_u16());
            if let Some(proof) = proof.filter(|_| is_home) {
                request = request.header("Authorization", proof);
            }
            let request = request.config();
            let request = request.timeout_global(Some(self.patience()?)).build();
            self.requests.fetch_add(1, Ordering::Relaxed);
            let response = request.call().map_err(|error| self.trouble(&error))?;
            let answer = self.answer(response, head)?;
            if !matches!(answer.status, 301 | 302 | 303 | 307 | 308) {
                return Ok(answer);
            }
            let to = answer.location.ok_or(Trouble::Redirect)?;
            place = redirected(&place, &to).ok_or(Trouble::Redirect)?;
        }
        Err(Trouble::Redirect)
    }

    fn answer(&self, mut response: Response<Body>, head: bool) -> Result<Answer, Trouble> {
        let text = |name: &str| {
            let value = response.headers().get(name)?.to_str().ok()?;
            Some(value.to_owned())
        };
        let status = response.status().as_u16();
        let mut answer = Answer {
            status,
            digest: text("docker-content-digest").filter(|digest| is_digest(digest)),
            challenge: text("www-authenticate"),
            retry_after: text("retry-after").and_then(|seconds| seconds.parse().ok()),
            location: text("location"),
            body: Vec::new(),
        };
        if status == 200 && !head {
            let body = response.body_mut().with_config().limit(MOST_BYTES);
            answer.body = body.read_to_vec().map_err(|error| self.trouble(&error))?;
        }
        Ok(answer)
    }

    /// Where a host's registry is.
    fn base(&self, host: &str) -> String {
        let scheme = if self.is_plain(host) { "http" } else { "https" };
        // Docker Hub's registry has another name than its images.
        let host = if host == "docker.io" {
            "registry-1.docker.io"
        } else {
            host
        };
        format!("{scheme}://{host}")
    }

    fn is_plain(&self, host: &str) -> bool {
        self.settings.plain_http.iter().any(|known| known == host)
    }

    /// Refuses a place without TLS that the configuration does not list.
    fn check_place(&self, place: &Uri) -> Result<(), Trouble> {
        let host = place.host().ok_or(Trouble::Redirect)?;
        let host = match place.port_u16() {
            Some(port) => format!("{host}:{port}"),
            None => host.to_owned(),
        };
        match place.scheme_str() {
            Some("https") => Ok(()),
            Some("http") if self.is_plain(&host) => Ok(()),
            _ => Err(Trouble::Redirect),
        }
    }

    fn left(&self) -> Duration {
        self.end.saturating_duration_since(Instant::now())
    }

    /// How long the next request may take.
    fn patience(&self) -> Result<Duration, Trouble> {
        let left = self.left();
        if left.is_zero() {
            return Err(Trouble::OutOfTime);
        }
        Ok(left.min(self.settings.timeout))
    }

    fn trouble(&self, error: &ureq::Error) -> Trouble {
        match error {
            ureq::Error::Timeout(_) if self.left().is_zero() => Trouble::OutOfTime,
            ureq::Error::Timeout(_) => Trouble::Timeout,
            ureq::Error::HostNotFound => Trouble::NoHost,
            ureq::Error::Tls(_) | ureq::Error::Rustls(_) | ureq::Error::Pem(_) => Trouble::Tls,
            ureq::Error::BodyExceedsLimit(_) | ureq::Error::LargeResponseHeader(..) => {
                Trouble::TooLarge
            }
            ureq::Error::Io(error) => {
                let inner = error.get_ref();
                let is_tls = inner.is_some_and(|inner| inner.is::<rustls::Error>());
                if is_tls {
                    Trouble::Tls
                } else {
                    Trouble::Connection
                }
            }
            ureq::Error::ConnectionFailed | ureq::Error::ConnectProxyFailed(_) => {
                Trouble::Connection
            }
            _ => Trouble::Protocol,
        }
    }
}

/// The answer where there is one; `None` for what is not there.
fn found(answer: Answer) -> Result<Option<Answer>, Trouble> {
    match answer.status {
        200 => Ok(Some(answer)),
        404 => Ok(None),
        401 => Err(Trouble::NoCredentials),
        403 => Err(Trouble::Forbidden),
        429 => Err(Trouble::TooManyRequests),
        status if status >= 500 => Err(Trouble::Server(status)),
        status => Err(Trouble::Status(status)),
    }
}

fn is_busy(status: u16) -> bool {
    matches!(status, 429 | 500 | 502 | 503 | 504)
}

/// Where a header `Location` leads from a place.
fn redirected(from: &Uri, to: &str) -> Option<Uri> {
    if to.starts_with('/') && !to.starts_with("//") {
        let (scheme, authority) = (from.scheme_str()?, from.authority()?);
        return format!("{scheme}://{authority}{to}").parse().ok();
    }
    let to: Uri = to.parse().ok()?;
    to.scheme().is_some().then_some(to)
}

fn basic(user: &str, password: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{user}:{password}")))
}

fn lock<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}
