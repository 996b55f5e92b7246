//! A GenerateImages object as it is written, and its checks: what to generate, and from which rules.

use schemars::JsonSchema;
use serde::Deserialize;
use serde::de::IgnoredAny;

use super::agent_entry::AgentEntry;
use super::document::{ExceptionEntry, RegistryEntry, Spec};
use super::emit::{self, EmitEntry, Generate};
use super::fault::{ConfigFault, quoted};
use super::field_entry::FieldEntry;
use super::names;
use super::shape::{self, OwnVersion};
use super::spanned::Spanned;
use super::trust::TrustEntry;
use crate::agent::UndeclaredMirrors;
use crate::revision::KubernetesVersion;

/// A GenerateImages object; engines write what else they like under `metadata`.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct GenerateImages {
    /// `restore-images.dev/v1alpha1`.
    #[serde(rename = "apiVersion")]
    #[schemars(with = "OwnVersion")]
    _api_version: IgnoredAny,
    /// `GenerateImages`.
    #[serde(rename = "kind")]
    #[schemars(with = "GenerateImagesKind")]
    _kind: IgnoredAny,
    /// The object's name, and where generated ones go.
    metadata: Metadata,
    /// What is to be generated, and from which rules.
    spec: GenerateSpec,
}

/// The kind of the object.
#[derive(JsonSchema)]
enum GenerateImagesKind {
    #[serde(rename = "GenerateImages")]
    _GenerateImages,
}

/// The object's name, which generated ones begin with, and where they go.
#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "GeneratorMetadata")]
struct Metadata {
    /// What the names of generated objects begin with.
    #[schemars(regex(pattern = shape::NAME), length(max = MAX_NAME))]
    name: Spanned<String>,
    /// The namespace of generated objects.
    #[schemars(regex(pattern = "^[a-z0-9]([a-z0-9-]*[a-z0-9])?$"), length(max = MAX_NAMESPACE))]
    namespace: Option<Spanned<String>>,
}

/// The rules, written out or named, and what to make of them.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(transform = in_one_place)]
struct GenerateSpec {
    /// The RestoreImages object among the items that has the rules, in the place of rules here.
    rules_from: Option<Spanned<String>>,
    /// The Kubernetes version of the cluster: "1.34". Quote it.
    #[schemars(regex(pattern = shape::KUBERNETES))]
    target_kubernetes: Option<Spanned<String>>,
    /// The agents in play: names of built-in profiles, these adjusted, or profiles of your own.
    #[schemars(length(min = 1))]
    agents: Option<Spanned<Vec<Spanned<AgentEntry>>>>,
    /// Registry mapping rules: where copies of official images are.
    registries: Option<Spanned<Vec<RegistryEntry>>>,
    /// What becomes of an agent's image on a host that no rule names: `restore` or `keep`.
    undeclared_mirrors: Option<Spanned<UndeclaredMirrors>>,
    /// Pull secrets for pods whose image comes from a mirror, where its rule names none.
    #[schemars(inner(regex(pattern = shape::NAME), length(max = 253)))]
    image_pull_secrets: Option<Spanned<Vec<Spanned<String>>>>,
    /// Hosts of registries that jobs speak to without TLS, with their port if they have one.
    #[schemars(inner(regex(pattern = shape::HOST)))]
    plain_http_registries: Option<Spanned<Vec<Spanned<String>>>>,
    /// Image fields of custom resources, besides the built-in ones.
    fields: Option<Spanned<Vec<FieldEntry>>>,
    /// Differences that are allowed, each for a reason and a time.
    exceptions: Option<Spanned<Vec<Spanned<ExceptionEntry>>>>,
    /// How far manifests may override what this configuration says.
    trust: Option<Spanned<TrustEntry>>,
    /// What is to be generated, each once.
    #[schemars(length(min = 1))]
    emit: Spanned<Vec<Spanned<EmitEntry>>>,
}

/// The keys of rules, which are written here or in the object that `rulesFrom` names.
fn in_one_place(schema: &mut schemars::Schema) {
    let rules = [
        "agents",
        "registries",
        "undeclaredMirrors",
        "imagePullSecrets",
        "plainHttpRegistries",
        "fields",
        "exceptions",
        "trust",
    ];
    shape::never_with(schema, "rulesFrom", &rules);
}

/// The longest name that every generated object's name may begin with: a CronJob's has 52
/// characters (Kubernetes validation of CronJobs), and `-rollout-restart` is the longest ending.
const MAX_NAME: usize = 52 - "-rollout-restart".len();
/// A DNS label (RFC 1123), which a namespace's name is.
const MAX_NAMESPACE: usize = 63;

/// Where the rules of a GenerateImages object are written.
pub(super) enum RulesAt {
    /// In the object itself.
    Here(Box<Spec>),
    /// In the RestoreImages object of this name, among the items.
    Named(Spanned<String>),
}

impl GenerateImages {
    /// The rules, and what is to be generated from them.
    pub(super) fn parts(self) -> Result<(RulesAt, Generate), ConfigFault> {
        let (name, namespace) = self.metadata.checked()?;
        let mut spec = self.spec;
        let target = spec.target()?;
        let generate = Generate {
            name,
            namespace,
            target,
            emit: emit::checked(&spec.emit, target)?,
        };
        Ok((spec.rules()?, generate))
    }
}

impl Metadata {
    fn checked(&self) -> Result<(String, Option<String>), ConfigFault> {
        let name = names::legal(&self.name)?;
        if name.len() > MAX_NAME {
            let what = format!(
                "the name has {} characters, {MAX_NAME} are allowed",
                name.len()
            );
            let help = "what is generated is named after it, and a CronJob's name has at most 52";
            return Err(self.name.fault(what).help(help.to_owned()));
        }
        let namespace = self.namespace.as_ref().map(|written| {
            let name = names::legal(written)?;
            if name.contains('.') || name.len() > MAX_NAMESPACE {
                let fault = written.fault(format!("{} is no namespace", quoted(&name)));
                let help = "use at most 63 lower-case letters, digits and `-`";
                return Err(fault.help(help.to_owned()));
            }
            Ok(name)
        });
        Ok((name, namespace.transpose()?))
    }
}

impl GenerateSpec {
    fn target(&self) -> Result<Option<KubernetesVersion>, ConfigFault> {
        let version = |written: &Spanned<String>| {
            KubernetesVersion::parse(&written.value).ok_or_else(|| {
                let what = format!("{} is no Kubernetes version", quoted(&written.value));
                let help = "write major and minor: \"1.34\"".to_owned();
                written.fault(what).help(help)
            })
        };
        self.target_kubernetes.as_ref().map(version).transpose()
    }

    /// The rules, which are written in one place only.
    fn rules(&mut self) -> Result<RulesAt, ConfigFault> {
        let Some(from) = self.rules_from.take() else {
            return Ok(RulesAt::Here(Box::new(Spec {
                agents: self.agents.take(),
                registries: taken(&mut self.registries),
                undeclared_mirrors: self.undeclared_mirrors.take().map(|word| word.value),
                image_pull_secrets: taken(&mut self.image_pull_secrets),
                plain_http_registries: taken(&mut self.plain_http_registries),
                fields: taken(&mut self.fields),
                exceptions: taken(&mut self.exceptions),
                trust: self
                    .trust
                    .take()
                    .map(|trust| trust.value)
                    .unwrap_or_default(),
                ..Spec::default()
            })));
        };
        let besides = [
            place(&self.agents),
            place(&self.registries),
            place(&self.undeclared_mirrors),
            place(&self.image_pull_secrets),
            place(&self.plain_http_registries),
            place(&self.fields),
            place(&self.exceptions),
            place(&self.trust),
        ];
        if let Some((at, key)) = besides.into_iter().flatten().next() {
            let name = key.rsplit('.').next().unwrap_or_default().to_owned();
            let what = format!("`rulesFrom` and `{name}` are both here");
            let help = format!(
                "write `{name}` in {} alone, or leave `rulesFrom` out",
                from.value
            );
            return Err(ConfigFault::new(at, key, what).first(from.at).help(help));
        }
        Ok(RulesAt::Named(from))
    }
}

fn taken<T>(list: &mut Option<Spanned<Vec<T>>>) -> Vec<T> {
    list.take().map(|list| list.value).unwrap_or_default()
}

fn place<T>(written: &Option<Spanned<T>>) -> Option<(usize, String)> {
    let written = written.as_ref();
    written.map(|written| (written.at, written.key.clone()))
}
