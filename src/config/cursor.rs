//! A node of the configuration with its key: what it may be read as, and what else it is.

use std::cell::Cell;
use std::collections::HashMap;
use std::fmt;

use super::suggest;
use super::wrong::{Wrong, quoted, short};
use crate::yaml::{Entry, Error, Kind, Node, Style, scalar};

/// What may still be read: nodes and bytes of text, counted wherever an alias repeats them.
///
/// A few lines of nested aliases stand for more nodes than there is memory.
pub(super) struct Budget(Cell<usize>);

impl Budget {
    /// A budget of a million nodes and bytes; no configuration comes near it.
    pub(super) fn new() -> Self {
        Budget(Cell::new(1_000_000))
    }

    pub(super) fn spend(&self, cost: usize, cursor: &Cursor<'_, '_>) -> Result<(), Wrong> {
        let Some(left) = self.0.get().checked_sub(cost) else {
            let what = "the configuration is too large: it stands for more than 1 MB";
            let help = "write fewer rules, or fewer aliases of aliases";
            return Err(cursor.wrong(what).help(help.to_owned()));
        };
        self.0.set(left);
        Ok(())
    }
}

/// The way to a value, each step borrowed from the one before.
pub(super) enum Key<'a> {
    Root,
    Field(&'a Key<'a>, &'a str),
    Index(&'a Key<'a>, usize),
}

/// Prints `spec.registries[0].mirror`.
impl fmt::Display for Key<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Key::Root => Ok(()),
            Key::Field(Key::Root, name) => f.write_str(name),
            Key::Field(above, name) => write!(f, "{above}.{name}"),
            Key::Index(above, index) => write!(f, "{above}[{index}]"),
        }
    }
}

/// A node on its way to become a value.
#[derive(Clone, Copy)]
pub(super) struct Cursor<'a, 's> {
    pub(super) node: &'a Node<'s>,
    pub(super) key: &'a Key<'a>,
    pub(super) budget: &'a Budget,
}

impl<'a, 's> Cursor<'a, 's> {
    pub(super) fn wrong(&self, what: impl Into<String>) -> Wrong {
        Wrong::new(self.node.start, self.key.to_string(), what)
    }

    pub(super) fn wrong_type(&self, expected: &str) -> Wrong {
        let node = self.node;
        let wrong = self.wrong(format!("expected {expected}, found {}", found(node)));
        if node.is_null() {
            return wrong.help("write a value, or leave the key out".to_owned());
        }
        wrong
    }

    pub(super) fn text(&self) -> Result<&'a str, Wrong> {
        let text = self.node.text();
        let text = text.ok_or_else(|| self.wrong_type("text").help_to_quote(self.node))?;
        self.budget.spend(1 + text.len(), self)?;
        Ok(text)
    }

    pub(super) fn items(&self) -> Result<&'a [Node<'s>], Wrong> {
        let Some(items) = self.node.items() else {
            let wrong = self.wrong_type("a list");
            return Err(match self.node.text() {
                Some(text) if !text.contains('\n') => {
                    wrong.help(format!("write it as a list: [{}]", short(text)))
                }
                _ => wrong,
            });
        };
        self.budget.spend(1, self)?;
        Ok(items)
    }

    /// The pairs of a mapping, whose keys are text and stand once each.
    pub(super) fn entries(&self) -> Result<&'a [Entry<'s>], Wrong> {
        let entries = self.node.entries();
        let entries = entries.ok_or_else(|| self.wrong_type("a mapping"))?;
        self.budget.spend(1, self)?;
        let mut seen = HashMap::new();
        for entry in entries {
            let at = entry.key.start;
            if entry.is_merge() {
                let what = "merge keys are not read in configuration";
                let help = "write the keys out".to_owned();
                return Err(Wrong::new(at, self.key.to_string(), what).help(help));
            }
            let Some(key) = entry.key.scalar() else {
                let what = format!("a key must be text, found {}", found(&entry.key));
                return Err(Wrong::new(at, self.key.to_string(), what));
            };
            self.budget.spend(1 + key.len(), self)?;
            if let Some(first) = seen.insert(key, at) {
                let path = Key::Field(self.key, key).to_string();
                let error = Error::duplicate(key, first, at);
                return Err(Wrong::yaml(path, error));
            }
        }
        Ok(entries)
    }

    /// Which of an enum's forms this is: text, or a mapping with one of `keys`.
    pub(super) fn variant_by_form(&self, keys: &[&'static str]) -> Result<&'static str, Wrong> {
        let Some(entries) = self.node.entries() else {
            let wrong = || {
                self.wrong_type("text or a mapping")
                    .help_to_quote(self.node)
            };
            return self
                .node
                .text()
                .map(|_| super::de::TEXT_VARIANT)
                .ok_or_else(wrong);
        };
        let has = |key: &&&str| {
            entries
                .iter()
                .any(|entry| entry.key.scalar() == Some(**key))
        };
        if let Some(key) = keys.iter().find(has) {
            return Ok(key);
        }
        let wrong = self.wrong(format!("none of the keys {} is here", keys.join(", ")));
        let written = entries.iter().filter_map(|entry| entry.key.scalar());
        let near = written
            .filter_map(|word| suggest::nearest(word, keys.iter().copied()))
            .next();
        Err(wrong.help(near.map(|near| format!("did you mean `{near}`?"))))
    }

    /// Gives errors that serde makes the place of this node.
    pub(super) fn placed<T>(&self, result: Result<T, Wrong>) -> Result<T, Wrong> {
        result.map_err(|wrong| wrong.or_at(self.node.start, self.key))
    }
}

impl Wrong {
    fn help_to_quote(self, node: &Node<'_>) -> Self {
        let Some(text) = node.scalar().filter(|_| !node.is_null()) else {
            return self;
        };
        let quote = format!("quote it: {}", scalar::quote(&short(text)));
        match scalar::core_type(text) {
            scalar::Type::Number => self.help(format!(
                "{quote}; kustomize rewrites unquoted numbers (1.10 becomes 1.1) before this \
                 function sees them"
            )),
            _ => self.help(quote),
        }
    }
}

/// What stands somewhere, for a message.
fn found(node: &Node<'_>) -> String {
    let node = node.target();
    let Kind::Scalar(text, style) = &node.kind else {
        return node.describe().to_owned();
    };
    if let Some(tag) = &node.tag {
        let name = match &tag.core {
            Some(core) => format!("!!{core}"),
            None => tag.name.clone(),
        };
        return format!("a value tagged {}", quoted(&name));
    }
    let kind = match style {
        Style::Plain => scalar::core_type(text),
        _ => scalar::Type::Text,
    };
    match kind {
        scalar::Type::Null => "nothing".to_owned(),
        scalar::Type::Bool => format!("the boolean {text}"),
        scalar::Type::Number => format!("the number {}", short(text)),
        scalar::Type::Text => format!("the text {}", quoted(text)),
    }
}
