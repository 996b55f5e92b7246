//! References that are made from the program itself, so that they cannot rot.
//!
//! RESTORE_IMAGES_UPDATE=1 writes them anew below their marker.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use restore_images::agent::{self, Agent, AgentImage};
use restore_images::config::{Config, facts, schema};
use serde_json::Value;

use crate::support::assert_text_eq;

/// What stands below is made.
const MARKER: &str = "<!-- made by tests/reference.rs -->\n";

#[track_caller]
fn check(file: &str, made: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("docs")
        .join(file);
    let text = fs::read_to_string(&path).expect("a document");
    let (head, below) = text.split_once(MARKER).expect("a marker");
    if std::env::var_os("RESTORE_IMAGES_UPDATE").is_some() {
        fs::write(&path, format!("{head}{MARKER}\n{made}")).expect("written");
        return;
    }
    assert_text_eq(below, &format!("\n{made}"));
}

#[test]
fn the_reference_of_the_configuration_is_current() {
    let root = serde_json::to_value(schema::of_configuration()).expect("JSON");
    let mut made = String::new();
    // In the order in which a reader meets them.
    for (name, title) in [
        ("Spec", "spec"),
        ("Adjusted", "spec.agents[]: a profile, adjusted"),
        ("Inline", "spec.agents[]: a profile of your own"),
        ("ImageEntry", "images[] of a profile"),
        ("EnvEntry", "env[] of a profile"),
        ("ArgEntry", "args[] of a profile"),
        ("ImageFieldEntry", "helm[] of a profile"),
        ("ChartEntry", "charts[] of a profile"),
        ("SubchartEntry", "subcharts[] of a chart"),
        ("ChartImageEntry", "images[] of a chart"),
        ("FullPart", "a part of a chart's image"),
        ("FullSecrets", "imagePullSecrets of a chart's image"),
        ("RevisionEntry", "revision"),
        ("FactEntry", "facts[] of a profile"),
        ("StatementEntry", "statements[] of a fact"),
        ("ExampleEntry", "examples[] of a profile"),
        ("RegistryEntry", "spec.registries[]"),
        ("FieldEntry", "spec.fields[]"),
        ("ExceptionEntry", "spec.exceptions[]"),
        ("TrustEntry", "spec.trust"),
        ("FilesEntry", "spec.files"),
        ("ValuesFileEntry", "spec.files.values[]"),
    ] {
        let definition = &root["definitions"][name];
        let _ = writeln!(made, "## {title}\n\n{}\n", text(definition));
        made.push_str("| key | shape | meaning |\n|---|---|---|\n");
        let required = definition["required"].as_array();
        for (key, property) in definition["properties"].as_object().expect(name) {
            let is_required = required.is_some_and(|keys| keys.iter().any(|known| known == key));
            let mark = if is_required { " (required)" } else { "" };
            let shape = shape(property, &root);
            let _ = writeln!(made, "| `{key}`{mark} | {shape} | {} |", text(property));
        }
        made.push('\n');
    }
    check(
        "configuration.md",
        made.trim_end_matches('\n').to_owned().as_str(),
    );
}

/// A description on one line.
fn text(schema: &Value) -> String {
    let text = schema["description"].as_str().unwrap_or_default();
    text.replace('\n', " ").replace('|', "\\|")
}

/// The shape of a value in words.
fn shape(schema: &Value, root: &Value) -> String {
    let resolved = |schema: &Value| -> Option<(String, Value)> {
        let name = schema["$ref"].as_str()?.strip_prefix("#/definitions/")?;
        let name = name.replace("%20", " ");
        Some((name.clone(), root["definitions"][&name].clone()))
    };
    if let Some((name, definition)) = resolved(schema) {
        let words = words(&definition);
        return if !words.is_empty() {
            words.join(", ")
        } else if name == "AgentEntry" {
            "a name, or a mapping".to_owned()
        } else {
            "mapping".to_owned()
        };
    }
    for key in ["allOf", "anyOf"] {
        if let Some(first) = schema[key].as_array().and_then(|all| all.first()) {
            return shape(first, root);
        }
    }
    let types = &schema["type"];
    let is = |name: &str| {
        types == name
            || types
                .as_array()
                .is_some_and(|all| all.iter().any(|t| t == name))
    };
    if is("array") {
        return format!("list of {}", shape(&schema["items"], root));
    }
    if is("object") {
        return "mapping".to_owned();
    }
    if is("boolean") {
        return "true or false".to_owned();
    }
    "text".to_owned()
}

/// The words that a value may be.
fn words(definition: &Value) -> Vec<String> {
    let one = |value: &Value| value.as_str().map(|word| format!("`{word}`"));
    if let Some(all) = definition["enum"].as_array() {
        return all.iter().filter_map(one).collect();
    }
    let several = definition["oneOf"].as_array().into_iter().flatten();
    several
        .filter_map(|variant| one(&variant["const"]))
        .collect()
}

#[test]
fn the_list_of_agents_is_current() {
    let config = Config::default();
    let mut made = String::from(
        "| agent | profile | images in pods | images in values | custom resources | settings | tags | facts |\n|---|---|---|---|---|---|---|---|\n",
    );
    let mut agents: Vec<&Agent> = config.agents.iter().collect();
    agents.sort_by_key(|agent| title(agent).to_lowercase());
    for agent in agents {
        let _ = writeln!(
            made,
            "| [{}](#{}) | `{}` | {} | {} | {} | {} | {} | {} |",
            title(agent),
            anchor(title(agent)),
            agent.name,
            agent.images.len(),
            agent
                .charts
                .iter()
                .map(|chart| chart.images.len())
                .sum::<usize>(),
            kinds_of(agent).len(),
            settings(agent),
            tags(agent),
            facts(&agent.name)
                .expect("facts")
                .iter()
                .map(|source| source.statements.len())
                .sum::<usize>(),
        );
    }
    made.push('\n');
    for agent in &config.agents {
        let _ = writeln!(made, "## {}\n", title(agent));
        let _ = writeln!(
            made,
            "`{name}`, from [function/agents/{name}.yaml](../function/agents/{name}.yaml).",
            name = agent.name
        );
        if let Some(docs) = &agent.docs {
            let _ = writeln!(made, "The vendor says: <{docs}>.");
        }
        let kinds = kinds_of(agent);
        if !kinds.is_empty() {
            let kinds: Vec<String> = kinds.iter().map(|kind| format!("`{kind}`")).collect();
            let _ = writeln!(made, "Custom resources that run it: {}.", kinds.join(", "));
        }
        made.push_str("\n| image | tag | pull policy | |\n|---|---|---|---|\n");
        for image in &agent.images {
            let tag = image
                .tag
                .as_ref()
                .map(|tag| format!(":{tag}"))
                .unwrap_or_default();
            let policy = image.pull_policy.as_str().unwrap_or("as it is");
            let _ = writeln!(
                made,
                "| `{}{tag}` | {} | {policy} | {} |",
                image.official.written,
                image.tag_policy.documented(),
                remark(image)
            );
        }
        made.push('\n');
    }
    check("agents.md", made.trim_end_matches('\n').to_owned().as_str());
}

/// The custom resources that run an agent: entries of `function/fields.yaml` say whose they are.
fn kinds_of(agent: &Agent) -> Vec<String> {
    let file = fs::read_to_string("function/fields.yaml").expect("a list");
    let mut kinds = Vec::new();
    let mut of_entry = "";
    let names = |list: &str| -> Vec<String> {
        let list = list.trim_end_matches(']').split(", ");
        list.map(str::to_owned).collect()
    };
    for line in file.lines() {
        if let Some(list) = line.strip_prefix("  kinds: [") {
            of_entry = list;
        } else if let Some(agents) = line.strip_prefix("  agents: [") {
            let agents = names(agents);
            for name in &agents {
                assert!(
                    agent::builtin_names().any(|known| known == name),
                    "{name} is no profile"
                );
            }
            if agents.iter().any(|name| **name == *agent.name) {
                kinds.extend(names(of_entry));
            }
        }
    }
    kinds
}

/// How many variables, flags and keys of ConfigMaps hold images, or registries of images.
fn settings(agent: &Agent) -> usize {
    let carriers = &agent.carriers;
    carriers.env.len() + carriers.args.len() + carriers.prefixes.len() + carriers.data.len()
}

fn title(agent: &Agent) -> &str {
    agent.title.as_deref().unwrap_or(&agent.name)
}

/// The anchor that a heading gets where Markdown is shown.
fn anchor(title: &str) -> String {
    let kept = title
        .chars()
        .filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-'));
    kept.collect::<String>().to_lowercase().replace(' ', "-")
}

/// What becomes of the tags of an agent's own images, each word once.
fn tags(agent: &Agent) -> String {
    let mut words: Vec<String> = Vec::new();
    for image in agent.images.iter().filter(|image| !image.shared) {
        let word = if image.vendor_managed {
            "advice".to_owned()
        } else {
            image.tag_policy.documented().to_string()
        };
        if !words.contains(&word) {
            words.push(word);
        }
    }
    words.join(", ")
}

fn remark(image: &AgentImage) -> &'static str {
    match (image.shared, image.vendor_managed) {
        (true, _) => "others run it too: the agent's only beside an image of its own",
        (_, true) => "the vendor's controller writes it: reported, never edited",
        _ => "",
    }
}
