//! Repositories in canonical form, with Docker Hub's defaults written out.

use std::fmt;

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
    domain: String,
    path: String,
}

impl Repository {
    /// A repository from its parts, with `library/` put in where Docker Hub means it.
    pub(crate) fn new(domain: impl Into<String>, path: impl Into<String>) -> Self {
        let (domain, mut path) = (domain.into(), path.into());
        if domain == HUB && !path.is_empty() && !path.contains('/') {
            path.insert_str(0, LIBRARY);
        }
        Self { domain, path }
    }

    /// The host, with its port if it has one.
    pub fn domain(&self) -> &str {
        &self.domain
    }

    /// What follows the host.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The canonical name: host, `/`, path.
    pub fn name(&self) -> String {
        [&self.domain, "/", &self.path].concat()
    }

    /// The shortest name that means this repository: `nginx`, `realtheory/x`, `ghcr.io/a/b`.
    ///
    /// Differs from distribution's familiar name where that would mean another repository:
    /// `docker.io/a.b/c` keeps its host, because `a.b/c` is on the host `a.b`.
    pub fn familiar(&self) -> String {
        if self.domain != HUB {
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
        is_domain(&self.domain) && is_path(&self.path) && self.path.len() <= MAX_PATH
    }
}

/// Prints [`Repository::name`].
impl fmt::Display for Repository {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.domain, self.path)
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
            domain: self.domain.to_owned(),
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
        self.domain == repository.domain && path == Some(self.path)
    }

    pub(super) fn path_len(&self) -> usize {
        self.path.len() + if self.library { LIBRARY.len() } else { 0 }
    }
}

/// Gives Docker Hub its one name; `registry-1.docker.io` is no alias in distribution either.
pub(crate) fn canonical_domain(domain: &str) -> &str {
    if domain == LEGACY_HUB { HUB } else { domain }
}

/// Whether the first of several segments is a host rather than a Docker Hub namespace.
fn is_host(segment: &str) -> bool {
    segment == "localhost"
        || segment
            .bytes()
            .any(|b| matches!(b, b'.' | b':') || b.is_ascii_uppercase())
}
