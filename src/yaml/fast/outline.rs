//! The outline of a flow mapping: its pairs, and where the items of one list stand.

use wide::u8x16;

use super::{Scan, Span, chars};
use crate::yaml::Node;
use crate::yaml::sixteens::{self, are};

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
        let (mut open, mut quoted) = (0u32, false);
        while let Some(these) = sixteens::first(self.bytes.get(self.at..)?, b' ') {
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
                // Each bit becomes whether a quote is open behind it.
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
                    // Else what stands in quotes is no mark any more, and `quoted` is of the end.
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
                    let mut scan = Scan::new(&text, before);
                    assert_eq!(scan.skip_brackets(), Some(()), "{text}");
                    assert_eq!(scan.at, before + mapping.len(), "{text}");
                    // Broken off anywhere, it does not end.
                    let part = &text[..before + mapping.len() - 1];
                    assert_eq!(Scan::new(part, before).skip_brackets(), None, "{part}");
                }
            }
        }
        for text in ["", "]", "}", "{[}]]"] {
            let closes = text == "{[}]]";
            assert_eq!(
                Scan::new(text, 0).skip_brackets().is_some(),
                closes,
                "{text}"
            );
        }
    }
}
