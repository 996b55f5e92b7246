//! What the schemas say besides the types: how texts look, and which keys go together.

use schemars::{JsonSchema, Schema};
use serde_json::{Value, json};

use crate::tag;

/// The one apiVersion there is.
#[derive(JsonSchema)]
pub(super) enum OwnVersion {
    #[serde(rename = "restore-images.dev/v1alpha1")]
    _V1alpha1,
}

/// A label of a host's name.
macro_rules! label {
    () => {
        "[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?"
    };
}

/// A segment of a repository's path.
macro_rules! segment {
    () => {
        r"[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*"
    };
}

/// A host with a dot or a port, of which `localhost` needs neither.
macro_rules! host {
    () => {
        concat!(
            r"(localhost|\[[0-9A-Fa-f:]+\](:[0-9]+)?|",
            label!(),
            r"((\.",
            label!(),
            ")+(:[0-9]+)?|:[0-9]+))"
        )
    };
}

/// A tag's text.
macro_rules! tag {
    () => {
        "[A-Za-z0-9_][A-Za-z0-9._-]{0,127}"
    };
}

/// A digest behind its sign.
macro_rules! digest {
    () => {
        "@sha(256:[0-9a-f]{64}|384:[0-9a-f]{96}|512:[0-9a-f]{128})"
    };
}

/// A registry's host with its port, and a path below it. `localhost` is the one host without a dot.
pub(super) const PREFIX: &str = concat!("^", host!(), "(/", segment!(), ")*$");
/// A registry's host with its port.
pub(super) const HOST: &str = concat!("^", host!(), "$");
/// An image's name without tag and digest, of which a host may be a single word.
macro_rules! name {
    () => {
        concat!(
            r"((\[[0-9A-Fa-f:]+\]|",
            label!(),
            r"(\.",
            label!(),
            ")*)(:[0-9]+)?/)?",
            segment!(),
            "(/",
            segment!(),
            ")*"
        )
    };
}

/// An image's name without tag and digest.
pub(super) const IMAGE_NAME: &str = concat!("^", name!(), "$");
/// A path of two segments at least.
pub(super) const PATH: &str = concat!("^", segment!(), "(/", segment!(), ")+$");
/// An image's reference.
pub(super) const REFERENCE: &str = concat!("^", name!(), "(:", tag!(), ")?(", digest!(), ")?$");
/// A cron schedule of five fields, or a word for one.
pub(super) const SCHEDULE: &str = r"^\s*\S+(\s+\S+){4}\s*$|^@[a-z]+$";
/// A version, which has a number in it.
pub(super) const VERSION: &str = "[0-9]";
/// The name of an object: an RFC 1123 subdomain.
pub(super) const NAME: &str = "^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$";
/// A tag, or none.
pub(super) const TAG: &str = concat!("^(", tag!(), ")?$");
/// A tag, a digest, or both.
pub(super) const PIN: &str = concat!("^(", tag!(), ")?(", digest!(), ")?$");
/// A key of a ConfigMap.
pub(super) const KEY: &str = "^[A-Za-z0-9._-]+$";
/// The URL of a proxy, without a user.
pub(super) const PROXY: &str = r"^https?://[^@\s]+$";
/// A number of days or hours.
pub(super) const AGE: &str = "^[0-9]{1,5}[dh]$";
/// One entry of the variable NO_PROXY.
pub(super) const NO_PROXY: &str = r"^[^,\s]+$";
/// A Kubernetes version.
pub(super) const KUBERNETES: &str = r"^[vV]?[0-9]+\.[0-9]+";
/// A flag, without its value.
pub(super) const FLAG: &str = "^-[^=]*$";
/// A path in a resource (RFC 9535).
pub(super) const JSON_PATH: &str = r"^\$";
/// A day, also as programs write it that read YAML's timestamps.
pub(super) const DAY: &str = "^[0-9]{4}-[0-9]{2}-[0-9]{2}(T00:00:00Z)?$";

/// Refuses keys of a tag policy beside the word of another, and the word without its key.
pub(super) fn tag_keys(schema: &mut Schema) {
    let mut rules = Vec::new();
    for (word, key) in tag::keys() {
        let of_word = json!({"required": ["tag"], "properties": {"tag": {"enum": [word]}}});
        rules.push(either(
            json!({"not": {"required": [key.name()]}}),
            of_word.clone(),
        ));
        if key != tag::PolicyKey::FloatingTags {
            rules.push(either(
                json!({"not": of_word}),
                json!({"required": [key.name()]}),
            ));
        }
    }
    schema.insert("allOf".to_owned(), Value::Array(rules));
}

/// Refuses keys of a tag policy beside the word of another; the profile that is adjusted may have
/// the word, or the key.
pub(super) fn adjusted_tag_keys(schema: &mut Schema) {
    let rules = tag::keys().map(|(word, key)| {
        let of_word = json!({"properties": {"tag": {"enum": [word]}}});
        either(json!({"not": {"required": [key.name()]}}), of_word)
    });
    schema.insert("allOf".to_owned(), rules.collect());
}

/// Refuses `output: none` but for a check.
pub(super) fn no_output_but_of_checks(schema: &mut Schema) {
    let no_output = json!({"required": ["output"], "properties": {"output": {"enum": ["none"]}}});
    let is_check = json!({"required": ["mode"], "properties": {"mode": {"enum": ["check"]}}});
    let rule = either(json!({"not": no_output}), is_check);
    schema.insert("allOf".to_owned(), json!([rule]));
}

/// Refuses keys beside others that say the same.
pub(super) fn never_with(schema: &mut Schema, key: &str, others: &[&str]) {
    let others: Vec<Value> = others
        .iter()
        .map(|other| json!({"required": [other]}))
        .collect();
    let rule = either(
        json!({"not": {"required": [key]}}),
        json!({"not": {"anyOf": others}}),
    );
    schema.insert("allOf".to_owned(), json!([rule]));
}

/// Requires at least one of some keys.
pub(super) fn one_at_least(schema: &mut Schema, keys: &[&str]) {
    let keys: Vec<Value> = keys.iter().map(|key| json!({"required": [key]})).collect();
    schema.insert("anyOf".to_owned(), json!(keys));
}

fn either(a: Value, b: Value) -> Value {
    json!({"anyOf": [a, b]})
}
