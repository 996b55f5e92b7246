//! What items contribute to the configuration: profiles and rules, pull secrets of ServiceAccounts, versions,
//! sources of charts, controllers.

use std::collections::HashMap;

use crate::error::Origin;
use crate::yaml::{Entry, Error, Kind, Node};

use super::OWN_GROUP;
use super::chart_source::ChartSource;
use super::owners::Owners;
use super::resource::{self, Resource};

/// What is among the items and says how others are judged.
#[derive(Debug, Default)]
pub struct ItemConfig<'s> {
    /// AgentProfile objects, each with the text that its offsets count in.
    pub profiles: Vec<(Origin, Node<'s>)>,
    /// RestoreImages objects, whose rules a GenerateImages object may name.
    pub rules: Vec<Node<'s>>,
    /// Controllers whose objects may be among the items, too.
    pub owners: Owners,
    accounts: HashMap<(String, String), Vec<String>>,
    /// What Flux' objects say of charts, by their kinds and names.
    charts: HashMap<(String, String), Vec<ChartSource<String>>>,
    versions: Vec<VersionsMap>,
}

/// A ConfigMap with a versions document.
#[derive(Debug)]
struct VersionsMap {
    /// Its name, and the names that kustomize has given it before.
    names: Vec<String>,
    document: VersionsText,
}

/// The text of a versions document, and where it is.
#[derive(Debug)]
pub struct VersionsText {
    /// The text.
    pub text: String,
    /// The text that `at` counts in.
    pub origin: Origin,
    /// Where it begins.
    pub at: usize,
}

/// The key of a ConfigMap under which a versions document is.
pub const VERSIONS: &str = "versions.json";
/// Where kustomize keeps a resource's earlier names, separated by commas.
const PREVIOUS_NAMES: &str = "internal.config.kubernetes.io/previousNames";

impl<'s> ItemConfig<'s> {
    /// Adds what later resources give.
    pub(super) fn take(&mut self, mut other: ItemConfig<'s>) {
        self.profiles.append(&mut other.profiles);
        self.rules.append(&mut other.rules);
        self.accounts.extend(other.accounts);
        for source in other.charts.into_values().flatten() {
            self.add_chart(source);
        }
        self.versions.append(&mut other.versions);
        self.owners.take(other.owners);
    }

    /// Notes what a resource gives, if it gives anything but a profile.
    ///
    /// # Errors
    /// A mapping that is read has a key twice.
    pub fn note(&mut self, resource: &Resource<'_, '_>) -> Result<(), Error> {
        self.owners.note(resource)?;
        if resource.kind == "ServiceAccount" && resource.api_version == "v1" {
            let names = secret_names(resource.node)?;
            let id = (resource.namespace.to_owned(), resource.name.to_owned());
            self.accounts.insert(id, names);
        }
        if let Some(source) = ChartSource::of(resource)? {
            self.add_chart(source.owned());
        }
        if resource.kind == "ConfigMap"
            && resource.api_version == "v1"
            && let Some(data) = resource.node.get("data")?
            && let Some(node) = data.get(VERSIONS)?
            && let Some(text) = node.scalar()
        {
            let previous = resource.annotation(PREVIOUS_NAMES)?.and_then(Node::scalar);
            let previous = previous.into_iter().flat_map(|names| names.split(','));
            let names = std::iter::once(resource.name).chain(previous);
            self.versions.push(VersionsMap {
                names: names.map(str::to_owned).collect(),
                document: VersionsText {
                    text: text.to_owned(),
                    origin: Origin::Input,
                    at: node.start(),
                },
            });
        }
        Ok(())
    }

    /// The versions document in the ConfigMap of this name, or of this name with the hash that
    /// kustomize's generators add: `NAME-` and ten letters and digits.
    pub fn versions(&self, name: &str) -> Option<&VersionsText> {
        let is_hash = |text: &str| {
            let hash = text.strip_prefix('-').unwrap_or_default();
            hash.len() == 10 && hash.bytes().all(|byte| byte.is_ascii_alphanumeric())
        };
        let fits = |known: &String| {
            let rest = known.strip_prefix(name);
            rest.is_some_and(|rest| rest.is_empty() || is_hash(rest))
        };
        let mut maps = self.versions.iter();
        maps.find(|map| map.names.iter().any(fits))
            .map(|map| &map.document)
    }

    /// Keeps a document or item that is a profile or a set of rules, or those of a `List`.
    ///
    /// # Errors
    /// A mapping that is read has a key twice.
    pub fn keep(&mut self, node: Node<'s>) -> Result<(), Error> {
        let api_version = node.get("apiVersion")?.and_then(Node::scalar);
        let kind = node.get("kind")?.and_then(Node::scalar).unwrap_or_default();
        let own_group = resource::group(api_version.unwrap_or("")) == OWN_GROUP;
        if own_group && kind == "AgentProfile" {
            self.profiles.push((Origin::Input, node));
            return Ok(());
        }
        if own_group && kind == "RestoreImages" {
            self.rules.push(node);
            return Ok(());
        }
        if !kind.ends_with("List") {
            return Ok(());
        }
        let Kind::Mapping(entries, _) = node.kind else {
            return Ok(());
        };
        let is_items = |entry: &Entry<'_>| entry.key.scalar() == Some("items");
        for entry in entries.into_vec().into_iter().filter(is_items) {
            if let Kind::Sequence(items, _) = entry.value.kind {
                let items = items.into_vec();
                items.into_iter().try_for_each(|item| self.keep(item))?;
            }
        }
        Ok(())
    }

    /// Adds what the file of this position gives.
    pub fn join(&mut self, file: usize, mut other: ItemConfig<'s>) {
        for (origin, _) in &mut other.profiles {
            *origin = Origin::File(file);
        }
        for map in &mut other.versions {
            map.document.origin = Origin::File(file);
        }
        self.take(other);
    }

    /// Adds a ServiceAccount with its pull secrets.
    pub fn add_account(&mut self, namespace: String, name: String, secrets: Vec<String>) {
        self.accounts.insert((namespace, name), secrets);
    }

    /// Adds what an object of Flux says of a chart.
    pub fn add_chart(&mut self, source: ChartSource<String>) {
        let id = (source.kind.clone(), source.name.clone());
        self.charts.entry(id).or_default().push(source);
    }

    /// What the objects of this kind and name say of a chart.
    pub fn charts(&self, kind: &str, name: &str) -> Vec<ChartSource<&str>> {
        let id = (kind.to_owned(), name.to_owned());
        let found = self.charts.get(&id).into_iter().flatten();
        found.map(ChartSource::borrowed).collect()
    }

    /// The pull secrets of a ServiceAccount; `None` where it is not among the items.
    pub fn account(&self, namespace: &str, name: &str) -> Option<&[String]> {
        let id = (namespace.to_owned(), name.to_owned());
        self.accounts.get(&id).map(Vec::as_slice)
    }
}

/// The names in the `imagePullSecrets` of a pod spec or ServiceAccount, in order.
///
/// # Errors
/// A mapping that is read has a key twice.
pub fn secret_names(node: &Node<'_>) -> Result<Vec<String>, Error> {
    secret_names_at(node.get("imagePullSecrets")?)
}

/// As [`secret_names`], of the list itself.
///
/// # Errors
/// A mapping that is read has a key twice.
pub fn secret_names_at(list: Option<&Node<'_>>) -> Result<Vec<String>, Error> {
    let mut names = Vec::new();
    for item in list.and_then(Node::items).unwrap_or_default() {
        // Some operators and charts list names, and no mappings.
        let name = match item.text() {
            Some(name) => Some(name),
            None => item.get("name")?.and_then(Node::scalar),
        };
        names.extend(name.map(str::to_owned));
    }
    Ok(names)
}
