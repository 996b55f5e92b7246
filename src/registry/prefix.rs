//! The source or mirror of a mapping rule: a registry host with an optional path.

use std::borrow::Cow;
use std::fmt;

use thiserror::Error;

use crate::image::{self, Host, Repository};
use crate::mask;
use crate::quote;

/// A registry host with an optional path: the source or mirror of a mapping rule.
///
/// `docker.io`, `docker.io/realtheory`, `registry.example.com:5000/hub`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Prefix {
    domain: Host,
    path: String,
}

impl Prefix {
    /// Reads a prefix as it is written, except that `index.docker.io` becomes `docker.io`.
    ///
    /// No `library/` is inserted: `docker.io/nginx` is the namespace `nginx`, which does not contain
    /// `docker.io/library/nginx`.
    pub fn parse(text: &str) -> Result<Self, PrefixError> {
        check_prefix(text).map_err(|fault| PrefixError {
            text: text.to_owned(),
            fault,
            help: help_for(text, fault),
        })?;
        let (domain, path) = text.split_once('/').unwrap_or((text, ""));
        Ok(Self {
            domain: Host::from(image::canonical_domain(domain)),
            path: path.to_owned(),
        })
    }

    /// The host, with its port if it has one.
    pub fn domain(&self) -> &str {
        self.domain.as_str()
    }

    /// Whether the host is this one, however it is written.
    pub(crate) fn is_on(&self, host: &str) -> bool {
        self.domain.is(host)
    }

    /// The plainest spelling of the host, in lower case and without the port 443.
    pub(crate) fn plain_host(&self) -> String {
        self.domain.plain()
    }

    /// The prefix with the plainest spelling of its host, in lower case and without the port 443.
    pub(crate) fn plain(&self) -> String {
        join_paths(&self.domain.plain(), &self.path)
    }

    /// The path below the host; empty when the prefix is a whole host.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The remainder of a repository below this prefix, or `None` if the repository is elsewhere.
    ///
    /// The host's case and the port 443 make no difference, and the prefix's path must end at a `/` of the
    /// repository; the remainder is empty where the repository is the prefix itself.
    pub fn below<'r>(&self, repo: &'r Repository) -> Option<&'r str> {
        self.rest(repo.domain(), repo.path())
    }

    /// The repository at `remainder` below this prefix, the inverse of [`Prefix::below`].
    ///
    /// The result is canonical, so a single segment below `docker.io` gets its `library/`.
    /// It is not legal where prefix and remainder both have no path, or are too long together.
    pub fn join(&self, remainder: &str) -> Repository {
        Repository::new(self.domain(), join_paths(&self.path, remainder))
    }

    /// The remainder of another prefix below this one.
    pub(crate) fn covers<'p>(&self, other: &'p Self) -> Option<&'p str> {
        self.rest(other.domain(), &other.path)
    }

    fn rest<'p>(&self, domain: &str, path: &'p str) -> Option<&'p str> {
        if !self.is_on(domain) {
            return None;
        }
        if self.path.is_empty() {
            return Some(path);
        }
        let rest = path.strip_prefix(self.path.as_str())?;
        if rest.is_empty() {
            Some(rest)
        } else {
            rest.strip_prefix('/')
        }
    }

    /// The prefix at `remainder` below this one.
    pub(crate) fn descend(&self, remainder: &str) -> Self {
        Self {
            domain: self.domain.clone(),
            path: join_paths(&self.path, remainder),
        }
    }
}

/// Prints the prefix as it is written in a rule.
impl fmt::Display for Prefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&join_paths(self.domain(), &self.path))
    }
}

/// Why a text is not a prefix.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("`{}` {fault}", quote::piece(&mask::location(text)))]
pub struct PrefixError {
    /// The text.
    pub text: String,
    /// What is wrong with it.
    pub fault: PrefixFault,
    help: Option<String>,
}

impl PrefixError {
    /// What to write instead, where that can be said.
    pub fn help(&self) -> Option<String> {
        self.help.clone()
    }
}

/// What can be wrong with a prefix.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum PrefixFault {
    /// There is no text.
    #[error("is empty")]
    Empty,
    /// It starts with `https://` or the like.
    #[error("has a scheme")]
    Scheme,
    /// It ends in `@sha256:…`.
    #[error("has a digest")]
    Digest,
    /// It ends in `:tag`.
    #[error("has a tag")]
    Tag,
    /// It ends in `/`.
    #[error("ends with a slash")]
    TrailingSlash,
    /// It has an empty segment.
    #[error("has an empty segment")]
    EmptySegment,
    /// It has a `*`.
    #[error("has a wildcard")]
    Wildcard,
    /// Its first segment has neither `.` nor `:` and is not `localhost`.
    #[error("does not start with a registry host")]
    NoHost,
    /// Its first segment breaks the grammar of hosts.
    #[error("does not start with a legal registry host")]
    Host,
    /// Its path has upper-case letters.
    #[error("has upper-case letters in its path")]
    UpperCase,
    /// Its path breaks the grammar.
    #[error("has a path that is not legal")]
    Path,
    /// Its path has more than 255 bytes.
    #[error("has a path of more than {} bytes", image::MAX_PATH)]
    TooLong,
}

fn check_prefix(text: &str) -> Result<(), PrefixFault> {
    if text.is_empty() {
        return Err(PrefixFault::Empty);
    }
    if text.contains("://") {
        return Err(PrefixFault::Scheme);
    }
    if text.contains('@') {
        return Err(PrefixFault::Digest);
    }
    if text.ends_with('/') {
        return Err(PrefixFault::TrailingSlash);
    }
    if text.split('/').any(str::is_empty) {
        return Err(PrefixFault::EmptySegment);
    }
    if text.contains('*') {
        return Err(PrefixFault::Wildcard);
    }
    if without_tag(text) != text {
        return Err(PrefixFault::Tag);
    }
    let (domain, path) = text.split_once('/').unwrap_or((text, ""));
    if !is_host(domain) {
        return Err(PrefixFault::NoHost);
    }
    if !image::is_domain(domain) {
        return Err(PrefixFault::Host);
    }
    if path.is_empty() || image::is_path(path) {
        return if path.len() > image::MAX_PATH {
            Err(PrefixFault::TooLong)
        } else {
            Ok(())
        };
    }
    if image::is_path(&path.to_ascii_lowercase()) {
        return Err(PrefixFault::UpperCase);
    }
    Err(PrefixFault::Path)
}

fn is_host(segment: &str) -> bool {
    segment == "localhost" || segment.contains(['.', ':'])
}

/// The text without its tag; after a host without a path, digits are a port and no tag.
fn without_tag(text: &str) -> &str {
    let Some((name, tag)) = text.rsplit_once(':') else {
        return text;
    };
    let is_port = !name.contains('/') && tag.bytes().all(|b| b.is_ascii_digit());
    let is_ipv6 = name.starts_with('[') && !name.contains(']');
    if tag.contains('/') || is_port || is_ipv6 {
        text
    } else {
        name
    }
}

fn help_for(text: &str, fault: PrefixFault) -> Option<String> {
    if fault == PrefixFault::Wildcard {
        return Some("write one rule for each host or path".to_owned());
    }
    repaired(text).map(|prefix| match fault {
        PrefixFault::NoHost => format!(
            "a host has a dot or a port, as `registry.example.com`; for a path of Docker Hub, write `{prefix}`"
        ),
        _ => format!("write `{prefix}`"),
    })
}

/// The prefix that was probably meant, without scheme, tag, digest and superfluous slashes.
fn repaired(text: &str) -> Option<String> {
    if let Cow::Owned(_) = mask::location(text) {
        return None;
    }
    let text = text.split_once("://").map_or(text, |(_, rest)| rest);
    let text = text.split_once('@').map_or(text, |(name, _)| name);
    let segments: Vec<&str> = text.split('/').filter(|s| !s.is_empty()).collect();
    let joined = segments.join("/");
    let text = without_tag(&joined);
    let (first, path) = text.split_once('/').unwrap_or((text, ""));
    let meant = if is_host(first) {
        join_paths(first, &path.to_ascii_lowercase())
    } else {
        join_paths("docker.io", &text.to_ascii_lowercase())
    };
    // Otherwise the repair of an empty text would be all of Docker Hub.
    (!text.is_empty() && check_prefix(&meant).is_ok()).then_some(meant)
}

fn join_paths(above: &str, below: &str) -> String {
    let slash = if above.is_empty() || below.is_empty() {
        ""
    } else {
        "/"
    };
    [above, slash, below].concat()
}
