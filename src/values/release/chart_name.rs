//! What a release says of its chart, and of the charts that its own one includes.

use crate::krm::chart_source::ChartSource;

/// What a release says of its chart.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ChartName<'n> {
    /// Its name; `None` where it names none.
    pub name: Option<&'n str>,
    /// The repository's URL, where it is known.
    pub repository: Option<&'n str>,
    /// Its version, a range perhaps.
    pub version: Option<&'n str>,
    /// The object that says the repository: its kind and name.
    pub source: Option<(&'n str, &'n str)>,
    /// The namespace of that object, where it is known.
    pub namespace: Option<&'n str>,
    /// What became of that object.
    pub lead: Lead,
    /// Whether it is a folder in a repository of files, which may be anybody's.
    pub is_folder: bool,
}

/// What became of the object that says the repository of a chart.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Lead {
    /// It was found, or there is none.
    #[default]
    Followed,
    /// It is not there.
    Missing,
    /// There are several, which say different things, as objects of several clusters do.
    Several,
}

impl<'n> ChartName<'n> {
    /// What it is by the objects that `find` gives for a source, each of which may be the one that is meant;
    /// several where these say different things.
    ///
    /// # Errors
    /// What `find` gives.
    pub fn resolved<E>(
        self,
        find: &impl Fn(SourceName<'n>) -> Result<Vec<ChartSource<&'n str>>, E>,
    ) -> Result<Vec<Self>, E> {
        let Some((kind, name)) = self.source else {
            return Ok(vec![self]);
        };
        let found = find(SourceName {
            kind,
            name,
            namespace: self.namespace,
        })?;
        if found.is_empty() {
            let lead = Lead::Missing;
            return Ok(vec![ChartName { lead, ..self }]);
        }
        let mut all: Vec<Self> = Vec::new();
        for one in found {
            let mut named = ChartName {
                repository: one.url,
                ..self
            };
            if one.chart.is_some() || kind == "HelmChart" {
                (named.name, named.version) = (one.chart, one.version);
            }
            let source = one.source.filter(|(kind, _)| *kind != "HelmChart");
            let of_one = match source {
                Some(_) => ChartName { source, ..named }.resolved(find)?,
                None => vec![named],
            };
            for named in of_one {
                if !all.contains(&named) {
                    all.push(named);
                }
            }
        }
        Ok(all)
    }
}

/// What an object is called that says where a chart is.
#[derive(Debug, Clone, Copy)]
pub struct SourceName<'n> {
    /// Its kind.
    pub kind: &'n str,
    /// Its name.
    pub name: &'n str,
    /// Its namespace, where it is known.
    pub namespace: Option<&'n str>,
}

impl SourceName<'_> {
    /// Keeps to the objects in the namespace, if any is there: of others it may be written elsewhere.
    pub fn keep_near<T>(&self, found: &mut Vec<T>, namespace: impl Fn(&T) -> &str) {
        let is_near = |one: &T| self.namespace == Some(namespace(one));
        if found.iter().any(is_near) {
            found.retain(is_near);
        }
    }
}

/// A chart that another one brings with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dependency<'n> {
    /// What chart it is.
    pub chart: ChartName<'n>,
    /// The key of its values.
    pub key: &'n str,
    /// The values that switch it on or off, separated by commas: the first one that is there counts.
    pub condition: Option<&'n str>,
    /// The tag that switches it on or off below `tags` where no condition does, if it has one alone.
    pub tag: Option<&'n str>,
}
