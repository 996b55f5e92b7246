//! The node: one value of a document, with its bytes.

use std::borrow::Cow;
use std::sync::Arc;

use super::scalar::{self, Style};
use super::{List, Span};

/// One value, borrowed from the text that it was read from.
#[derive(Debug, Clone)]
pub struct Node<'s> {
    /// The value's bytes, without its tag and anchor; an alias' `*name`.
    ///
    /// A block scalar's span covers its content without the header, and runs on over blank lines.
    /// A block collection's span ends at the next token, so it is an upper bound.
    pub span: Span,
    /// How many bytes before the value its properties begin: the first of anchor and tag.
    pub before: u32,
    /// How deep values nest below this one, aliases followed.
    pub depth: u32,
    /// The explicit tag.
    pub tag: Option<Box<Tag>>,
    /// What the value is.
    pub kind: Kind<'s>,
}

/// The core schema's name for bytes in base64.
const BYTES: &str = "binary";

/// An explicit tag as written and, for `!!name`, its name in the core schema.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tag {
    /// The tag resolved: `tag:yaml.org,2002:str`.
    pub name: String,
    /// `str` of `!!str`.
    pub core: Option<String>,
}

impl Tag {
    /// Whether a scalar with this tag is text for go-yaml, as it is with each tag that go-yaml has no
    /// type for; where its readers part, the text is refused.
    fn is_text(&self) -> bool {
        let others = ["null", "bool", "int", "float", BYTES];
        self.core
            .as_deref()
            .is_none_or(|core| !others.contains(&core))
    }
}

/// The kinds of node.
#[derive(Debug, Clone)]
pub enum Kind<'s> {
    /// Text, decoded.
    Scalar(Cow<'s, str>, Style),
    /// Pairs in the order of the source; a merge key is among them as a plain `<<`.
    Mapping(List<'s, Entry<'s>>, bool),
    /// Values in order.
    Sequence(List<'s, Node<'s>>, bool),
    /// A node that carries an anchor; shared with its aliases.
    Anchored(Arc<Node<'s>>),
    /// `*name`: the node that is at the anchor.
    Alias(Arc<Node<'s>>),
}

/// A pair of a mapping.
#[derive(Debug, Clone)]
pub struct Entry<'s> {
    /// The key.
    pub key: Node<'s>,
    /// The value.
    pub value: Node<'s>,
}

/// A null that was not parsed from a text.
impl Default for Node<'_> {
    fn default() -> Self {
        Node {
            span: 0..0,
            before: 0,
            depth: 0,
            tag: None,
            kind: Kind::Scalar(Cow::Borrowed("null"), Style::Plain),
        }
    }
}

impl<'s> Node<'s> {
    /// Where the node begins with its properties: the first of anchor, tag and value.
    pub fn start(&self) -> usize {
        self.span.start - self.before as usize
    }

    /// The node that holds the value: the anchored node for an anchor or alias, else itself.
    #[inline]
    pub fn target(&self) -> &Node<'s> {
        let mut node = self;
        while let Kind::Anchored(inner) | Kind::Alias(inner) = &node.kind {
            node = inner;
        }
        node
    }

    /// Whether the node is written as `*name`.
    pub fn is_alias(&self) -> bool {
        matches!(self.kind, Kind::Alias(_))
    }

    /// The pairs of a mapping, as written: merge keys are not applied.
    #[inline]
    pub fn entries(&self) -> Option<&[Entry<'s>]> {
        match &self.target().kind {
            Kind::Mapping(entries, _) => Some(entries),
            _ => None,
        }
    }

    /// The values of a sequence.
    pub fn items(&self) -> Option<&[Node<'s>]> {
        match &self.target().kind {
            Kind::Sequence(items, _) => Some(items),
            _ => None,
        }
    }

    /// Calls `each` for each scalar that is a value here, at any depth; what aliases repeat is left alone.
    pub fn each_scalar<'n>(&'n self, each: &mut dyn FnMut(&'n Node<'s>)) {
        match &self.kind {
            Kind::Scalar(..) => each(self),
            Kind::Anchored(inner) => inner.each_scalar(each),
            Kind::Alias(_) => {}
            Kind::Mapping(entries, _) => {
                for entry in entries {
                    entry.value.each_scalar(each);
                }
            }
            Kind::Sequence(items, _) => items.iter().for_each(|item| item.each_scalar(each)),
        }
    }

    /// A scalar's decoded text, whatever type a reader would give it.
    #[inline]
    pub fn scalar(&self) -> Option<&str> {
        match &self.target().kind {
            Kind::Scalar(value, _) => Some(value),
            _ => None,
        }
    }

    /// A scalar's text if YAML 1.2 reads it as text: `nginx`, `"1.10"`, but not `1.10` or `null`.
    pub fn text(&self) -> Option<&str> {
        let target = self.target();
        let Kind::Scalar(value, style) = &target.kind else {
            return None;
        };
        let is_text = match target.tag.as_deref() {
            Some(tag) => tag.is_text(),
            None => *style != Style::Plain || scalar::core_type(value) == scalar::Type::Text,
        };
        is_text.then_some(value)
    }

    /// The type that kustomize gives a scalar on its way to JSON, where YAML 1.1's words for true and
    /// false count; `None` for what is no scalar.
    pub(crate) fn json_type(&self) -> Option<scalar::Type> {
        let target = self.target();
        let Kind::Scalar(value, style) = &target.kind else {
            return None;
        };
        let is_plain = *style == Style::Plain && target.tag.is_none();
        Some(match self.text() {
            Some(_) if is_plain && scalar::is_old_word(value) => scalar::Type::Bool,
            Some(_) => scalar::Type::Text,
            None => scalar::core_type(value),
        })
    }

    /// Whether the node is absent in effect: `key:`, `~`, `null`.
    pub fn is_null(&self) -> bool {
        let target = self.target();
        let Kind::Scalar(value, style) = &target.kind else {
            return false;
        };
        match target.tag.as_deref() {
            Some(tag) => tag.core.as_deref() == Some("null"),
            None => *style == Style::Plain && scalar::core_type(value) == scalar::Type::Null,
        }
    }

    /// Whether the value has the tag `!!binary`, so that readers part over its text.
    pub fn is_bytes(&self) -> bool {
        let tag = self.target().tag.as_deref();
        tag.is_some_and(|tag| tag.core.as_deref() == Some(BYTES))
    }

    /// Whether the collection is written in flow style, `{}` or `[]`.
    pub fn is_flow(&self) -> bool {
        matches!(
            self.target().kind,
            Kind::Mapping(_, true) | Kind::Sequence(_, true)
        )
    }

    /// Whether this is a block collection that was read and not kept: one that is kept is never empty.
    pub fn is_left_out(&self) -> bool {
        match &self.target().kind {
            Kind::Mapping(entries, flow) => entries.is_empty() && !flow,
            Kind::Sequence(items, flow) => items.is_empty() && !flow,
            _ => false,
        }
    }

    /// Whether a mapping's key is a mapping somewhere in the value, which no Kubernetes object has
    /// and `{{ .Values.image }}` reads as; aliases are not followed.
    pub fn has_mapping_key(&self) -> bool {
        match &self.kind {
            Kind::Scalar(..) | Kind::Alias(_) => false,
            Kind::Anchored(inner) => inner.has_mapping_key(),
            Kind::Sequence(items, _) => items.iter().any(Node::has_mapping_key),
            Kind::Mapping(entries, _) => entries.iter().any(|entry| {
                entry.key.entries().is_some()
                    || entry.key.has_mapping_key()
                    || entry.value.has_mapping_key()
            }),
        }
    }

    /// A word for the kind of node, for messages.
    pub fn describe(&self) -> &'static str {
        let target = self.target();
        match &target.kind {
            Kind::Mapping(..) => "a mapping",
            Kind::Sequence(..) => "a list",
            Kind::Scalar(..) if target.is_bytes() => "bytes in base64",
            Kind::Scalar(value, Style::Plain) if target.tag.is_none() => {
                match scalar::core_type(value) {
                    scalar::Type::Null => "nothing",
                    scalar::Type::Bool => "a boolean",
                    scalar::Type::Number => "a number",
                    scalar::Type::Text => "text",
                }
            }
            _ => "text",
        }
    }
}
