//! What a piece is, by a look at a few of its lines.
//!
//! A guess lets the first pass be short: who needs the piece reads it later, in the second, and
//! only then is it known that the guess was right. Until then nothing may leave the program.

use memchr::memmem::{self, Finder};

use crate::yaml::Node;
use crate::yaml::fast::Stand;

use super::cut::Piece;
use super::survey::ResourceKind;
use super::{GROUP, OWN_GROUP, resource};

/// Looks for the lines that say what pieces at one column are.
pub(super) struct Look {
    column: usize,
    api_version: Finder<'static>,
    kind: Finder<'static>,
}

impl Look {
    pub(super) fn at(column: usize) -> Self {
        let line = |key: &str| Finder::new(&format!("\n{:column$}{key}: ", "")).into_owned();
        Look {
            column,
            api_version: line("apiVersion"),
            kind: line("kind"),
        }
    }

    /// The kind of a piece; `None` where it must be read to be known, or gives more than its kind.
    pub(super) fn kind_of(&mut self, input: &str, piece: &Piece) -> Option<ResourceKind> {
        let text = &input[piece.span.clone()];
        let column = match piece.stand {
            Stand::Item(column) => column,
            Stand::Document => 0,
            Stand::Lines | Stand::Flow => return None,
        };
        if column != self.column {
            *self = Look::at(column);
        }
        let api_version = value(text, "apiVersion: ", &self.api_version)?;
        let kind = value(text, "kind: ", &self.kind)?;
        let group = resource::group(api_version);
        let gives = match kind {
            "ServiceAccount" | "ResourceList" => true,
            "ConfigMap" => gives_versions(text),
            _ => kind.ends_with("List") || group == OWN_GROUP || group == GROUP,
        };
        (!gives).then(|| ResourceKind::of(api_version, kind))
    }
}

/// Whether a ConfigMap may hold a versions document.
pub(super) fn gives_versions(text: &str) -> bool {
    memmem::find(text.as_bytes(), b"versions.json").is_some()
}

/// A plain value that is all of its line.
fn value<'s>(text: &'s str, key: &str, line: &Finder<'_>) -> Option<&'s str> {
    let start = match text.starts_with(key) {
        true => 0,
        false => line.find(text.as_bytes())? + line.needle().len() - key.len(),
    };
    let rest = &text[start + key.len()..];
    let value = &rest[..memchr::memchr(b'\n', rest.as_bytes())?];
    let is_word = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'/' | b'-');
    let is_plain = value.bytes().all(is_word) && value.starts_with(|c: char| c.is_alphabetic());
    is_plain.then_some(value)
}

/// Whether a resource that was read is of the kind that was guessed, and shows it plainly.
pub(crate) fn is_right(root: &Node<'_>, kind: &ResourceKind) -> bool {
    let text = |key| root.get(key).ok().flatten().and_then(Node::scalar);
    let (Some(api_version), Some(found)) = (text("apiVersion"), text("kind")) else {
        return false;
    };
    found == kind.kind
        && resource::group(api_version) == kind.group
        && resource::version(api_version) == kind.version
}
