//! Whether the schemas agree with the program: each configuration of the tests goes by here.
//!
//! What the program takes, a schema takes; what the program refuses, a schema refuses, but for what
//! [`UNSAID`] lists by reason.

use std::sync::LazyLock;

use jsonschema::Validator;
use restore_images::config::schema;
use restore_images::yaml::{Kind, Node, parse, scalar};
use serde_json::{Map, Value, json};

/// Parts of the messages of refusals that no schema of ours makes, by the reason.
const UNSAID: &[(&str, &[&str])] = &[
    (
        "which profiles there are is for the program and the input to say",
        &["unknown agent", "no RestoreImages object among the items"],
    ),
    (
        "what a value means beside others, or twice",
        &[
            "is named twice",
            "stands twice",
            "no image of the profile ends in",
            "has either `image` or `repository`",
            "have the same source",
            "map in a circle",
            "maps the result of",
            "have this name and differ",
            "contradicts the digest",
            "one file of credentials",
            "two Secrets are for the same registry",
            "leaves signatures behind",
        ],
    ),
    (
        "what an adjustment is beside is in the profile",
        &["`pin` goes only with", "`tag: pinned` needs a `pin`"],
    ),
    (
        "grammars that no regular expression of a few words tells",
        &[
            "help: write a path such as `$.spec.image`",
            "is not a version\n",
            "is no image's name alone",
            "is not a day of the calendar",
            "is no schedule",
            "is no time zone",
        ],
    ),
    ("YAML's tags are none of JSON", &["a value tagged"]),
    (
        "what a cluster of a version takes",
        &[
            "Kubernetes 1.29 has no",
            "needs Kubernetes 1.32",
            "an API server takes policies for 160",
        ],
    ),
    (
        "how many there may be of a list",
        &["more than 1000 registry mapping rules"],
    ),
];

static CONFIG: LazyLock<Validator> = LazyLock::new(|| of(&schema::of_configuration()));
static GENERATE: LazyLock<Validator> = LazyLock::new(|| of(&schema::of_generator()));
static PROFILE: LazyLock<Validator> = LazyLock::new(|| of(&schema::of_profile()));

fn of(schema: &schemars::Schema) -> Validator {
    jsonschema::validator_for(schema.as_value()).expect("a schema")
}

/// Holds a configuration or profile, and what the program refuses in it, against its schema.
#[track_caller]
pub(crate) fn check(text: &str, refused: Option<&str>) {
    let Ok(node) = parse::document(text) else {
        return;
    };
    // Aliases of aliases: written out, no memory holds them.
    if !fits(&node, &mut 100_000) {
        return;
    }
    let document = value(&node);
    let schema = match document["kind"].as_str() {
        Some("GenerateImages") => &GENERATE,
        Some("AgentProfile") => &PROFILE,
        // Engines make it of a Kptfile, and nobody writes it.
        Some("ConfigMap") => return,
        _ => &CONFIG,
    };
    let errors: Vec<String> = schema
        .iter_errors(&document)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    let Some(what) = refused else {
        assert!(errors.is_empty(), "{text}\n{}", errors.join("\n"));
        return;
    };
    let is_unsaid = UNSAID
        .iter()
        .any(|(_, parts)| parts.iter().any(|part| what.contains(part)));
    if errors.is_empty() && !is_unsaid {
        panic!("the schema takes what the program refuses: {what}\n{text}");
    }
}

/// Whether the schema of a RestoreImages object refuses a configuration.
pub(crate) fn refuses(text: &str) -> bool {
    let node = parse::document(text).expect("YAML");
    !CONFIG.is_valid(&value(&node))
}

/// Whether a node stands for so many values at most.
fn fits(node: &Node<'_>, left: &mut usize) -> bool {
    let Some(less) = left.checked_sub(1) else {
        return false;
    };
    *left = less;
    match &node.target().kind {
        Kind::Mapping(entries, _) => entries.iter().all(|entry| fits(&entry.value, left)),
        Kind::Sequence(items, _) => items.iter().all(|item| fits(item, left)),
        _ => true,
    }
}

/// What a YAML reader gives, as JSON.
pub(crate) fn value(node: &Node<'_>) -> Value {
    match &node.target().kind {
        Kind::Mapping(entries, _) => {
            let pair = |entry: &restore_images::yaml::Entry<'_>| {
                let key = entry.key.scalar().unwrap_or("(no text)");
                (key.to_owned(), value(&entry.value))
            };
            Value::Object(entries.iter().map(pair).collect::<Map<String, Value>>())
        }
        Kind::Sequence(items, _) => items.iter().map(value).collect(),
        _ if node.text().is_some() => json!(node.text()),
        Kind::Scalar(text, _) => match scalar::core_type(text) {
            scalar::Type::Null => Value::Null,
            scalar::Type::Bool => json!(text.eq_ignore_ascii_case("true")),
            // What is no number of JSON is none of its texts either.
            _ => match text.parse::<i64>() {
                Ok(number) => json!(number),
                Err(_) => text.parse::<f64>().map_or(json!(0), |number| json!(number)),
            },
        },
        _ => unreachable!("the target is neither anchor nor alias"),
    }
}
