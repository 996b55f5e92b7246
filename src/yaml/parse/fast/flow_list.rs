//! A list in flow style, such as a ResourceList in JSON, split into its items without reading them.

use wide::u8x16;

use super::keys::Seen;
use super::{Scan, chars};
use crate::yaml::simd::{self, are};
use crate::yaml::{Node, Span};

/// A mapping in flow style, one list of which is split and not read.
#[derive(Debug)]
pub struct FlowList<'s> {
    /// The bytes of the mapping.
    pub span: Span,
    /// Its pairs, in order.
    pub pairs: Vec<FlowPair<'s>>,
}

/// A pair of the mapping.
#[derive(Debug)]
pub struct FlowPair<'s> {
    /// The key.
    pub key: Node<'s>,
    /// The value.
    pub value: PairValue<'s>,
}

/// The value of a pair.
#[derive(Debug)]
pub enum PairValue<'s> {
    /// A value that was read.
    Node(Node<'s>),
    /// The list that was split: its bytes, and those of each item.
    Items(Span, Vec<Span>),
}

/// Splits the list under the key `list` of a text that is one mapping in flow style; `None` where
/// that cannot be done without reading all of the text.
///
/// Whoever reads each of the items by itself has then read the whole text.
pub fn flow_list<'s>(text: &'s str, list: &str) -> Option<FlowList<'s>> {
    let mut scan = Scan::new(text, 0, None);
    scan.multiline_flow = true;
    scan.flow_blanks();
    if scan.bytes.get(scan.at) != Some(&b'{') {
        return None;
    }
    let start = scan.at;
    let mut read = 0;
    let (mut pairs, mut seen) = (Vec::new(), Seen::default());
    scan.at += 1;
    loop {
        scan.flow_blanks();
        if scan.bytes.get(scan.at)? == &b'}' {
            break;
        }
        let key = scan.flow_key(0, &mut seen)?.node(&scan);
        scan.at += 1;
        scan.flow_blanks();
        let value = if key.scalar() == Some(list) && scan.bytes.get(scan.at)? == &b'[' {
            let start = scan.at;
            if !chars::plain(&text[read..start]) {
                return None;
            }
            let items = scan.split_items()?;
            read = scan.at;
            PairValue::Items(start..scan.at, items)
        } else {
            PairValue::Node(scan.flow_scalar_or_node(u32::MAX, 0)?)
        };
        pairs.push(FlowPair { key, value });
        scan.flow_comma(b'}')?;
    }
    scan.at += 1;
    let end = scan.at;
    scan.flow_blanks();
    let is_all = scan.at == text.len() && chars::plain(&text[read..]);
    is_all.then_some(FlowList {
        span: start..end,
        pairs,
    })
}

impl Scan<'_> {
    /// The items of a list of mappings; the position moves after it.
    fn split_items(&mut self) -> Option<Vec<Span>> {
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

    /// Skips a mapping, looking only at brackets and double quotes.
    fn skip_brackets(&mut self) -> Option<()> {
        let (mut open, mut quoted) = (0u32, false);
        while let Some(these) = simd::first(self.bytes.get(self.at..)?, b' ') {
            // Square brackets and curly ones differ in one bit.
            let curly = these | u8x16::splat(b'[' ^ b'{');
            let brackets = are(curly, b'{') | are(curly, b'}');
            let quotes = are(these, b'"').to_bitmask();
            let mut next = self.at + 16;
            let mut marks = brackets.to_bitmask();
            let escapes = are(these, b'\\').to_bitmask();
            let by_byte = escapes != 0;
            if by_byte {
                marks |= quotes | escapes;
            } else {
                // Each bit becomes whether a quote is open after it.
                let inside = [1, 2, 4, 8]
                    .iter()
                    .fold(quotes, |bits, by| bits ^ bits << by);
                let inside = if quoted { !inside } else { inside };
                marks &= !inside;
                quoted = inside & 1 << 15 != 0;
            }
            while marks != 0 {
                let offset = marks.trailing_zeros();
                let at = self.at + offset as usize;
                marks &= marks - 1;
                match self.bytes[at] {
                    b'"' => quoted = !quoted,
                    b'\\' if quoted => {
                        marks &= !(2 << offset);
                        next = next.max(at + 2);
                    }
                    // When going byte by byte, ignore brackets in quotes; otherwise they are masked
                    // already, and `quoted` is the state at the end of these sixteen bytes.
                    _ if by_byte && quoted => {}
                    b'{' | b'[' => open += 1,
                    b'}' | b']' => {
                        open = open.checked_sub(1)?;
                        if open == 0 {
                            self.at = at + 1;
                            return Some(());
                        }
                    }
                    _ => {}
                }
            }
            self.at = next;
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mapping_ends_where_its_last_bracket_closes() {
        let inner = [
            "",
            r#""a": 1"#,
            r#""a": {"b": [1, {"c": []}]}, "d": "}""#,
            r#""quote\"": "]\\", "e\\": "\\\"}""#,
            r#""{": "[{[", "long": "0123456789abcdef0123456789abcdef\"}""#,
        ];
        for inner in inner {
            for before in 0..40 {
                for behind in [0, 1, 15, 16, 17] {
                    let mapping = format!("{{{inner}{}}}", " ".repeat(before));
                    let text = format!("{}{mapping}{}", " ".repeat(before), "]".repeat(behind));
                    let mut scan = Scan::new(&text, before, None);
                    assert_eq!(scan.skip_brackets(), Some(()), "{text}");
                    assert_eq!(scan.at, before + mapping.len(), "{text}");
                    // Broken off anywhere, it does not end.
                    let part = &text[..before + mapping.len() - 1];
                    assert_eq!(
                        Scan::new(part, before, None).skip_brackets(),
                        None,
                        "{part}"
                    );
                }
            }
        }
        for text in ["", "]", "}", "{[}]]"] {
            let closes = text == "{[}]]";
            assert_eq!(
                Scan::new(text, 0, None).skip_brackets().is_some(),
                closes,
                "{text}"
            );
        }
    }
}
