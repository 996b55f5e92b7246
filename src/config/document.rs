//! The documents that configure the function, as they are written.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;
use serde::de::IgnoredAny;

use super::chart_entry::ChartEntry;
use super::files::FilesEntry;
use super::shape;
use super::spanned::Spanned;
use super::tag_word::TagWord;
use super::trust::TrustEntry;
use super::{ImageLists, Output, ReadValues, UnmatchedAgents};
use crate::agent::{PullPolicy, UndeclaredMirrors};
use crate::finding::{Aspect, Mode};
use crate::registry::Scope;
use crate::tag;

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

/// The one apiVersion there is.
#[derive(JsonSchema)]
pub(super) enum OwnVersion {
    #[serde(rename = "restore-images.dev/v1alpha1")]
    _V1alpha1,
}

/// The kind of a profile.
#[derive(JsonSchema)]
enum AgentProfileKind {
    #[serde(rename = "AgentProfile")]
    _AgentProfile,
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
    /// What becomes of differences: `restore` puts them right, `check` makes errors of them and
    /// changes nothing.
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
    /// a kustomization.
    pub(super) image_lists: ImageLists,
    /// Which images of charts' values are read: those at the paths that profiles know and those that
    /// have the shape of one, those of profiles alone, or none.
    pub(super) values: ReadValues,
    /// What is said of an agent that `agents` names and nothing runs: `report`, or `ignore` where
    /// several packages share the configuration.
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
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(transform = shape::adjusted_tag_keys)]
pub(super) struct Adjusted {
    /// The profile's name.
    pub(super) profile: Spanned<String>,
    /// The tag policy of each of its images, instead of its own.
    pub(super) tag: Option<Spanned<TagWord>>,
    /// The version of `tag: pinned`: a tag, `@digest`, or both. Quote it.
    #[schemars(regex(pattern = shape::PIN), length(min = 1))]
    pub(super) pin: Option<Spanned<String>>,
    /// The oldest version of `tag: minimum`. Quote it.
    pub(super) minimum: Option<Spanned<String>>,
    /// The tags that `tag: floating` leaves as they are; "" is no tag.
    #[schemars(inner(regex(pattern = shape::TAG)))]
    pub(super) floating_tags: Option<Spanned<Vec<Spanned<String>>>>,
    /// The pull policy of each of its images, instead of the profile's.
    pub(super) image_pull_policy: Option<PullPolicy>,
    /// Pull secrets wanted wherever its images run, instead of the profile's.
    #[schemars(inner(regex(pattern = shape::NAME), length(max = 253)))]
    pub(super) image_pull_secrets: Option<Vec<Spanned<String>>>,
    /// Namespaces in which its shared images are its own.
    #[serde(default)]
    #[schemars(inner(regex(pattern = shape::NAME), length(max = 253)))]
    pub(super) namespaces: Vec<Spanned<String>>,
    /// What becomes of its images on hosts that no rule names.
    pub(super) undeclared_mirrors: Option<UndeclaredMirrors>,
    /// What a revision in the tag depends on, for `tag: revision`.
    pub(super) revision: Option<Spanned<RevisionEntry>>,
}

/// The spec of an AgentProfile with its name.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Inline {
    /// The agent's name.
    #[schemars(regex(pattern = shape::NAME), length(max = 253))]
    pub(super) name: Spanned<String>,
    /// The agent's name for people.
    pub(super) title: Option<String>,
    /// Where the vendor says how its images are to be kept.
    pub(super) docs: Option<String>,
    /// Whether the agent restarts itself, so that no restart is to be generated for it.
    #[serde(default)]
    pub(super) restarts_itself: bool,
    /// Its images, at least one.
    #[schemars(length(min = 1))]
    pub(super) images: Spanned<Vec<ImageEntry>>,
    /// Environment variables that together name an image of its.
    #[serde(default)]
    pub(super) env: Vec<EnvEntry>,
    /// Flags whose values name an image of its.
    #[serde(default)]
    pub(super) args: Vec<ArgEntry>,
    /// Environment variables and flags that hold what comes before the names of its images.
    #[serde(default)]
    pub(super) prefixes: Vec<PrefixEntry>,
    /// Its images in the values of its Helm chart; paths begin at the values.
    #[serde(default)]
    pub(super) helm: Vec<ImageFieldEntry>,
    /// Its Helm charts, by their names.
    #[serde(default)]
    pub(super) charts: Vec<ChartEntry>,
    /// Tags by repository by release: which versions the vendor tested together.
    #[serde(default)]
    pub(super) tested: TestedTable,
    /// Proofs of the profile.
    #[serde(default)]
    pub(super) examples: Vec<ExampleEntry>,
    /// Where vendors say what the profile says, for `agents verify`.
    #[serde(default, rename = "facts")]
    #[schemars(with = "Vec<FactEntry>")]
    pub(super) _facts: IgnoredAny,
    /// Namespaces in which its shared images are its own.
    #[serde(default)]
    #[schemars(inner(regex(pattern = shape::NAME), length(max = 253)))]
    pub(super) namespaces: Vec<Spanned<String>>,
    /// What becomes of its images on hosts that no rule names.
    pub(super) undeclared_mirrors: Option<UndeclaredMirrors>,
    /// What a revision in the tag depends on, for `tag: revision`.
    pub(super) revision: Option<Spanned<RevisionEntry>>,
}

/// An AgentProfile object.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct AgentProfile {
    /// `restore-images.dev/v1alpha1`.
    #[schemars(with = "OwnVersion")]
    pub(super) api_version: Spanned<String>,
    /// `AgentProfile`.
    #[schemars(with = "AgentProfileKind")]
    pub(super) kind: Spanned<String>,
    /// The object's metadata, of which the name is read.
    pub(super) metadata: Metadata,
    /// The agent.
    pub(super) spec: ProfileSpec,
}

/// An object's metadata, of which only the name is read.
#[derive(Deserialize, JsonSchema)]
pub(super) struct Metadata {
    /// The profile's name.
    #[schemars(regex(pattern = shape::NAME), length(max = 253))]
    pub(super) name: Spanned<String>,
}

/// An agent as its profile describes it.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct ProfileSpec {
    /// The agent's name for people.
    pub(super) title: Option<String>,
    /// Where the vendor says how its images are to be kept.
    pub(super) docs: Option<String>,
    /// Whether the agent restarts itself, so that no restart is to be generated for it.
    #[serde(default)]
    pub(super) restarts_itself: bool,
    /// Its images, at least one.
    #[schemars(length(min = 1))]
    pub(super) images: Spanned<Vec<ImageEntry>>,
    /// Environment variables that together name an image of its.
    #[serde(default)]
    pub(super) env: Vec<EnvEntry>,
    /// Flags whose values name an image of its.
    #[serde(default)]
    pub(super) args: Vec<ArgEntry>,
    /// Environment variables and flags that hold what comes before the names of its images.
    #[serde(default)]
    pub(super) prefixes: Vec<PrefixEntry>,
    /// Its images in the values of its Helm chart; paths begin at the values.
    #[serde(default)]
    pub(super) helm: Vec<ImageFieldEntry>,
    /// Its Helm charts, by their names.
    #[serde(default)]
    pub(super) charts: Vec<ChartEntry>,
    /// Tags by repository by release: which versions the vendor tested together.
    #[serde(default)]
    pub(super) tested: TestedTable,
    /// Proofs of the profile.
    #[serde(default)]
    pub(super) examples: Vec<ExampleEntry>,
    /// Where vendors say what the profile says, for `agents verify`.
    #[serde(default, rename = "facts")]
    #[schemars(with = "Vec<FactEntry>")]
    pub(super) _facts: IgnoredAny,
}

/// A file of a public repository, and what it says in support of a profile.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct FactEntry {
    /// The repository on GitHub: `OWNER/REPO`.
    pub(super) repository: String,
    /// The commit that was read.
    pub(super) commit: String,
    /// The file's path in the repository.
    pub(super) path: String,
    /// What the file says.
    pub(super) statements: Vec<StatementEntry>,
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
    #[schemars(length(min = 1))]
    pub(super) image: Spanned<String>,
    /// Other official names of the same repository, without tags.
    #[serde(default)]
    pub(super) aliases: Vec<Spanned<String>>,
    /// Other paths, of two segments at least, under which the vendor tells users to mirror it.
    #[serde(default)]
    pub(super) mirror_paths: Vec<Spanned<String>>,
    #[schemars(description = tag::description())]
    pub(super) tag: Option<Spanned<TagWord>>,
    /// The version of `tag: pinned`: a tag, `@digest`, or both. Quote it.
    #[schemars(regex(pattern = shape::PIN), length(min = 1))]
    pub(super) pin: Option<Spanned<String>>,
    /// The oldest version of `tag: minimum`. Quote it.
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
    pub(super) image: String,
    /// The variable that holds the tag.
    pub(super) tag: Option<String>,
    /// The variable that holds the pull policy.
    pub(super) image_pull_policy: Option<String>,
    /// The variable that holds pull secrets, separated by commas.
    pub(super) image_pull_secrets: Option<String>,
}

/// A flag whose value names an image.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ArgEntry {
    /// The flag: `--prometheus-config-reloader`.
    pub(super) flag: String,
}

/// A setting that holds what comes before the names of images: `gcr.io/datadoghq`.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PrefixEntry {
    /// The environment variable, or the flag: `--registry`.
    pub(super) setting: String,
    /// The name of one of these images, without what comes before it: `agent`.
    pub(super) before: String,
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

/// An image field of a custom resource, as the configuration says it.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct FieldEntry {
    /// `example.com/v1`.
    #[schemars(regex(pattern = "/"))]
    pub(super) api_version: Option<Spanned<String>>,
    /// Several, in the place of `apiVersion`: `[example.com/v1, example.com/v1beta1]`.
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
    /// Where the tag is.
    pub(super) tag: Option<Spanned<String>>,
    /// Where the digest is.
    pub(super) digest: Option<Spanned<String>>,
    /// Where the pull policy is.
    pub(super) image_pull_policy: Option<Spanned<String>>,
    /// Where the list of pull secrets is.
    pub(super) image_pull_secrets: Option<Spanned<String>>,
    /// Where a list of pull secrets is that takes the place of that one unless it is empty.
    pub(super) overriding_pull_secrets: Option<Spanned<String>>,
    /// A place at which any value makes the field mean nothing.
    pub(super) unless: Option<Spanned<String>>,
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
    /// What may differ.
    #[schemars(length(min = 1))]
    pub(super) allow: Spanned<Vec<Aspect>>,
}

fn has_a_selector(schema: &mut schemars::Schema) {
    let selectors = ["kind", "namespace", "name", "container", "agent"];
    shape::one_at_least(schema, &selectors);
}
