//! What an older self held that a generated object no longer holds: somebody may have added it by
//! hand.

use serde_yaml::Value;

use crate::quote::piece;

/// How many places are named.
const SHOWN: usize = 5;

/// The places of an older self that the new one does not have, the outermost of each: `spec.suspend`,
/// `volumes[extra]`. Labels and annotations are kept, and are not looked at.
pub(super) fn gone(old: &Value, new: &Value) -> Vec<String> {
    let mut lost = Vec::new();
    collect(old, new, "", &mut lost);
    lost.retain(|path| path != "status" && !path.starts_with("metadata."));
    lost
}

/// The places for a message.
pub(super) fn listed(places: &[String]) -> String {
    let shown = places.iter().take(SHOWN);
    let shown: Vec<String> = shown.map(|place| format!("`{}`", piece(place))).collect();
    match places.len().checked_sub(SHOWN) {
        Some(more @ 1..) => format!("{} and {more} more", shown.join(", ")),
        _ => shown.join(", "),
    }
}

fn collect(old: &Value, new: &Value, path: &str, lost: &mut Vec<String>) {
    match (old, new) {
        (Value::Mapping(old), Value::Mapping(new)) => {
            for (key, value) in old {
                let key_text = text(key);
                let dot = if path.is_empty() { "" } else { "." };
                let inner = format!("{path}{dot}{key_text}");
                match new.get(key) {
                    Some(other) => collect(value, other, &inner, lost),
                    None => lost.push(inner),
                }
            }
        }
        (Value::Sequence(old), Value::Sequence(new)) => {
            for item in old {
                let inner = format!("{path}[{}]", identity(item));
                let same = new.iter().find(|other| identity(other) == identity(item));
                match same {
                    Some(other) => collect(item, other, &inner, lost),
                    None => lost.push(inner),
                }
            }
        }
        _ => {}
    }
}

/// What an item of a list is known by: its name, or where it is mounted, or all that it says.
fn identity(item: &Value) -> String {
    let of = |key: &str| item.get(key).map(text);
    let known = of("mountPath").or_else(|| of("name"));
    known.unwrap_or_else(|| text(item))
}

/// A scalar's text; of a collection, the kind is enough.
fn text(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(truth) => truth.to_string(),
        Value::Number(number) => number.to_string(),
        Value::String(text) => text.clone(),
        Value::Sequence(items) => format!("{} items", items.len()),
        Value::Mapping(pairs) => {
            let keys = pairs.iter().map(|(key, _)| text(key));
            keys.collect::<Vec<String>>().join(",")
        }
        Value::Tagged(tagged) => text(&tagged.value),
    }
}
