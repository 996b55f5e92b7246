//! Anchors and aliases in levels that are not kept, where it is enough that every alias has its anchor.
//!
//! Everywhere else, the parser gives up on them.

use super::holder::Holder;
use super::{DEPTH, NOWHERE, Scan};
use crate::yaml::Span;

/// The parser gives up on a text with more anchors than this.
const MOST_ANCHORS: usize = 16;

/// The anchors of a text so far: their names, and how deep values nest below each.
pub(super) type Anchors = Vec<(Span, u32)>;

impl Scan<'_> {
    /// The value with an anchor that begins here, after the colon of a key at `indent`.
    pub(super) fn anchored(&mut self, indent: usize, depth: u32) -> Option<u32> {
        let name = self.anchor_name()?;
        let start = self.at;
        while self.bytes.get(self.at) == Some(&b' ') {
            self.at += 1;
        }
        let below = match self.byte(self.at) {
            b'\n' => {
                self.next_token()?;
                if self.column == NOWHERE || self.column <= indent {
                    return None;
                }
                self.block::<false>(Holder::Dash, self.column, 0, depth + 1)?
            }
            b'#' => return None,
            _ if self.at > start => self.inline::<false>(Holder::Dash, indent, 0, depth)?,
            _ => return None,
        };
        if self.anchors.len() == MOST_ANCHORS {
            return None;
        }
        self.anchors.push((name, below));
        Some(below)
    }

    /// The alias that begins here, after the colon of a key at `indent`.
    pub(super) fn alias(&mut self, indent: usize, depth: u32) -> Option<u32> {
        let name = self.anchor_name()?;
        let name = &self.bytes[name];
        let mut known = self.anchors.iter().rev();
        let (_, below) = known.find(|(known, _)| &self.bytes[known.clone()] == name)?;
        // An alias counts as a level.
        let below = *below + 1;
        if depth + below >= DEPTH {
            return None;
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
