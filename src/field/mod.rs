//! Image fields: the places in a resource that name an image to run.
//!
//! A rule does not know where a field came from, and a field does not know why it is edited.

pub mod carrier;
pub mod pod;

use crate::image::Reference;
use crate::krm::resource::Path;
use crate::slot::Slot;
use crate::yaml::Node;

/// One place that names an image, with the policy that stands beside it.
#[derive(Debug, Clone)]
pub struct ImageField<'n, 's> {
    /// Where the image is written.
    pub place: Place<'n, 's>,
    /// Where its pull policy is written, or would be; `None` where there is no place for one.
    pub policy_slot: Option<Slot<'n, 's>>,
    /// Where the pull secrets of the image are listed.
    pub secrets: Secrets<'n, 's>,
    /// What holds the field.
    pub role: Role,
    /// The container's name; `None` for an image volume.
    pub container: Option<&'n str>,
    /// The image, if it is written and text.
    pub image: Option<String>,
    /// The pull policy, if it is written.
    pub policy: Option<&'n str>,
}

/// Where pull secrets are listed.
#[derive(Debug, Clone)]
pub enum Secrets<'n, 's> {
    /// In the pod's own list.
    Pod,
    /// In one text, separated by commas.
    Commas(Slot<'n, 's>),
    /// Nowhere: what runs the image is not written here.
    None,
}

/// What holds an image field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// A container, which its name and its workload's may identify.
    Container,
    /// Anything else: an image volume, an environment variable, an argument.
    Other,
}

/// How an image is written.
#[derive(Debug, Clone)]
pub enum Place<'n, 's> {
    /// As one reference, behind a prefix such as `--flag=`.
    Whole {
        /// Where it stands.
        slot: Slot<'n, 's>,
        /// What stands before the reference in the same value.
        prefix: &'n str,
    },
    /// As a name and a tag in values of their own.
    Split {
        /// Where registry and path stand.
        name: Slot<'n, 's>,
        /// Where the tag stands.
        tag: Slot<'n, 's>,
    },
}

impl<'n, 's> Place<'n, 's> {
    /// The place that stands for the image in findings.
    pub fn main(&self) -> &Slot<'n, 's> {
        match self {
            Place::Whole { slot, .. } | Place::Split { name: slot, .. } => slot,
        }
    }

    /// What each value should be for the image to be `reference`; `None` where it cannot be said in
    /// these places.
    pub fn values(&self, reference: &str) -> Option<Vec<(&Slot<'n, 's>, String)>> {
        match self {
            Place::Whole { slot, prefix } => Some(vec![(slot, format!("{prefix}{reference}"))]),
            Place::Split { name, tag } => {
                let parsed = Reference::parse(reference).ok()?;
                // What puts the two together writes `NAME:TAG`, so a digest goes behind a tag.
                let tag_text = match (parsed.tag, parsed.digest) {
                    (Some(tag), Some(digest)) => format!("{tag}@{digest}"),
                    (None, Some(_)) => return None,
                    (tag, None) => tag.unwrap_or_default().to_owned(),
                };
                Some(vec![(name, parsed.name().to_owned()), (tag, tag_text)])
            }
        }
    }

    /// Every slot of the image.
    pub fn slots(&self) -> Vec<&Slot<'n, 's>> {
        match self {
            Place::Whole { slot, .. } => vec![slot],
            Place::Split { name, tag } => vec![name, tag],
        }
    }
}

/// A pod spec with its image fields.
#[derive(Debug, Clone)]
pub struct PodSpec<'n, 's> {
    /// The pod spec's mapping.
    pub node: &'n Node<'s>,
    /// Where it stands in its document.
    pub path: Path<'n>,
    /// Its image fields, in the order of the lists in [`pod::LISTS`], then the image volumes.
    pub fields: Vec<ImageField<'n, 's>>,
    /// The names of its pull secrets.
    pub pull_secrets: Vec<String>,
    /// The ServiceAccount that it runs as.
    pub service_account: &'n str,
}
