//! What we make of a text: the only file of these tests that knows our reader.

use std::collections::HashMap;

use restore_images::config::Date;
use restore_images::finding::Rule;
use restore_images::function;
use restore_images::restore::Request;
use restore_images::yaml::{Kind, Node, parse, scalar};
use serde_json::Value as Json;

use super::tree::{Class, Tree, Value};

/// A document of ours, as it is written and as it is judged.
pub(crate) struct Document {
    pub(crate) tree: Tree,
    /// With merge keys applied and aliases followed; `None` where a key stands twice in a mapping,
    /// which is refused where it is looked up, or where aliases repeat too much.
    pub(crate) json: Option<Json>,
}

/// Our documents, without those that hold nothing, or why the text is refused.
pub(crate) fn documents(text: &str) -> Result<Vec<Document>, String> {
    let nodes = parse::documents(text).map_err(|error| error.what)?;
    let documents = nodes.iter().map(|node| Document {
        tree: tree(node, &mut HashMap::new()),
        json: json(node, &mut MOST_VALUES.clone()),
    });
    Ok(documents
        .filter(|document| !document.tree.is_null())
        .collect())
}

/// A text in double quotes, in which every character that readers part over is written by number.
pub(crate) fn quoted(text: &str) -> String {
    scalar::quote(text)
}

/// What the program says of a text and makes of it, or why it refuses.
pub(crate) struct Judged {
    pub(crate) findings: Vec<String>,
    pub(crate) output: String,
}

/// Judges a text as the program does, the fast way first.
pub(crate) fn judged(text: &str) -> Result<Judged, String> {
    let request = Request {
        input: text,
        config: None,
        today: Date::from_unix_days(20_000),
    };
    let outcome = function::run(&request).map_err(|error| error.to_string())?;
    // Comments say who else writes a field, and no other reader's tree has them.
    let findings = outcome.findings.iter();
    let findings = findings.filter(|finding| finding.rule != Rule::ManagedElsewhere);
    let findings = findings.map(|finding| {
        let (resource, field) = (finding.resource.as_deref(), finding.field.as_deref());
        let resource = resource.map(|of| {
            // How nothing is written is no difference.
            let name = if &*of.name == "~" { "null" } else { &of.name };
            format!("{} {}/{name}", of.kind, of.namespace)
        });
        let field = field.map(|of| format!("{} {:?} {:?}", of.path, of.current, of.proposed));
        let (resource, field) = (resource.unwrap_or_default(), field.unwrap_or_default());
        format!("{} {resource} {field}", finding.rule.id())
    });
    Ok(Judged {
        findings: findings.collect(),
        output: outcome.output(text),
    })
}

/// Values of one document, beyond which aliases are not followed.
const MOST_VALUES: usize = 20_000;

fn tree(node: &Node<'_>, anchors: &mut HashMap<*const Node<'static>, usize>) -> Tree {
    let mut anchor = None;
    let mut inner = node;
    if let Kind::Anchored(anchored) = &node.kind {
        // Before the children, which may name it.
        let number = anchors.len() + 1;
        anchors.insert(std::ptr::from_ref::<Node<'_>>(anchored).cast(), number);
        anchor = Some(number);
        inner = anchored;
    }
    let value = match &inner.kind {
        Kind::Alias(target) => {
            let target = std::ptr::from_ref::<Node<'_>>(target).cast();
            Value::Alias(anchors.get(&target).copied().unwrap_or_default())
        }
        Kind::Mapping(entries, _) => Value::Mapping(
            entries
                .iter()
                .map(|entry| {
                    let mut key = tree(&entry.key, anchors);
                    if let (true, Value::Scalar(class, _)) = (entry.is_merge(), &mut key.value) {
                        *class = Class::Merge;
                    }
                    (key, tree(&entry.value, anchors))
                })
                .collect(),
        ),
        Kind::Sequence(items, _) => {
            Value::Sequence(items.iter().map(|item| tree(item, anchors)).collect())
        }
        _ => Value::scalar(class(inner), inner.scalar().unwrap_or_default()),
    };
    Tree { anchor, value }
}

/// As the code asks: is it text, is it null, and else by the words of messages.
fn class(node: &Node<'_>) -> Class {
    if node.is_null() {
        return Class::Null;
    }
    if node.text().is_some() {
        return Class::Text;
    }
    let target = node.target();
    let core = target.tag.as_deref().map(|tag| tag.core.as_deref());
    match core {
        Some(Some("bool")) => Class::Bool,
        Some(Some("int" | "float")) => Class::Number,
        Some(_) => Class::Unknown,
        None => match scalar::core_type(target.scalar().unwrap_or_default()) {
            scalar::Type::Null => Class::Null,
            scalar::Type::Bool => Class::Bool,
            scalar::Type::Number => Class::Number,
            scalar::Type::Text => Class::Text,
        },
    }
}

/// The value that `get` shows, key by key.
fn json(node: &Node<'_>, left: &mut usize) -> Option<Json> {
    *left = left.checked_sub(1)?;
    if let Some(items) = node.items() {
        let items = items.iter().map(|item| json(item, left));
        return items.collect::<Option<Vec<Json>>>().map(Json::Array);
    }
    if node.entries().is_some() {
        let mut keys = Vec::new();
        keys_of(node, &mut keys, left)?;
        let mut map = serde_json::Map::new();
        for key in keys {
            if !map.contains_key(key) {
                let value = json(node.get(key).ok()??, left)?;
                map.insert(key.to_owned(), value);
            }
        }
        return Some(Json::Object(map));
    }
    let text = node.scalar()?;
    Some(match class(node) {
        Class::Null => Json::Null,
        // Which one it is matters to nobody here where a tag says so.
        Class::Bool => Json::Bool(!matches!(text, "false" | "False" | "FALSE")),
        // Which number it is matters to nobody here.
        Class::Number => Json::from(0),
        Class::Text => Json::from(text),
        Class::Unknown if node.is_bytes() => Json::from(decoded(text)),
        Class::Merge | Class::Unknown => Json::Array(vec![Json::from("unknown"), Json::from(text)]),
    })
}

/// Base64 as kubectl decodes it and writes it in JSON, where each byte that is no text is U+FFFD.
fn decoded(text: &str) -> String {
    let number = |byte: u8| match byte {
        b'A'..=b'Z' => Some(byte - b'A'),
        b'a'..=b'z' => Some(byte - b'a' + 26),
        b'0'..=b'9' => Some(byte - b'0' + 52),
        b'+' => Some(62),
        b'/' => Some(63),
        _ => None,
    };
    let (mut bytes, mut bits, mut held) = (Vec::new(), 0_u32, 0);
    for six in text.bytes().filter_map(number) {
        bits = bits << 6 | u32::from(six);
        held += 6;
        if held >= 8 {
            held -= 8;
            bytes.push((bits >> held & 0xff) as u8);
        }
    }
    let mut decoded = String::new();
    for chunk in bytes.utf8_chunks() {
        decoded.push_str(chunk.valid());
        decoded.extend(chunk.invalid().iter().map(|_| '\u{fffd}'));
    }
    decoded
}

/// The keys of a mapping and of those it merges; `None` where a key is no scalar or is null.
fn keys_of<'n>(node: &'n Node<'_>, keys: &mut Vec<&'n str>, left: &mut usize) -> Option<()> {
    *left = left.checked_sub(1)?;
    for entry in node.entries().unwrap_or_default() {
        if !entry.is_merge() {
            if entry.key.text().is_none() && entry.key.target().tag.is_none() {
                // A key that is a number or a boolean is written anew by kubectl.
                return None;
            }
            keys.push(entry.key.scalar()?);
        } else if let Some(sources) = entry.value.items() {
            for source in sources {
                keys_of(source, keys, left)?;
            }
        } else {
            keys_of(&entry.value, keys, left)?;
        }
    }
    Some(())
}
