//! An agent in full, as a page for people and as JSON.

use serde_json::{Value, json};

use crate::agent::{Agent, AgentImage};
use crate::chart::Chart;
use crate::field::table::FieldTable;

/// The official reference as the vendor writes it.
pub(super) fn official(image: &AgentImage) -> String {
    let mut text = image.official.written.clone();
    if let Some(tag) = &image.tag {
        text += &format!(":{tag}");
    }
    if let Some(digest) = &image.digest {
        text += &format!("@{digest}");
    }
    text
}

/// Where else images of an agent are found: what follows its images.
const REST: [&str; 7] = [
    "chart",
    "kinds",
    "environment",
    "flag",
    "registry in",
    "ConfigMap",
    "manifest in",
];

/// The agent as lines: what is wanted of each image, and where else images of it are found.
pub(super) fn in_full(agent: &Agent, source: &str, fields: &FieldTable) -> String {
    let mut out = String::new();
    let mut has_rest = false;
    let mut line = |name: &str, value: &str| {
        if !value.is_empty() {
            let is_rest = REST.contains(&name);
            let blank = if name == "image" || is_rest && !has_rest {
                "\n"
            } else {
                ""
            };
            has_rest |= is_rest;
            out.push_str(&format!("{blank}{name:14}{value}\n"));
        }
    };
    line("agent", &agent.name);
    line("title", agent.title.as_deref().unwrap_or_default());
    line("docs", agent.docs.as_deref().unwrap_or_default());
    line("source", source);
    line("namespaces", &agent.namespaces.join(", "));
    for image in &agent.images {
        line("image", &official(image));
        let aliases: Vec<&str> = image
            .aliases
            .iter()
            .map(|alias| alias.written.as_str())
            .collect();
        line("  aliases", &aliases.join(", "));
        line("  mirrored as", &image.mirror_paths.join(", "));
        line("  tag", &image.tag_policy.listed());
        let left_alone = image.tag_policy.moving_tags().iter();
        let left_alone: Vec<&str> = left_alone
            .map(|tag| if tag.is_empty() { "no tag" } else { tag })
            .collect();
        line("  left alone", &left_alone.join(", "));
        line(
            "  pull policy",
            image.pull_policy.as_str().unwrap_or("keep"),
        );
        line("  pull secrets", &image.pull_secrets.join(", "));
        line("  containers", &image.containers.join(", "));
        line("  workloads", &image.workloads.join(", "));
        if image.shared {
            line(
                "  shared",
                "others run this image too: it is the agent's only beside one of its own",
            );
        }
        if image.vendor_managed {
            line(
                "  advice",
                "the vendor's controller writes it: reported, never edited",
            );
        }
    }
    for chart in agent.charts.iter().filter(|chart| !chart.name.is_empty()) {
        let images = chart.images.len();
        let plural = if images == 1 { "" } else { "s" };
        line(
            "chart",
            &format!("{}: {images} image{plural} in its values", chart.name),
        );
    }
    line("kinds", &fields.kinds_of(&agent.name).join(", "));
    for entry in &agent.carriers.env {
        line("environment", &entry.image);
    }
    for entry in &agent.carriers.args {
        line("flag", &entry.flag);
    }
    for entry in &agent.carriers.prefixes {
        line("registry in", &entry.setting);
    }
    for entry in &agent.carriers.data {
        line("ConfigMap", &entry.image);
    }
    for key in &agent.carriers.manifests {
        line("manifest in", key);
    }
    out
}

/// The agent as JSON.
pub(super) fn of_agent(agent: &Agent, source: &str, fields: &FieldTable) -> Value {
    let image = |image: &AgentImage| {
        json!({
            "image": official(image),
            "repository": image.official.repository.name(),
            "aliases": image.aliases.iter().map(|alias| alias.written.as_str()).collect::<Vec<_>>(),
            "tag": image.tag_policy.listed(),
            "imagePullPolicy": image.pull_policy.as_str().unwrap_or("keep"),
            "imagePullSecrets": image.pull_secrets,
            "shared": image.shared,
            "advice": image.vendor_managed,
            "containers": image.containers,
            "workloads": image.workloads,
        })
    };
    let chart = |chart: &Chart| json!({"name": chart.name, "images": chart.images.len()});
    json!({
        "name": &*agent.name,
        "title": agent.title,
        "docs": agent.docs,
        "source": source,
        "images": agent.images.iter().map(image).collect::<Vec<Value>>(),
        "charts": agent.charts.iter().map(chart).collect::<Vec<Value>>(),
        "kinds": fields.kinds_of(&agent.name),
        "settings": settings(agent),
    })
}

/// The variables, flags and keys of ConfigMaps that hold images of an agent, or a registry of them.
pub(super) fn settings(agent: &Agent) -> Vec<&str> {
    let carriers = &agent.carriers;
    let images = carriers.env.iter().map(|entry| entry.image.as_str());
    let flags = carriers.args.iter().map(|entry| entry.flag.as_str());
    let registries = carriers.prefixes.iter().map(|entry| entry.setting.as_str());
    let data = carriers.data.iter().map(|entry| entry.image.as_str());
    let manifests = carriers.manifests.iter().map(String::as_str);
    let settings = images.chain(flags).chain(registries).chain(data);
    settings.chain(manifests).collect()
}
