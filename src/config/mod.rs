//! The configuration: the functionConfig and the profiles among the items are read and checked, and
//! become a [`Config`].
//!
//! ```text
//! node → de → document (as written) → agents, rules, exceptions (checked) → Config
//! ```
//!
//! Every fault names its key and place, and what to write instead.

mod agent_entry;
mod agents;
mod carriers;
mod chart_entry;
mod charts;
mod config_map;
mod cursor;
mod date;
mod de;
mod document;
pub mod emit;
mod exception;
mod facts;
mod fault;
mod field_entry;
mod fields;
mod files;
mod further;
mod generate;
mod kind;
mod misspelt;
mod names;
mod profile;
mod profile_carriers;
mod profile_entry;
mod profiles;
mod read;
mod revision;
mod rules;
mod schedule;
pub mod schema;
mod settings;
mod shape;
mod spanned;
mod tag_word;
mod tags;
mod trust;

use crate::agent::{Agent, ImagesByWord};
use crate::error::{Error, Origin};
use crate::field::carrier::Carriers;
use crate::field::table::{FieldTable, KindFields};
use crate::field::{anywhere, data, image_list, pod};
use crate::finding::Mode;
use crate::krm::item_config::ItemConfig;
use crate::krm::kinds::ResourceKind;
use crate::registry::{MappingRule, MappingRules};
use crate::values;

pub use date::Date;
pub use exception::Exception;
pub use facts::{facts, written_facts};
pub use files::{ValuesFile, pattern_fault};
pub use misspelt::MisspeltRule;
pub use read::{ConfigDocument, FilePatterns, file_patterns, read, read_among};
pub use settings::{ImageLists, Output, ReadValues, UnmatchedAgents};
pub use trust::{IgnoreAnnotation, Trust, TrustedProfiles};

use emit::Generate;

/// What is to be done.
#[derive(Debug, Clone, PartialEq)]
pub struct Config {
    /// Whether differences are restored or only reported.
    pub mode: Mode,
    /// The agents in play.
    pub agents: Vec<Agent>,
    /// Their images, by the words without which none is claimed.
    pub images_by_word: ImagesByWord,
    /// Environment variables and arguments in which the agents in play keep images.
    pub carriers: Carriers,
    /// The image fields of custom resources.
    pub fields: FieldTable,
    /// What becomes of lists that replace images.
    pub image_lists: ImageLists,
    /// Which images of charts' values are read.
    pub values: ReadValues,
    /// What is said of agents that nothing runs.
    pub unmatched_agents: UnmatchedAgents,
    /// The registry mapping rules.
    pub rules: MappingRules,
    /// Those of them whose source is most likely misspelt.
    pub misspelt: Vec<MisspeltRule>,
    /// Pull secrets for pods whose image comes from a mirror, where its rule names none.
    pub pull_secrets: Vec<String>,
    /// Hosts of registries that are spoken to without TLS.
    pub plain_http_registries: Vec<String>,
    /// Differences that are allowed.
    pub exceptions: Vec<Exception>,
    /// What is printed of the items.
    pub output: Output,
    /// Whether a function says in one line what it did.
    pub summary: bool,
    /// The names of built-in profiles that a profile among the items replaces.
    pub replaced: Vec<String>,
    /// The agents whose built-in profile stays, although one of the same name is among the items.
    pub kept: Vec<String>,
    /// How far the items may override the rest.
    pub trust: Trust,
    /// Files that the commands over files leave out, in the syntax of `.gitignore`.
    pub exclude: Vec<String>,
    /// Files that are values of charts, though nothing in the tree says so.
    pub values_files: Vec<ValuesFile>,
    /// What is to be generated, instead of restoring anything.
    pub generate: Option<Generate>,
}

/// The defaults without a configuration: every built-in profile, no mirrors, mode `restore`.
impl Default for Config {
    fn default() -> Self {
        read(None, &[]).expect("the compiled-in profiles are legal: the tests read each")
    }
}

impl Config {
    /// The entry of `files.values` that a file is under.
    pub fn values_file(&self, path: &str) -> Option<&ValuesFile> {
        self.values_files.iter().find(|named| named.is(path))
    }

    /// The pull secrets that a rule's mirror needs: its own, or the general ones where it names
    /// none.
    pub fn mirror_secrets<'c>(&'c self, rule: &'c MappingRule) -> &'c [String] {
        rule.pull_secrets.as_ref().unwrap_or(&self.pull_secrets)
    }

    /// Whether a kind keeps images.
    pub fn keeps_images(&self, group: &str, version: &str, kind: &str) -> bool {
        pod::keeps_images(group, kind)
            || image_list::keeps_list(group, kind)
            || self.fields.of(group, version, kind).next().is_some()
            || data::is_config_map(group, kind)
            || self.fields.looks_anywhere(group, kind)
    }

    /// Whether a kind installs charts whose values are read.
    pub fn keeps_values(&self, group: &str, kind: &str) -> bool {
        self.values != ReadValues::None && values::keeps_values(group, kind)
    }

    /// Adds the built-in fields of custom resources, if there is a resource that could have one.
    ///
    /// # Errors
    /// The built-in table is broken, which the tests would show.
    pub fn add_builtin_fields<'k>(
        &mut self,
        kinds: impl IntoIterator<Item = &'k ResourceKind>,
    ) -> Result<(), Error> {
        let mut kinds = kinds.into_iter();
        if kinds.any(|kind| anywhere::is_custom(&kind.group)) {
            self.fields.add(builtin_fields()?);
        }
        Ok(())
    }

    /// Reads the versions documents that ConfigMaps among the items hold.
    ///
    /// # Errors
    /// [`Error::Config`] for one that cannot be read, as for one in the configuration.
    pub fn find_versions(&mut self, gathered: &ItemConfig<'_>) -> Result<(), Error> {
        for agent in &mut self.agents {
            if let Some(settings) = &mut agent.revision {
                revision::find(settings, gathered)?;
            }
        }
        Ok(())
    }
}

fn builtin_fields() -> Result<Vec<KindFields>, Error> {
    let origin = Origin::Builtin("fields".to_owned());
    fields::builtin().map_err(|fault| fault.of(&origin))
}

/// The image fields of custom resources that are built in.
///
/// # Errors
/// As [`Config::add_builtin_fields`].
pub fn builtin_table() -> Result<FieldTable, Error> {
    let mut table = FieldTable::default();
    table.add(builtin_fields()?);
    Ok(table)
}
