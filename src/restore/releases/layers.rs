//! Values layers that come from something other than a release: whole values files, ConfigMap data,
//! and what charts and kustomizations reference.

use std::collections::HashSet;
use std::ops::Range;

use crate::krm::resource::Resource;
use crate::krm::spelling::{self, find, spelling};
use crate::slot::Slot;
use crate::values::{
    ChartName, Dependency, Layer, LayerContent, SetValues, ValuesRoot, is_blank, text_at,
};
use crate::yaml::{Error, Node, Path, Segment};

/// A document that is values as a whole.
pub(super) fn whole<'n, 's>(
    document: usize,
    root: Option<&'n Node<'s>>,
    is_own: bool,
) -> Layer<'n, 's> {
    let is_read = |root: &&Node<'_>| root.entries().is_some() || is_own && is_blank(root);
    let content = match root.filter(is_read) {
        Some(holder) => LayerContent::Tree(ValuesRoot::new(holder, Path::default(), &[])),
        // A file of comments says nothing, and takes what it is to say.
        None => LayerContent::Set(SetValues::default()),
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
            is_document(key, wanted).then(|| Slot::key(data, path.clone(), key))
        });
    Ok(slots.collect())
}

/// Whether the text under a key of a ConfigMap may be a document.
pub(super) fn is_document(key: &str, wanted: &HashSet<&str>) -> bool {
    let is_named = key.ends_with(".yaml") || key.ends_with(".yml") || key.contains("values");
    is_named || wanted.contains(key)
}

/// A key of a ConfigMap that a kustomization generates.
pub(super) struct Generated<'n, 's> {
    /// The name of the ConfigMap.
    pub(super) name: &'n str,
    pub(super) key: &'n str,
    pub(super) of: GeneratedOf<'n, 's>,
}

/// What the value of a key is made of.
pub(super) enum GeneratedOf<'n, 's> {
    /// A file, by its path from the kustomization.
    File(&'n str),
    /// A text in the kustomization.
    Literal(InText<'n, 's>),
}

/// A document within the text of a scalar.
pub(super) struct InText<'n, 's> {
    /// The scalar.
    pub(super) slot: Slot<'n, 's>,
    /// Where in its text the document is.
    pub(super) within: Range<usize>,
}

impl<'n, 's> InText<'n, 's> {
    /// A scalar whose whole text is a document.
    pub(super) fn whole(slot: Slot<'n, 's>) -> Self {
        let text = slot.node().ok().flatten().and_then(Node::text);
        let within = 0..text.map_or(0, str::len);
        InText { slot, within }
    }

    /// The text of the document.
    pub(super) fn text(&self) -> &'n str {
        let text = self.slot.node().ok().flatten().and_then(Node::text);
        text.unwrap_or_default()
            .get(self.within.clone())
            .unwrap_or_default()
    }
}

/// The keys of the ConfigMaps that a kustomization generates.
pub(super) fn generated<'n, 's>(node: &'n Node<'s>) -> Result<Vec<Generated<'n, 's>>, Error> {
    const GENERATORS: &str = "configMapGenerator";
    let path = Path::default().key(spelling(node, GENERATORS).unwrap_or(GENERATORS));
    let generators = find(node, GENERATORS)?.and_then(Node::items);
    let mut found = Vec::new();
    for (index, generator) in generators.unwrap_or_default().iter().enumerate() {
        let name = find(generator, "name")?.and_then(Node::scalar);
        let name = name.unwrap_or_default();
        let files = find(generator, "files")?.and_then(Node::items);
        for file in files.unwrap_or_default().iter().filter_map(Node::text) {
            let base = file.rsplit('/').next().unwrap_or(file);
            let (key, file) = file.split_once('=').unwrap_or((base, file));
            let of = GeneratedOf::File(file);
            found.push(Generated { name, key, of });
        }
        let Some(literals) = find(generator, "literals")? else {
            continue;
        };
        let key = spelling(generator, "literals").unwrap_or("literals");
        let items = literals.items().unwrap_or_default().iter().enumerate();
        for (at, literal) in items {
            let Some((named, within)) = literal.text().and_then(spelling::literal) else {
                continue;
            };
            let slot = Slot {
                holder: literals,
                path: path.index(index).key(key),
                at: Segment::Index(at),
                after: "",
            };
            let of = GeneratedOf::Literal(InText { slot, within });
            found.push(Generated {
                name,
                key: named,
                of,
            });
        }
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
        let tags = item.get("tags")?.and_then(Node::items).unwrap_or_default();
        let tag = match tags {
            [only] => only.text(),
            _ => None,
        };
        found.push(Dependency {
            chart: ChartName {
                name: Some(name),
                repository: text_at(item, &["repository"])?,
                version: text_at(item, &["version"])?,
                ..ChartName::default()
            },
            key: text_at(item, &["alias"])?.unwrap_or(name),
            condition: text_at(item, &["condition"])?,
            tag,
        });
    }
    Ok(found)
}
