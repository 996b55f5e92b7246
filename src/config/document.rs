//! The documents that configure the function, as they are written.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::IgnoredAny;

use super::exception::Aspect;
use super::spanned::Spanned;
use super::{ImageLists, Mode, Output};
use crate::agent::{PullPolicy, UndeclaredMirrors};
use crate::registry::Scope;

/// A RestoreImages object; engines write what they like under `metadata`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RestoreImages {
    #[serde(rename = "apiVersion")]
    _api_version: IgnoredAny,
    #[serde(rename = "kind")]
    _kind: IgnoredAny,
    #[serde(default, rename = "metadata")]
    _metadata: IgnoredAny,
    #[serde(default)]
    pub(super) spec: Spec,
}

/// What is to be restored, and how.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub(super) struct Spec {
    pub(super) mode: Mode,
    pub(super) agents: Option<Spanned<Vec<Spanned<AgentEntry>>>>,
    pub(super) registries: Vec<RegistryEntry>,
    pub(super) undeclared_mirrors: Option<UndeclaredMirrors>,
    pub(super) image_pull_secrets: Vec<Spanned<String>>,
    pub(super) fields: Vec<FieldEntry>,
    pub(super) image_lists: ImageLists,
    pub(super) exceptions: Vec<Spanned<ExceptionEntry>>,
    pub(super) output: Option<Spanned<Output>>,
}

/// An agent in play: a name, or a mapping told by the key that it has.
#[derive(Deserialize)]
pub(super) enum AgentEntry {
    /// The profile of this name.
    #[serde(rename = "$text")]
    Named(String),
    /// The profile of this name, adjusted.
    #[serde(rename = "profile")]
    Adjusted(Box<Adjusted>),
    /// A profile written out.
    #[serde(rename = "name")]
    Inline(Box<Inline>),
    /// A whole AgentProfile object.
    #[serde(rename = "kind")]
    Whole(Box<AgentProfile>),
}

/// A profile's name, and what is to be otherwise for each of its images.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Adjusted {
    pub(super) profile: Spanned<String>,
    pub(super) tag: Option<Spanned<TagWord>>,
    pub(super) pin: Option<Spanned<String>>,
    pub(super) minimum: Option<Spanned<String>>,
    pub(super) floating_tags: Option<Spanned<Vec<Spanned<String>>>>,
    pub(super) image_pull_policy: Option<PullPolicy>,
    pub(super) image_pull_secrets: Option<Vec<Spanned<String>>>,
    #[serde(default)]
    pub(super) namespaces: Vec<Spanned<String>>,
    pub(super) undeclared_mirrors: Option<UndeclaredMirrors>,
    pub(super) revision: Option<Spanned<RevisionEntry>>,
}

/// The spec of an AgentProfile with its name.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Inline {
    pub(super) name: Spanned<String>,
    pub(super) title: Option<String>,
    pub(super) docs: Option<String>,
    #[serde(default)]
    pub(super) restarts_itself: bool,
    pub(super) images: Spanned<Vec<ImageEntry>>,
    #[serde(default)]
    pub(super) env: Vec<EnvEntry>,
    #[serde(default)]
    pub(super) args: Vec<ArgEntry>,
    #[serde(default)]
    pub(super) helm: Vec<ImageFieldEntry>,
    #[serde(default)]
    pub(super) tested: TestedTable,
    #[serde(default)]
    pub(super) examples: Vec<ExampleEntry>,
    #[serde(default)]
    pub(super) namespaces: Vec<Spanned<String>>,
    pub(super) undeclared_mirrors: Option<UndeclaredMirrors>,
    pub(super) revision: Option<Spanned<RevisionEntry>>,
}

/// An AgentProfile object.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct AgentProfile {
    pub(super) api_version: Spanned<String>,
    pub(super) kind: Spanned<String>,
    pub(super) metadata: Metadata,
    pub(super) spec: ProfileSpec,
}

/// An object's metadata, of which only the name is read.
#[derive(Deserialize)]
pub(super) struct Metadata {
    pub(super) name: Spanned<String>,
}

/// An agent as its profile describes it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct ProfileSpec {
    pub(super) title: Option<String>,
    pub(super) docs: Option<String>,
    #[serde(default)]
    pub(super) restarts_itself: bool,
    pub(super) images: Spanned<Vec<ImageEntry>>,
    #[serde(default)]
    pub(super) env: Vec<EnvEntry>,
    #[serde(default)]
    pub(super) args: Vec<ArgEntry>,
    #[serde(default)]
    pub(super) helm: Vec<ImageFieldEntry>,
    #[serde(default)]
    pub(super) tested: TestedTable,
    #[serde(default)]
    pub(super) examples: Vec<ExampleEntry>,
}

/// Tags by repository by release.
pub(super) type TestedTable = BTreeMap<String, Spanned<BTreeMap<String, Spanned<String>>>>;

/// One image of a profile.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct ImageEntry {
    pub(super) image: Spanned<String>,
    #[serde(default)]
    pub(super) aliases: Vec<Spanned<String>>,
    #[serde(default)]
    pub(super) mirror_paths: Vec<Spanned<String>>,
    pub(super) tag: Option<Spanned<TagWord>>,
    pub(super) pin: Option<Spanned<String>>,
    pub(super) minimum: Option<Spanned<String>>,
    pub(super) floating_tags: Option<Spanned<Vec<Spanned<String>>>>,
    #[serde(default)]
    pub(super) image_pull_policy: PullPolicy,
    #[serde(default)]
    pub(super) advice: bool,
    #[serde(default)]
    pub(super) shared: bool,
    #[serde(default)]
    pub(super) containers: Vec<Spanned<String>>,
    #[serde(default)]
    pub(super) workloads: Vec<Spanned<String>>,
    #[serde(default)]
    pub(super) image_pull_secrets: Vec<Spanned<String>>,
}

/// Environment variables that together name an image.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct EnvEntry {
    pub(super) image: String,
    pub(super) tag: Option<String>,
    pub(super) image_pull_policy: Option<String>,
    pub(super) image_pull_secrets: Option<String>,
}

/// A flag whose value names an image.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ArgEntry {
    pub(super) flag: String,
}

/// The word for a tag policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename = "tag policy", rename_all = "camelCase")]
pub(super) enum TagWord {
    Floating,
    Keep,
    Pinned,
    Minimum,
    Revision,
}

/// What a revision in a tag depends on.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct RevisionEntry {
    pub(super) kubernetes_version: Spanned<String>,
    #[serde(default)]
    pub(super) resolver: ResolverWord,
    pub(super) versions: Option<Spanned<String>>,
    pub(super) versions_from: Option<Spanned<String>>,
}

/// The word for a generation of the resolver.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename = "resolver", rename_all = "camelCase")]
pub(super) enum ResolverWord {
    #[default]
    Present,
    Original,
}

/// A proof of a profile.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ExampleEntry {
    pub(super) from: String,
    pub(super) to: String,
}

/// A registry mapping rule.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct RegistryEntry {
    pub(super) source: Spanned<String>,
    pub(super) mirror: Spanned<String>,
    #[serde(default, with = "ScopeWord")]
    pub(super) scope: Scope,
    pub(super) image_pull_secrets: Option<Vec<Spanned<String>>>,
}

/// The word for a rule's scope.
#[derive(Deserialize)]
#[serde(remote = "Scope", rename = "scope", rename_all = "camelCase")]
enum ScopeWord {
    Agents,
    All,
}

/// An image field of a custom resource, as the configuration says it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct FieldEntry {
    pub(super) api_version: Spanned<String>,
    pub(super) kind: Spanned<String>,
    pub(super) image: Spanned<String>,
    pub(super) image_pull_policy: Option<Spanned<String>>,
    pub(super) image_pull_secrets: Option<Spanned<String>>,
}

/// Where kinds keep images, as `function/fields.yaml` says it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct BuiltinFields {
    pub(super) group: String,
    pub(super) kinds: Vec<String>,
    #[serde(default)]
    pub(super) pods: Vec<Spanned<String>>,
    #[serde(default)]
    pub(super) images: Vec<ImageFieldEntry>,
}

/// Where one image is written: whole, or in parts.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct ImageFieldEntry {
    pub(super) image: Option<Spanned<String>>,
    pub(super) registry: Option<Spanned<String>>,
    pub(super) repository: Option<Spanned<String>>,
    pub(super) tag: Option<Spanned<String>>,
    pub(super) digest: Option<Spanned<String>>,
    pub(super) image_pull_policy: Option<Spanned<String>>,
    pub(super) image_pull_secrets: Option<Spanned<String>>,
    pub(super) unless: Option<Spanned<String>>,
}

/// An exception; at least one of the selectors is there.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ExceptionEntry {
    pub(super) reason: Spanned<String>,
    pub(super) expires: Option<Spanned<String>>,
    pub(super) kind: Option<Spanned<String>>,
    pub(super) namespace: Option<Spanned<String>>,
    pub(super) name: Option<Spanned<String>>,
    pub(super) container: Option<Spanned<String>>,
    pub(super) agent: Option<Spanned<String>>,
    pub(super) allow: Spanned<Vec<Aspect>>,
}
