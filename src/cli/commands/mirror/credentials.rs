//! The credentials of Docker, else of podman: where their files are, and what these say of a host.

use std::env;
use std::ffi::OsString;
use std::fs::File;
use std::io::{BufReader, ErrorKind};
use std::path::{Path, PathBuf};

use docker_credential::{CredentialRetrievalError, DockerCredential, get_credential_from_reader};

use crate::mirror::Credential;

/// The credentials for a host, from files or from the helpers that these name; an error where there are
/// some that cannot be read. What a helper says is not repeated, since it may hold a password.
pub(super) fn of(host: &str) -> Result<Option<Credential>, ()> {
    let names = match host {
        "docker.io" => vec!["https://index.docker.io/v1/", "docker.io"],
        host => vec![host],
    };
    let files = files(&|name| env::var_os(name));
    let mut is_broken = false;
    for name in names {
        for file in &files {
            let opened = match File::open(file) {
                Ok(opened) => opened,
                Err(error) => {
                    is_broken |= error.kind() != ErrorKind::NotFound && file.is_file();
                    continue;
                }
            };
            match get_credential_from_reader(BufReader::new(opened), name) {
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
