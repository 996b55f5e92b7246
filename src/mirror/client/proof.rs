//! Who asks, as a registry or its token service wants it proved: credentials go to the host that they are
//! for and to its token service alone.

use std::collections::HashMap;
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use ureq::http::Uri;

use super::answer::Answer;
use super::http::{How, Http};
use crate::image::Repository;
use crate::mirror::challenge::{self, Challenge};
use crate::mirror::why::Trouble;

/// How somebody proves to a registry who it is.
#[derive(Clone, PartialEq, Eq)]
pub enum Credential {
    /// A user and a password.
    User(String, String),
    /// A token for the registry's token service.
    Identity(String),
}

/// Finds the credentials for a host; an error where there are some that cannot be read. A helper may take
/// for ever, so it is waited for no longer than the run may take.
pub type Credentials = fn(&str) -> Result<Option<Credential>, ()>;

/// What was found for one host, once.
type Found = Arc<OnceLock<Result<Option<Credential>, Trouble>>>;

/// What is known of hosts: how they ask, credentials, and tokens.
pub(super) struct Proofs {
    find: Credentials,
    challenges: Mutex<HashMap<String, Challenge>>,
    credentials: Mutex<HashMap<String, Found>>,
    /// Tokens, by host and path of the repository.
    tokens: Mutex<HashMap<(String, String), String>>,
}

impl Proofs {
    pub(super) fn new(find: Credentials) -> Self {
        Proofs {
            find,
            challenges: Mutex::default(),
            credentials: Mutex::default(),
            tokens: Mutex::default(),
        }
    }

    /// Asks a repository's registry at a URL, and proves who asks where the registry wants to know.
    pub(super) fn send(
        &self,
        http: &Http<'_>,
        repository: &Repository,
        url: &str,
        how: How,
    ) -> Result<Answer, Trouble> {
        let host = repository.domain();
        let known = lock(&self.challenges).get(host).cloned();
        let proof = match &known {
            Some(challenge) => self.proof(http, challenge, repository, false)?,
            None => None,
        };
        let answer = http.send(url, proof.as_deref(), how)?;
        if answer.status != 401 {
            return Ok(answer);
        }
        let challenge = challenge::parse(&answer.challenges).ok_or(Trouble::NoCredentials)?;
        lock(&self.challenges).insert(host.to_owned(), challenge.clone());
        let proof = self.proof(http, &challenge, repository, true)?;
        let proof = proof.ok_or(Trouble::NoCredentials)?;
        let answer = http.send(url, Some(&proof), how)?;
        if answer.status == 401 {
            return Err(self.refused(http, host));
        }
        Ok(answer)
    }

    /// What a 401 means.
    fn refused(&self, http: &Http<'_>, host: &str) -> Trouble {
        match self.credential(host, http.left()) {
            Ok(Some(_)) => Trouble::WrongCredentials,
            Ok(None) => Trouble::NoCredentials,
            Err(trouble) => trouble,
        }
    }

    /// The value of the header `Authorization`; a token is asked for anew where `anew`.
    fn proof(
        &self,
        http: &Http<'_>,
        challenge: &Challenge,
        repository: &Repository,
        anew: bool,
    ) -> Result<Option<String>, Trouble> {
        let host = repository.domain();
        let Challenge::Bearer { realm, service } = challenge else {
            return Ok(match self.credential(host, http.left())? {
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
        let token = self.token(http, host, (realm, service.as_deref()), &scope)?;
        let proof = format!("Bearer {token}");
        lock(&self.tokens).insert(key, token);
        Ok(Some(proof))
    }

    /// Asks a token service.
    fn token(
        &self,
        http: &Http<'_>,
        host: &str,
        (realm, service): (&str, Option<&str>),
        scope: &str,
    ) -> Result<String, Trouble> {
        let place: Uri = realm.parse().map_err(|_| Trouble::Protocol)?;
        http.check_place(&place)?;
        let credential = self.credential(host, http.left())?;
        let mut pairs = vec![("scope", scope)];
        pairs.extend(service.map(|service| ("service", service)));
        if let Some(Credential::Identity(token)) = &credential {
            pairs.extend([
                ("grant_type", "refresh_token"),
                ("client_id", "restore-images"),
                ("refresh_token", token),
            ]);
        }
        let answer = http.patiently(|| match &credential {
            Some(Credential::Identity(_)) => http.post(&place, &pairs),
            Some(Credential::User(user, password)) => {
                http.query(&place, &pairs, Some(&basic(user, password)))
            }
            None => http.query(&place, &pairs, None),
        })?;
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
            // A token service has no things that may be absent.
            _ => Err(answer.trouble()),
        }
    }

    fn credential(&self, host: &str, left: Duration) -> Result<Option<Credential>, Trouble> {
        let known = Arc::clone(lock(&self.credentials).entry(host.to_owned()).or_default());
        // Others that ask for this host wait here, so that a helper is asked once for a host.
        let found = known.get_or_init(|| {
            let (find, host) = (self.find, host.to_owned());
            let (told, answer) = channel();
            thread::spawn(move || told.send(find(&host)));
            let found = answer.recv_timeout(left);
            let found = found.map_err(|_| Trouble::SlowHelper)?;
            found.map_err(|()| Trouble::UnreadableCredentials)
        });
        found.clone()
    }
}

fn basic(user: &str, password: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{user}:{password}")))
}

fn lock<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}
