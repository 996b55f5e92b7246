//! Values of the previous version of a generated object that the new one drops or changes: a person may have
//! written them by hand.

use std::collections::HashSet;

use serde_yaml::Value;

use crate::quote::piece;

/// How many places are named.
const PLACES_NAMED: usize = 5;

/// What became of an older self.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Gone {
    /// The places that the new one does not have, the outermost of each: `spec.suspend`, `volumes[extra]`.
    gone: Vec<String>,
    /// The places at which the new one says something else. What stood there may be a password, and is
    /// not repeated.
    changed: Vec<String>,
}

impl Gone {
    /// Compares an older self with the new one. Labels and annotations are kept, and not looked at.
    pub(super) fn add(&mut self, old: &Value, new: &Value) {
        self.collect(old, new, "");
        // What an API server writes is no addition.
        let is_own = |path: &String| {
            let is_owned = ["metadata.finalizers", "metadata.ownerReferences"]
                .iter()
                .any(|kept| path.starts_with(kept));
            is_owned || path != "status" && !path.starts_with("metadata.")
        };
        self.gone.retain(is_own);
        self.changed.retain(is_own);
    }

    /// What is said of it behind a message.
    pub(super) fn told(&self) -> String {
        let said = [
            ("gone from it", &self.gone),
            ("changed in it", &self.changed),
        ];
        let said = said.iter().filter(|(_, places)| !places.is_empty());
        let said = said.map(|(what, places)| format!("; {what}: {}", listed(places)));
        said.collect()
    }

    fn collect(&mut self, old: &Value, new: &Value, path: &str) {
        match (old, new) {
            (Value::Mapping(old), Value::Mapping(new)) => {
                for (key, value) in old {
                    let key_text = text(key);
                    let dot = if path.is_empty() { "" } else { "." };
                    let inner = format!("{path}{dot}{key_text}");
                    match new.get(key) {
                        Some(other) => self.collect(value, other, &inner),
                        None => self.gone.push(inner),
                    }
                }
            }
            (Value::Sequence(old), Value::Sequence(new)) => {
                for item in old {
                    let inner = format!("{path}[{}]", identity(item));
                    let same = new.iter().find(|other| identity(other) == identity(item));
                    match same {
                        Some(other) => self.collect(item, other, &inner),
                        None => self.gone.push(inner),
                    }
                }
            }
            (Value::String(old), Value::String(new)) if new.contains('\n') => {
                let lines: HashSet<&str> = new.lines().map(str::trim).collect();
                let lost = old.lines().filter(|line| !lines.contains(line.trim()));
                match lost.count() {
                    0 => {}
                    1 => self.gone.push(format!("{path}, 1 line")),
                    count => self.gone.push(format!("{path}, {count} lines")),
                }
            }
            (old, new) if text(old) != text(new) => self.changed.push(path.to_owned()),
            _ => {}
        }
    }
}

/// Places for a message.
fn listed(places: &[String]) -> String {
    let shown = places.iter().take(PLACES_NAMED);
    let shown: Vec<String> = shown.map(|place| format!("`{}`", piece(place))).collect();
    match places.len().checked_sub(PLACES_NAMED) {
        Some(more @ 1..) => format!("{} and {more} more", shown.join(", ")),
        _ => shown.join(", "),
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
