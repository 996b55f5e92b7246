//! The outline of a flow mapping: its pairs, and where the items of one list stand.

use super::{Scan, Span, chars};
use crate::yaml::Node;

/// A pair of the mapping.
#[derive(Debug)]
pub struct Pair<'s> {
    /// The key.
    pub key: Node<'s>,
    /// The value.
    pub value: Part<'s>,
}

/// What stands under a key.
#[derive(Debug)]
pub enum Part<'s> {
    /// A value.
    Node(Node<'s>),
    /// The list that is not read here: its bytes, and those of each item.
    Items(Span, Vec<Span>),
}

/// The bytes of a text's root, which is a flow mapping, and its pairs.
///
/// A list under the key `list` is only cut into items: whoever reads each of them whole by
/// [`super::part`] has read all of the text.
pub fn outline<'s>(text: &'s str, list: &str) -> Option<(Span, Vec<Pair<'s>>)> {
    let mut scan = Scan::new(text, 0);
    scan.lines = true;
    scan.flow_blanks();
    if scan.bytes.get(scan.at) != Some(&b'{') {
        return None;
    }
    let start = scan.at;
    let mut read = 0;
    let mut pairs = Vec::new();
    scan.at += 1;
    loop {
        scan.flow_blanks();
        if scan.bytes.get(scan.at)? == &b'}' {
            break;
        }
        let key = scan.flow_key(0)?.node(&scan);
        scan.at += 1;
        scan.flow_blanks();
        let value = if key.scalar() == Some(list) && scan.bytes.get(scan.at)? == &b'[' {
            let start = scan.at;
            if !chars::plain(&text[read..start]) {
                return None;
            }
            let items = scan.cut_items()?;
            read = scan.at;
            Part::Items(start..scan.at, items)
        } else {
            Part::Node(scan.flow_scalar_or_node(u32::MAX, 0)?)
        };
        pairs.push(Pair { key, value });
        scan.flow_comma(b'}')?;
    }
    scan.at += 1;
    let end = scan.at;
    scan.flow_blanks();
    let is_all = scan.at == text.len() && chars::plain(&text[read..]);
    is_all.then_some((start..end, pairs))
}

impl Scan<'_> {
    /// The items of a list of mappings; the reader goes behind it.
    fn cut_items(&mut self) -> Option<Vec<Span>> {
        let mut items = Vec::new();
        self.at += 1;
        loop {
            self.flow_blanks();
            match self.bytes.get(self.at)? {
                b']' => break,
                b'{' => {
                    let start = self.at;
                    self.skip_brackets()?;
                    items.push(start..self.at);
                    self.flow_comma(b']')?;
                }
                _ => return None,
            }
        }
        self.at += 1;
        Some(items)
    }

    /// Over a mapping by its brackets and double quotes alone.
    fn skip_brackets(&mut self) -> Option<()> {
        let mut open = 0u32;
        loop {
            match self.bytes.get(self.at)? {
                b'{' | b'[' => open += 1,
                b'}' | b']' => {
                    open = open.checked_sub(1)?;
                    if open == 0 {
                        self.at += 1;
                        return Some(());
                    }
                }
                b'"' => self.skip_quoted()?,
                _ => {}
            }
            self.at += 1;
        }
    }

    /// To the closing quote.
    fn skip_quoted(&mut self) -> Option<()> {
        self.at += 1;
        loop {
            let rest = self.bytes.get(self.at..)?;
            self.at += memchr::memchr2(b'"', b'\\', rest)?;
            if self.bytes[self.at] == b'"' {
                return Some(());
            }
            self.at += 2;
        }
    }
}
