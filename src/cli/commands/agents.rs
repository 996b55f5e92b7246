//! `agents`: the built-in and configured profiles, as a table or one in full.

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use super::explain;
use super::files::Setting;
use super::verify;
use crate::agent::{Agent, AgentImage, builtin_names, builtin_text};
use crate::cli::args::{self, AgentsCommand, PlainFormat};
use crate::cli::terminal;
use crate::config::Config;
use crate::report::json;
use crate::report::table::{self, Table};
use crate::suggest;

/// Lists the agents in play, or shows one.
pub(in crate::cli) fn run(words: &args::Agents, setting: Setting) -> Result<u8> {
    if let Some(AgentsCommand::Verify(words)) = &words.command {
        return verify::run(words);
    }
    if let Some(name) = words.name.as_deref().filter(|_| words.profile) {
        let Some(text) = builtin_text(name) else {
            let known: Vec<&str> = builtin_names().collect();
            let help = suggest::help_with_all(name, &known);
            bail!("there is no built-in profile `{name}`\nhelp: {help}");
        };
        terminal::print_document(text)?;
        return Ok(0);
    }
    let config = explain::config(words.config.as_deref(), setting)?;
    let builtin = Config::default().agents;
    // Those in play first, as the configuration has them; then what else there is.
    let is_other = |agent: &&Agent| config.agents.iter().all(|known| known.name != agent.name);
    let all: Vec<&Agent> = config
        .agents
        .iter()
        .chain(builtin.iter().filter(is_other))
        .collect();
    let source = |agent: &Agent| source(agent, &config, &builtin);
    let chosen: Vec<&Agent> = match &words.name {
        None => all.clone(),
        Some(name) => {
            let agents = all.iter();
            vec![
                agents
                    .clone()
                    .find(|agent| *agent.name == **name)
                    .with_context(|| {
                        let known: Vec<&str> = agents.map(|agent| &*agent.name).collect();
                        let help = suggest::help_with_all(name, &known);
                        format!("there is no agent `{name}`\nhelp: {help}")
                    })?,
            ]
        }
    };
    let color = terminal::colors(setting.color);
    let text = match (words.format, &words.name) {
        (PlainFormat::Json, _) => {
            let agents: Vec<Value> = chosen
                .iter()
                .map(|agent| of_agent(agent, source(agent)))
                .collect();
            json::lines(&agents).context("cannot write the list")?
        }
        (PlainFormat::Text, None) => list(&chosen, source, color),
        (PlainFormat::Text, Some(_)) => in_full(chosen[0], source(chosen[0])),
    };
    match words.format {
        PlainFormat::Text => terminal::print(&text, color)?,
        PlainFormat::Json => terminal::print_document(&text)?,
    }
    Ok(0)
}

fn list(agents: &[&Agent], source: impl Fn(&Agent) -> &'static str, color: bool) -> String {
    let mut table = Table::new(["AGENT", "IMAGE", "TAG", "PULL POLICY", "SOURCE"]);
    for agent in agents {
        for (index, image) in agent.images.iter().enumerate() {
            let first = |text: &str| match index {
                0 => text.to_owned(),
                _ => String::new(),
            };
            table.row([
                first(&agent.name),
                official(image),
                image.tag_policy.listed(),
                image.pull_policy.as_str().unwrap_or("keep").to_owned(),
                first(source(agent)),
            ]);
        }
    }
    table::write(&table, color, terminal::table_width())
}

/// Where the profile comes from.
fn source(agent: &Agent, config: &Config, builtin: &[Agent]) -> &'static str {
    let known = builtin.iter().find(|known| known.name == agent.name);
    let in_play = config.agents.iter().any(|known| known.name == agent.name);
    match known {
        Some(_) if !in_play => "built-in, not in play",
        Some(known) if known.images == agent.images => "built-in",
        Some(known) if known.title == agent.title && known.docs == agent.docs => {
            "built-in, adjusted"
        }
        _ => "configuration",
    }
}

/// The official reference as the vendor writes it.
fn official(image: &AgentImage) -> String {
    let mut text = image.official.written.clone();
    if let Some(tag) = &image.tag {
        text += &format!(":{tag}");
    }
    if let Some(digest) = &image.digest {
        text += &format!("@{digest}");
    }
    text
}

fn in_full(agent: &Agent, source: &str) -> String {
    let mut out = String::new();
    let mut line = |name: &str, value: &str| {
        if !value.is_empty() {
            let blank = if name == "image" { "\n" } else { "" };
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
        if image.advice {
            line(
                "  advice",
                "the vendor's controller writes it: reported, never edited",
            );
        }
    }
    for entry in &agent.carriers.env {
        line("environment", &entry.image);
    }
    for entry in &agent.carriers.args {
        line("flag", &entry.flag);
    }
    for example in &agent.examples {
        line("example", &format!("{} → {}", example.from, example.to));
    }
    out
}

fn of_agent(agent: &Agent, source: &str) -> Value {
    let image = |image: &AgentImage| {
        json!({
            "image": official(image),
            "repository": image.official.repository.name(),
            "aliases": image.aliases.iter().map(|alias| alias.written.as_str()).collect::<Vec<_>>(),
            "tag": image.tag_policy.listed(),
            "imagePullPolicy": image.pull_policy.as_str().unwrap_or("keep"),
            "imagePullSecrets": image.pull_secrets,
            "shared": image.shared,
            "advice": image.advice,
            "containers": image.containers,
            "workloads": image.workloads,
        })
    };
    json!({
        "name": &*agent.name,
        "title": agent.title,
        "docs": agent.docs,
        "source": source,
        "images": agent.images.iter().map(image).collect::<Vec<Value>>(),
    })
}
