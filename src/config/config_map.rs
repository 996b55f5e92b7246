//! The configuration as a ConfigMap, whose values are text: a Kptfile's `configMap:` can hold no more.

use serde::Deserialize;
use serde::de::IgnoredAny;

use super::agent_entry::AgentEntry;
use super::document::{RegistryEntry, Spec};
use super::fault::{ConfigFault, quoted};
use super::files::FilesEntry;
use super::spanned::Spanned;
use super::trust::TrustEntry;
use super::{ImageLists, Output, ReadValues, UnmatchedAgents};
use crate::agent::UndeclaredMirrors;
use crate::finding::Mode;
use crate::registry::Scope;

/// A ConfigMap that configures the function.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ConfigMap {
    #[serde(rename = "apiVersion")]
    _api_version: IgnoredAny,
    #[serde(rename = "kind")]
    _kind: IgnoredAny,
    #[serde(default, rename = "metadata")]
    _metadata: IgnoredAny,
    #[serde(default)]
    data: Data,
}

/// The keys of a RestoreImages' spec that text can hold.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
struct Data {
    mode: Mode,
    agents: Option<Spanned<String>>,
    registries: Option<Spanned<String>>,
    undeclared_mirrors: Option<UndeclaredMirrors>,
    image_pull_secrets: Option<Spanned<String>>,
    output: Option<Spanned<Output>>,
}

impl ConfigMap {
    /// The same as a RestoreImages' spec; faults in a list point at the whole text.
    pub(super) fn spec(self) -> Result<Spec, ConfigFault> {
        let data = self.data;
        let agents = data.agents.map(|text| {
            let named = |name: &str| text.with(AgentEntry::Named(name.to_owned()));
            text.with(parts(&text).map(named).collect())
        });
        let registries = data
            .registries
            .iter()
            .flat_map(|text| parts(text).map(|pair| rule(text, pair)));
        let secrets = data.image_pull_secrets.iter();
        Ok(Spec {
            mode: data.mode,
            agents,
            registries: registries.collect::<Result<_, ConfigFault>>()?,
            undeclared_mirrors: data.undeclared_mirrors,
            image_pull_secrets: secrets
                .flat_map(|text| parts(text).map(|name| text.with(name.to_owned())))
                .collect(),
            plain_http_registries: Vec::new(),
            exceptions: Vec::new(),
            output: data.output,
            summary: false,
            fields: Vec::new(),
            image_lists: ImageLists::default(),
            values: ReadValues::default(),
            unmatched_agents: UnmatchedAgents::default(),
            trust: TrustEntry::default(),
            files: FilesEntry::default(),
        })
    }
}

/// The parts between commas and line ends.
fn parts(text: &Spanned<String>) -> impl Iterator<Item = &str> {
    let parts = text.value.split([',', '\n']).map(str::trim);
    parts.filter(|part| !part.is_empty())
}

fn rule(text: &Spanned<String>, pair: &str) -> Result<RegistryEntry, ConfigFault> {
    let Some((source, mirror)) = pair.split_once('=') else {
        let fault = text.fault(format!("{} is not a pair", quoted(pair)));
        let help = "write `source=mirror`, with commas or line ends between pairs";
        return Err(fault.help(help.to_owned()));
    };
    Ok(RegistryEntry {
        source: text.with(source.trim_end().to_owned()),
        mirror: text.with(mirror.trim_start().to_owned()),
        scope: Scope::Agents,
        image_pull_secrets: None,
    })
}
