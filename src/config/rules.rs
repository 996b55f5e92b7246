//! Checks `registries`, and makes registry mapping rules of it.

use super::document::RegistryEntry;
use super::fault::ConfigFault;
use super::names;
use super::spanned::Spanned;
use crate::registry::{MappingFault, MappingRule, MappingRules, Prefix};

/// More rules than anybody writes; each image is compared with each rule, and each rule with each.
const MAX_RULES: usize = 1_000;

/// Checks the rules, one by one and against each other.
pub(super) fn rules(entries: &[RegistryEntry]) -> Result<MappingRules, ConfigFault> {
    if let Some(entry) = entries.get(MAX_RULES) {
        let fault = entry
            .source
            .fault(format!("more than {MAX_RULES} registry mapping rules"));
        return Err(fault.help("map whole hosts or namespaces".to_owned()));
    }
    let rules: Result<Vec<MappingRule>, ConfigFault> = entries.iter().map(rule).collect();
    MappingRules::new(rules?).map_err(|error| {
        let place = |index: usize| match error.fault {
            MappingFault::EqualSources => &entries[index].source,
            _ => &entries[index].mirror,
        };
        let fault = place(error.index)
            .fault(error.to_string())
            .help(error.help());
        match error.other {
            Some(other) => fault.first(entries[other].source.at),
            None => fault,
        }
    })
}

fn rule(entry: &RegistryEntry) -> Result<MappingRule, ConfigFault> {
    let secrets = entry.image_pull_secrets.as_deref();
    Ok(MappingRule {
        source: prefix(&entry.source)?,
        mirror: prefix(&entry.mirror)?,
        scope: entry.scope,
        pull_secrets: secrets.map(names::legal_list).transpose()?,
    })
}

fn prefix(text: &Spanned<String>) -> Result<Prefix, ConfigFault> {
    Prefix::parse(&text.value).map_err(|error| text.fault(error.to_string()).help(error.help()))
}
