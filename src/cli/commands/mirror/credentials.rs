//! The credentials of Docker, else of podman: where their files are, and what these say of a repository.

use std::collections::HashMap;
use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use docker_credential::{CredentialRetrievalError, DockerCredential, get_credential_from_reader};
use serde::Deserialize;

use crate::image::Repository;
use crate::mirror::{Credential, Credentials};

/// The credentials of this user.
pub(super) const OF_USER: Credentials = Credentials { name, find };

/// The name by which the credentials for a repository are kept: of the first file that has some, the one
/// with the most parts of the repository's name, as containers-auth.json(5) says; else the host.
fn name(repository: &Repository) -> String {
    let host = repository.domain();
    let files = files(&|name| env::var_os(name));
    let mut names = files.iter().enumerate().filter_map(|(index, file)| {
        let keys = keys(&fs::read(regular(file)?).ok()?)?;
        let known = keys.name(host, repository.path());
        // Docker's client takes all of a key but its host for nothing.
        known.or_else(|| keys.only_of(host).filter(|_| index == 0))
    });
    names.next().unwrap_or_else(|| host.to_owned())
}

/// The credentials that are kept by a name, from files or from the helpers that these name; an error where
/// there are some that cannot be read. What a helper says is not repeated, since it may hold a password.
fn find(name: &str) -> Result<Option<Credential>, ()> {
    let names = match name {
        "docker.io" => vec!["https://index.docker.io/v1/", "docker.io"],
        name => vec![name],
    };
    let files = files(&|name| env::var_os(name));
    let mut is_broken = false;
    for name in names {
        for file in files.iter().filter_map(|file| regular(file)) {
            let Ok(bytes) = fs::read(file) else {
                is_broken = true;
                continue;
            };
            let bytes = tidied(&bytes).unwrap_or(bytes);
            // A helper is asked for hosts alone.
            let is_part = name.contains('/') && !name.contains("://");
            if is_part && !keys(&bytes).is_some_and(|keys| keys.has(name)) {
                continue;
            }
            match get_credential_from_reader(bytes.as_slice(), name) {
                Ok(DockerCredential::UsernamePassword(user, password)) => {
                    return Ok(Some(Credential::User(user, password)));
                }
                Ok(DockerCredential::IdentityToken(token)) => {
                    return Ok(Some(Credential::Identity(token)));
                }
                Err(error) => is_broken |= is_fault(&error),
            }
        }
    }
    if is_broken { Err(()) } else { Ok(None) }
}

/// A file as Go's programs understand it: line ends in an `auth` are skipped, and an empty one is none.
fn tidied(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut file: serde_json::Value = serde_json::from_slice(bytes).ok()?;
    let entries = file.get_mut("auths")?.as_object_mut()?.values_mut();
    for entry in entries.filter_map(serde_json::Value::as_object_mut) {
        let Some(auth) = entry.get("auth").and_then(serde_json::Value::as_str) else {
            continue;
        };
        let auth = auth.replace(['\r', '\n'], "");
        if auth.is_empty() {
            entry.remove("auth");
        } else {
            entry.insert("auth".to_owned(), auth.into());
        }
    }
    serde_json::to_vec(&file).ok()
}

/// What a file has credentials for.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct CredentialKeys {
    #[serde(default)]
    auths: HashMap<String, CredentialEntry>,
    #[serde(default)]
    cred_helpers: HashMap<String, String>,
}

/// An entry, which is empty where a helper has its credentials.
#[derive(Deserialize)]
struct CredentialEntry {
    auth: Option<String>,
    username: Option<String>,
    identitytoken: Option<String>,
}

fn keys(bytes: &[u8]) -> Option<CredentialKeys> {
    serde_json::from_slice(bytes).ok()
}

impl CredentialKeys {
    fn has(&self, name: &str) -> bool {
        let entry = self.auths.get(name);
        entry.is_some_and(|entry| {
            let parts = [&entry.auth, &entry.username, &entry.identitytoken];
            parts
                .iter()
                .any(|part| part.as_ref().is_some_and(|it| !it.is_empty()))
        })
    }

    /// The name that is nearest to a repository.
    fn name(&self, host: &str, path: &str) -> Option<String> {
        let is_host = |key: &str| {
            let is_whole = key.contains("://") || !key.contains('/');
            is_whole && host_of(key) == host
        };
        let mut helpers = self.cred_helpers.iter();
        if helpers.any(|(key, helper)| is_host(key) && !helper.is_empty()) {
            return Some(host.to_owned());
        }
        let whole = format!("{host}/{path}");
        let ends = whole.match_indices('/').map(|(at, _)| at);
        let ends = std::iter::once(whole.len()).chain(ends.collect::<Vec<_>>().into_iter().rev());
        let mut parts = ends.map(|end| &whole[..end]);
        let known = parts.find(|part| self.has(part)).map(str::to_owned);
        let mut keys = self.auths.keys();
        let is_there = keys.any(|key| is_host(key) && self.has(key));
        known.or_else(|| is_there.then(|| host.to_owned()))
    }

    /// The one name that begins with a host, where there is no other.
    fn only_of(&self, host: &str) -> Option<String> {
        let keys = self.auths.keys();
        let mut keys = keys.filter(|key| host_of(key) == host && self.has(key));
        let first = keys.next()?;
        keys.next().is_none().then(|| first.clone())
    }
}

/// The host that a key begins with, as images name it.
fn host_of(key: &str) -> &str {
    let url = key.strip_prefix("https://");
    let url = url.or_else(|| key.strip_prefix("http://"));
    let host = url.unwrap_or(key).split('/').next().unwrap_or_default();
    match host {
        "index.docker.io" | "registry-1.docker.io" => "docker.io",
        host => host,
    }
}

/// A file that has an end.
fn regular(file: &Path) -> Option<&Path> {
    file.is_file().then_some(file)
}

/// The file of `docker login`, then those of `podman login`, as podman and skopeo find them.
fn files(variable: &dyn Fn(&str) -> Option<OsString>) -> Vec<PathBuf> {
    let folder = |name: &str| {
        variable(name)
            .filter(|it| !it.is_empty())
            .map(PathBuf::from)
    };
    let home = folder("HOME");
    let of_home = |name: &str| home.as_ref().map(|home| home.join(name));
    let docker = folder("DOCKER_CONFIG").or_else(|| of_home(".docker"));
    let docker = docker.map(|folder| folder.join("config.json"));
    if let Some(file) = folder("REGISTRY_AUTH_FILE") {
        return docker.into_iter().chain([file]).collect();
    }
    let of_session = folder("XDG_RUNTIME_DIR").map(|folder| folder.join("containers"));
    let of_session = of_session.or_else(of_user);
    let kept = folder("XDG_CONFIG_HOME").or_else(|| of_home(".config"));
    let kept = kept.map(|folder| folder.join("containers"));
    let podman = of_session.into_iter().chain(kept);
    let podman = podman.map(|folder| folder.join("auth.json"));
    docker.into_iter().chain(podman).collect()
}

/// Where podman keeps what lasts as long as a session, for a user without a folder of the session.
#[cfg(target_os = "linux")]
fn of_user() -> Option<PathBuf> {
    let user = rustix::process::getuid().as_raw();
    Some(Path::new("/run/containers").join(user.to_string()))
}

/// There is no such place.
#[cfg(not(target_os = "linux"))]
fn of_user() -> Option<PathBuf> {
    None
}

/// Whether credentials are there and cannot be read, rather than none being there. A helper fails
/// where it has none, too, in words of its own.
fn is_fault(error: &CredentialRetrievalError) -> bool {
    matches!(
        error,
        CredentialRetrievalError::ConfigReadError
            | CredentialRetrievalError::MalformedHelperResponse
            | CredentialRetrievalError::HelperCommunicationError
            | CredentialRetrievalError::CredentialDecodingError
            | CredentialRetrievalError::CredentialMismatchError
    )
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_the_nearest_part() {
        let hub = "https://index.docker.io/v1/";
        for (file, host, name) in [
            (format!(r#"{{"auths": {{"{hub}": {{"auth": "eA=="}}}}}}"#), "docker.io", Some("docker.io")),
            (format!(r#"{{"credHelpers": {{"{hub}": "pass"}}}}"#), "docker.io", Some("docker.io")),
            (format!(r#"{{"auths": {{"{hub}": {{"auth": "eA=="}}, "docker.io/acme": {{"auth": "eA=="}}}}}}"#), "docker.io", Some("docker.io/acme")),
            (r#"{"auths": {"docker.io/acme/agent": {"identitytoken": "x"}}}"#.to_owned(), "docker.io", Some("docker.io/acme/agent")),
            (r#"{"auths": {"docker.io/ac": {"auth": "eA=="}}, "credHelpers": {"docker.io": ""}}"#.to_owned(), "docker.io", None),
            (r#"{"auths": {"a.example.com": {}}}"#.to_owned(), "a.example.com", None),
            (r#"{"auths": {"a.example.com:5000": {"username": "x"}}}"#.to_owned(), "a.example.com", None),
            ("{}".to_owned(), "a.example.com", None),
        ] {
            let keys = keys(file.as_bytes()).expect("JSON");
            assert_eq!(keys.name(host, "acme/agent").as_deref(), name, "{file}");
        }
    }

    #[test]
    fn files_are_found_as_podman_finds_them() {
        let user = rustix::process::getuid().as_raw();
        let own = format!("/run/containers/{user}/auth.json");
        for (variables, found) in [
            (
                &[("HOME", "/h")][..],
                &[
                    "/h/.docker/config.json",
                    &*own,
                    "/h/.config/containers/auth.json",
                ][..],
            ),
            (
                &[
                    ("HOME", "/h"),
                    ("XDG_RUNTIME_DIR", "/x"),
                    ("XDG_CONFIG_HOME", "/c"),
                    ("DOCKER_CONFIG", "/d"),
                ],
                &[
                    "/d/config.json",
                    "/x/containers/auth.json",
                    "/c/containers/auth.json",
                ],
            ),
            (
                &[
                    ("HOME", "/h"),
                    ("XDG_RUNTIME_DIR", "/x"),
                    ("REGISTRY_AUTH_FILE", "/a.json"),
                ],
                &["/h/.docker/config.json", "/a.json"],
            ),
            (&[("XDG_RUNTIME_DIR", "")], &[&*own]),
        ] {
            let files = files(&|name| {
                let mut all = variables.iter();
                all.find(|(known, _)| *known == name)
                    .map(|(_, value)| value.into())
            });
            let expected: Vec<PathBuf> = found.iter().map(PathBuf::from).collect();
            assert_eq!(files, expected, "{variables:?}");
        }
    }
}
