//! The tag for a cluster, and what led to it.

use std::fmt;

use crate::quote;

use super::KubernetesVersion;

/// The tag for a cluster, or why there is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Resolution {
    /// The image should have this tag; both parts are legal in a reference.
    Tag {
        /// The tag, without its colon.
        tag: String,
        /// The digest of a deprecated version's image, without its `@`.
        digest: Option<String>,
        /// What led to it.
        why: TagReason,
    },
    /// The document gives what cannot be a tag.
    Unresolved {
        /// The fault: lower case, no final stop.
        why: String,
    },
}

/// What led to a tag; prints as the reason in a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TagReason {
    /// The document deprecates the cluster's version and names its last tag.
    Deprecated {
        /// The cluster's version.
        cluster: KubernetesVersion,
    },
    /// The document has a kubectl of the cluster's version.
    Kubectl {
        /// Its version as the document writes it, `1.36.0`.
        kubectl: String,
    },
    /// The cluster is newer than the document's `latest`; only the original algorithm gives this.
    NewerThanLatest {
        /// The cluster's version.
        cluster: KubernetesVersion,
        /// The document's `latest`.
        latest: KubernetesVersion,
    },
    /// The document has no kubectl of the cluster's version; only the original algorithm gives this.
    NoKubectl {
        /// The cluster's version.
        cluster: KubernetesVersion,
    },
    /// No document decides, and Tentacle knows a tag of the cluster's version.
    Known {
        /// The cluster's version.
        cluster: KubernetesVersion,
    },
    /// No document decides, and Tentacle knows no tag of the cluster's version.
    Unknown {
        /// The cluster's version.
        cluster: KubernetesVersion,
    },
}

/// Prints a clause: `the versions document has kubectl 1.36.0`.
impl fmt::Display for TagReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            TagReason::Deprecated { cluster } => {
                write!(f, "the versions document deprecates Kubernetes {cluster}")
            }
            TagReason::Kubectl { kubectl } => {
                write!(f, "the versions document has kubectl {}", short(kubectl))
            }
            TagReason::NewerThanLatest { cluster, latest } => write!(
                f,
                "Kubernetes {cluster} is newer than {latest}, the latest of the versions document"
            ),
            TagReason::NoKubectl { cluster } => {
                write!(f, "the versions document has no kubectl {cluster}")
            }
            TagReason::Known { cluster } => {
                write!(f, "Tentacle knows a tag for Kubernetes {cluster}")
            }
            TagReason::Unknown { cluster } => {
                write!(f, "Tentacle knows no tag for Kubernetes {cluster}")
            }
        }
    }
}

/// Characters of a value that a message repeats; enough for a tag with its sha256 digest.
const MAX_QUOTED: usize = 100;

/// A word of the document for a message.
pub(super) fn short(text: &str) -> String {
    quote::short(text, MAX_QUOTED)
}
