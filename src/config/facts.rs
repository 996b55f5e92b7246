//! The facts of profiles, which are read for `agents verify` alone.

use regex::Regex;
use serde::Deserialize;

use super::cursor::ReadBudget;
use super::de;
use super::fault::{ConfigFault, quoted};
use super::profile_entry::{FactEntry, StatementEntry};
use super::spanned::Spanned;
use crate::agent::builtin;
use crate::error::{Error, Origin};
use crate::fact::{FactLocator, FactSource, Statement};
use crate::field::query::KeyPath;
use crate::yaml::{self, Node, parse};

/// The end of a profile's file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Facts {
    facts: Vec<FactEntry>,
}

/// The sources of a built-in profile; none for a name that no profile has.
///
/// # Errors
/// The facts are broken, which the tests would show.
pub fn facts(name: &str) -> Result<Vec<FactSource>, Error> {
    let text = builtin::facts_text(name).unwrap_or_default();
    if text.is_empty() {
        return Ok(Vec::new());
    }
    let origin = Origin::Builtin(name.to_owned());
    read(text).map_err(|fault| fault.of(&origin))
}

/// The sources of the profiles that a text writes out, with their names: of AgentProfile objects, and of
/// the `agents` of a configuration.
///
/// # Errors
/// The text is no YAML, or facts in it are broken.
pub fn written_facts(text: &str) -> Result<Vec<(String, Vec<FactSource>)>, Error> {
    let origin = Origin::Config;
    let fault = |error| ConfigFault::yaml("", error).of(&origin);
    let mut found = Vec::new();
    for document in parse::documents(text).map_err(fault)? {
        let agents = at(&document, &["spec", "agents"]).map_err(fault)?;
        let agents = agents.and_then(Node::items).unwrap_or_default();
        let agents = agents.iter().enumerate();
        let agents = agents.map(|(index, agent)| (format!("spec.agents[{index}]."), agent));
        for (outer, profile) in std::iter::once((String::new(), &document)).chain(agents) {
            if let Some(named) = written(&outer, profile).map_err(|fault| fault.of(&origin))? {
                found.push(named);
            }
        }
    }
    Ok(found)
}

/// The sources of a profile, an object or an entry, if it has any; its keys follow `outer`.
fn written(
    outer: &str,
    profile: &Node<'_>,
) -> Result<Option<(String, Vec<FactSource>)>, ConfigFault> {
    let yaml = |error| ConfigFault::yaml("", error);
    for (name, keys) in [
        (&["metadata", "name"][..], &["spec", "facts"][..]),
        (&["name"], &["facts"]),
    ] {
        let name = at(profile, name).map_err(yaml)?.and_then(Node::scalar);
        let facts = at(profile, keys).map_err(yaml)?;
        if let (Some(name), Some(facts)) = (name, facts) {
            let sources = sources(facts);
            let sources =
                sources.map_err(|fault| fault.below(&(outer.to_owned() + &keys.join("."))));
            return Ok(Some((name.to_owned(), sources?)));
        }
    }
    Ok(None)
}

fn sources(facts: &Node<'_>) -> Result<Vec<FactSource>, ConfigFault> {
    let entries: Vec<FactEntry> = de::read(facts, &ReadBudget::new())?;
    entries.into_iter().map(source).collect()
}

fn at<'n, 's>(node: &'n Node<'s>, keys: &[&str]) -> Result<Option<&'n Node<'s>>, yaml::Error> {
    let mut found = Some(node);
    for key in keys {
        found = found.map(|node| node.get(key)).transpose()?.flatten();
    }
    Ok(found)
}

fn read(text: &str) -> Result<Vec<FactSource>, ConfigFault> {
    let node = parse::document(text).map_err(|error| ConfigFault::yaml("", error))?;
    let Facts { facts } = de::read(&node, &ReadBudget::new())?;
    facts.into_iter().map(source).collect()
}

fn source(entry: FactEntry) -> Result<FactSource, ConfigFault> {
    let repository = entry.repository;
    let parts: Vec<&str> = repository.value.split('/').collect();
    if !matches!(parts[..], [owner, name] if !owner.is_empty() && !name.is_empty()) {
        let what = format!("{} is no repository on GitHub", quoted(&repository.value));
        return Err(repository
            .fault(what)
            .help("write it as `OWNER/REPO`".to_owned()));
    }
    if entry.statements.value.is_empty() {
        let fault = entry.statements.fault("the file says nothing");
        return Err(fault.help("write at least one statement".to_owned()));
    }
    let statements = entry.statements.value.into_iter().map(statement);
    Ok(FactSource {
        repository: repository.value,
        commit: entry.commit,
        path: entry.path,
        statements: statements.collect::<Result<_, _>>()?,
    })
}

fn statement(entry: Spanned<StatementEntry>) -> Result<Statement, ConfigFault> {
    let nowhere = entry.with(());
    let entry = entry.value;
    let place = match (entry.json_path, entry.line) {
        (Some(path), None) => {
            let parsed = KeyPath::parse(&path.value)
                .map_err(|fault| path.fault(format!("{}: {}", quoted(&path.value), fault.what)))?;
            FactLocator::JsonPath(path.value, parsed)
        }
        (None, Some(line)) => {
            let what = |_| {
                line.fault(format!(
                    "{} is not a regular expression",
                    quoted(&line.value)
                ))
            };
            let pattern = Regex::new(&line.value).map_err(what)?;
            FactLocator::Line(pattern)
        }
        (path, _) => {
            let what = "a statement has either `jsonPath` or `line`";
            let fault = match path {
                Some(path) => path.fault(what),
                None => nowhere.fault(what),
            };
            return Err(fault.help("write `jsonPath` for data, `line` for other text".to_owned()));
        }
    };
    Ok(Statement {
        place,
        value: entry.value,
        says: entry.says,
    })
}
