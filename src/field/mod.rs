//! Image fields: the places in a resource that name an image to run.
//!
//! A rule does not know where a field came from, and a field does not know why it is edited.

pub mod pod;

use crate::krm::resource::Path;
use crate::yaml::Node;

/// One place that names an image, with the policy that stands beside it.
#[derive(Debug, Clone)]
pub struct ImageField<'n, 's> {
    /// The mapping that holds the keys: a container, or an image volume's `image`.
    pub holder: &'n Node<'s>,
    /// Where the holder stands in its document.
    pub path: Path<'n>,
    /// The key of the image: `image`, or `reference` in an image volume.
    pub image_key: &'static str,
    /// The key of the policy: `imagePullPolicy`, or `pullPolicy` in an image volume.
    pub policy_key: &'static str,
    /// The container's name; `None` for an image volume.
    pub container: Option<&'n str>,
    /// The image, if it is written and text.
    pub image: Option<&'n str>,
    /// The pull policy, if it is written.
    pub policy: Option<&'n str>,
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
