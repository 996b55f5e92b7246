//! The ResourceList itself: what makes a document one, and where its parts are.

use crate::error::{Error, Fault};
use crate::yaml::{self, Entry, Node, Span};

use super::GROUP;
use super::resource;

/// Where the parts of a ResourceList are.
#[derive(Debug)]
pub struct ListShape {
    /// Whether the root is written as `{}`.
    pub flow: bool,
    /// Offset of `{`, or of the first key.
    pub start: usize,
    /// Where the document's content ends: at `...`, at a trailing `---`, or at the end.
    pub end: usize,
    /// The root's pairs, in order.
    pub entries: Vec<RootEntry>,
}

/// One pair of a ResourceList's root.
#[derive(Debug)]
pub struct RootEntry {
    /// The key's bytes, anchor and tag included.
    pub key: Span,
    /// The key's text.
    pub name: String,
    /// The value's bytes; a block collection's end is the next token.
    pub value: Span,
    /// What the value is.
    pub found: RootValue,
}

/// What is under a root key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RootValue {
    /// Nothing: `items:`, `items: null`.
    Null,
    /// A list.
    List,
    /// Anything else, in words.
    Other(&'static str),
}

impl RootEntry {
    /// The place of a pair.
    pub(super) fn of(pair: &Entry<'_>) -> Self {
        RootEntry {
            key: pair.key.start()..pair.key.span.end,
            name: pair.key.scalar().unwrap_or_default().to_owned(),
            value: pair.value.start()..pair.value.span.end,
            found: RootValue::of(&pair.value),
        }
    }
}

impl RootEntry {
    /// The place of a list of items whose nodes are not kept.
    pub(super) fn of_items(key: Span, value: Span) -> Self {
        RootEntry {
            key,
            name: "items".to_owned(),
            value,
            found: RootValue::List,
        }
    }
}

impl RootValue {
    /// What a node is.
    pub fn of(node: &Node<'_>) -> Self {
        match (node.is_null(), node.items()) {
            (true, _) => RootValue::Null,
            (_, Some(_)) => RootValue::List,
            _ => RootValue::Other(node.describe()),
        }
    }
}

impl ListShape {
    /// The pair of a key.
    pub fn entry(&self, name: &str) -> Option<&RootEntry> {
        self.entries.iter().find(|entry| entry.name == name)
    }

    /// The column of a block root's keys, in bytes.
    pub fn indent(&self, input: &str) -> usize {
        let before = &input[..self.start];
        let line = before.rfind('\n').map_or(0, |newline| newline + 1);
        before[line..].trim_start_matches('\u{feff}').len()
    }

    /// Refuses root keys that are there twice, and an `items` that is no list.
    ///
    /// # Errors
    /// The ResourceList is not one.
    pub fn check(&self) -> Result<(), Error> {
        for (index, entry) in self.entries.iter().enumerate() {
            let before = &self.entries[..index.min(MANY_KEYS)];
            if let Some(first) = before.iter().find(|other| other.name == entry.name) {
                let error = yaml::Error::duplicate(&entry.name, first.key.start, entry.key.start);
                return Err(Error::yaml(error));
            }
        }
        match self.entry("items") {
            Some(entry) => match entry.found {
                RootValue::Other(found) => Err(Error::Input(Fault::input(
                    entry.value.start,
                    format!("items is {found}, not a list"),
                    Some("write one `- ` item for each resource"),
                ))),
                _ => Ok(()),
            },
            None => Ok(()),
        }
    }
}

/// The functionConfig of a ResourceList, if its value is one: a function is run without one by
/// null, and by some orchestrators by `{}`.
pub(super) fn configuration(value: Node<'_>) -> Option<Node<'_>> {
    let is_empty = value.entries().is_some_and(<[_]>::is_empty);
    (!value.is_null() && !is_empty).then_some(value)
}

/// A ResourceList has five keys; beyond this many, pairs are not compared with all before them.
const MANY_KEYS: usize = 64;

/// Whether a document's root is a ResourceList.
///
/// # Errors
/// It nearly is: a kind misspelt, or a version that this function does not know.
pub fn is_resource_list(root: &Node<'_>) -> Result<bool, Error> {
    let api_version = root.get("apiVersion").map_err(Error::yaml)?;
    let kind = root.get("kind").map_err(Error::yaml)?;
    let version_text = api_version.and_then(Node::scalar).unwrap_or("");
    let kind_text = kind.and_then(Node::scalar).unwrap_or("");
    let own_group = resource::group(version_text) == GROUP;
    let refuse = |node: Option<&Node<'_>>, what: String, help: &str| {
        let at = node.map_or(root.span.start, |node| node.span.start);
        Err(Error::Input(Fault::input(at, what, Some(help))))
    };
    match (own_group, kind_text) {
        (true, "ResourceList") => match version_text {
            "config.kubernetes.io/v1" | "config.kubernetes.io/v1beta1" => Ok(true),
            _ => refuse(
                api_version,
                format!("ResourceList version `{version_text}` is not supported"),
                "use config.kubernetes.io/v1 or config.kubernetes.io/v1beta1",
            ),
        },
        (false, "ResourceList") => refuse(
            api_version.or(kind),
            match version_text {
                "" => "the ResourceList has no apiVersion".to_owned(),
                _ => format!(
                    "a ResourceList has the apiVersion config.kubernetes.io/v1, not `{version_text}`"
                ),
            },
            "write apiVersion: config.kubernetes.io/v1",
        ),
        // KRMFunctionDefinition and Catalog are of the same group: resources like any other.
        (true, "KRMFunctionDefinition" | "Catalog") | (false, _) => Ok(false),
        (true, other) => refuse(
            kind,
            format!("kind `{other}` of {version_text} is not ResourceList"),
            "write kind: ResourceList",
        ),
    }
}
