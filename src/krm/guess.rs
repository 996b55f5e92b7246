//! What a piece is, by a look at a few of its lines.
//!
//! A guess lets the first pass be short: who needs the piece reads it later, in the second, and
//! only then is it known that the guess was right. Until then nothing may leave the program.

use std::sync::Arc;

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
    /// Some of the kinds that were found.
    known: Vec<Known>,
}

/// A kind that was found, with its apiVersion as it is written.
struct Known {
    api_version: String,
    kind: Arc<ResourceKind>,
}

/// Most inputs have fewer kinds; more are not remembered.
const MANY: usize = 16;

impl Look {
    pub(super) fn at(column: usize) -> Self {
        let line = |key: &str| Finder::new(&format!("\n{:column$}{key}: ", "")).into_owned();
        Look {
            column,
            api_version: line("apiVersion"),
            kind: line("kind"),
            known: Vec::new(),
        }
    }

    /// The kind of a piece; `None` where the piece must be read for it to be known, or gives more than
    /// its kind.
    pub(super) fn kind_of(&mut self, input: &str, piece: &Piece) -> Option<Arc<ResourceKind>> {
        let text = &input[piece.span.clone()];
        let column = match piece.stand {
            Stand::Item(column) => column,
            Stand::Document | Stand::Flow => 0,
            Stand::Lines => return None,
        };
        if column != self.column {
            *self = Look::at(column);
        }
        let (api_version, kind) = match piece.stand {
            Stand::Flow => first_pairs(text)?,
            _ => {
                let api_version = value(text, "apiVersion: ", &self.api_version)?;
                (api_version, value(text, "kind: ", &self.kind)?)
            }
        };
        let is = |known: &&Known| known.kind.kind == kind && known.api_version == api_version;
        let known = self.known.iter().find(is);
        let known = known.map(|known| Arc::clone(&known.kind));
        if known.is_some() && kind != "ConfigMap" {
            return known;
        }
        let group = resource::group(api_version);
        let gives = match kind {
            "ServiceAccount" | "ResourceList" => true,
            "ConfigMap" => gives_versions(text),
            _ => kind.ends_with("List") || group == OWN_GROUP || group == GROUP,
        };
        if gives {
            return None;
        }
        if known.is_some() {
            return known;
        }
        let found = Arc::new(ResourceKind::of(api_version, kind));
        if self.known.len() < MANY {
            self.known.push(Known {
                api_version: api_version.to_owned(),
                kind: Arc::clone(&found),
            });
        }
        Some(found)
    }
}

/// Whether a ConfigMap may hold a versions document.
pub(super) fn gives_versions(text: &str) -> bool {
    memmem::find(text.as_bytes(), b"versions.json").is_some()
}

/// The apiVersion and kind of an object in JSON that begins with them, as encoders write it.
fn first_pairs(text: &str) -> Option<(&str, &str)> {
    let (api_version, rest) = pair(text.strip_prefix('{')?, "\"apiVersion\"")?;
    let (kind, _) = pair(rest.strip_prefix(',')?, "\"kind\"")?;
    Some((api_version, kind))
}

/// The value of a pair of this key, a word in quotes, and what follows.
fn pair<'s>(text: &'s str, key: &str) -> Option<(&'s str, &'s str)> {
    let blanks = [' ', '\n'];
    let rest = text.trim_start_matches(blanks).strip_prefix(key)?;
    let rest = rest.trim_start_matches(blanks).strip_prefix(':')?;
    let rest = rest.trim_start_matches(blanks).strip_prefix('"')?;
    let (value, rest) = rest.split_at(memchr::memchr(b'"', rest.as_bytes())?);
    is_word(value).then(|| (value, rest[1..].trim_start_matches(blanks)))
}

/// A plain value that is all of its line.
fn value<'s>(text: &'s str, key: &str, line: &Finder<'_>) -> Option<&'s str> {
    let start = match text.starts_with(key) {
        true => 0,
        false => line.find(text.as_bytes())? + line.needle().len() - key.len(),
    };
    let rest = &text[start + key.len()..];
    let value = &rest[..memchr::memchr(b'\n', rest.as_bytes())?];
    is_word(value).then_some(value)
}

/// Whether a value reads as text, quoted or not.
fn is_word(value: &str) -> bool {
    let is_common = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'/' | b'-');
    value.bytes().all(is_common) && value.starts_with(|c: char| c.is_alphabetic())
}

/// Whether a resource that was read is of the kind that was guessed, and shows it plainly.
pub(crate) fn is_right(root: &Node<'_>, kind: &ResourceKind) -> bool {
    let text = |key| root.get(key).ok().flatten().and_then(Node::scalar);
    let (Some(api_version), Some(found)) = (text("apiVersion"), text("kind")) else {
        return false;
    };
    kind.is(api_version, found)
}
