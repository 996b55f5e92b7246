//! A generated object: an ordered tree of values, and its text as block YAML or as JSON.

use serde_yaml::{Mapping, Value};

use crate::config::emit::Generate;
use crate::edit::{self, Edit};
use crate::error::{Error, Fault, Origin};
use crate::sort::sort_by;
use crate::yaml::scalar::{quote, reads_as_text};
use crate::yaml::{Kind, Node, Style, parse};

/// The label by which an object is known as generated, and by which one may be replaced.
pub(super) const MANAGED_BY: &str = "app.kubernetes.io/managed-by";
/// What the label says.
pub(super) const MANAGER: &str = "restore-images";
/// The annotation that says which configuration an object was generated from, and for what.
pub(super) const ORIGIN: &str = "restore-images.dev/origin";

/// A generated object.
#[derive(Debug, Clone)]
pub(super) struct Object {
    pub(super) api_version: &'static str,
    pub(super) kind: &'static str,
    pub(super) name: String,
    /// `None` for an object of the whole cluster, or where nobody said.
    pub(super) namespace: Option<String>,
    /// Whether it has no namespace by its kind.
    pub(super) is_cluster_wide: bool,
    /// The entry of `emit` that it comes from.
    pub(super) entry: &'static str,
    /// What it is for: one line.
    pub(super) comment: String,
    /// What follows `metadata`.
    pub(super) rest: Vec<(&'static str, Value)>,
}

/// The value of the origin annotation: the configuration, and the entry of `emit`.
pub(super) fn origin(generate: &Generate, entry: &str) -> String {
    let namespace = generate.namespace.as_deref().map(|name| format!("{name}/"));
    let namespace = namespace.unwrap_or_default();
    format!("GenerateImages {namespace}{} {entry}", generate.name)
}

impl Object {
    /// The object as it is emitted, with labels and annotations of others that are on the one
    /// that it replaces.
    pub(super) fn value(
        &self,
        generate: &Generate,
        labels: &[(String, String)],
        annotations: &[(String, String)],
    ) -> Value {
        let with = |own: (&str, String), others: &[(String, String)]| {
            let mut map = Mapping::new();
            for (key, value) in others.iter().filter(|(key, _)| key != own.0) {
                map.insert(text(key), text(value));
            }
            map.insert(text(own.0), text(own.1));
            let mut pairs: Vec<(Value, Value)> = map.into_iter().collect();
            sort_by(&mut pairs, |(a, _), (b, _)| a.as_str().cmp(&b.as_str()));
            Value::Mapping(pairs.into_iter().collect())
        };
        let mut metadata = vec![("name", text(&self.name))];
        if let Some(namespace) = &self.namespace {
            metadata.push(("namespace", text(namespace)));
        }
        let label = (MANAGED_BY, MANAGER.to_owned());
        metadata.push(("labels", with(label, labels)));
        let annotation = (ORIGIN, origin(generate, self.entry));
        metadata.push(("annotations", with(annotation, annotations)));
        let mut pairs = vec![
            ("apiVersion", text(self.api_version)),
            ("kind", text(self.kind)),
            ("metadata", map(metadata)),
        ];
        pairs.extend(self.rest.iter().cloned());
        map(pairs)
    }

    /// `Deployment NAMESPACE/NAME`.
    pub(super) fn shown(&self) -> String {
        match &self.namespace {
            Some(namespace) => format!("{} {namespace}/{}", self.kind, self.name),
            None => format!("{} {}", self.kind, self.name),
        }
    }
}

/// A mapping whose pairs keep their order.
pub(super) fn map<K: AsRef<str>>(pairs: impl IntoIterator<Item = (K, Value)>) -> Value {
    let pairs = pairs.into_iter();
    let pairs = pairs.map(|(key, value)| (text(key.as_ref()), value));
    Value::Mapping(pairs.collect())
}

/// A text.
pub(super) fn text(text: impl Into<String>) -> Value {
    Value::String(text.into())
}

/// A list.
pub(super) fn list(values: impl IntoIterator<Item = Value>) -> Value {
    Value::Sequence(values.into_iter().collect())
}

/// A list of texts.
pub(super) fn texts<T: Into<String>>(values: impl IntoIterator<Item = T>) -> Value {
    list(values.into_iter().map(|value| text(value)))
}

/// A value as block YAML, a line break at its end.
///
/// The emitter leaves plain what YAML 1.1 takes for a truth, a number or a day (`on`, `1_000`,
/// `2026-01-01`), as kustomize and kubectl do; such text is quoted here.
///
/// # Errors
/// The emitter refuses a value, which is not expected of any value built here.
pub(super) fn block(value: &Value) -> Result<String, Error> {
    let wrong = |what: String| {
        Error::Edit(Fault {
            origin: Origin::Config,
            at: 0,
            first: None,
            key: Box::default(),
            what: format!("a generated object cannot be written: {what}"),
            help: None,
            next: None,
        })
    };
    let text = serde_yaml::to_string(value).map_err(|error| wrong(error.to_string()))?;
    let root = parse::document(&text).map_err(|error| wrong(error.what))?;
    let mut edits = Vec::new();
    quote_words(value, &root, &mut edits);
    Ok(edit::apply(&text, &edits))
}

/// The edits, in order, that quote plain text of a value which some reader takes for something else.
fn quote_words(value: &Value, node: &Node<'_>, edits: &mut Vec<Edit>) {
    match (value, &node.kind) {
        (Value::String(_), Kind::Scalar(word, Style::Plain)) if !reads_as_text(word) => {
            edits.push(Edit::replace(node.span.clone(), quote(word)));
        }
        (Value::Mapping(pairs), Kind::Mapping(entries, _)) => {
            for ((key, value), entry) in pairs.iter().zip(entries) {
                quote_words(key, &entry.key, edits);
                quote_words(value, &entry.value, edits);
            }
        }
        (Value::Sequence(values), Kind::Sequence(items, _)) => {
            for (value, item) in values.iter().zip(items) {
                quote_words(value, item, edits);
            }
        }
        _ => {}
    }
}

/// A value as JSON in one line, which YAML's flow style reads, too.
pub(super) fn json(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(truth) => truth.to_string(),
        Value::Number(number) => number.to_string(),
        Value::String(text) => quote(text),
        Value::Sequence(items) => {
            let items: Vec<String> = items.iter().map(json).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Mapping(pairs) => {
            let pairs = pairs.iter();
            let pairs = pairs.map(|(key, value)| format!("{}: {}", json(key), json(value)));
            format!("{{{}}}", pairs.collect::<Vec<String>>().join(", "))
        }
        Value::Tagged(tagged) => json(&tagged.value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reader_takes_text_for_text() {
        for word in [
            "on",
            "y",
            "no",
            "yes",
            "null",
            "~",
            "1.10",
            "1_000",
            "0x1F",
            "0b11",
            "0o7",
            "1e3",
            ".5",
            "12:30",
            "2026-01-01",
            "=",
            "<<",
            "-",
            "?",
            "a: b",
            "a #b",
            "",
            " a",
            "*a",
            "&a",
            "0123",
            "+.inf",
            "@weekly",
            "190:20:30",
            "a\nb\n",
            "  a\nb",
            "a\n\n",
            "\u{85}",
            "\t",
        ] {
            let emitted = block(&map([("key", list([text(word)]))])).expect("YAML");
            let root = parse::document(&emitted).expect("YAML");
            let list = root.get("key").expect("one key").and_then(Node::items);
            let node = &list.expect("a list")[0];
            assert_eq!(node.text(), Some(word), "{emitted}");
            let plain = matches!(node.target().kind, Kind::Scalar(_, Style::Plain));
            assert!(!plain || reads_as_text(word), "{emitted}");
        }
    }
}
