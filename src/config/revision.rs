//! What a revision in a tag depends on: the cluster's version and the vendor's versions document.

use super::fault::{ConfigFault, quoted};
use super::names;
use super::profile_entry::{ResolverWord, RevisionEntry};
use super::spanned::Spanned;
use crate::agent::Agent;
use crate::error::Error;
use crate::krm::item_config::{ItemConfig, VERSIONS, VersionsText};
use crate::revision::{KubernetesVersion, Resolver, Revision, VersionsDocument, VersionsSource};

/// The ConfigMap that is looked for where the configuration names none.
const DEFAULT_CONFIG_MAP: &str = "kubernetes-agent-versions";

/// The settings of an entry of `agents`, for a profile that has a use for them.
pub(super) fn of_agent(
    agent: &Agent,
    entry: Option<&Spanned<RevisionEntry>>,
) -> Result<Option<Revision>, ConfigFault> {
    let Some(entry) = entry else {
        return Ok(None);
    };
    let mut images = agent.images.iter();
    if !images.any(|image| image.tag_policy.reads_revision()) {
        let fault = entry.fault(format!("no image of {} has `tag: revision`", agent.name));
        return Err(fault.help("leave `revision` out".to_owned()));
    }
    let keys = &entry.value;
    let version = &keys.kubernetes_version;
    let Some(cluster) = KubernetesVersion::parse(&version.value) else {
        let fault = version.fault(format!(
            "{} is no Kubernetes version",
            quoted(&version.value)
        ));
        return Err(fault.help("write major and minor: \"1.34\"".to_owned()));
    };
    let (source, versions) = match (&keys.versions, &keys.versions_from) {
        (Some(_), Some(from)) => {
            let fault = from.fault("`versions` and `versionsFrom` are both here");
            return Err(fault.help("keep one of them".to_owned()));
        }
        (Some(text), None) => {
            let unreadable = |what| text.fault(what).help(VENDORS.to_owned());
            let versions = document(&text.value).map_err(unreadable)?;
            (VersionsSource::Inline, Ok(versions))
        }
        (None, from) => {
            let name = match from {
                Some(name) => names::legal(name)?,
                None => DEFAULT_CONFIG_MAP.to_owned(),
            };
            let missing = format!("there is no ConfigMap {name} with versions.json");
            (VersionsSource::ConfigMap(name), Err(missing))
        }
    };
    Ok(Some(Revision {
        cluster,
        resolver: match keys.resolver {
            ResolverWord::Present => Resolver::Present,
            ResolverWord::Original => Resolver::Original,
        },
        source,
        versions,
    }))
}

/// Reads the document from its ConfigMap, if that is among the items.
pub(super) fn find(revision: &mut Revision, gathered: &ItemConfig<'_>) -> Result<(), Error> {
    let VersionsSource::ConfigMap(name) = &revision.source else {
        return Ok(());
    };
    if let Some(VersionsText { text, origin, at }) = gathered.versions(name) {
        let versions = document(text).map_err(|what| {
            let fault = ConfigFault::new(*at, format!("data.{VERSIONS}"), what);
            fault.help(VENDORS.to_owned()).of(origin)
        })?;
        revision.versions = Ok(versions);
    }
    Ok(())
}

/// What to do about a document that cannot be read.
const VENDORS: &str = "write the vendor's versions.json as text";

/// The document in a text, or why it cannot be read.
fn document(text: &str) -> Result<VersionsDocument, String> {
    let versions = VersionsDocument::parse(text);
    versions.map_err(|error| format!("the versions document cannot be read: {error}"))
}
