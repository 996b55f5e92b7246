//! The tag that the tools image of Octopus' script pods should have, as Octopus' Tentacle resolves
//! it for a cluster.
//!
//! The algorithm follows `KubernetesPodContainerResolver.cs` of OctopusDeploy/OctopusTentacle after
//! pull requests #1010 (0cde8704) and #1274 (3d31d427).

mod document;
mod resolution;
mod version;

use crate::image::{Reference, ReferenceError};

pub use document::{VersionsDocument, VersionsError};
use resolution::short;
pub use resolution::{Resolution, TagReason};
pub use version::KubernetesVersion;

/// Which generation of Tentacle's algorithm chooses the tag.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Resolver {
    /// From pull request #1010 (2024-10-02) on: a cluster newer than the document's `latest`, or
    /// without a kubectl of its version, gets `latest`.
    Original,
    /// From pull request #1274 (2026-07-23) on: the document's `latest` is not read, and a cluster
    /// without a kubectl of its version gets the tag of its version if Tentacle knows one.
    #[default]
    Present,
}

impl Resolver {
    /// The newest minor version of the tags that Tentacle knows by itself.
    ///
    /// The list grew from 1.30 to 1.36 while Tentacle had the original algorithm; the original one
    /// here keeps the list that it began with.
    fn newest_known_minor(self) -> u32 {
        match self {
            Resolver::Original => 30,
            Resolver::Present => 36,
        }
    }

    fn knows(self, cluster: KubernetesVersion) -> bool {
        cluster.major == 1 && (26..=self.newest_known_minor()).contains(&cluster.minor)
    }
}

/// What a revision in a tag depends on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revision {
    /// The cluster's version, as the configuration says.
    pub cluster: KubernetesVersion,
    /// Which generation of the vendor's algorithm.
    pub resolver: Resolver,
    /// Where the versions document is.
    pub source: VersionsSource,
    /// The document, or why there is none, so that the vendor's resolver falls back to its own list.
    pub versions: Result<VersionsDocument, String>,
}

/// Where the versions document is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum VersionsSource {
    /// In the configuration.
    Inline,
    /// Under `versions.json` in the ConfigMap of this name, to which kustomize may add a hash.
    ConfigMap(String),
}

/// The tag that Tentacle chooses for a cluster, by the document or without one.
///
/// No tag is chosen where Tentacle would ask for an image that cannot be pulled (a malformed
/// `latestTag`, a `revisionHash` that is missing or illegal in a tag), or would fail (a `latest`
/// that is no version).
pub fn resolve(
    versions: Option<&VersionsDocument>,
    cluster: KubernetesVersion,
    resolver: Resolver,
) -> Resolution {
    let Some(versions) = versions else {
        return known_tag(cluster, resolver);
    };
    if let Some(latest_tag) = versions.deprecations.get(&cluster) {
        return deprecated(latest_tag, cluster);
    }
    if resolver == Resolver::Original
        && let Some(written) = &versions.latest
    {
        let Some(latest) = KubernetesVersion::of_release(written) else {
            return Resolution::Unresolved {
                why: format!(
                    "`{}`, the latest of the versions document, is no version",
                    short(written)
                ),
            };
        };
        if latest < cluster {
            return plain("latest", TagReason::NewerThanLatest { cluster, latest });
        }
    }
    match (versions.kubectl.get(&cluster), resolver) {
        (Some(kubectl), _) => revision(versions, kubectl, cluster),
        (None, Resolver::Original) => plain("latest", TagReason::NoKubectl { cluster }),
        (None, Resolver::Present) => known_tag(cluster, resolver),
    }
}

/// Whether a tag is `X.Y-HASH` of the cluster's version. Such a tag is immutable, so it may stay
/// where no document says which revision is the present one.
///
/// Source: `versions.schema.json`, where a revisionHash is 1 to 6 letters and digits.
pub fn is_revision_of(tag: &str, cluster: KubernetesVersion) -> bool {
    let hash = tag
        .strip_prefix(&cluster.to_string())
        .and_then(|rest| rest.strip_prefix('-'));
    hash.is_some_and(|hash| {
        (1..=6).contains(&hash.len()) && hash.bytes().all(|byte| byte.is_ascii_alphanumeric())
    })
}

/// The tag that Tentacle falls back to, of those that are built into it.
fn known_tag(cluster: KubernetesVersion, resolver: Resolver) -> Resolution {
    if resolver.knows(cluster) {
        plain(&cluster.to_string(), TagReason::Known { cluster })
    } else {
        plain("latest", TagReason::Unknown { cluster })
    }
}

fn deprecated(latest_tag: &str, cluster: KubernetesVersion) -> Resolution {
    if latest_tag.is_empty() {
        return Resolution::Unresolved {
            why: format!("the versions document deprecates {cluster} without a latestTag"),
        };
    }
    let image = image(latest_tag);
    match tagged(&image) {
        Ok((tag, digest)) => Resolution::Tag {
            tag: tag.to_owned(),
            digest: digest.map(str::to_owned),
            why: TagReason::Deprecated { cluster },
        },
        Err(error) => Resolution::Unresolved {
            why: format!(
                "`{}`, the latestTag of the deprecated {cluster}, is malformed: {}",
                short(latest_tag),
                reason(&error)
            ),
        },
    }
}

fn revision(versions: &VersionsDocument, kubectl: &str, cluster: KubernetesVersion) -> Resolution {
    let hash = versions.revision_hash.as_deref().unwrap_or_default();
    if hash.is_empty() {
        return Resolution::Unresolved {
            why: "the versions document has no revisionHash".to_owned(),
        };
    }
    let revision = format!("{cluster}-{hash}");
    match tagged(&image(&revision)) {
        Ok((_, None)) => plain(
            &revision,
            TagReason::Kubectl {
                kubectl: kubectl.to_owned(),
            },
        ),
        _ => Resolution::Unresolved {
            why: format!(
                "`{}`, the revisionHash of the versions document, is not legal in a tag",
                short(hash)
            ),
        },
    }
}

fn plain(tag: &str, why: TagReason) -> Resolution {
    Resolution::Tag {
        tag: tag.to_owned(),
        digest: None,
        why,
    }
}

/// Any image with a tag as written, so that the grammar of references judges it.
fn image(tag: &str) -> String {
    format!("octopusdeploy/kubernetes-agent-tools-base:{tag}")
}

fn tagged(image: &str) -> Result<(&str, Option<&str>), ReferenceError> {
    let reference = Reference::parse(image)?;
    let tag = reference.tag.ok_or(ReferenceError::Format)?;
    Ok((tag, reference.digest))
}

/// Why the grammar refuses a tag, without repeating the tag.
fn reason(error: &ReferenceError) -> String {
    match error {
        ReferenceError::Tag { .. } => "this is not a legal tag".to_owned(),
        ReferenceError::Format => "this is neither a tag nor a tag with its digest".to_owned(),
        ReferenceError::DigestAlgorithm { algorithm } => {
            format!("the digest algorithm `{}` is not known", short(algorithm))
        }
        error => error.to_string(),
    }
}
