//! `agents verify`: whether vendors still say what profiles say that they do.

use std::fmt::Write as _;
use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use anyhow::{Context, Result, anyhow, bail};
use serde_json::{Value, json};

use super::known_agents;
use crate::agent::builtin_names;
use crate::cli::args::{self, PlainFormat};
use crate::cli::input::JoinedInput;
use crate::cli::terminal;
use crate::config::{facts, written_facts};
use crate::fact::{FactLocator, FactSource, FactState, Statement, look_up};
use crate::quote::piece;
use crate::report::{json, text};
use crate::suggest;

/// What became of the facts of one agent.
struct Verified {
    name: String,
    facts: Vec<(FactSource, Vec<FactOutcome>)>,
}

/// An agent's name, and where its profile says that its vendor says so.
type Cited = (String, Vec<FactSource>);

/// What became of one fact; the verdict is absent where the repository is.
type FactOutcome = Option<FactState>;

/// Looks every fact up; the exit code is 1 where one moved or vanished.
///
/// # Errors
/// No repository was there, so that nothing was looked up, or a file cannot be read.
pub(in crate::cli) fn run(args: &args::Verify) -> Result<u8> {
    if !args.against.is_dir() {
        let folder = args.against.display();
        bail!(
            "{folder} is not a folder\nhelp: name one with checked-out repositories as OWNER/REPO"
        );
    }
    if args.config.is_none() && !cfg!(feature = "sources") {
        bail!(
            "this build holds no facts\nhelp: use the command-line program; the function's image leaves \
             them out"
        );
    }
    let cited = match &args.config {
        Some(file) => written_out(file, &args.names)?,
        None => built_in(&args.names)?,
    };
    let verified = cited
        .into_iter()
        .map(|cited| verify(cited, &args.against))
        .collect::<Result<Vec<Verified>>>()?;
    match args.format {
        PlainFormat::Text => terminal::print(&in_text(&verified), false)?,
        PlainFormat::Json => {
            let answer = json!({
                "version": 1,
                "agents": verified.iter().map(in_json).collect::<Vec<Value>>(),
            });
            terminal::print_document(&json::lines(&answer).context("cannot write the answer")?)?;
        }
    }
    if let Some(first) = missing_all(&verified) {
        let folder = args.against.display();
        bail!(
            "{folder} holds none of the repositories, so nothing was looked up\nhelp: check them out below it as OWNER/REPO: \
             git clone --depth 1 https://github.com/{first} {folder}/{first}"
        );
    }
    let moved =
        outcomes(&verified).any(|outcome| word(outcome) == "moved" || word(outcome) == "vanished");
    Ok(u8::from(moved))
}

/// The built-in profiles: those that are named, or every one.
fn built_in(names: &[String]) -> Result<Vec<Cited>> {
    let wanted: Vec<&str> = if names.is_empty() {
        builtin_names().collect()
    } else {
        names.iter().map(String::as_str).collect()
    };
    let cited = wanted.into_iter().map(|name| {
        known_agents::profile(name)?;
        let sources = facts(name).map_err(|error| anyhow!("the facts of {name}: {error}"))?;
        Ok((name.to_owned(), sources))
    });
    cited.collect()
}

/// The profiles that a file writes out: those that are named, or every one.
fn written_out(file: &Path, names: &[String]) -> Result<Vec<Cited>> {
    let input = JoinedInput::file(file)?;
    let mut cited = written_facts(&input.text).map_err(|error| {
        let fault = error.fault();
        anyhow!(text::faults(fault, |at| input.place(at)))
    })?;
    let known: Vec<&str> = cited.iter().map(|(name, _)| &**name).collect();
    let file = file.display();
    if known.is_empty() {
        bail!(
            "{file} writes out no profile with facts\nhelp: without `-c`, the facts of the built-in profiles are \
             looked up"
        );
    }
    if let Some(name) = names.iter().find(|name| !known.contains(&&***name)) {
        let help = suggest::help_with_all(name, &known);
        bail!("{file} writes out no profile `{name}` with facts\nhelp: {help}");
    }
    cited.retain(|(name, _)| names.is_empty() || names.contains(name));
    Ok(cited)
}

fn verify((name, sources): Cited, against: &Path) -> Result<Verified> {
    let facts = sources.into_iter().map(|source| {
        let outcomes = look_up_in(&source, against)?;
        Ok((source, outcomes))
    });
    Ok(Verified {
        name,
        facts: facts.collect::<Result<_>>()?,
    })
}

/// The first repository, where there are facts and none of their repositories is there.
fn missing_all(verified: &[Verified]) -> Option<&str> {
    let is_there = outcomes(verified).any(Option::is_some);
    let mut facts = verified.iter().flat_map(|agent| &agent.facts);
    let (first, _) = facts.next()?;
    (!is_there).then_some(&*first.repository)
}

fn look_up_in(source: &FactSource, against: &Path) -> Result<Vec<FactOutcome>> {
    let repository = against.join(&source.repository);
    if !repository.is_dir() {
        return Ok(vec![None; source.statements.len()]);
    }
    let file = repository.join(&source.path);
    match fs::read(&file) {
        Ok(bytes) => {
            let text = String::from_utf8_lossy(&bytes);
            Ok(look_up(source, &text).into_iter().map(Some).collect())
        }
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            Ok(vec![Some(FactState::Vanished); source.statements.len()])
        }
        Err(error) => Err(error).with_context(|| format!("cannot read {}", file.display())),
    }
}

fn outcomes(verified: &[Verified]) -> impl Iterator<Item = &FactOutcome> {
    let facts = verified.iter().flat_map(|agent| &agent.facts);
    facts.flat_map(|(_, outcomes)| outcomes)
}

/// The word for an outcome, in both formats.
fn word(outcome: &FactOutcome) -> &'static str {
    match outcome {
        Some(FactState::Holds) => "holds",
        Some(FactState::Moved(_)) => "moved",
        Some(FactState::Vanished) => "vanished",
        None => "not there",
    }
}

fn in_text(verified: &[Verified]) -> String {
    let mut out = String::new();
    for agent in verified {
        let of_agent = agent.facts.iter().flat_map(|(_, outcomes)| outcomes);
        let _ = writeln!(out, "{}: {}", agent.name, counts(of_agent));
        for (source, outcomes) in &agent.facts {
            let place = format!("{} {}", source.repository, source.path);
            if outcomes.iter().any(Option::is_none) {
                let _ = writeln!(out, "  not there: {place}");
                continue;
            }
            for (statement, outcome) in source.statements.iter().zip(outcomes) {
                let at = statement.place.written();
                let Statement { value, says, .. } = statement;
                let _ = match outcome {
                    Some(FactState::Moved(found)) => {
                        let found = piece(found);
                        writeln!(out, "  moved: {place} {at}: {value} → {found} ({says})")
                    }
                    Some(FactState::Vanished) => {
                        writeln!(out, "  vanished: {place} {at}: {value} ({says})")
                    }
                    _ => Ok(()),
                };
            }
        }
    }
    let _ = writeln!(out, "all: {}", counts(outcomes(verified)));
    out
}

/// How many facts hold, and of the others each word that there is.
fn counts<'o>(outcomes: impl Iterator<Item = &'o FactOutcome>) -> String {
    let words: Vec<&str> = outcomes.map(word).collect();
    if words.is_empty() {
        return "no facts".to_owned();
    }
    let count = |wanted: &str| words.iter().filter(|word| **word == wanted).count();
    let mut text = format!("{} of {} facts hold", count("holds"), words.len());
    for (word, told) in [
        ("moved", "moved"),
        ("vanished", "vanished"),
        ("not there", "were not there"),
    ] {
        let count = count(word);
        let told = if count == 1 && word == "not there" {
            "was not there"
        } else {
            told
        };
        if count > 0 {
            let _ = write!(text, ", {count} {told}");
        }
    }
    text
}

fn in_json(agent: &Verified) -> Value {
    let of_source = |(source, outcomes): &(FactSource, Vec<FactOutcome>)| {
        let statements = source.statements.iter().zip(outcomes);
        let statements = statements.map(|(statement, outcome)| {
            let key = match statement.place {
                FactLocator::JsonPath(..) => "jsonPath",
                FactLocator::Line(_) => "line",
            };
            let found = match outcome {
                Some(FactState::Moved(found)) => Some(found),
                _ => None,
            };
            json!({
                key: statement.place.written(),
                "value": statement.value,
                "says": statement.says,
                "result": word(outcome),
                "found": found,
            })
        });
        json!({
            "repository": source.repository,
            "commit": source.commit,
            "path": source.path,
            "statements": statements.collect::<Vec<Value>>(),
        })
    };
    json!({
        "name": agent.name,
        "facts": agent.facts.iter().map(of_source).collect::<Vec<Value>>(),
    })
}
