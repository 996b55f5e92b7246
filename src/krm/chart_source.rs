//! Objects of Flux that say where a chart is: repositories, and a HelmChart, which names one of them.

use super::resource::Resource;
use crate::yaml::{Error, Node};

/// What such an object says, in texts of its own or of the document that it was read from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChartSource<T> {
    /// Its kind.
    pub kind: T,
    /// Its name.
    pub name: T,
    /// Its namespace; empty where none is written.
    pub namespace: T,
    /// The URL of the repository, which is the chart itself where it is an OCIRepository.
    pub url: Option<T>,
    /// The chart's name, where the object is of one chart.
    pub chart: Option<T>,
    /// The chart's version, or a range of versions.
    pub version: Option<T>,
    /// The kind and name of the object that says the repository, where this one does not.
    pub source: Option<(T, T)>,
}

impl<'n> ChartSource<&'n str> {
    /// Reads a resource; gives nothing where it is no source of charts.
    ///
    /// # Errors
    /// A mapping that is read has a key twice.
    pub fn of(resource: &Resource<'n, '_>) -> Result<Option<Self>, Error> {
        let text = |keys: &[&str]| {
            let spec = resource.node.get("spec")?;
            let found = spec.map(|spec| spec.at(keys)).transpose()?.flatten();
            let text = found.filter(|node| !node.is_null()).and_then(Node::scalar);
            Ok(text.filter(|text| !text.is_empty()))
        };
        let id = (
            resource.group(),
            resource.kind,
            resource.name,
            resource.namespace,
        );
        Self::read(id, text)
    }

    /// Reads an object of this group, kind, name and namespace; `text` gives the text at keys below its `spec`. Gives
    /// nothing where it is no source of charts.
    ///
    /// # Errors
    /// What `text` gives.
    pub fn read<E>(
        (group, kind, name, namespace): (&str, &'n str, &'n str, &'n str),
        text: impl Fn(&[&str]) -> Result<Option<&'n str>, E>,
    ) -> Result<Option<Self>, E> {
        let is_source = kind == "HelmChart" || kind.ends_with("Repository");
        if !is_source || !group.ends_with("toolkit.fluxcd.io") {
            return Ok(None);
        }
        let url = text(&["url"])?;
        let (chart, version, source) = match kind {
            "HelmChart" => {
                let of = text(&["sourceRef", "kind"])?.zip(text(&["sourceRef", "name"])?);
                (text(&["chart"])?, text(&["version"])?, of)
            }
            "OCIRepository" => {
                let (tag, range) = (text(&["ref", "tag"])?, text(&["ref", "semver"])?);
                let digest = text(&["ref", "digest"])?;
                // A digest counts before a range, and that before a tag, which may say what the digest is of:
                // Flux' OCIRepositoryRef.
                let version = match digest {
                    Some(_) => tag.or(digest),
                    None => range.or(tag),
                };
                let chart = url.and_then(|url| url.rsplit('/').next());
                (chart, version, None)
            }
            _ => (None, None, None),
        };
        Ok(Some(ChartSource {
            kind,
            name,
            namespace,
            url,
            chart,
            version,
            source,
        }))
    }

    /// The same in texts of its own.
    #[must_use]
    pub fn owned(self) -> ChartSource<String> {
        let own = str::to_owned;
        ChartSource {
            kind: own(self.kind),
            name: own(self.name),
            namespace: own(self.namespace),
            url: self.url.map(own),
            chart: self.chart.map(own),
            version: self.version.map(own),
            source: self.source.map(|(kind, name)| (own(kind), own(name))),
        }
    }
}

impl ChartSource<String> {
    /// The same in borrowed texts.
    #[must_use]
    pub fn borrowed(&self) -> ChartSource<&str> {
        let source = self.source.as_ref();
        ChartSource {
            kind: &self.kind,
            name: &self.name,
            namespace: &self.namespace,
            url: self.url.as_deref(),
            chart: self.chart.as_deref(),
            version: self.version.as_deref(),
            source: source.map(|(kind, name)| (kind.as_str(), name.as_str())),
        }
    }
}
