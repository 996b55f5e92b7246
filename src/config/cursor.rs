//! A node of the configuration with its path: reads it as one type, or says what it is instead.

mod key;

use std::cell::Cell;
use std::collections::HashMap;

use serde::de;

use super::fault::{ConfigFault, quoted, short};
use crate::suggest;
use crate::yaml::{Entry, Error, Kind, Node, Style, Tag, scalar};
pub(super) use key::KeyTo;

/// What may still be read: nodes and bytes of text, counted wherever an alias repeats them.
///
/// Without a budget, a few lines of nested aliases would need more memory than there is.
pub(super) struct ReadBudget(Cell<usize>);

impl ReadBudget {
    /// A budget of a million nodes and bytes; no configuration comes near it.
    pub(super) fn new() -> Self {
        ReadBudget(Cell::new(1_000_000))
    }

    pub(super) fn spend(&self, cost: usize, cursor: &Cursor<'_, '_>) -> Result<(), ConfigFault> {
        let Some(left) = self.0.get().checked_sub(cost) else {
            let what = "the configuration is too large: it stands for more than 1 MB";
            let help = "write fewer rules, or fewer aliases of aliases";
            return Err(cursor.fault(what).help(help.to_owned()));
        };
        self.0.set(left);
        Ok(())
    }
}

/// A node that is being deserialised, with its path.
#[derive(Clone, Copy)]
pub(super) struct Cursor<'a, 's> {
    pub(super) node: &'a Node<'s>,
    pub(super) key: &'a KeyTo<'a>,
    pub(super) budget: &'a ReadBudget,
}

impl<'a, 's> Cursor<'a, 's> {
    pub(super) fn fault(&self, what: impl Into<String>) -> ConfigFault {
        ConfigFault::new(self.node.start(), self.key.to_string(), what)
    }

    /// Byte offset at which a scalar's text begins, after any quote; `None` if escapes or folded lines
    /// make the written bytes differ from the text.
    pub(super) fn letters(&self) -> Option<usize> {
        let mut node = self.node;
        while let Kind::Anchored(inner) = &node.kind {
            node = inner;
        }
        let Kind::Scalar(text, style) = &node.kind else {
            return None;
        };
        let quote = match style {
            Style::Plain => 0,
            Style::Single => 1,
            // Every escape of an ASCII character is longer than the character.
            Style::Double if text.is_ascii() => 1,
            _ => return None,
        };
        (node.span.len() == text.len() + 2 * quote).then_some(node.span.start + quote)
    }

    pub(super) fn wrong_type(&self, expected: &str) -> ConfigFault {
        let fault = self.fault(format!("expected {expected}, found {}", found(self.node)));
        if self.node.is_null() {
            return fault.help("write a value, or leave the key out".to_owned());
        }
        fault
    }

    /// Like [`Cursor::wrong_type`], for a value that quotes would turn into text.
    fn not_text(&self, expected: &str) -> ConfigFault {
        let fault = self.wrong_type(expected);
        let node = self.node.target();
        let Some(text) = node.scalar().filter(|_| !node.is_null()) else {
            return fault;
        };
        if node.tag.is_some() {
            return fault.help("leave the tag out".to_owned());
        }
        let quote = format!("quote it: {}", scalar::quote(&short(text)));
        fault.help(match scalar::core_type(text) {
            scalar::Type::Number => format!(
                "{quote}; kustomize rewrites unquoted numbers (1.10 becomes 1.1) before this \
                 function sees them"
            ),
            _ => quote,
        })
    }

    pub(super) fn text(&self) -> Result<&'a str, ConfigFault> {
        let text = untagged(self.node).ok_or_else(|| self.not_text("text"))?;
        self.budget.spend(1 + text.len(), self)?;
        Ok(text)
    }

    /// Reads one of the words; `name` is what messages call them.
    pub(super) fn word(
        &self,
        name: &str,
        words: &[&'static str],
    ) -> Result<&'static str, ConfigFault> {
        let expected = || self.wrong_type(&format!("one of {}", words.join(", ")));
        let text = untagged(self.node).ok_or_else(expected)?;
        self.budget.spend(1 + text.len(), self)?;
        words
            .iter()
            .copied()
            .find(|word| *word == text)
            .ok_or_else(|| {
                let fault = self.fault(format!("unknown {name} {}", quoted(text)));
                fault.help(suggest::help_with_all(text, words))
            })
    }

    pub(super) fn truth(&self) -> Result<bool, ConfigFault> {
        self.budget.spend(1, self)?;
        let is_bare = self.node.target().tag.is_none() && self.node.text().is_none();
        match (self.node.scalar(), is_bare) {
            (Some("true" | "True" | "TRUE"), true) => Ok(true),
            (Some("false" | "False" | "FALSE"), true) => Ok(false),
            (Some("true" | "false"), false) => {
                let fault = self.wrong_type("true or false");
                Err(fault.help("leave the quotes or the tag out".to_owned()))
            }
            _ => {
                let fault = self.wrong_type("true or false");
                Err(fault.help("write `true` or `false`, without quotes".to_owned()))
            }
        }
    }

    /// A count, in digits alone: whatever else reads as a number is written anew by some tools.
    pub(super) fn count(&self) -> Result<u32, ConfigFault> {
        self.budget.spend(1, self)?;
        let is_bare = self.node.target().tag.is_none() && self.node.text().is_none();
        let digits = self.node.scalar().filter(|digits| {
            let is_plain = digits.len() == 1 || !digits.starts_with('0');
            is_bare && is_plain && digits.bytes().all(|byte| byte.is_ascii_digit())
        });
        let count = digits.and_then(|digits| digits.parse().ok());
        count.ok_or_else(|| {
            let fault = self.wrong_type("a whole number");
            fault.help("write digits alone, without quotes: 600".to_owned())
        })
    }

    pub(super) fn items(&self) -> Result<&'a [Node<'s>], ConfigFault> {
        let Some(items) = self.node.items() else {
            let fault = self.wrong_type("a list");
            return Err(match self.node.text() {
                Some(text) if !text.contains('\n') => {
                    fault.help(format!("write it as a list: [{}]", short(text)))
                }
                _ if self
                    .node
                    .entries()
                    .is_some_and(|entries| !entries.is_empty()) =>
                {
                    fault.help(
                        "write it as a list, with a dash before the first key of each".to_owned(),
                    )
                }
                _ => fault,
            });
        };
        self.budget.spend(1, self)?;
        Ok(items)
    }

    /// The pairs of a mapping, whose keys are text and differ from each other.
    pub(super) fn entries(&self) -> Result<&'a [Entry<'s>], ConfigFault> {
        let entries = self.node.entries();
        let entries = entries.ok_or_else(|| self.no_mapping())?;
        self.budget.spend(1, self)?;
        let mut seen = HashMap::new();
        for entry in entries {
            let at = entry.key.start();
            if entry.is_merge() {
                let what = "merge keys are not read in configuration";
                let help = "write the keys out".to_owned();
                return Err(ConfigFault::new(at, self.key.to_string(), what).help(help));
            }
            let Some(key) = entry.key.scalar() else {
                let what = format!("a key must be text, found {}", found(&entry.key));
                return Err(ConfigFault::new(at, self.key.to_string(), what));
            };
            self.budget.spend(1 + key.len(), self)?;
            if let Some(first) = seen.insert(key, at) {
                let path = KeyTo::Field(self.key, key).to_string();
                let error = Error::duplicate(&short(key), first, at);
                return Err(ConfigFault::yaml(path, error));
            }
        }
        Ok(entries)
    }

    fn no_mapping(&self) -> ConfigFault {
        let fault = self.wrong_type("a mapping");
        if self.node.items().is_some() {
            return fault.help("write its keys below each other, without a dash".to_owned());
        }
        if self.node.is_null() {
            return fault;
        }
        fault.help("write keys, each with its value: `KEY: VALUE`".to_owned())
    }

    /// The only pair of a mapping, whose key is one of `keys`.
    pub(super) fn only_entry(
        &self,
        keys: &'static [&'static str],
    ) -> Result<(&'static str, &'a Node<'s>), ConfigFault> {
        let mut found = None;
        let entries = self.entries()?;
        for entry in entries {
            let written = entry.key.scalar().unwrap_or_default();
            let Some(key) = keys.iter().find(|key| **key == written) else {
                let fault = <ConfigFault as de::Error>::unknown_field(written, keys);
                return Err(fault.or_at(entry.key.start(), KeyTo::Field(self.key, written)));
            };
            found = Some((*key, &entry.value));
        }
        found.filter(|_| entries.len() == 1).ok_or_else(|| {
            let fault = self.fault("an entry is a mapping of one key");
            fault.help(suggest::help_with_entries(keys))
        })
    }

    /// The form of a value that is text or a mapping: `text`, or the first of `keys` that it has.
    pub(super) fn form(
        &self,
        text: &'static str,
        keys: &[&'static str],
    ) -> Result<&'static str, ConfigFault> {
        let Some(entries) = self.node.entries() else {
            let is_text = self.node.text().map(|_| text);
            return is_text.ok_or_else(|| self.not_text("text or a mapping"));
        };
        let mut written = entries.iter().filter_map(|entry| entry.key.scalar());
        let has = |key: &&&str| written.clone().any(|word| word == **key);
        if let Some(key) = keys.iter().find(has) {
            return Ok(key);
        }
        let near = written.find_map(|word| suggest::nearest(word, keys.iter().copied()));
        let help = match near {
            Some(near) => format!("did you mean `{near}`?"),
            None => "add one: it says which form this is".to_owned(),
        };
        let what = format!("one of the keys {} is missing", keys.join(", "));
        Err(self.fault(what).help(help))
    }

    /// Adds this node's location to an error from serde.
    pub(super) fn placed<T>(&self, result: Result<T, ConfigFault>) -> Result<T, ConfigFault> {
        result.map_err(|fault| fault.or_at(self.node.start(), self.key))
    }
}

/// The text of a node, if it has no tag but `!!str` and `!`: whoever writes another one in a
/// configuration means something else.
fn untagged<'n>(node: &'n Node<'_>) -> Option<&'n str> {
    let is_own = |tag: &Tag| tag.core.is_none() && tag.name != "!";
    let tag = node.target().tag.as_deref();
    node.text().filter(|_| !tag.is_some_and(is_own))
}

/// What a node is, for a message.
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
