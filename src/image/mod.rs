//! Image references: split by the distribution grammar, and brought to their canonical repository.
//!
//! Written by hand after `distribution/reference` (reference.go, regexp.go, normalize.go at 0965666):
//! all its character classes are ASCII, and every split is unique, so one forward look is enough.

pub(crate) mod entry;
mod grammar;
pub mod likely;
mod repository;
pub mod template;
pub mod version;

use std::fmt;
use std::ops::Range;

use thiserror::Error;

use crate::split_once::split_once;

use grammar::{MAX_TAG, is_algorithm, is_identifier};
pub use grammar::{is_domain, is_name};
pub(crate) use grammar::{is_path, is_tag};
pub use repository::Repository;
use repository::{Canonical, HUB, is_host};
pub(crate) use repository::{Host, canonical_domain};

/// The most bytes a repository path may have; the host does not count.
pub(crate) const MAX_PATH: usize = 255;

/// An OCI image reference split by the distribution grammar, borrowed from its text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reference<'a> {
    /// The text before the first `/`, if its characters are those of a host: `foo` in `foo/bar`.
    /// Whether it is one, [`Reference::repository`] decides.
    pub domain: Option<&'a str>,
    /// The rest of the name.
    pub path: &'a str,
    /// The tag, without its colon.
    pub tag: Option<&'a str>,
    /// The digest, `sha256:…`, without its `@`.
    pub digest: Option<&'a str>,
    name: &'a str,
    canonical: Canonical<'a>,
}

impl<'a> Reference<'a> {
    /// Splits a reference and accepts exactly what Kubernetes accepts as a container's image.
    ///
    /// This is the one way in: a text that passes is a legal image, and its canonical repository
    /// is [`Reference::repository`].
    /// The split is that of the plain grammar (distribution's `Parse`); refused besides is what
    /// only its `ParseNormalizedNamed`, which the kubelet calls, refuses: a bare 64-digit
    /// identifier, and a path that is too long once Docker Hub's defaults are written out.
    /// A path with an access token in it is refused although engines take it, so that no output can
    /// hold the token.
    pub fn parse(text: &'a str) -> Result<Self, ReferenceError> {
        if text.is_empty() {
            return Err(ReferenceError::Empty);
        }
        if is_identifier(text) {
            return Err(ReferenceError::Identifier);
        }
        let (tagged, digest) = match split_once(text, b'@') {
            Some((tagged, digest)) => (tagged, Some(digest)),
            None => (text, None),
        };
        let (name, tag) = split_tag(tagged);
        let Some((domain, path)) = is_name(name) else {
            return Err(name_error(name));
        };
        if access_token(name).is_some() {
            return Err(ReferenceError::AccessToken);
        }
        if let Some(tag) = tag.filter(|tag| !is_tag(tag)) {
            return Err(ReferenceError::Tag { tag: tag.into() });
        }
        let canonical = Canonical::of(name);
        let length = path.len().max(canonical.path_len());
        if length > MAX_PATH {
            return Err(ReferenceError::NameTooLong { length });
        }
        if let Some(digest) = digest {
            check_digest(digest)?;
        }
        Ok(Self {
            domain,
            path,
            tag,
            digest,
            name,
            canonical,
        })
    }

    /// The canonical repository, Docker Hub's rules applied: `nginx` is `docker.io/library/nginx`.
    ///
    /// The first segment is a host iff it is `localhost`, contains `.` or `:`, or an upper-case
    /// letter; a name without any `/` is always Docker Hub's, even `localhost:5000`.
    pub fn repository(&self) -> Repository {
        self.canonical.repository()
    }

    /// Whether a repository is its [`Reference::repository`].
    pub fn is_in(&self, repository: &Repository) -> bool {
        self.canonical.is(repository)
    }

    /// Whether the name begins with a registry's host.
    pub fn has_host(&self) -> bool {
        self.domain.is_some_and(is_host)
    }

    /// Whether a tag or a digest is written.
    pub fn is_versioned(&self) -> bool {
        self.tag.is_some() || self.digest.is_some()
    }

    /// The name as written: domain and path, without tag and digest.
    pub fn name(&self) -> &'a str {
        self.name
    }
}

/// Whether a reference has a path, a tag or a digest. Other programs than the profile's have variables and
/// flags of the same names, whose values are versions (`v4.84.3`) or switches.
pub(crate) fn has_more_than_a_name(reference: &str) -> bool {
    reference.contains(['/', ':', '@'])
}

/// Prints the reference as it was written.
impl fmt::Display for Reference<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)?;
        if let Some(tag) = self.tag {
            write!(f, ":{tag}")?;
        }
        if let Some(digest) = self.digest {
            write!(f, "@{digest}")?;
        }
        Ok(())
    }
}

/// Why a text is not an image reference.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ReferenceError {
    /// There is no text.
    #[error("an image reference cannot be empty")]
    Empty,
    /// It does not follow the grammar.
    #[error("a reference has the form [HOST/]NAME[:TAG][@DIGEST]")]
    Format,
    /// Nothing but the case of the name is wrong.
    #[error("the repository name has upper-case letters")]
    UpperCase,
    /// The path, Docker Hub's `library/` included, is over 255 bytes.
    #[error("the repository path has {length} bytes, {MAX_PATH} are allowed")]
    NameTooLong {
        /// Its length in bytes.
        length: usize,
    },
    /// The tag does not follow the grammar.
    #[error("`{}` is not a legal tag", tag.escape_debug())]
    Tag {
        /// The text in the place of the tag.
        tag: String,
    },
    /// The digest's algorithm is none of those that OCI registers.
    #[error("the digest algorithm `{algorithm}` is not known")]
    DigestAlgorithm {
        /// The algorithm as written.
        algorithm: String,
    },
    /// The digest has too few or too many digits for its algorithm.
    #[error("a {algorithm} digest has {expected} digits, this one has {found}")]
    DigestLength {
        /// The algorithm.
        algorithm: &'static str,
        /// How many digits it has.
        expected: usize,
        /// How many were written.
        found: usize,
    },
    /// The digest has upper-case digits.
    #[error("the digest has upper-case letters")]
    DigestCase,
    /// A bare 64-digit hexadecimal number is an image ID.
    #[error("64 hexadecimal digits are an image ID, not a name")]
    Identifier,
    /// A part of the path is a password, as Prisma Cloud's registry has them.
    #[error("its path holds an access token, so it is neither printed nor changed")]
    AccessToken,
}

impl ReferenceError {
    /// What to write instead, where that can be said.
    pub fn help(&self) -> Option<String> {
        let help = match self {
            Self::UpperCase | Self::DigestCase => "write it in lower case".to_owned(),
            Self::Tag { tag } if is_tag(&tag.replace('+', "_")) => {
                format!("write `{}`", tag.replace('+', "_"))
            }
            Self::Tag { .. } => format!(
                "a tag has 1 to {MAX_TAG} ASCII letters, digits, `_`, `.` and `-`, and starts with neither `.` nor `-`"
            ),
            Self::DigestAlgorithm { .. } => "use sha256, sha384 or sha512".to_owned(),
            Self::Identifier => format!("write `{HUB}/` before it if it is a name"),
            Self::AccessToken => "pull by a path without a token, with a pull secret: \
                 `registry.twistlock.com/twistlock/defender`"
                .to_owned(),
            _ => return None,
        };
        Some(help)
    }
}

/// Splits off the tag: only after the last `/`, since a colon before it belongs to a port.
fn split_tag(text: &str) -> (&str, Option<&str>) {
    let last = memchr::memrchr(b'/', text.as_bytes()).unwrap_or(0);
    match split_once(&text[last..], b':') {
        Some((name, tag)) => (&text[..last + name.len()], Some(tag)),
        None => (text, None),
    }
}

/// Where a path component is an access token: `tw_` and its characters, which Prisma Cloud writes in
/// the paths of its registry `registry-auth.twistlock.com`, and copies of it keep.
pub(crate) fn access_token(text: &str) -> Option<Range<usize>> {
    /// Prisma Cloud's have 32 characters; no repository's name has that many without a separator.
    const SHORTEST: usize = 16;
    // Few names have an underscore at all.
    memchr::memchr(b'_', text.as_bytes())?;
    let mut start = 0;
    text.split('/').find_map(|component| {
        let span = start..start + component.len();
        start = span.end + 1;
        let token = component.strip_prefix("tw_")?;
        let is_token = token.len() >= SHORTEST && token.bytes().all(|b| b.is_ascii_alphanumeric());
        is_token.then_some(span)
    })
}

fn name_error(name: &str) -> ReferenceError {
    let only_case = name.bytes().any(|b| b.is_ascii_uppercase())
        && is_name(&name.to_ascii_lowercase()).is_some();
    if only_case {
        ReferenceError::UpperCase
    } else {
        ReferenceError::Format
    }
}

fn check_digest(digest: &str) -> Result<(), ReferenceError> {
    let (algorithm, hex) = digest.split_once(':').ok_or(ReferenceError::Format)?;
    if !is_algorithm(algorithm) || !hex.bytes().all(|b| b.is_ascii_hexdigit()) {
        return Err(ReferenceError::Format);
    }
    // The algorithms of the OCI image specification that go-digest registers.
    let (algorithm, expected) = match algorithm {
        "sha256" => ("sha256", 64),
        "sha384" => ("sha384", 96),
        "sha512" => ("sha512", 128),
        _ => {
            return Err(ReferenceError::DigestAlgorithm {
                algorithm: algorithm.into(),
            });
        }
    };
    if hex.len() != expected {
        return Err(ReferenceError::DigestLength {
            algorithm,
            expected,
            found: hex.len(),
        });
    }
    if hex.bytes().any(|b| b.is_ascii_uppercase()) {
        return Err(ReferenceError::DigestCase);
    }
    Ok(())
}
