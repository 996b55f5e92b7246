//! `agents`: the built-in and configured profiles, as a table or one in full.

use anyhow::{Context, Result};
use serde_json::Value;

use super::GlobalOptions;
use super::agent_page::of_agent;
use super::explain;
use super::known_agents::{KnownAgents, profile};
use super::verify;
use crate::cli::args::{self, AgentsCommand, PlainFormat};
use crate::cli::terminal;
use crate::report::json;

/// Lists the agents that are known, or shows one.
pub(in crate::cli) fn run(args: &args::Agents, options: GlobalOptions) -> Result<u8> {
    if let Some(AgentsCommand::Verify(args)) = &args.command {
        return verify::run(args);
    }
    if let Some(name) = args.name.as_deref().filter(|_| args.profile) {
        terminal::print_document(profile(name)?)?;
        return Ok(0);
    }
    let config = explain::config(args.config.as_deref(), options)?;
    let known = KnownAgents::new(&config)?;
    let chosen = known.chosen(args.name.as_deref())?;
    let color = terminal::colors(options.color);
    if args.format == PlainFormat::Json {
        let agents = chosen.iter();
        let agents = agents.map(|agent| of_agent(agent, known.source(agent), &known.fields));
        let agents: Vec<Value> = agents.collect();
        terminal::print_document(&json::lines(&agents).context("cannot write the list")?)?;
        return Ok(0);
    }
    let text = if args.images {
        known.images(&chosen, color)
    } else if args.name.is_none() {
        known.all(color)
    } else {
        known.shown(&chosen, color)
    };
    terminal::print(&text, color)?;
    Ok(0)
}
