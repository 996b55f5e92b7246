//! A GenerateImages object as it is written, and its checks: what to generate, and from which rules.

use serde::Deserialize;
use serde::de::IgnoredAny;

use super::document::{AgentEntry, ExceptionEntry, FieldEntry, RegistryEntry, Spec};
use super::emit::{self, EmitEntry, Generate};
use super::fault::{ConfigFault, quoted};
use super::names;
use super::spanned::Spanned;
use super::trust::TrustEntry;
use crate::agent::UndeclaredMirrors;
use crate::revision::KubernetesVersion;

/// A GenerateImages object; engines write what else they like under `metadata`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct GenerateImages {
    #[serde(rename = "apiVersion")]
    _api_version: IgnoredAny,
    #[serde(rename = "kind")]
    _kind: IgnoredAny,
    metadata: Metadata,
    spec: GenerateSpec,
}

/// The object's name, which generated ones begin with, and where they go.
#[derive(Deserialize)]
struct Metadata {
    name: Spanned<String>,
    namespace: Option<Spanned<String>>,
}

/// The rules, written out or named, and what to make of them.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct GenerateSpec {
    rules_from: Option<Spanned<String>>,
    target_kubernetes: Option<Spanned<String>>,
    agents: Option<Spanned<Vec<Spanned<AgentEntry>>>>,
    registries: Option<Spanned<Vec<RegistryEntry>>>,
    undeclared_mirrors: Option<Spanned<UndeclaredMirrors>>,
    image_pull_secrets: Option<Spanned<Vec<Spanned<String>>>>,
    fields: Option<Spanned<Vec<FieldEntry>>>,
    exceptions: Option<Spanned<Vec<Spanned<ExceptionEntry>>>>,
    trust: Option<Spanned<TrustEntry>>,
    emit: Spanned<Vec<Spanned<EmitEntry>>>,
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
