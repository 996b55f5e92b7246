//! Reads a configuration: from its node to a [`Config`], with the profiles that it puts in play.

use super::agents;
use super::config_map::ConfigMap;
use super::cursor::ReadBudget;
use super::document::{RestoreImages, Spec};
use super::fault::{self, ConfigFault};
use super::generate::{GenerateImages, RulesAt};
use super::kind::{self, ConfigKind};
use super::profiles::Profiles;
use super::spanned::Spanned;
use super::{Config, Exception, IgnoreAnnotation, Output, Trust};
use super::{carriers, de, exception, fields, files, further, misspelt, names, rules};
use crate::agent::{AppliedTo, ImagesByWord};
use crate::error::{Error, Origin};
use crate::finding::Mode;
use crate::registry::Scope;
use crate::suggest;
use crate::yaml::{Node, parse};

/// A configuration's root node.
#[derive(Debug, Clone)]
pub struct ConfigDocument<'n, 's> {
    /// The node.
    pub node: &'n Node<'s>,
    /// The text that its offsets count in.
    pub origin: Origin,
}

/// Reads a configuration, and the profiles that it puts in play.
///
/// `profiles` are the AgentProfile objects among the items, each with the text that its offsets
/// count in; those that are not in play are not read beyond their names.
///
/// # Errors
/// [`Error::Config`] for what cannot be followed, with key, place and mostly a help, and with what else is at
/// fault in the configuration.
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
    judged: Option<AppliedTo<'_>>,
    trust: Trust,
) -> Result<Config, Error> {
    let read =
        |config: Option<ConfigDocument<'_, '_>>| read_once(config, profiles, rules, judged, trust);
    let mut error = match read(config.clone()) {
        Ok(config) => return Ok(config),
        Err(error) => error,
    };
    if let Error::Config(fault) = &mut error
        && let Some(ConfigDocument { node, origin }) = config
        && fault.origin == origin
        && matches!(kind::of_configuration(node), Ok(ConfigKind::RestoreImages))
    {
        fault.next = further::faults(node, fault, |node| {
            let origin = origin.clone();
            read(Some(ConfigDocument { node, origin }))
        });
    }
    Err(error)
}

/// Reads a configuration up to its first fault.
fn read_once(
    config: Option<ConfigDocument<'_, '_>>,
    profiles: &[(Origin, Node<'_>)],
    rules: &[Node<'_>],
    judged: Option<AppliedTo<'_>>,
    trust: Trust,
) -> Result<Config, Error> {
    let budget = ReadBudget::new();
    let profiles = Profiles::new(profiles, &budget, judged)?;
    let Some(ConfigDocument { node, origin }) = config.filter(|document| !document.node.is_null())
    else {
        return resolve(Spec::default(), &Origin::Config, &profiles, trust);
    };
    let of = |fault: ConfigFault| fault.of(&origin);
    match kind::of_configuration(node).map_err(of)? {
        ConfigKind::RestoreImages => {
            let object: RestoreImages = de::read(node, &budget).map_err(of)?;
            resolve(object.spec, &origin, &profiles, trust)
        }
        ConfigKind::ConfigMap => {
            let object: ConfigMap = de::read(node, &budget).map_err(of)?;
            resolve(object.spec().map_err(of)?, &origin, &profiles, trust)
        }
        ConfigKind::GenerateImages => {
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
        suggest::help_with_all(&name.value, &known)
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
        misspelt: misspelt::sources(&rules, &in_play.agents),
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

/// What a configuration says of files, which is needed before those are read that the rest of it applies to.
#[derive(Debug, Default)]
pub struct FilePatterns {
    /// What is left out, in `.gitignore` syntax.
    pub excluded: Vec<String>,
    /// The files that are values, whatever their names end in.
    pub values: Vec<String>,
}

/// The patterns of files in a configuration. What is at fault in it yields none; the fault is reported when
/// all of it is read.
pub fn file_patterns(text: &str) -> FilePatterns {
    let budget = ReadBudget::new();
    let Ok(node) = parse::document(text) else {
        return FilePatterns::default();
    };
    if !matches!(kind::of_configuration(&node), Ok(ConfigKind::RestoreImages)) {
        return FilePatterns::default();
    }
    let object: Result<RestoreImages, ConfigFault> = de::read(&node, &budget);
    let Ok(object) = object else {
        return FilePatterns::default();
    };
    let files = &object.spec.files;
    let values = files.values.iter().map(|entry| entry.path.value.clone());
    FilePatterns {
        excluded: files::excluded(files).unwrap_or_default(),
        values: values.collect(),
    }
}

fn output(spec: &Spec) -> Result<Output, ConfigFault> {
    let Some(output) = &spec.output else {
        return Ok(Output::Items);
    };
    if output.value == Output::None && spec.mode != Mode::Check {
        let fault = output.fault("`output: none` goes only with `mode: check`");
        let help = "write `mode: check` for kustomize's `validators:`, or leave `output` out: it prints no items, and \
                    anything but a validator would delete every resource";
        return Err(fault.help(help.to_owned()));
    }
    Ok(output.value)
}
