//! Environment variables that values hold as a list of names and values, where a profile says that
//! they hold an image or a registry.

use std::collections::BTreeMap;

use crate::chart::{ChartImage, Part, ValuePath};
use crate::field::carrier::Carriers;
use crate::yaml::{Error, Node};

use super::layer::{Layer, LayerContent};

/// The images that variables in layers of values name; of several layers with one list, Helm reads the
/// highest.
///
/// # Errors
/// A mapping that is read has a key twice.
pub fn variables(layers: &[Layer<'_, '_>], carriers: &Carriers) -> Result<Vec<ChartImage>, Error> {
    let mut lists = BTreeMap::new();
    if carriers.env.is_empty() && carriers.prefixes.is_empty() {
        return Ok(Vec::new());
    }
    for layer in layers {
        if let LayerContent::Tree(root) = &layer.content
            && let Some(node) = root.node()?
        {
            walk(node, carriers, &mut Vec::new(), &mut lists)?;
        }
    }
    Ok(lists.into_values().flatten().collect())
}

fn walk(
    node: &Node<'_>,
    carriers: &Carriers,
    keys: &mut Vec<String>,
    lists: &mut BTreeMap<Vec<String>, Vec<ChartImage>>,
) -> Result<(), Error> {
    for entry in node.entries().unwrap_or_default() {
        let (Some(key), false) = (entry.key.scalar(), entry.value.is_alias()) else {
            continue;
        };
        keys.push(key.to_owned());
        if let Some(items) = entry.value.items() {
            lists.insert(keys.clone(), of_list(items, carriers, keys)?);
        } else {
            walk(&entry.value, carriers, keys, lists)?;
        }
        keys.pop();
    }
    Ok(())
}

/// The images that the variables of a list name.
fn of_list(
    items: &[Node<'_>],
    carriers: &Carriers,
    keys: &[String],
) -> Result<Vec<ChartImage>, Error> {
    let mut places: BTreeMap<&str, usize> = BTreeMap::new();
    for (index, item) in items.iter().enumerate() {
        let has_text = item.get("value")?.and_then(Node::text).is_some();
        if let Some(name) = item.get("name")?.and_then(Node::text).filter(|_| has_text) {
            // Of two variables with one name, Kubernetes takes the last.
            places.insert(name, index);
        }
    }
    let part = |variable: &str| {
        let index = places.get(variable)?.to_string();
        let path = keys.iter().cloned().chain([index, "value".to_owned()]);
        Some(Part {
            path: ValuePath(path.collect()),
            ..Part::default()
        })
    };
    let mut found = Vec::new();
    for carrier in &carriers.env {
        let Some(image) = part(&carrier.image) else {
            continue;
        };
        let tag = carrier.tag.as_deref().and_then(part);
        let (whole, name) = match tag {
            Some(_) => (None, Some(image)),
            None => (Some(image), None),
        };
        found.push(ChartImage {
            whole,
            name,
            tag,
            policy: carrier.policy.as_deref().and_then(part),
            ..ChartImage::default()
        });
    }
    for carrier in &carriers.prefixes {
        found.extend(part(&carrier.setting).map(|registry| ChartImage {
            registry: Some(registry),
            repository: Some(Part {
                default: Some(carrier.name.trim_start_matches('/').to_owned()),
                ..Part::default()
            }),
            ..ChartImage::default()
        }));
    }
    Ok(found)
}
