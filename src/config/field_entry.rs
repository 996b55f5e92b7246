//! Where custom resources and charts keep images, as it is written.

use schemars::JsonSchema;
use serde::Deserialize;

use super::shape;
use super::spanned::Spanned;

/// An image field of a custom resource, as the configuration says it.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(transform = has_a_version)]
pub(super) struct FieldEntry {
    /// `example.com/v1`.
    #[schemars(regex(pattern = "/"))]
    pub(super) api_version: Option<Spanned<String>>,
    /// Several, instead of `apiVersion`: `[example.com/v1, example.com/v1beta1]`.
    #[serde(default)]
    #[schemars(inner(regex(pattern = "/")))]
    pub(super) api_versions: Vec<Spanned<String>>,
    /// `Collector`.
    pub(super) kind: Spanned<String>,
    /// Where pod specs are, whose containers, image volumes and pull secrets are read: JSONPaths
    /// (RFC 9535) from the root of the resource, such as `$.spec.template.spec`.
    #[serde(default)]
    #[schemars(inner(regex(pattern = shape::JSON_PATH)))]
    pub(super) pods: Vec<Spanned<String>>,
    /// Where the image is: a JSONPath such as `$.spec.image` or `$.spec.images[*]`.
    #[schemars(regex(pattern = shape::JSON_PATH))]
    pub(super) image: Option<Spanned<String>>,
    /// Where the registry's host is, of an image in parts.
    #[schemars(regex(pattern = shape::JSON_PATH))]
    pub(super) registry: Option<Spanned<String>>,
    /// Where the repository is, of an image in parts.
    #[schemars(regex(pattern = shape::JSON_PATH))]
    pub(super) repository: Option<Spanned<String>>,
    /// Where its tag is.
    #[schemars(regex(pattern = shape::JSON_PATH))]
    pub(super) tag: Option<Spanned<String>>,
    /// Where its digest is.
    #[schemars(regex(pattern = shape::JSON_PATH))]
    pub(super) digest: Option<Spanned<String>>,
    /// Where its pull policy is.
    #[schemars(regex(pattern = shape::JSON_PATH))]
    pub(super) image_pull_policy: Option<Spanned<String>>,
    /// Where the list of pull secrets is.
    #[schemars(regex(pattern = shape::JSON_PATH))]
    pub(super) image_pull_secrets: Option<Spanned<String>>,
}

fn has_a_version(schema: &mut schemars::Schema) {
    shape::one_at_least(schema, &["apiVersion", "apiVersions"]);
}

/// Where kinds keep images, as `function/fields.yaml` says it.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct BuiltinFields {
    pub(super) group: String,
    pub(super) kinds: Vec<String>,
    /// The profiles whose agents the kinds run.
    #[serde(default)]
    pub(super) agents: Vec<String>,
    #[serde(default)]
    pub(super) pods: Vec<Spanned<String>>,
    #[serde(default)]
    pub(super) images: Vec<ImageFieldEntry>,
    #[serde(default)]
    pub(super) whole_only: bool,
    #[serde(default)]
    pub(super) registries: Vec<BuiltinRegistry>,
}

/// A setting of a custom resource that goes before the names of images.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct BuiltinRegistry {
    /// Where the registry is, with the path below it: a JSONPath.
    pub(super) registry: Spanned<String>,
    /// The name of one of the images, by which they all are judged.
    pub(super) before: String,
    /// Where the components that run these images list pull secrets: a JSONPath.
    pub(super) image_pull_secrets: Option<Spanned<String>>,
}

/// Where one image is written: whole, or in parts.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct ImageFieldEntry {
    /// Where the whole reference is: a JSONPath.
    pub(super) image: Option<Spanned<String>>,
    /// Where the registry is, of a reference in parts.
    pub(super) registry: Option<Spanned<String>>,
    /// The registry that the chart or operator puts before the repository where none is written.
    pub(super) default_registry: Option<String>,
    /// Where the repository is, of a reference in parts.
    pub(super) repository: Option<Spanned<String>>,
    /// The repository that an operator takes where none is written beside another part: of built-in fields
    /// alone, since `helm` is for any chart.
    #[schemars(skip)]
    pub(super) default_repository: Option<Spanned<String>>,
    /// Where the tag is.
    pub(super) tag: Option<Spanned<String>>,
    /// Where the digest is.
    pub(super) digest: Option<Spanned<String>>,
    /// Where the pull policy is.
    pub(super) image_pull_policy: Option<Spanned<String>>,
    /// Where the list of pull secrets is.
    pub(super) image_pull_secrets: Option<Spanned<String>>,
    /// Where the list of pull secrets is, if it holds names and no mappings.
    pub(super) pull_secret_names: Option<Spanned<String>>,
    /// Where the name of a pull secret is, if there is no list of them.
    pub(super) image_pull_secret: Option<Spanned<String>>,
    /// Where a list of pull secrets is that takes the place of that one unless it is empty.
    pub(super) overriding_pull_secrets: Option<Spanned<String>>,
    /// A place at which any value makes the field mean nothing.
    pub(super) unless: Option<Spanned<String>>,
}
