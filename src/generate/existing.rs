//! Resources that are among the items already: where each one of a kind that is generated is
//! written, and what it says.

use crate::edit::value_end;
use crate::error::Error;
use crate::krm::resource::{self, Resource};
use crate::krm::survey::Survey;
use crate::krm::unit::{Unit, UnitContent};
use crate::sort::sort;
use crate::yaml::parse::Parser;
use crate::yaml::scalar::{Type, core_type, quote};
use crate::yaml::{Entry, Kind, Node, Path, Span};

use super::object::{MANAGED_BY, MANAGER, ORIGIN};

/// A resource among the items.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Existing {
    pub(super) group: String,
    pub(super) kind: String,
    pub(super) name: String,
    pub(super) namespace: String,
    /// Its bytes in the input, without what follows its last value.
    pub(super) span: Span,
    /// The column of its keys; `None` in flow style.
    pub(super) column: Option<usize>,
    /// Position of its unit among the items or documents.
    pub(super) ordinal: usize,
    pub(super) labels: Vec<(String, String)>,
    pub(super) annotations: Vec<(String, String)>,
    /// What it says, by [`canonical`].
    pub(super) value: Option<String>,
    /// What it says, as far as nothing of it is repeated by an alias.
    pub(super) said: serde_yaml::Value,
    /// Whether it is an item or document of its own, not one inside a `List`.
    pub(super) is_top: bool,
}

impl Existing {
    /// Whether this program generated it.
    pub(super) fn is_managed(&self) -> bool {
        let mut labels = self.labels.iter();
        labels.any(|(key, value)| key == MANAGED_BY && value == MANAGER)
    }

    /// The origin that its annotation names.
    pub(super) fn origin(&self) -> Option<&str> {
        let mut annotations = self.annotations.iter();
        annotations
            .find(|(key, _)| key == ORIGIN)
            .map(|(_, value)| value.as_str())
    }
}

/// The resources of a unit, those of its `List`s too.
///
/// # Errors
/// The unit cannot be read by itself, or a mapping that is read cannot be.
pub(super) fn of_unit(
    input: &str,
    parser: Parser,
    unit: &Unit,
    wanted: impl Fn(&Resource<'_, '_>) -> bool,
) -> Result<Vec<Existing>, Error> {
    let text = unit.text(input);
    let root = unit.parse(parser, input, None);
    let root = root.map_err(Error::yaml)?.root;
    let mut budget = unit.budget();
    let mut found = Vec::new();
    let mut add = |node: &Node<'_>, path: &Path<'_>, ordinal: usize| -> Result<(), Error> {
        let resources = resource::resources_at(node, path, &mut budget).map_err(Error::yaml)?;
        for resource in resources.iter().filter(|resource| wanted(resource)) {
            let at = resource.node;
            let end = value_end(text, at, at.span.end);
            let line = text[..at.start()]
                .rfind('\n')
                .map_or(0, |newline| newline + 1);
            found.push(Existing {
                group: resource.group().to_owned(),
                kind: resource.kind.to_owned(),
                name: resource.name.to_owned(),
                namespace: resource.namespace.to_owned(),
                span: at.start()..end,
                column: (!at.is_flow()).then(|| at.start() - line),
                ordinal,
                labels: pairs(resource, "labels").map_err(Error::yaml)?,
                annotations: pairs(resource, "annotations").map_err(Error::yaml)?,
                value: canonical(at),
                said: value(at),
                is_top: resource.path.0.len() == path.0.len(),
            });
        }
        Ok(())
    };
    match unit.content {
        UnitContent::Resource => add(&root, &Path::default(), unit.ordinal)?,
        UnitContent::ResourceList => {
            let items = root.get("items").map_err(Error::yaml)?;
            let items = items.and_then(Node::items).unwrap_or_default();
            let path = Path::default().key("items");
            for (index, item) in items.iter().enumerate() {
                add(item, &path.index(index), index)?;
            }
        }
    }
    Ok(found)
}

/// The resources among the items whose kinds `is_kind` takes.
///
/// # Errors
/// A mapping that is read cannot be.
pub(super) fn existing(
    input: &str,
    survey: &Survey<'_>,
    is_kind: impl Fn(&str, &str) -> bool,
) -> Result<Vec<Existing>, Error> {
    let kinds = survey.kinds.iter();
    let relevant: Vec<bool> = kinds.map(|kind| is_kind(&kind.group, &kind.kind)).collect();
    let mut all = Vec::new();
    for unit in &survey.units {
        if !unit.kinds.iter().any(|&kind| relevant[kind]) {
            continue;
        }
        let wanted = |resource: &Resource<'_, '_>| is_kind(resource.group(), resource.kind);
        all.append(&mut of_unit(input, survey.parser, unit, wanted)?);
    }
    Ok(all)
}

fn pairs(
    resource: &Resource<'_, '_>,
    map: &str,
) -> Result<Vec<(String, String)>, crate::yaml::Error> {
    let Some(metadata) = resource.node.get("metadata")? else {
        return Ok(Vec::new());
    };
    let entries = metadata.get(map)?.and_then(Node::entries);
    let text = |node: &Node<'_>| node.scalar().map(str::to_owned);
    let pair = |entry: &Entry<'_>| Some((text(&entry.key)?, text(&entry.value)?));
    Ok(entries
        .unwrap_or_default()
        .iter()
        .filter_map(pair)
        .collect())
}

/// A node as a value whose scalars are text.
fn value(node: &Node<'_>) -> serde_yaml::Value {
    use serde_yaml::Value;
    match &node.kind {
        Kind::Alias(_) => Value::Null,
        Kind::Anchored(inner) => value(inner),
        Kind::Scalar(text, _) => Value::String(text.to_string()),
        Kind::Sequence(items, _) => Value::Sequence(items.iter().map(value).collect()),
        Kind::Mapping(entries, _) => {
            let pairs = entries.iter().filter(|entry| !entry.is_merge());
            let pairs = pairs.map(|entry| (value(&entry.key), value(&entry.value)));
            Value::Mapping(pairs.collect())
        }
    }
}

/// What a node says, whatever its style and the order of its keys; `None` where it has merge keys,
/// collections for keys, or aliases, which generated objects never have.
pub(super) fn canonical(node: &Node<'_>) -> Option<String> {
    match &node.kind {
        Kind::Alias(_) => None,
        Kind::Anchored(inner) => canonical(inner),
        Kind::Scalar(text, _) if node.text().is_some() => Some(quote(text)),
        Kind::Scalar(text, _) => Some(match core_type(text) {
            Type::Null => "null".to_owned(),
            _ => text.to_ascii_lowercase(),
        }),
        Kind::Sequence(items, _) => {
            let items: Option<Vec<String>> = items.iter().map(canonical).collect();
            Some(format!("[{}]", items?.join(",")))
        }
        Kind::Mapping(entries, _) => {
            let pairs = entries.iter().map(|entry| {
                let key = entry.key.scalar().filter(|_| !entry.is_merge())?;
                Some(format!("{}:{}", quote(key), canonical(&entry.value)?))
            });
            let mut pairs = pairs.collect::<Option<Vec<String>>>()?;
            sort(&mut pairs);
            Some(format!("{{{}}}", pairs.join(",")))
        }
    }
}
