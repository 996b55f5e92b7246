//! The vendor's versions.json: reads the parts that the resolver needs.

use std::collections::{BTreeMap, HashMap};

use super::{KubernetesVersion, short};
use crate::yaml::{self, Entry, Node, parse};

/// The vendor's versions.json, as far as a tag depends on it.
///
/// Source: `versions.schema.json` of OctopusDeploy/kubernetes-agent-tools-base.
/// A part that is missing or null is empty. An entry that is text but no version is skipped, since
/// it fits no cluster; Tentacle fails there, or does without the whole document.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct VersionsDocument {
    /// `tools.kubectl` as written; the first entry of a version counts.
    pub(super) kubectl: BTreeMap<KubernetesVersion, String>,
    /// `latest` as written: whether it is a version matters only to [`super::Resolver::Original`].
    pub(super) latest: Option<String>,
    /// `revisionHash` as written.
    pub(super) revision_hash: Option<String>,
    /// Each version's `latestTag` as written, empty where there is none; the first one counts.
    pub(super) deprecations: BTreeMap<KubernetesVersion, String>,
}

/// What is wrong with a versions document, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what}")]
pub struct VersionsError {
    /// Byte offset into the text that was read.
    pub at: usize,
    /// The other offset, where the fault is between two places.
    pub first: Option<usize>,
    /// The key at fault, `tools.kubectl[0]`; empty where the text is not YAML.
    pub key: String,
    /// The fault, lower case, without a final stop.
    pub what: String,
}

impl VersionsDocument {
    /// Reads versions.json. JSON is YAML, so YAML of the same shape is read, too.
    ///
    /// Stricter in types than Tentacle: a number in the place of text may have lost its zeros on
    /// the way (`1.30` is 1.3), so it is refused.
    ///
    /// # Errors
    /// The text is not one document, a part has another type, a mapping that is read has a key
    /// twice, or there is an alias or merge key, which JSON does not know.
    pub fn parse(text: &str) -> Result<Self, VersionsError> {
        let root = parse::document(text).map_err(|error| VersionsError {
            first: error.first,
            ..VersionsError::new(error.at, String::new(), error.what)
        })?;
        let root = Located {
            node: &root,
            name: "",
            key: String::new(),
        };
        let mut versions = VersionsDocument::default();
        for part in root.parts()? {
            match part.name {
                "tools" => versions.kubectl = kubectl(&part)?,
                "latest" => versions.latest = Some(part.text()?.to_owned()),
                "revisionHash" => versions.revision_hash = Some(part.text()?.to_owned()),
                "deprecations" => versions.deprecations = deprecations(&part)?,
                _ => {}
            }
        }
        Ok(versions)
    }
}

impl VersionsError {
    fn new(at: usize, key: String, what: impl Into<String>) -> Self {
        VersionsError {
            at,
            first: None,
            key,
            what: what.into(),
        }
    }
}

fn kubectl(tools: &Located<'_, '_>) -> Result<BTreeMap<KubernetesVersion, String>, VersionsError> {
    let mut found = BTreeMap::new();
    for list in tools.parts()?.iter().filter(|part| part.is("kubectl")) {
        for entry in list.items()? {
            let written = entry.text()?;
            if let Some(version) = KubernetesVersion::of_release(written) {
                found.entry(version).or_insert_with(|| written.to_owned());
            }
        }
    }
    Ok(found)
}

fn deprecations(
    part: &Located<'_, '_>,
) -> Result<BTreeMap<KubernetesVersion, String>, VersionsError> {
    let mut found = BTreeMap::new();
    for deprecation in part.parts()? {
        let mut latest_tag = String::new();
        for part in deprecation.parts()? {
            if part.is("latestTag") {
                latest_tag = part.text()?.to_owned();
            }
        }
        if let Some(version) = KubernetesVersion::of_release(deprecation.name) {
            found.entry(version).or_insert(latest_tag);
        }
    }
    Ok(found)
}

/// A value of the document, and its key from the root.
struct Located<'a, 's> {
    node: &'a Node<'s>,
    /// The last part of the key; empty for the document and for list entries.
    name: &'a str,
    key: String,
}

impl<'a> Located<'a, '_> {
    fn is(&self, name: &str) -> bool {
        self.name == name
    }

    fn error(&self, what: impl Into<String>) -> VersionsError {
        VersionsError::new(self.node.start(), self.key.clone(), what)
    }

    fn wrong_type(&self, expected: &str) -> VersionsError {
        let found = self.node.describe();
        self.error(format!("expected {expected}, found {found}"))
    }

    fn text(&self) -> Result<&'a str, VersionsError> {
        self.node.text().ok_or_else(|| self.wrong_type("text"))
    }

    fn items(&self) -> Result<Vec<Self>, VersionsError> {
        let items = self.node.items();
        let items = items.ok_or_else(|| self.wrong_type("a list"))?;
        let entries = items.iter().enumerate().map(|(index, node)| Located {
            node,
            name: "",
            key: format!("{}[{index}]", self.key),
        });
        entries.map(Located::without_alias).collect()
    }

    /// The values of a mapping that are not null.
    fn parts(&self) -> Result<Vec<Self>, VersionsError> {
        let entries = self.node.entries();
        let entries = entries.ok_or_else(|| self.wrong_type("a mapping"))?;
        let mut seen = HashMap::new();
        let mut parts = Vec::new();
        for entry in entries {
            let Entry { key, value } = entry;
            let start = key.start();
            let fault = |what: String| VersionsError::new(start, self.key.clone(), what);
            if key.is_alias() || entry.is_merge() {
                return Err(fault(NOT_JSON.to_owned()));
            }
            let Some(name) = key.scalar() else {
                return Err(fault(format!("expected a key, found {}", key.describe())));
            };
            if let Some(first) = seen.insert(name, start) {
                let what = yaml::Error::duplicate(&short(name), first, start).what;
                return Err(VersionsError {
                    first: Some(first),
                    ..fault(what)
                });
            }
            if !value.is_null() {
                let key = match self.key.as_str() {
                    "" => short(name),
                    above => format!("{above}.{}", short(name)),
                };
                let part = Located {
                    node: value,
                    name,
                    key,
                };
                parts.push(part.without_alias()?);
            }
        }
        Ok(parts)
    }

    /// Aliases are refused wherever something is read, so that the work stays linear.
    fn without_alias(self) -> Result<Self, VersionsError> {
        if self.node.is_alias() {
            return Err(self.error(NOT_JSON));
        }
        Ok(self)
    }
}

const NOT_JSON: &str = "neither an alias nor a merge key may stand in JSON";
