//! The documents that configure the function, as they are written.

use schemars::JsonSchema;
use serde::Deserialize;
use serde::de::IgnoredAny;

use super::agent_entry::AgentEntry;
use super::field_entry::FieldEntry;
use super::files::FilesEntry;
use super::shape::{self, OwnVersion};
use super::spanned::Spanned;
use super::trust::TrustEntry;
use super::{ImageLists, Output, ReadValues, UnmatchedAgents};
use crate::agent::UndeclaredMirrors;
use crate::finding::{Aspect, Mode};
use crate::registry::Scope;

/// A RestoreImages object; engines write what they like under `metadata`.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RestoreImages {
    /// `restore-images.dev/v1alpha1`.
    #[serde(rename = "apiVersion")]
    #[schemars(with = "OwnVersion")]
    _api_version: IgnoredAny,
    /// `RestoreImages`.
    #[serde(rename = "kind")]
    #[schemars(with = "RestoreImagesKind")]
    _kind: IgnoredAny,
    /// The object's metadata, which engines read.
    #[serde(default, rename = "metadata")]
    #[schemars(with = "std::collections::BTreeMap<String, serde_json::Value>")]
    _metadata: IgnoredAny,
    /// What is to be restored, and how.
    #[serde(default)]
    pub(super) spec: Spec,
}

/// The kind of the object.
#[derive(JsonSchema)]
enum RestoreImagesKind {
    #[serde(rename = "RestoreImages")]
    _RestoreImages,
}

/// What is to be restored, and how.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
#[schemars(transform = shape::no_output_but_of_checks)]
pub(super) struct Spec {
    /// What a function makes of differences: `restore` corrects them, `check` makes errors of them and
    /// changes nothing. The command `check` does what it is called, whatever this says; `fix` writes
    /// nothing under `check` and ends with 2.
    pub(super) mode: Mode,
    /// The agents in play: names of built-in profiles, these adjusted, or profiles of your own.
    /// Left out: every built-in profile.
    #[schemars(length(min = 1))]
    pub(super) agents: Option<Spanned<Vec<Spanned<AgentEntry>>>>,
    /// Registry mapping rules: where copies of official images are. The longest source wins.
    pub(super) registries: Vec<RegistryEntry>,
    /// What becomes of an agent's image on a host that no rule names: `restore` or `keep`. By
    /// default restored for agents that `agents` names, kept for those in play because none was
    /// named.
    pub(super) undeclared_mirrors: Option<UndeclaredMirrors>,
    /// Pull secrets for pods whose image comes from a mirror, where its rule names none.
    #[schemars(inner(regex(pattern = shape::NAME), length(max = 253)))]
    pub(super) image_pull_secrets: Vec<Spanned<String>>,
    /// Hosts of registries that `mirror status` speaks to without TLS, with their port if they have
    /// one. No other host is spoken to so.
    #[schemars(inner(regex(pattern = shape::HOST)))]
    pub(super) plain_http_registries: Vec<Spanned<String>>,
    /// Image fields of custom resources, besides the built-in ones.
    pub(super) fields: Vec<FieldEntry>,
    /// What becomes of lists that replace images where they are rendered, such as the `images:` of
    /// a kustomization. With `ignore`, an image that a list decides is not checked.
    pub(super) image_lists: ImageLists,
    /// Which images of charts' values are read: those at the paths that profiles know and those that
    /// have the shape of one, those of profiles alone, or none.
    pub(super) values: ReadValues,
    /// Whether an agent that `agents` names and nothing runs is reported, and an exception that no
    /// image is under: `report`, or `ignore` if several packages share the configuration.
    pub(super) unmatched_agents: UnmatchedAgents,
    /// Differences that are allowed, each for a reason and a time.
    pub(super) exceptions: Vec<Spanned<ExceptionEntry>>,
    /// What is printed of the items: `none` is for kustomize's `validators:` alone, and goes only
    /// with `mode: check`.
    pub(super) output: Option<Spanned<Output>>,
    /// Whether a function says in one line on standard error what it did, so that a build that it
    /// passed differs from one that left it out.
    pub(super) summary: bool,
    /// How far manifests may override what this configuration says.
    pub(super) trust: TrustEntry,
    /// Which files the commands over files leave out.
    pub(super) files: FilesEntry,
}

/// A registry mapping rule.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct RegistryEntry {
    /// Where the official images are: a host, or a path below one. Write `docker.io/…` for Docker
    /// Hub.
    #[schemars(regex(pattern = shape::PREFIX))]
    pub(super) source: Spanned<String>,
    /// Where their copies are; the same as the source exempts it from a wider rule.
    #[schemars(regex(pattern = shape::PREFIX))]
    pub(super) mirror: Spanned<String>,
    /// Which image fields the rule serves: the agents' (`agents`), or every one (`all`).
    #[serde(default)]
    pub(super) scope: Scope,
    /// Pull secrets of this mirror, instead of the general list.
    #[schemars(inner(regex(pattern = shape::NAME), length(max = 253)))]
    pub(super) image_pull_secrets: Option<Vec<Spanned<String>>>,
}

/// An exception; at least one of the selectors is there.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(transform = has_a_selector)]
pub(super) struct ExceptionEntry {
    /// Why the difference is allowed.
    #[schemars(regex(pattern = r"\S"))]
    pub(super) reason: Spanned<String>,
    /// The last day on which it is, in UTC: 2027-01-31. A warning comes from 14 days before.
    #[schemars(regex(pattern = shape::DAY))]
    pub(super) expires: Option<Spanned<String>>,
    /// The resource's kind, exactly.
    #[schemars(length(min = 1))]
    pub(super) kind: Option<Spanned<String>>,
    /// The resource's namespace, with `*`.
    #[schemars(length(min = 1))]
    pub(super) namespace: Option<Spanned<String>>,
    /// The resource's name, with `*`.
    #[schemars(length(min = 1))]
    pub(super) name: Option<Spanned<String>>,
    /// The container's name, with `*`.
    #[schemars(length(min = 1))]
    pub(super) container: Option<Spanned<String>>,
    /// The agent's name, exactly.
    #[schemars(length(min = 1))]
    pub(super) agent: Option<Spanned<String>>,
    /// The file in which what differs is written, with `*`: `clusters/prod/agent.yaml`. Where it begins with no
    /// slash, any folders may be before it; where it ends with one, it is all files of the folder.
    #[schemars(length(min = 1))]
    pub(super) file: Option<Spanned<String>>,
    /// The path in its document at which it is written, with `*`, as reports have it under `field`:
    /// `spec.template.spec.containers[0].image`, `images[0].newTag`, `*.agents.image.tag`.
    #[schemars(length(min = 1))]
    pub(super) field: Option<Spanned<String>>,
    /// What may differ.
    #[schemars(length(min = 1))]
    pub(super) allow: Spanned<Vec<Aspect>>,
}

fn has_a_selector(schema: &mut schemars::Schema) {
    let selectors = [
        "kind",
        "namespace",
        "name",
        "container",
        "agent",
        "file",
        "field",
    ];
    shape::one_at_least(schema, &selectors);
}
