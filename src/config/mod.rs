//! The configuration: the functionConfig and the profiles among the items are read and checked, and
//! become a [`Config`].
//!
//! ```text
//! node → de → document (as written) → agents, rules, exceptions (checked) → Config
//! ```
//!
//! Every fault names its key and place, and what to write instead.

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
mod generate;
mod kind;
mod names;
mod profile;
mod profile_entry;
mod revision;
mod rules;
mod schedule;
pub mod schema;
mod shape;
mod spanned;
mod tag_word;
mod tags;
mod trust;

use schemars::JsonSchema;
use serde::Deserialize;

use crate::agent::{Agent, ImagesByWord, Judged};
use crate::error::{Error, Origin};
use crate::field::carrier::Carriers;
use crate::field::table::{FieldEntry, FieldTable};
use crate::field::{anywhere, image_list, pod};
use crate::finding::Mode;
use crate::krm::gathered::Gathered;
use crate::krm::kinds::ResourceKind;
use crate::registry::{MappingRule, MappingRules, Scope};
use crate::values;
use crate::yaml::Node;
use crate::yaml::parse;

pub use date::Date;
pub use exception::Exception;
pub use facts::{facts, written_facts};
pub use files::{ValuesFile, pattern_fault};
pub use trust::{IgnoreAnnotation, Trust, TrustedProfiles};

use agents::Profiles;
use config_map::ConfigMap;
use cursor::Budget;
use document::{RestoreImages, Spec};
use emit::Generate;
use fault::ConfigFault;
use generate::{GenerateImages, RulesAt};
use kind::Kind;
use spanned::Spanned;

/// What is printed of the items.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename = "output", rename_all = "camelCase")]
pub enum Output {
    /// All of them.
    #[default]
    Items,
    /// None, which is for kustomize's `validators:` alone.
    None,
}

/// What becomes of lists that replace images where they are rendered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename = "value", rename_all = "camelCase")]
#[schemars(rename = "ImageLists")]
pub enum ImageLists {
    /// What is wrong in them is put right.
    #[default]
    Restore,
    /// It is reported.
    Report,
    /// They are left alone.
    Ignore,
}

/// Which images of charts' values are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename = "values", rename_all = "camelCase")]
pub enum ReadValues {
    /// Those at the paths that profiles know, and those that have the shape of an image.
    #[default]
    Conventions,
    /// Those at the paths that profiles know.
    Profiles,
    /// None.
    None,
}

/// What is said of an agent that the configuration names and nothing runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename = "value", rename_all = "camelCase")]
#[schemars(rename = "UnmatchedAgents")]
pub enum UnmatchedAgents {
    /// It is reported.
    #[default]
    Report,
    /// Nothing: the configuration is for several packages, or for more than is judged at once.
    Ignore,
}

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
    /// Files that the commands over files leave out, in the words of `.gitignore`.
    pub exclude: Vec<String>,
    /// Files that are values of charts, though nothing in the tree says so.
    pub values_files: Vec<ValuesFile>,
    /// What is to be generated, instead of restoring anything.
    pub generate: Option<Generate>,
}

/// A configuration's root node.
#[derive(Debug, Clone)]
pub struct ConfigDocument<'n, 's> {
    /// The node.
    pub node: &'n Node<'s>,
    /// The text that its offsets count in.
    pub origin: Origin,
}

/// The defaults without a configuration: every built-in profile, no mirrors, mode `restore`.
impl Default for Config {
    fn default() -> Self {
        read(None, &[]).expect("the compiled-in profiles are legal: the tests read each")
    }
}

/// Reads a configuration, and the profiles that it puts in play.
///
/// `profiles` are the AgentProfile objects among the items, each with the text that its offsets
/// count in; those that are not in play are not read beyond their names.
///
/// # Errors
/// [`Error::Config`] for what cannot be followed, with key, place and mostly a help.
pub fn read(
    config: Option<ConfigDocument<'_, '_>>,
    profiles: &[(Origin, Node<'_>)],
) -> Result<Config, Error> {
    read_among(config, profiles, &[], None, Trust::ALL)
}

/// Like [`read`]. `rules` are the RestoreImages objects among the items, one of which a
/// GenerateImages object may name. `judged` are the texts that the configuration is applied to:
/// if it names no agent, only the built-in profiles that could affect one of them are
/// loaded, or all of them if `judged` is `None`. `trust` is the default if the configuration does
/// not say how far the items are trusted.
///
/// # Errors
/// As [`read`].
pub fn read_among(
    config: Option<ConfigDocument<'_, '_>>,
    profiles: &[(Origin, Node<'_>)],
    rules: &[Node<'_>],
    judged: Option<Judged<'_>>,
    trust: Trust,
) -> Result<Config, Error> {
    let budget = Budget::new();
    let profiles = Profiles::new(profiles, &budget, judged)?;
    let Some(ConfigDocument { node, origin }) = config.filter(|document| !document.node.is_null())
    else {
        return resolve(Spec::default(), &Origin::Config, &profiles, trust);
    };
    let of = |fault: ConfigFault| fault.of(&origin);
    match kind::of_configuration(node).map_err(of)? {
        Kind::RestoreImages => {
            let object: RestoreImages = de::read(node, &budget).map_err(of)?;
            resolve(object.spec, &origin, &profiles, trust)
        }
        Kind::ConfigMap => {
            let object: ConfigMap = de::read(node, &budget).map_err(of)?;
            resolve(object.spec().map_err(of)?, &origin, &profiles, trust)
        }
        Kind::GenerateImages => {
            // What is generated holds for images that are in no text yet.
            let profiles = profiles.with_all();
            // Generated objects take effect in a cluster, however they were generated, so whatever
            // the rules leave open is allowed.
            let trust = Trust {
                ignore_annotation: IgnoreAnnotation::Allow,
                ..trust
            };
            let object: GenerateImages = de::read(node, &budget).map_err(of)?;
            let (at, generate) = object.parts().map_err(of)?;
            let config = match at {
                RulesAt::Here(spec) => resolve(*spec, &origin, &profiles, trust)?,
                RulesAt::Named(name) => {
                    let nodes = named_rules(&name, rules).map_err(of)?;
                    let mut configs = nodes.iter().map(|node| {
                        let object: Result<RestoreImages, ConfigFault> = de::read(node, &budget);
                        let object = object.map_err(|fault| fault.of(&Origin::Input))?;
                        resolve(object.spec, &Origin::Input, &profiles, trust)
                    });
                    let first = configs
                        .next()
                        .unwrap_or_else(|| resolve(Spec::default(), &origin, &profiles, trust))?;
                    // kpt hands an item in twice when two selectors fit it.
                    for other in configs {
                        if other? != first {
                            let what = "two RestoreImages objects have this name and differ";
                            let help = "give one of them another name".to_owned();
                            return Err(of(name.fault(what).help(help)));
                        }
                    }
                    first
                }
            };
            Ok(Config {
                generate: Some(generate),
                ..config
            })
        }
    }
}

/// The RestoreImages objects of a name, one at least.
fn named_rules<'n, 's>(
    name: &Spanned<String>,
    rules: &'n [Node<'s>],
) -> Result<Vec<&'n Node<'s>>, ConfigFault> {
    let name_of = |node: &'n Node<'s>| {
        let metadata = node.get("metadata").ok().flatten()?;
        metadata.get("name").ok().flatten()?.text()
    };
    let named = |node: &&'n Node<'s>| name_of(node) == Some(&name.value);
    let found: Vec<&Node<'s>> = rules.iter().filter(named).collect();
    if !found.is_empty() {
        return Ok(found);
    }
    let known: Vec<&str> = rules.iter().filter_map(name_of).collect();
    let fault = name.fault(format!(
        "no RestoreImages object among the items is named {}",
        fault::quoted(&name.value)
    ));
    Err(fault.help(if known.is_empty() {
        "put it among the items, or write its rules here".to_owned()
    } else {
        crate::suggest::help_with_all(&name.value, &known)
    }))
}

fn resolve(
    mut spec: Spec,
    origin: &Origin,
    profiles: &Profiles<'_, '_>,
    trust: Trust,
) -> Result<Config, Error> {
    let of = |fault: ConfigFault| fault.of(origin);
    let trust = trust.or(&spec.trust);
    let profiles = &profiles.trusted(trust.profiles);
    let exceptions = spec.exceptions.iter().map(exception::exception);
    let exceptions = exceptions
        .collect::<Result<Vec<Exception>, ConfigFault>>()
        .map_err(of)?;
    let output = output(&spec).map_err(of)?;
    let rules = rules::rules(&spec.registries).map_err(of)?;
    let mut in_play = agents::in_play(&mut spec, origin, profiles)?;
    agents::check_selectors(&spec.exceptions, &in_play, profiles).map_err(of)?;
    let mut fields = fields::table(&spec.fields).map_err(of)?;
    fields.anywhere = rules.iter().any(|rule| rule.scope == Scope::All);
    let carriers = carriers::of(&mut in_play.agents, trust);
    Ok(Config {
        mode: spec.mode,
        images_by_word: ImagesByWord::new(&in_play.agents),
        agents: in_play.agents,
        carriers,
        fields,
        image_lists: spec.image_lists,
        values: spec.values,
        unmatched_agents: spec.unmatched_agents,
        rules,
        pull_secrets: names::legal_list(&spec.image_pull_secrets).map_err(of)?,
        plain_http_registries: names::hosts(&spec.plain_http_registries).map_err(of)?,
        exceptions,
        output,
        summary: spec.summary,
        replaced: in_play.replaced,
        kept: in_play.kept,
        trust,
        exclude: files::excluded(&spec.files).map_err(of)?,
        values_files: files::values(&spec.files),
        generate: None,
    })
}

/// The exclude patterns of a configuration, in `.gitignore` syntax. They are needed before the
/// files that the rest of it applies to can be read. A faulty configuration yields none; the fault
/// is reported when all of it is read.
pub fn excluded(text: &str) -> Vec<String> {
    let budget = Budget::new();
    let Ok(node) = parse::document(text) else {
        return Vec::new();
    };
    if !matches!(kind::of_configuration(&node), Ok(Kind::RestoreImages)) {
        return Vec::new();
    }
    let object: Result<RestoreImages, ConfigFault> = de::read(&node, &budget);
    let patterns = object.and_then(|object| files::excluded(&object.spec.files));
    patterns.unwrap_or_default()
}

impl Config {
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
    pub fn add_builtin_fields(&mut self, kinds: &[ResourceKind]) -> Result<(), Error> {
        if kinds.iter().any(|kind| anywhere::is_custom(&kind.group)) {
            self.fields.add(builtin_fields()?);
        }
        Ok(())
    }

    /// Reads the versions documents that ConfigMaps among the items hold.
    pub fn find_versions(&mut self, gathered: &Gathered<'_>) {
        for agent in &mut self.agents {
            if let Some(settings) = &mut agent.revision {
                revision::find(settings, gathered);
            }
        }
    }
}

fn builtin_fields() -> Result<Vec<FieldEntry>, Error> {
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

fn output(spec: &Spec) -> Result<Output, ConfigFault> {
    let Some(output) = &spec.output else {
        return Ok(Output::Items);
    };
    if output.value == Output::None && spec.mode != Mode::Check {
        let fault = output.fault("`output: none` goes only with `mode: check`");
        let help = "it prints no items, and anything but a validator would delete every resource";
        return Err(fault.help(help.to_owned()));
    }
    Ok(output.value)
}
