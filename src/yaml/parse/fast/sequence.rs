//! Block lists.

use super::build::{Closed, CollectionShape};
use super::holder::Holder;
use super::scalar::PlainEnd;
use super::{DEPTH, NOWHERE, Scan};
use crate::yaml::Node;

impl<'s> Scan<'s> {
    /// The only item of the block list that begins here.
    pub(super) fn only_item(&mut self, levels: u32) -> Option<Node<'s>> {
        let list = self.sequence::<true>(self.column, false, levels, 0)?;
        let is_only = self.column == NOWHERE && self.items.len() == list.first + 1;
        self.items.pop().filter(|_| is_only)
    }

    /// A list, whose items are kept if it is and levels are left.
    #[inline(always)]
    pub(super) fn list_of<const KEEPS: bool>(
        &mut self,
        indent: usize,
        indentless: bool,
        levels: u32,
        depth: u32,
    ) -> Option<Closed> {
        if KEEPS && self.keeps(self.list_start(indentless), levels) {
            self.sequence::<true>(indent, indentless, levels, depth)
        } else {
            self.sequence::<false>(indent, indentless, 0, depth)
        }
    }

    /// Where the list whose first dash is here begins: after the dash, where that is at the key's own column.
    #[inline]
    fn list_start(&self, indentless: bool) -> usize {
        if indentless {
            self.at + 1 + self.blanks(self.at + 1)
        } else {
            self.at
        }
    }

    #[inline]
    pub(super) fn at_dash(&self) -> bool {
        self.bytes[self.at] == b'-' && matches!(self.byte(self.at + 1), b' ' | b'\n')
    }

    /// The items of a list whose dashes are at `indent`; `indentless` where its key is there too.
    fn sequence<const KEEPS: bool>(
        &mut self,
        indent: usize,
        indentless: bool,
        levels: u32,
        depth: u32,
    ) -> Option<Closed> {
        if depth >= DEPTH {
            return None;
        }
        let start = self.list_start(indentless);
        if indentless && matches!(self.byte(start), b'\n' | b'#') {
            return None;
        }
        let first = self.items.len();
        let mut deepest = 0;
        while self.column == indent && self.at_dash() {
            let below = self.item::<KEEPS>(indent, levels, depth)?;
            deepest = deepest.max(below);
        }
        let ends = self.column == NOWHERE || self.column < indent;
        if !(ends || indentless && self.column == indent) {
            return None;
        }
        Some(Closed {
            span: start..self.at,
            first,
            depth: deepest + 1,
            shape: CollectionShape::Sequence(false),
        })
    }

    /// The item after the dash at `indent`.
    #[inline]
    fn item<const KEEPS: bool>(&mut self, indent: usize, levels: u32, depth: u32) -> Option<u32> {
        let line = self.at - indent;
        self.at += 1;
        while self.bytes.get(self.at) == Some(&b' ') {
            self.at += 1;
        }
        let column = self.at - line;
        let below = levels.saturating_sub(1);
        let closed = match self.byte(self.at) {
            b'\n' | b'#' => {
                self.rest_from_blank()?;
                self.next_token()?;
                if self.column == NOWHERE || self.column <= indent {
                    return None;
                }
                return self.block::<KEEPS>(Holder::Dash, self.column, below, depth + 1);
            }
            b'|' | b'>' | b'{' | b'[' => {
                return self.inline::<KEEPS>(Holder::Dash, indent, levels, depth);
            }
            b'-' if self.at_dash() => {
                self.column = column;
                self.list_of::<KEEPS>(column, false, below, depth + 1)?
            }
            _ => {
                let (token, end) = match self.key_on_line() {
                    Some(key) => (key, PlainEnd::Colon),
                    None => self.content()?,
                };
                if let PlainEnd::Line = end {
                    self.end_of_value(indent)?;
                    if KEEPS {
                        let node = token.node(self);
                        self.put(Holder::Dash, node);
                    }
                    return Some(0);
                }
                self.mapping_of::<KEEPS>(column, token, below, depth + 1)?
            }
        };
        Some(self.put_closed::<KEEPS>(Holder::Dash, closed))
    }
}
