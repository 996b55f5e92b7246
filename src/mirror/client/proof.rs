//! Authentication: credentials and tokens, which go to the host that they are for and to its token service
//! alone.

use std::collections::HashMap;
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex, OnceLock};
use std::thread;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use ureq::http::Uri;

use super::answer::Answer;
use super::http::{FetchKind, Http};
use crate::image::Repository;
use crate::mirror::challenge::{self, Challenge};
use crate::mirror::why::Trouble;
use crate::parallel::lock;

/// How somebody proves to a registry who it is.
#[derive(Clone, PartialEq, Eq)]
pub enum Credential {
    /// A user and a password.
    User(String, String),
    /// A token for the registry's token service.
    Identity(String),
}

/// Who finds credentials.
#[derive(Debug, Clone, Copy)]
pub struct Credentials {
    /// The name by which those for a repository are kept: its host, or a part of its own name.
    pub name: fn(&Repository) -> String,
    /// Finds those of a name; an error where there are some that cannot be read. A helper may take for
    /// ever, so it is waited for no longer than the run may take.
    pub find: fn(&str) -> Result<Option<Credential>, ()>,
}

/// What was found by one name, once.
type KnownCredential = Arc<OnceLock<Result<Option<Credential>, Trouble>>>;

/// What is known of hosts: how they ask, credentials, and tokens.
pub(super) struct Proofs {
    find: Credentials,
    challenges: Mutex<HashMap<String, Challenge>>,
    /// The names by which credentials are kept, by the names of repositories.
    names: Mutex<HashMap<String, String>>,
    credentials: Mutex<HashMap<String, KnownCredential>>,
    /// Tokens, by host and path of the repository.
    tokens: Mutex<HashMap<(String, String), String>>,
}

impl Proofs {
    pub(super) fn new(find: Credentials) -> Self {
        Proofs {
            find,
            challenges: Mutex::default(),
            names: Mutex::default(),
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
        how: FetchKind,
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
        let mut refusal = None;
        for challenge in challenge::parse(&answer.challenges) {
            let proof = match self.proof(http, &challenge, repository, true) {
                Ok(Some(proof)) => proof,
                Ok(None) => continue,
                Err(trouble) => {
                    refusal.get_or_insert(trouble);
                    continue;
                }
            };
            let answer = http.send(url, Some(&proof), how)?;
            if answer.status != 401 {
                lock(&self.challenges).insert(host.to_owned(), challenge);
                return Ok(answer);
            }
            refusal.get_or_insert(self.refused(http, repository));
        }
        Err(refusal.unwrap_or(Trouble::NoCredentials))
    }

    /// What a 401 means.
    fn refused(&self, http: &Http<'_>, repository: &Repository) -> Trouble {
        match self.credential(repository, http.left()) {
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
            return Ok(match self.credential(repository, http.left())? {
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
        let token = self.token(http, repository, (realm, service.as_deref()))?;
        let proof = format!("Bearer {token}");
        lock(&self.tokens).insert(key, token);
        Ok(Some(proof))
    }

    /// Asks a token service.
    fn token(
        &self,
        http: &Http<'_>,
        repository: &Repository,
        (realm, service): (&str, Option<&str>),
    ) -> Result<String, Trouble> {
        let place: Uri = realm.parse().map_err(|_| Trouble::Protocol)?;
        let checked = http.check_place(&place);
        checked.map_err(|_| Trouble::PlainTokenService)?;
        let credential = self.credential(repository, http.left())?;
        let scope = format!("repository:{}:pull", repository.path());
        let mut pairs = vec![("scope", &*scope)];
        pairs.extend(service.map(|service| ("service", service)));
        let by_password = |user: &str, password: &str| {
            let proof = basic(user, password);
            http.patiently(|| http.query(&place, &pairs, Some(&proof)))
        };
        let answer = match &credential {
            Some(Credential::Identity(token)) => {
                let form = [
                    ("grant_type", "refresh_token"),
                    ("client_id", "restore-images"),
                    ("refresh_token", token),
                ];
                let form = [&pairs[..], &form].concat();
                let answer = http.patiently(|| http.post(&place, &form))?;
                // Those that do not know the form say so in more than one way, and take the token for a
                // password without a user, as containerd gives it.
                if matches!(answer.status, 400 | 401 | 404 | 405) {
                    by_password("", token)?
                } else {
                    answer
                }
            }
            Some(Credential::User(user, password)) => by_password(user, password)?,
            None => http.patiently(|| http.query(&place, &pairs, None))?,
        };
        #[derive(Deserialize)]
        struct Token {
            token: Option<String>,
            access_token: Option<String>,
        }
        match answer.status {
            200 => {
                let token: Option<Token> = serde_json::from_slice(&answer.body).ok();
                let names = token.map(|token| [token.token, token.access_token]);
                let mut tokens = names.into_iter().flatten().flatten();
                let token = tokens.find(|token| !token.is_empty());
                token.ok_or(Trouble::NoToken)
            }
            400 | 401 | 403 if credential.is_some() => Err(Trouble::WrongCredentials),
            // A token service has no things that may be absent.
            _ => Err(answer.trouble()),
        }
    }

    fn credential(
        &self,
        repository: &Repository,
        left: Duration,
    ) -> Result<Option<Credential>, Trouble> {
        let mut names = lock(&self.names);
        let name = names.entry(repository.to_string());
        let name = name.or_insert_with(|| (self.find.name)(repository)).clone();
        drop(names);
        let known = Arc::clone(lock(&self.credentials).entry(name.clone()).or_default());
        // Others that ask by this name wait here, so that a helper is asked once for a host.
        let found = known.get_or_init(|| {
            let find = self.find.find;
            let (told, answer) = channel();
            thread::spawn(move || told.send(find(&name)));
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
