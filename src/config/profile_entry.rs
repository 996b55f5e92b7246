//! The parts of a profile as they are written: images, settings that name them, charts, facts and examples.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use super::shape;
use super::spanned::Spanned;
use super::tag_word::TagWord;
use crate::agent::PullPolicy;
use crate::tag;

/// A file of a public repository, and what it says in support of a profile.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct FactEntry {
    /// The repository on GitHub: `OWNER/REPO`.
    pub(super) repository: Spanned<String>,
    /// The commit that was read.
    pub(super) commit: String,
    /// The file's path in the repository.
    pub(super) path: String,
    /// What the file says.
    pub(super) statements: Spanned<Vec<Spanned<StatementEntry>>>,
}

/// What a file says at one place: in data at a JSONPath, in other text on a line.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct StatementEntry {
    /// Where the value is in a document of the file: a JSONPath (RFC 9535).
    pub(super) json_path: Option<Spanned<String>>,
    /// A regular expression for the line; its group is the value, or the whole match without one.
    pub(super) line: Option<Spanned<String>>,
    /// The value that is there; "" is none.
    pub(super) value: String,
    /// What follows from it for the profile.
    pub(super) says: String,
}

/// Tags by repository by release.
pub(super) type TestedTable = BTreeMap<String, Spanned<BTreeMap<String, Spanned<String>>>>;

/// One image of a profile.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(transform = shape::tag_keys)]
pub(super) struct ImageEntry {
    /// The official reference, as the vendor writes it.
    #[schemars(regex(pattern = shape::REFERENCE))]
    pub(super) image: Spanned<String>,
    /// Other official names of the same repository, without tags.
    #[serde(default)]
    #[schemars(inner(regex(pattern = shape::IMAGE_NAME)))]
    pub(super) aliases: Vec<Spanned<String>>,
    /// Other paths, of two segments at least, under which the vendor tells users to mirror it.
    #[serde(default)]
    #[schemars(inner(regex(pattern = shape::PATH)))]
    pub(super) mirror_paths: Vec<Spanned<String>>,
    #[schemars(description = tag::description())]
    pub(super) tag: Option<Spanned<TagWord>>,
    /// The version of `tag: pinned`: a tag, `@digest`, or both. Quote it.
    #[schemars(regex(pattern = shape::PIN), length(min = 1))]
    pub(super) pin: Option<Spanned<String>>,
    /// The oldest version of `tag: minimum`. Quote it.
    #[schemars(regex(pattern = shape::VERSION))]
    pub(super) minimum: Option<Spanned<String>>,
    /// The tags that `tag: floating` leaves as they are; "" is no tag.
    #[schemars(inner(regex(pattern = shape::TAG)))]
    pub(super) floating_tags: Option<Spanned<Vec<Spanned<String>>>>,
    /// The pull policy that its containers should have; `keep` (the default) leaves it.
    #[serde(default)]
    pub(super) image_pull_policy: PullPolicy,
    /// Whether the vendor's own controller writes the image, so that it is reported and never
    /// edited.
    #[serde(default)]
    pub(super) advice: bool,
    /// Whether others run this image too, so that it is the agent's only beside an unshared one.
    #[serde(default)]
    pub(super) shared: bool,
    /// Names of its containers, with `*`. Together with `workloads` they recognise an image that
    /// was replaced beyond recognition; they never restrict.
    #[serde(default)]
    #[schemars(inner(length(min = 1)))]
    pub(super) containers: Vec<Spanned<String>>,
    /// Names of its workloads, with `*`.
    #[serde(default)]
    #[schemars(inner(length(min = 1)))]
    pub(super) workloads: Vec<Spanned<String>>,
    /// Pull secrets wanted wherever it runs, mirror or not.
    #[serde(default)]
    #[schemars(inner(regex(pattern = shape::NAME), length(max = 253)))]
    pub(super) image_pull_secrets: Vec<Spanned<String>>,
}

/// Environment variables that together name an image.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct EnvEntry {
    /// The variable that holds the image, or its name.
    #[schemars(length(min = 1))]
    pub(super) image: Spanned<String>,
    /// The variable that holds the tag.
    #[schemars(length(min = 1))]
    pub(super) tag: Option<Spanned<String>>,
    /// The variable that holds the pull policy.
    #[schemars(length(min = 1))]
    pub(super) image_pull_policy: Option<Spanned<String>>,
    /// The variable that holds pull secrets, separated by commas.
    #[schemars(length(min = 1))]
    pub(super) image_pull_secrets: Option<Spanned<String>>,
}

/// A flag whose value names an image.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ArgEntry {
    /// The flag: `--prometheus-config-reloader`.
    #[schemars(regex(pattern = shape::FLAG))]
    pub(super) flag: Spanned<String>,
}

/// A setting that holds what comes before the names of images: `gcr.io/datadoghq`.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PrefixEntry {
    /// The environment variable, or the flag: `--registry`.
    #[schemars(length(min = 1))]
    pub(super) setting: Spanned<String>,
    /// The name of one of these images, without what comes before it: `agent`.
    #[schemars(length(min = 1))]
    pub(super) before: Spanned<String>,
}

/// Keys of a ConfigMap's `data` that together name an image.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct DataEntry {
    /// The key that holds the image, or its name.
    #[schemars(length(min = 1))]
    pub(super) image: Spanned<String>,
    /// The key that holds the tag.
    #[schemars(length(min = 1))]
    pub(super) tag: Option<Spanned<String>>,
    /// The key that holds the pull policy.
    #[schemars(length(min = 1))]
    pub(super) image_pull_policy: Option<Spanned<String>>,
    /// The key that holds the name of a pull secret.
    #[schemars(length(min = 1))]
    pub(super) image_pull_secret: Option<Spanned<String>>,
}

/// What a revision in a tag depends on.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct RevisionEntry {
    /// The Kubernetes version of the cluster: "1.34". Quote it.
    pub(super) kubernetes_version: Spanned<String>,
    /// Which generation of the vendor's algorithm: `present` or `original`.
    #[serde(default)]
    pub(super) resolver: ResolverWord,
    /// The vendor's versions.json, as text.
    pub(super) versions: Option<Spanned<String>>,
    /// The ConfigMap that holds it under `versions.json`; `kubernetes-agent-versions` by default.
    pub(super) versions_from: Option<Spanned<String>>,
}

/// The word for a generation of the resolver.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename = "resolver", rename_all = "camelCase")]
pub(super) enum ResolverWord {
    #[default]
    Present,
    Original,
}

/// A proof of a profile.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ExampleEntry {
    /// The reference found.
    pub(super) from: String,
    /// The reference desired.
    pub(super) to: String,
}
