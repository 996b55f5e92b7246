//! The agents that are known, as tables, and the words by which they are found.

use anyhow::{Result, anyhow, bail};

use super::agent_page::{in_full, official, settings};
use crate::agent::{Agent, builtin_text, meant};
use crate::cli::terminal;
use crate::config::{self, Config};
use crate::field::table::FieldTable;
use crate::quote::piece;
use crate::report::table::{self, Table};

/// Fewer letters are in too many names.
const FEWEST_LETTERS: usize = 3;

/// The columns that a title may take, so that a row with the longest name fits 80.
const TITLE: usize = 25;

/// The text of a built-in profile.
///
/// # Errors
/// There is none of that name.
pub(super) fn profile(name: &str) -> Result<&'static str> {
    let Some(text) = builtin_text(name) else {
        let builtin = Config::default().agents;
        let help = meant::help(name, &builtin.iter().collect::<Vec<&Agent>>());
        let name = piece(name);
        bail!("there is no built-in profile `{name}`\nhelp: {help}");
    };
    Ok(text)
}

/// What is shown of the agents that a vendor's name, or an agent's, stands for; `None` where it is
/// neither.
///
/// # Errors
/// The built-in table of kinds is broken, which the tests would show.
pub(super) fn of_vendor(word: &str, config: &Config, color: bool) -> Result<Option<String>> {
    let known = KnownAgents::new(config)?;
    let all = known.agents();
    let same = all.iter().copied().find(|agent| *agent.name == *word);
    let found = match same {
        Some(agent) => vec![agent],
        None => meant::of_vendor(word, &all),
    };
    Ok((!found.is_empty()).then(|| known.shown(&found, color)))
}

/// The agents that are known: those in play, as the configuration has them, and what else there is.
pub(super) struct KnownAgents<'c> {
    config: &'c Config,
    builtin: Vec<Agent>,
    /// The built-in fields of custom resources.
    pub(super) fields: FieldTable,
}

impl<'c> KnownAgents<'c> {
    /// Those of a configuration, and the built-in ones.
    ///
    /// # Errors
    /// The built-in table of kinds is broken, which the tests would show.
    pub(super) fn new(config: &'c Config) -> Result<Self> {
        let fields = config::builtin_table();
        Ok(KnownAgents {
            config,
            builtin: Config::default().agents,
            fields: fields.map_err(|error| anyhow!(error.to_string()))?,
        })
    }

    /// Those in play first.
    fn agents(&self) -> Vec<&Agent> {
        self.config.agents.iter().chain(self.others()).collect()
    }

    /// The built-in ones that are not in play.
    fn others(&self) -> impl Iterator<Item = &Agent> {
        let is_other = |agent: &&Agent| !self.is_in_play(agent);
        self.builtin.iter().filter(is_other)
    }

    fn is_in_play(&self, agent: &Agent) -> bool {
        let mut in_play = self.config.agents.iter();
        in_play.any(|known| known.name == agent.name)
    }

    /// Where the profile comes from.
    pub(super) fn source(&self, agent: &Agent) -> &'static str {
        let known = self.builtin.iter().find(|known| known.name == agent.name);
        match known {
            Some(_) if !self.is_in_play(agent) => "built-in, not in play",
            Some(known) if known.images == agent.images => "built-in",
            Some(known) if known.title == agent.title && known.docs == agent.docs => {
                "built-in, adjusted"
            }
            _ => "configuration",
        }
    }

    /// The agent of a name, else all that the word names in part or whose name has its letters; without a
    /// word, every one.
    ///
    /// # Errors
    /// The word is a part of none.
    pub(super) fn chosen(&self, name: Option<&str>) -> Result<Vec<&Agent>> {
        let all = self.agents();
        let Some(name) = name else {
            return Ok(all);
        };
        if let Some(same) = all.iter().find(|agent| *agent.name == *name) {
            return Ok(vec![same]);
        }
        let mut found = meant::named_by(name, &all);
        let letters = name.to_ascii_lowercase();
        let is_named = |agent: &&Agent| {
            let is_new = found.iter().all(|known| known.name != agent.name);
            is_new && letters.len() >= FEWEST_LETTERS && agent.name.contains(&letters)
        };
        let named: Vec<&Agent> = all.iter().copied().filter(is_named).collect();
        found.extend(named);
        if found.is_empty() {
            let help = meant::help(name, &all);
            let name = piece(name);
            bail!("there is no agent `{name}`\nhelp: {help}");
        }
        Ok(found)
    }

    /// One in full, or several as a table.
    pub(super) fn shown(&self, chosen: &[&Agent], color: bool) -> String {
        match chosen {
            [agent] => in_full(agent, self.source(agent), &self.fields),
            _ => {
                let table = self.table(chosen, color);
                format!("{table}\n`restore-images agents NAME` shows one.\n")
            }
        }
    }

    /// A row for each agent that there is, and how to see more.
    pub(super) fn all(&self, color: bool) -> String {
        let in_play: Vec<&Agent> = self.config.agents.iter().collect();
        let others: Vec<&Agent> = self.others().collect();
        let mut out = self.table(&in_play, color);
        if !others.is_empty() {
            let table = self.table(&others, color);
            out += &format!("\nBuilt in, and not named by the configuration:\n\n{table}");
        }
        out + "\nThe numbers: images in pods and in values of charts, kinds of custom resources,\n\
               and variables and flags that name images. `restore-images agents NAME` shows\n\
               one agent, `--images` every image.\n"
    }

    fn table(&self, agents: &[&Agent], color: bool) -> String {
        let mut table = Table::new(["AGENT", "TITLE", "PODS", "VALUES", "KINDS", "VARS"]);
        for agent in agents {
            let values: usize = agent
                .charts
                .iter()
                .flat_map(|chart| &chart.images)
                .filter(|image| image.until.is_none())
                .count();
            table.row([
                agent.name.to_string(),
                cut(agent.title.as_deref().unwrap_or_default()),
                agent.images.len().to_string(),
                values.to_string(),
                self.fields.kinds_of(&agent.name).len().to_string(),
                settings(agent).len().to_string(),
            ]);
        }
        table::write(&table, color, terminal::table_width())
    }

    /// A row for each image.
    pub(super) fn images(&self, agents: &[&Agent], color: bool) -> String {
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
                    first(self.source(agent)),
                ]);
            }
        }
        table::write(&table, color, terminal::table_width())
    }
}

/// A title as far as it fits.
fn cut(title: &str) -> String {
    if title.chars().count() <= TITLE {
        return title.to_owned();
    }
    let kept: String = title.chars().take(TITLE - 1).collect();
    format!("{}…", kept.trim_end())
}
