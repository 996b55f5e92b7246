//! Helm charts as profiles describe them: what they are called, and where their values keep images.

mod below;
mod path;
mod range;
mod version;

use crate::image::{Reference, Repository};

pub use path::ValuePath;
pub(crate) use range::first_after;
pub use version::ChartVersion;

/// A chart, with the images of its subcharts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Chart {
    /// Its name in `Chart.yaml`.
    pub name: String,
    /// The repositories that publish it: `https://helm.datadoghq.com`, `oci://ghcr.io/org/charts`.
    pub repositories: Vec<String>,
    /// Whether other vendors' charts have the same name, so that the repository has to be known, too.
    pub is_common: bool,
    /// Whether it runs images that are not among these.
    pub is_partial: bool,
    /// The same of subcharts: for each, the switches that all have to be `true` for it to run.
    pub partial_where: Vec<Vec<Part>>,
    /// The first version that keeps its images as is said here.
    pub since: Option<String>,
    /// What to do with an image of an older version, in words; there wherever `since` is.
    pub before: Option<String>,
    /// The repositories of the other charts of the profile.
    pub siblings: Vec<String>,
    /// The images that its values name.
    pub images: Vec<ChartImage>,
}

/// Where the values of a chart keep one image, and what the chart has there by default.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ChartImage {
    /// A value with the whole reference, which takes precedence over all parts.
    pub whole: Option<Part>,
    /// A value with registry and repository in one, which takes precedence over separate ones.
    pub name: Option<Part>,
    /// What the chart writes before the registry where that is an owner: a host.
    pub host: Option<Part>,
    /// What the chart writes before the repository: a host, or a host with an owner.
    pub registry: Option<Part>,
    /// The repository.
    pub repository: Option<Part>,
    /// The tag, which may hold a digest, too.
    pub tag: Option<Part>,
    /// The digest, with its algorithm or without.
    pub digest: Option<Part>,
    /// The pull policy.
    pub policy: Option<Part>,
    /// The pull secrets.
    pub secrets: Option<SecretsPart>,
    /// Whether the chart has no key for the pull secrets of what runs the image.
    pub lacks_secrets: bool,
    /// Pods in which the chart runs it as well and gives no pull secrets, in words.
    pub unlisted_pods: Option<String>,
    /// A value that disables the image when it is set.
    pub unless: Option<ValuePath>,
    /// Switches that all have to be `true` for the image to run.
    pub enabled_by: Vec<Part>,
    /// The first version of the chart that has the image.
    pub since: Option<String>,
    /// The last version of the chart that has the image.
    pub until: Option<String>,
    /// What to write instead, where absent keys must not be added, since they would change
    /// more than the name.
    pub instead: Option<String>,
    /// Whether it depends on the version of a chart of which nobody knows the version.
    pub depends_on_version: bool,
    /// Whether the chart is unknown: where no registry is written, its templates may prepend one to the
    /// repository.
    pub is_guess: bool,
    /// Whether a registry alone is known, and not which image the chart takes from it.
    pub is_nameless: bool,
    /// Keys of an unknown chart that have a registry, which its templates may put before the image, or
    /// read in the place of its own.
    pub rivals: Vec<ValuePath>,
}

/// Where one part of an image is written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Part {
    /// The documented key, which is added where the part is written nowhere; empty where no value
    /// changes the part.
    pub path: ValuePath,
    /// What the chart has there.
    pub default: Option<String>,
    /// What it has there instead, where a value says so.
    pub default_by: Vec<DefaultBy>,
    /// Values that the default depends on, with what they have to be for it to be the default.
    pub known_where: Vec<(ValuePath, String)>,
    /// Whether the default depends on what no value says.
    pub is_unsure: bool,
    /// Whether its template takes the default where the key is empty, too.
    pub default_where_empty: bool,
    /// Keys that take precedence over it, the strongest first.
    pub overridden_by: Vec<ValuePath>,
    /// Keys that are read where it is empty.
    pub fallbacks: Vec<ValuePath>,
}

/// Another default, where a value of the chart says so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DefaultBy {
    /// The value's key.
    pub path: ValuePath,
    /// What it has to be.
    pub value: String,
    /// The default then.
    pub default: String,
}

/// Where pull secrets are listed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SecretsPart {
    /// The documented list, to which secrets are added where no list is written.
    pub path: ValuePath,
    /// Lists that replace it unless they are empty.
    pub overridden_by: Vec<ValuePath>,
    /// Lists that are read where it is empty.
    pub fallbacks: Vec<ValuePath>,
    /// Lists that the chart adds to it.
    pub joined_with: Vec<ValuePath>,
    /// How the chart wants its entries.
    pub form: SecretsForm,
    /// What to do instead, where the list must not be made: the chart has a secret of its own where
    /// nothing is listed.
    pub instead: Option<String>,
}

/// How a list of pull secrets is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SecretsForm {
    /// `- name: SECRET`
    #[default]
    Mappings,
    /// `- SECRET`
    Names,
    /// One text, with the name of one secret.
    Text,
}

impl Part {
    /// Every path at which the part may be written, highest precedence first.
    pub fn paths(&self) -> impl Iterator<Item = &ValuePath> {
        let documented = std::iter::once(&self.path).filter(|path| !path.is_empty());
        let before = self.overridden_by.iter();
        before.chain(documented).chain(&self.fallbacks)
    }
}

impl SecretsPart {
    /// The candidate lists, highest precedence first; the first non-empty one is used.
    pub fn paths(&self) -> impl Iterator<Item = &ValuePath> {
        let documented = std::iter::once(&self.path);
        let before = self.overridden_by.iter();
        before.chain(documented).chain(&self.fallbacks)
    }
}

impl ChartImage {
    /// Whether the chart is known to have a default image that runs when the values set none.
    pub fn has_default(&self) -> bool {
        self.parts().any(|part| part.default.is_some())
    }

    /// The repository of the image that runs by default.
    pub fn default_repository(&self) -> Option<Repository> {
        let default = |part: &Option<Part>| part.as_ref().and_then(|part| part.default.clone());
        let whole = default(&self.whole).or_else(|| default(&self.name));
        let joined = || {
            let repository = default(&self.repository)?;
            let registry = default(&self.registry);
            Some(registry.map_or(repository.clone(), |registry| {
                format!("{registry}/{repository}")
            }))
        };
        let text = whole.or_else(joined)?;
        Some(Reference::parse(&text).ok()?.repository())
    }

    /// The parts that make up the reference.
    pub fn parts(&self) -> impl Iterator<Item = &Part> {
        let parts = [
            &self.whole,
            &self.name,
            &self.host,
            &self.registry,
            &self.repository,
            &self.tag,
            &self.digest,
        ];
        parts.into_iter().flatten()
    }
}

impl Chart {
    /// Whether a release with this chart name and repository is a release of this chart; `is_others` says
    /// whether a repository is that of somebody else, who may publish another chart by the same name.
    pub fn is(
        &self,
        name: &str,
        repository: Option<&str>,
        is_others: impl Fn(&str) -> bool,
    ) -> bool {
        if self.name != name {
            return false;
        }
        let Some(repository) = repository else {
            return !self.is_common;
        };
        let given = plain(repository);
        let is_of = |own: &String| {
            let own = plain(own);
            let outer = own.strip_suffix(name).map(plain);
            own == given || outer == Some(given)
        };
        let is_sibling = || self.siblings.iter().any(is_of);
        self.repositories.iter().any(is_of)
            || !self.is_common
                && (self.repositories.is_empty() || is_sibling() || !is_others(given))
    }

    /// Every path at which a part of an image is written.
    pub fn paths(&self) -> impl Iterator<Item = &ValuePath> {
        let parts = self.images.iter().flat_map(ChartImage::parts);
        parts.flat_map(Part::paths)
    }
}

/// Normalises a repository URL for comparison: without scheme and trailing slashes.
fn plain(url: &str) -> &str {
    let url = url.trim_end_matches('/');
    url.split_once("://").map_or(url, |(_, rest)| rest)
}
