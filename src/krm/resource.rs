//! One Kubernetes resource in a document, `List` kinds opened.

use crate::split_once::split_once;
use crate::yaml::{Entry, Error, Kind, Node, Path};

/// What to do about aliases that repeat too much.
const REPEATED_HELP: &str = "write the values out instead of repeating them by alias";

/// The label with a chart's name and version, which its releases share.
pub const CHART: &str = "helm.sh/chart";
/// Whether what follows a chart's name and a dash in that label is a version: `1.2`, or `v1.2`.
pub(crate) fn is_version(behind: &str) -> bool {
    let number = behind.strip_prefix('v').unwrap_or(behind);
    number.starts_with(|c: char| c.is_ascii_digit())
}

/// The label with the name of a program.
pub const NAME: &str = "app.kubernetes.io/name";

/// A resource's identity and place in its document.
#[derive(Debug, Clone)]
pub struct Resource<'n, 's> {
    /// The resource's mapping.
    pub node: &'n Node<'s>,
    /// Where it is in its document: empty, or inside a `List`.
    pub path: Path<'n>,
    /// `apps/v1`.
    pub api_version: &'n str,
    /// `Deployment`.
    pub kind: &'n str,
    /// `metadata.name`, empty where there is none.
    pub name: &'n str,
    /// `metadata.namespace`, empty where there is none.
    pub namespace: &'n str,
    /// `metadata`.
    pub metadata: Option<&'n Node<'s>>,
}

impl<'n, 's> Resource<'n, 's> {
    /// The API group, empty for the core group.
    pub fn group(&self) -> &'n str {
        group(self.api_version)
    }

    /// The API version without its group: `v1`.
    pub fn version(&self) -> &'n str {
        version(self.api_version)
    }

    /// What people call it: `HelmRelease shop/web`.
    pub fn told(&self) -> String {
        let separator = if self.namespace.is_empty() { "" } else { "/" };
        let told = [self.kind, " ", self.namespace, separator, self.name].concat();
        told.trim_end().to_owned()
    }

    /// The value of an annotation.
    ///
    /// # Errors
    /// A mapping on the path has a key twice.
    pub fn annotation(&self, name: &str) -> Result<Option<&'n Node<'s>>, Error> {
        match self.annotations()? {
            Some(annotations) => annotations.get(name),
            None => Ok(None),
        }
    }

    /// The annotations.
    ///
    /// # Errors
    /// A mapping on the path has a key twice.
    pub fn annotations(&self) -> Result<Option<&'n Node<'s>>, Error> {
        self.of_metadata("annotations")
    }

    /// The text of a label.
    ///
    /// # Errors
    /// A mapping on the path has a key twice.
    pub fn label(&self, name: &str) -> Result<Option<&'n str>, Error> {
        text_in(self.labels()?, name)
    }

    /// The labels.
    ///
    /// # Errors
    /// A mapping on the path has a key twice.
    pub fn labels(&self) -> Result<Option<&'n Node<'s>>, Error> {
        self.of_metadata("labels")
    }

    /// The value of a key of `metadata`.
    ///
    /// # Errors
    /// It has the key twice.
    pub fn of_metadata(&self, key: &str) -> Result<Option<&'n Node<'s>>, Error> {
        match self.metadata {
            Some(metadata) => metadata.get(key),
            None => Ok(None),
        }
    }

    /// The labels of the pods that a workload runs; a CronJob has them below a Job.
    ///
    /// # Errors
    /// A mapping on the path has a key twice.
    pub fn pod_labels(&self) -> Result<Option<&'n Node<'s>>, Error> {
        self.of_pods("labels")
    }

    /// The annotations of the pods that a workload runs.
    ///
    /// # Errors
    /// A mapping on the path has a key twice.
    pub fn pod_annotations(&self) -> Result<Option<&'n Node<'s>>, Error> {
        self.of_pods("annotations")
    }

    fn of_pods(&self, key: &str) -> Result<Option<&'n Node<'s>>, Error> {
        let Some(spec) = self.node.get("spec")? else {
            return Ok(None);
        };
        let job = spec.get("jobTemplate")?;
        let template = match job {
            Some(job) => job.at(&["spec", "template"])?.or(Some(job)),
            None => spec.get("template")?,
        };
        match template {
            Some(template) => template.at(&["metadata", key]),
            None => Ok(None),
        }
    }
}

/// The text under a key of labels or annotations, if there are any.
///
/// # Errors
/// They have the key twice.
pub fn text_in<'n>(map: Option<&'n Node<'_>>, key: &str) -> Result<Option<&'n str>, Error> {
    match map {
        Some(map) => Ok(map.get(key)?.and_then(Node::scalar)),
        None => Ok(None),
    }
}

/// The API group of an apiVersion, empty for the core group.
pub fn group(api_version: &str) -> &str {
    split_once(api_version, b'/').map_or("", |(group, _)| group)
}

/// The version of an apiVersion, without its group.
pub fn version(api_version: &str) -> &str {
    split_once(api_version, b'/').map_or(api_version, |(_, version)| version)
}

/// The budget of any text, whatever its size, and the addition for each of its bytes.
///
/// A container that is written out has a key for some ten bytes; one that merges a mapping of two
/// hundred keys, for each five of its own sixty.
const KEYS: usize = 20_000;
const KEYS_A_BYTE: usize = 4;
/// All paths of all built-in profiles together take a tenth of these in a release of a chart.
const STEPS: usize = 500_000;
const STEPS_A_BYTE: usize = 16;

/// What a text may cost by its own length, aliases or not.
///
/// Without a bound, a few lines of nested aliases would represent billions of resources, and a few
/// thousand aliases of a large mapping, or paths through one, would have it searched as often.
#[derive(Debug)]
pub struct Budget {
    /// Resources and fields: no more than the text has bytes.
    values: usize,
    /// Keys that are passed in looking others up in resources, containers and merged mappings.
    keys: usize,
    /// Keys that paths pass, and values that they come by.
    steps: usize,
}

impl Budget {
    /// The budget of a text of `bytes` bytes.
    pub fn new(bytes: usize) -> Self {
        Budget {
            values: bytes,
            keys: KEYS.saturating_add(bytes.saturating_mul(KEYS_A_BYTE)),
            steps: STEPS.saturating_add(bytes.saturating_mul(STEPS_A_BYTE)),
        }
    }

    /// Takes one value from the budget.
    ///
    /// # Errors
    /// Nothing is left.
    pub fn take(&mut self, at: usize) -> Result<(), Error> {
        self.values = self.values.checked_sub(1).ok_or_else(|| Error {
            at,
            first: None,
            what: "aliases repeat more values than the text has bytes".to_owned(),
            help: Some(REPEATED_HELP.to_owned()),
        })?;
        Ok(())
    }

    /// Takes a resource or container, with the keys that looking it over passes.
    ///
    /// # Errors
    /// Nothing is left.
    pub fn visit(&mut self, node: &Node<'_>) -> Result<(), Error> {
        self.take(node.span.start)?;
        self.pass(node)
    }

    /// Takes what the merge keys of a document bring, wherever they are.
    ///
    /// # Errors
    /// Nothing is left.
    pub fn merge(&mut self, root: &Node<'_>) -> Result<(), Error> {
        match &root.kind {
            Kind::Mapping(entries, _) => {
                if entries.iter().any(Entry::is_merge) {
                    self.pass(root)?;
                }
                entries.iter().try_for_each(|entry| {
                    self.merge(&entry.key)?;
                    self.merge(&entry.value)
                })
            }
            Kind::Sequence(items, _) => items.iter().try_for_each(|item| self.merge(item)),
            Kind::Anchored(node) => self.merge(node),
            Kind::Scalar(..) | Kind::Alias(_) => Ok(()),
        }
    }

    fn pass(&mut self, node: &Node<'_>) -> Result<(), Error> {
        self.keys = self.keys.checked_sub(node.keys()).ok_or_else(|| Error {
            at: node.start(),
            first: None,
            what: "aliases and merge keys repeat more keys than a text of this size may".to_owned(),
            help: Some(REPEATED_HELP.to_owned()),
        })?;
        Ok(())
    }

    /// Spends `steps` on a path; returns whether the budget sufficed.
    #[must_use]
    pub fn step(&mut self, steps: usize) -> bool {
        let left = self.steps.checked_sub(steps);
        self.steps = left.unwrap_or_default();
        left.is_some()
    }
}

/// The resources of a document: itself, or what its `List` holds.
///
/// An item of a typed list (`DeploymentList`) that names no kind has the list's.
///
/// # Errors
/// A mapping that is read has a key twice, or aliases repeat too much.
pub fn resources<'n, 's>(
    root: &'n Node<'s>,
    budget: &mut Budget,
) -> Result<Vec<Resource<'n, 's>>, Error> {
    resources_at(root, &Path::default(), budget)
}

/// As [`resources`], for a node that is at `path` in its document.
///
/// # Errors
/// As [`resources`].
pub fn resources_at<'n, 's>(
    node: &'n Node<'s>,
    path: &Path<'n>,
    budget: &mut Budget,
) -> Result<Vec<Resource<'n, 's>>, Error> {
    let mut found = Vec::new();
    collect(node, path, ("", ""), budget, &mut found)?;
    Ok(found)
}

fn collect<'n, 's>(
    node: &'n Node<'s>,
    path: &Path<'n>,
    inherited: (&'n str, &'n str),
    budget: &mut Budget,
    found: &mut Vec<Resource<'n, 's>>,
) -> Result<(), Error> {
    budget.visit(node)?;
    if node.entries().is_none() {
        return Ok(());
    }
    let text = |key| Ok(node.get(key)?.and_then(Node::scalar));
    let api_version = text("apiVersion")?.unwrap_or(inherited.0);
    let kind = text("kind")?.unwrap_or(inherited.1);
    if let Some(item_kind) = kind.strip_suffix("List")
        && let Some(items) = node.get("items")?
        && let Some(values) = items.items()
    {
        let items_path = path.key("items");
        for (index, item) in values.iter().enumerate() {
            let path = items_path.index(index);
            collect(item, &path, (api_version, item_kind), budget, found)?;
        }
        return Ok(());
    }
    let metadata = node.get("metadata")?;
    let field = |key| match metadata {
        Some(metadata) => Ok(metadata.get(key)?.and_then(Node::scalar).unwrap_or("")),
        None => Ok(""),
    };
    found.push(Resource {
        node,
        path: path.clone(),
        api_version,
        kind,
        name: field("name")?,
        namespace: field("namespace")?,
        metadata,
    });
    Ok(())
}
