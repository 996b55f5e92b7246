//! Repositories in canonical form, with Docker Hub's defaults written out.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};

use crate::split_once::split_once;

use super::{MAX_PATH, is_domain, is_identifier, is_path};

/// The registry that a name without a host means.
pub(super) const HUB: &str = "docker.io";
/// Docker Hub's old name, which clients still take for `docker.io`.
const LEGACY_HUB: &str = "index.docker.io";
/// The Docker Hub namespace of names without one.
const LIBRARY: &str = "library/";

/// A repository in canonical form: `docker.io/library/nginx`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Repository {
    domain: Host,
    path: String,
}

/// A registry's host as it is written, equal to every spelling of it: the case of letters means nothing in
/// it, and 443 is the port where none is written.
#[derive(Debug, Clone)]
pub(crate) struct Host(String);

impl Host {
    /// The host as it is written.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether a text is this host.
    pub(crate) fn is(&self, text: &str) -> bool {
        self.0 == text || without_port(&self.0).eq_ignore_ascii_case(without_port(text))
    }

    /// The spelling that all others are equal to: lower case, without the port that is meant anyway.
    pub(crate) fn plain(&self) -> String {
        without_port(&self.0).to_ascii_lowercase()
    }

    fn bytes(&self) -> impl Iterator<Item = u8> {
        let bytes = without_port(&self.0).bytes();
        bytes.map(|byte| byte.to_ascii_lowercase())
    }
}

impl From<String> for Host {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl From<&str> for Host {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl PartialEq for Host {
    fn eq(&self, other: &Self) -> bool {
        self.is(&other.0)
    }
}

impl Eq for Host {}

impl Hash for Host {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.bytes().for_each(|byte| state.write_u8(byte));
    }
}

impl PartialOrd for Host {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Host {
    fn cmp(&self, other: &Self) -> Ordering {
        self.bytes().cmp(other.bytes())
    }
}

fn without_port(host: &str) -> &str {
    host.strip_suffix(":443").unwrap_or(host)
}

impl Repository {
    /// A repository from its parts, with `library/` put in where Docker Hub means it.
    pub(crate) fn new(domain: &str, path: impl Into<String>) -> Self {
        let (domain, mut path) = (Host::from(domain), path.into());
        if domain.is(HUB) && !path.is_empty() && !path.contains('/') {
            path.insert_str(0, LIBRARY);
        }
        Self { domain, path }
    }

    /// The host, with its port if it has one.
    pub fn domain(&self) -> &str {
        self.domain.as_str()
    }

    /// Whether this is on a host, however that is written.
    pub(crate) fn is_on(&self, host: &str) -> bool {
        self.domain.is(host)
    }

    /// The canonical name with the plainest spelling of its host, in lower case and without the port 443.
    pub(crate) fn plain_name(&self) -> String {
        [self.domain.plain().as_str(), "/", &self.path].concat()
    }

    /// What follows the host.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The canonical name: host, `/`, path.
    pub fn name(&self) -> String {
        [self.domain(), "/", &self.path].concat()
    }

    /// The shortest name that means this repository: `nginx`, `realtheory/x`, `ghcr.io/a/b`.
    ///
    /// Differs from distribution's familiar name where that would mean another repository:
    /// `docker.io/a.b/c` keeps its host, because `a.b/c` is on the host `a.b`.
    pub fn familiar(&self) -> String {
        if self.domain() != HUB {
            return self.name();
        }
        let short = match self.path.strip_prefix(LIBRARY) {
            Some(rest) if !rest.contains('/') => rest,
            _ => &self.path,
        };
        let mistaken = match short.split_once('/') {
            Some((first, _)) => is_host(first),
            None => is_identifier(short),
        };
        if mistaken {
            format!("{HUB}/{short}")
        } else {
            short.to_owned()
        }
    }

    /// Whether a registry can have this repository: legal host and path, the path at most 255 bytes.
    pub fn is_legal(&self) -> bool {
        is_domain(self.domain()) && is_path(&self.path) && self.path.len() <= MAX_PATH
    }
}

/// Prints [`Repository::name`].
impl fmt::Display for Repository {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.domain(), self.path)
    }
}

/// A name's canonical parts, borrowed; `library` says that `library/` goes before the path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Canonical<'a> {
    domain: &'a str,
    library: bool,
    path: &'a str,
}

impl<'a> Canonical<'a> {
    /// Applies Docker Hub's rules to a legal name (normalize.go, splitDockerDomain).
    pub(super) fn of(name: &'a str) -> Self {
        let (domain, path) = match split_once(name, b'/') {
            Some((first, rest)) if is_host(first) => (canonical_domain(first), rest),
            _ => (HUB, name),
        };
        Self {
            domain,
            library: domain == HUB && memchr::memchr(b'/', path.as_bytes()).is_none(),
            path,
        }
    }

    /// The repository, its parts written out.
    pub(super) fn repository(&self) -> Repository {
        let namespace = if self.library { LIBRARY } else { "" };
        Repository {
            domain: Host::from(self.domain),
            path: [namespace, self.path].concat(),
        }
    }

    /// Whether this is the repository.
    pub(super) fn is(&self, repository: &Repository) -> bool {
        let path = if self.library {
            repository.path.strip_prefix(LIBRARY)
        } else {
            Some(repository.path.as_str())
        };
        path == Some(self.path) && repository.domain.is(self.domain)
    }

    pub(super) fn path_len(&self) -> usize {
        self.path.len() + if self.library { LIBRARY.len() } else { 0 }
    }
}

/// Gives Docker Hub its one name; `registry-1.docker.io` is no alias in distribution either.
pub(crate) fn canonical_domain(domain: &str) -> &str {
    let plain = without_port(domain);
    let is_hub = [HUB, LEGACY_HUB]
        .iter()
        .any(|hub| plain.eq_ignore_ascii_case(hub));
    if is_hub { HUB } else { domain }
}

/// Whether the first of several segments is a host rather than a Docker Hub namespace.
pub(super) fn is_host(segment: &str) -> bool {
    segment == "localhost"
        || segment
            .bytes()
            .any(|b| matches!(b, b'.' | b':') || b.is_ascii_uppercase())
}
