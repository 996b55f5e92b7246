//! Anchors and aliases after keys.
//!
//! In levels that are not kept, it is enough that every alias has its anchor; everywhere else but after a
//! key, the parser gives up on them.

use std::sync::Arc;

use super::holder::Holder;
use super::{DEPTH, NOWHERE, Scan};
use crate::yaml::{Kind, Node, Span};

/// The parser gives up on a text with more anchors than this.
const MOST_ANCHORS: usize = 16;

/// An anchor whose value was read.
pub(super) struct Anchor<'s> {
    name: Span,
    /// How deep values nest below it.
    depth: u32,
    /// The value, where it is kept.
    node: Option<Arc<Node<'s>>>,
}

impl<'s> Scan<'s> {
    /// The value with an anchor that begins here, after the colon of a key at `indent`.
    pub(super) fn anchored<const KEEPS: bool>(
        &mut self,
        key: Holder,
        indent: usize,
        levels: u32,
        depth: u32,
    ) -> Option<u32> {
        let begin = self.at;
        let name = self.anchor_name()?;
        if KEEPS {
            // Where the first levels alone are kept, an alias may name what is in a deeper one.
            if !self.keeps_all {
                return None;
            }
            // An arena drops nothing, and the value is shared by count.
            self.leave_arena();
        }
        let start = self.at;
        while self.bytes.get(self.at) == Some(&b' ') {
            self.at += 1;
        }
        let known = self.anchors.len();
        let below = match self.byte(self.at) {
            b'\n' => {
                self.next_token()?;
                if self.column == NOWHERE || self.column <= indent {
                    return None;
                }
                let below = levels.saturating_sub(1);
                self.block::<KEEPS>(Holder::Dash, self.column, below, depth + 1)?
            }
            b'#' => return None,
            _ if self.at > start => self.inline::<KEEPS>(Holder::Dash, indent, levels, depth)?,
            _ => return None,
        };
        // An anchor within the value begins after this one, and would win over it by one name.
        let mut within = self.anchors[known..].iter();
        let is_named_again =
            within.any(|one| self.bytes[one.name.clone()] == self.bytes[name.clone()]);
        if is_named_again || self.anchors.len() == MOST_ANCHORS {
            return None;
        }
        let mut node = None;
        if KEEPS {
            let mut value = self.items.pop()?;
            value.before = u32::try_from(value.span.start - begin).ok()?;
            let shared = Arc::new(value);
            node = Some(Arc::clone(&shared));
            let outer = Node {
                span: shared.span.clone(),
                before: shared.before,
                depth: shared.depth,
                tag: None,
                kind: Kind::Anchored(shared),
            };
            self.put(key, outer);
        }
        self.anchors.push(Anchor {
            name,
            depth: below,
            node,
        });
        Some(below)
    }

    /// The alias that begins here, after the colon of a key at `indent`.
    pub(super) fn alias<const KEEPS: bool>(
        &mut self,
        key: Holder,
        indent: usize,
        depth: u32,
    ) -> Option<u32> {
        let begin = self.at;
        let name = self.anchor_name()?;
        let name = &self.bytes[name];
        let mut known = self.anchors.iter().rev();
        let anchor = known.find(|known| &self.bytes[known.name.clone()] == name)?;
        // An alias counts as a level.
        let below = anchor.depth + 1;
        if depth + below >= DEPTH {
            return None;
        }
        if KEEPS {
            let kind = Kind::Alias(Arc::clone(anchor.node.as_ref()?));
            let node = Node {
                span: begin..self.at,
                before: 0,
                depth: below,
                tag: None,
                kind,
            };
            self.put(key, node);
        }
        self.end_of_value(indent)?;
        Some(below)
    }

    /// The name after the mark that is here.
    fn anchor_name(&mut self) -> Option<Span> {
        let start = self.at + 1;
        let rest = self.bytes.get(start..)?.iter();
        let is_of_name = |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
        self.at = start + rest.take_while(is_of_name).count();
        (self.at > start).then_some(start..self.at)
    }
}
