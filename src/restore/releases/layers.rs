//! Values layers that come from something other than a release: whole values files, ConfigMap data,
//! and what charts and kustomizations reference.

use std::collections::HashSet;

use crate::krm::resource::Resource;
use crate::slot::Slot;
use crate::values::{ChartName, Content, Dependency, Layer, Root, text_at};
use crate::yaml::{Error, Node, Path};

/// A document that is values as a whole.
pub(super) fn whole<'n, 's>(
    document: usize,
    root: Option<&'n Node<'s>>,
    is_own: bool,
) -> Layer<'n, 's> {
    let content = match root.filter(|root| root.entries().is_some()) {
        Some(holder) => Content::Tree(Root {
            holder,
            path: Path::default(),
            keys: Vec::new(),
            below: Vec::new(),
        }),
        // A file of comments says nothing.
        None => Content::Set(Vec::new()),
    };
    Layer {
        document,
        content,
        is_own,
    }
}

/// The texts under `data` that are documents by their keys, or by those that releases want.
pub(super) fn data<'n, 's>(
    resource: &Resource<'n, 's>,
    wanted: &HashSet<&str>,
) -> Result<Vec<Slot<'n, 's>>, Error> {
    let Some(data) = resource.node.get("data")? else {
        return Ok(Vec::new());
    };
    let path = resource.path.key("data");
    let entries = data.entries().unwrap_or_default().iter();
    let slots = entries
        .filter(|entry| entry.value.text().is_some())
        .filter_map(|entry| {
            let key = entry.key.scalar()?;
            let is_document =
                key.ends_with(".yaml") || key.ends_with(".yml") || key.contains("values");
            (is_document || wanted.contains(key)).then(|| Slot::key(data, path.clone(), key))
        });
    Ok(slots.collect())
}

/// A key of a ConfigMap that a kustomization generates.
pub(super) struct Generated<'n> {
    /// The name of the ConfigMap.
    pub(super) name: &'n str,
    pub(super) key: &'n str,
    /// The path of the file that it is made of, from the kustomization; none for one that is written
    /// there as a text.
    pub(super) file: Option<&'n str>,
}

/// The keys of the ConfigMaps that a kustomization generates.
pub(super) fn generated_files<'n>(node: &'n Node<'_>) -> Result<Vec<Generated<'n>>, Error> {
    let generators = node.get("configMapGenerator")?.and_then(Node::items);
    let mut found = Vec::new();
    for generator in generators.unwrap_or_default() {
        let name = text_at(generator, &["name"])?.unwrap_or_default();
        let files = generator.get("files")?.and_then(Node::items);
        for file in files.unwrap_or_default().iter().filter_map(Node::text) {
            let base = file.rsplit('/').next().unwrap_or(file);
            let (key, file) = file.split_once('=').unwrap_or((base, file));
            let file = Some(file);
            found.push(Generated { name, key, file });
        }
        let literals = generator.get("literals")?.and_then(Node::items);
        let literals = literals.unwrap_or_default().iter().filter_map(Node::scalar);
        let keys = literals.filter_map(|literal| Some(literal.split_once('=')?.0));
        let file = None;
        found.extend(keys.map(|key| Generated { name, key, file }));
    }
    Ok(found)
}

/// The charts that a chart brings with it.
pub(super) fn dependencies<'n>(chart: &'n Node<'_>) -> Result<Vec<Dependency<'n>>, Error> {
    let mut found = Vec::new();
    let items = chart.get("dependencies")?.and_then(Node::items);
    for item in items.unwrap_or_default() {
        let Some(name) = text_at(item, &["name"])? else {
            continue;
        };
        found.push(Dependency {
            chart: ChartName {
                name: Some(name),
                repository: text_at(item, &["repository"])?,
                version: text_at(item, &["version"])?,
                source: None,
            },
            key: text_at(item, &["alias"])?.unwrap_or(name),
            condition: text_at(item, &["condition"])?,
        });
    }
    Ok(found)
}
